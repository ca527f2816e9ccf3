"""Build flavors."""

from __future__ import annotations

import pytest

from tests.support import findings

APP = "applications:\n  app:\n    type: 'php:8.4'\n"


@pytest.mark.parametrize(
    ("flavor", "count"),
    [
        ("none", 0),
        ("default", 0),
        ("composer", 0),
        ("", 0),
        ("<FLAVOR>", 0),
        ("symfony", 1),
        ("compser", 1),
        ("npm", 1),
    ],
)
def test_a_build_flavor(flavor: str, count: int) -> None:
    assert len(findings(f"{APP}    build: {{flavor: {flavor}}}\n", "build-flavor")) == count
