"""The `configuration` of each type of service is completed and explained."""

from __future__ import annotations

from pathlib import Path

import pytest
from lsprotocol import types

from tests.lsp.completing import MARK, offered
from tests.lsp.session import session
from upsun_schema.images.table import Images
from upsun_schema.keys.shape import configuration_shape

SERVICE = "services:\n  db:\n    type: '{type}'\n    configuration:\n      {inside}\n"
ENDPOINTS = "databases: [main, legacy]\n      endpoints:\n        admin:\n          "


CASES: list[tuple[str, str, list[str]]] = [
    ("postgresql:17", MARK, ["databases", "endpoints", "extensions", "properties", "rotate_passwords"]),
    ("postgresql:17", f"{ENDPOINTS}default_database: {MARK}", ["main", "legacy"]),
    ("postgresql:17", f"{ENDPOINTS}privileges:\n            {MARK}", ["main", "legacy"]),
    ("postgresql:17", f"{ENDPOINTS}privileges:\n            main: {MARK}", ["ro", "rw", "admin"]),
    ("mariadb:11.8", MARK, ["schemas", "endpoints", "properties", "rotate_passwords"]),
    ("redis:8.0", MARK, ["maxmemory_policy"]),
    ("solr:9.9", f"cores: {{a: {{}}}}\n      endpoints: {{x: {{core: {MARK}}}}}", ["a"]),
    ("varnish:7.6", MARK, ["vcl"]),
    ("kafka:3.7", MARK, []),
    ("none-such:1", MARK, []),
]


@pytest.mark.asyncio
async def test_what_fits_the_type_is_offered(tmp_path: Path) -> None:
    async with session(tmp_path) as editor:
        for image, inside, expected in CASES:
            assert list(await offered(editor, SERVICE.format(type=image, inside=inside))) == expected, image


@pytest.mark.asyncio
async def test_it_is_explained(tmp_path: Path) -> None:
    async with session(tmp_path) as editor:
        editor.open(SERVICE.format(type="valkey:8.0", inside="maxmemory_policy: allkeys-lru"))
        place = editor.position("maxmemory", after=1)
        found = await editor.client.text_document_hover_async(types.HoverParams(editor.identifier(), place))
        assert found is not None and isinstance(found.contents, types.MarkupContent)
        assert "**Memory policy**" in found.contents.value and "`volatile-ttl`" in found.contents.value


def test_only_images_that_exist_are_described() -> None:
    described = [name for name in Images.embedded().names("service") if configuration_shape(name) is not None]
    assert {"mariadb", "postgresql", "redis", "solr", "vault-kms"} <= set(described)
    assert all(shape.docs for name in described if (shape := configuration_shape(name)) is not None)
