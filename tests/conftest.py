"""What holds for every test: no user's downloaded table of images counts, and neither does the clock."""

from __future__ import annotations

import os
import tempfile

import pytest
from hypothesis import HealthCheck, settings

# What others keep there may be used, or every run would fetch it again.
_KEPT = {"PIP_CACHE_DIR": "pip", "PRE_COMMIT_HOME": "pre-commit"}


# How long an example takes says something about the machine, not about the code.
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")


def pytest_configure(config: pytest.Config) -> None:
    """Give the tests, and the processes they start, their own cache directory."""
    usual = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    for name, folder in _KEPT.items():
        os.environ.setdefault(name, os.path.join(usual, folder))
    cache = tempfile.TemporaryDirectory(prefix="upsun-lint-tests-", ignore_cleanup_errors=True)
    config.add_cleanup(cache.cleanup)
    os.environ["XDG_CACHE_HOME"] = cache.name
    if os.name == "nt":
        os.environ["LOCALAPPDATA"] = cache.name
