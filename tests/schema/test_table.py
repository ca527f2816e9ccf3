"""The table of images says what the platform's registry says, and what the documentation adds to it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support import SHARED
from upsun_schema.images.table import Image, Images, Status, parse_type


def reference(name: str) -> Any:
    path = SHARED / "reference" / name
    if not path.exists():
        pytest.skip(f"needs ../shared/reference/{name}, which is not shipped")
    return json.loads(path.read_text(encoding="utf-8"))


def image(name: str) -> Image:
    found = Images.embedded().get(name)
    assert found is not None
    return found


def registry(**images: Any) -> dict[str, Any]:
    """A small registry: image name to version to status, with endpoints where a version is given as a pair."""
    return {
        name: {
            "service": True,
            "versions": {
                version: {"upsun": {"status": told[0]}, "manifest": {"endpoints": told[1]}}
                if isinstance(told, tuple)
                else {"upsun": {"status": told}}
                for version, told in versions.items()
            },
        }
        for name, versions in images.items()
    }


# The live registry is ahead of the copy of it that we have.
LIVE = {
    ("kafka", "3.7"): "supported",
    ("kafka", "3.6"): "supported",
    ("redis", "7.2"): "supported",
    ("rabbitmq", "4.2"): "retired",
}


def live_registry() -> dict[str, Any]:
    registry: dict[str, Any] = reference("image-registry.json")
    for (name, version), status in LIVE.items():
        registry[name]["versions"][version]["upsun"]["status"] = status
    return registry


def test_the_embedded_table_is_made_from_the_registry() -> None:
    embedded = Images.embedded()
    made = Images.from_registry(live_registry(), reference("composable.json"), embedded.date)
    assert made == embedded
    written = Path(__file__).resolve().parents[2] / "schema/upsun_schema/images/images.json"
    assert made.to_json() == written.read_text(encoding="utf-8")


def test_the_embedded_table_does_not_depend_on_its_previous_version() -> None:
    empty = json.loads(Images.embedded().to_json()) | {"images": {}, "composable": {}}
    base = Images.from_json(json.dumps(empty))
    assert base.names() == ()
    registry, composable = live_registry(), reference("composable.json")
    assert Images.from_registry(registry, composable, Images.embedded().date, base) == Images.embedded()


def test_every_status_and_endpoint_is_from_the_registry() -> None:
    for name, entry in live_registry().items():
        found = image(name)
        assert found.kind == ("runtime" if entry.get("runtime") else "service")
        assert set(found.versions()) == set(entry["versions"])
        for version, detail in entry["versions"].items():
            assert found.status(version) == detail["upsun"]["status"]
            if (endpoints := detail["manifest"]["endpoints"]) is not None:
                assert found.endpoints(version) == {key: value.get("scheme") for key, value in endpoints.items()}
                flagged = [key for key, value in endpoints.items() if value.get("default")]
                assert found.default_endpoint(version) == (flagged[0] if flagged else None)


@pytest.mark.parametrize(
    ("name", "version", "status"),
    [
        ("php", "8.4", Status.SUPPORTED),
        ("php", "8.3", Status.DEPRECATED),
        ("python", "2.7", Status.RETIRED),
        ("redis", "3.2", Status.DECOMMISSIONED),
        ("nodejs", "0.12", Status.DECOMMISSIONED),
        ("network-storage", "2.0", Status.DEPRECATED),
        ("kafka", "3.4", Status.RETIRED),
        ("python", "9.9", None),
        ("python", "3", None),
        ("php", "8.x", None),
    ],
)
def test_the_status_of_a_version(name: str, version: str, status: Status | None) -> None:
    assert image(name).status(version) == status


def test_versions_come_newest_first() -> None:
    assert image("golang").versions()[:3] == ("1.26", "1.25", "1.24")
    assert image("golang").versions().index("1.10") < image("golang").versions().index("1.9")
    assert image("influxdb").versions(Status.SUPPORTED) == ("3", "2.7", "2.3")
    assert image("opensearch").versions() == ("3", "2", "1.2", "1.1", "1")
    assert image("php").versions(Status.SUPPORTED, Status.DEPRECATED) == ("8.5", "8.4", "8.3", "8.2")


def test_the_newest_version_is_a_supported_one() -> None:
    assert image("network-storage").newest == "1.0"
    assert image("nodejs").newest == "26"


def test_endpoints_depend_on_the_version() -> None:
    postgresql = image("postgresql")
    assert postgresql.endpoints("15") == {"postgresql": None}
    assert postgresql.endpoints("16") == {"postgresql": None, "postgresql-replica": None}
    assert postgresql.endpoints() == postgresql.endpoints("99") == postgresql.endpoints("18")
    assert postgresql.default_endpoint("9.6") == "postgresql"


def test_a_flagged_default_differs_from_a_documented_one() -> None:
    assert (image("redis").default_endpoint(), image("redis").documented_default) == ("redis", None)
    assert (image("clickhouse").default_endpoint(), image("clickhouse").documented_default) == (None, "clickhouse")
    assert image("rust").default_endpoint("1") == "http"
    for name in Images.embedded().names("runtime"):
        assert image(name).documented_default is None
    assert image("nodejs").default_endpoint("24") is None


def test_every_documented_default_is_an_endpoint_without_a_flag() -> None:
    for name in Images.embedded().names():
        if documented := image(name).documented_default:
            assert documented in (image(name).endpoints() or {})
            assert image(name).default_endpoint() is None


def test_images_without_built_in_endpoints() -> None:
    assert image("vault-kms").endpoints() == {}
    assert image("vault-kms").endpoint_keys
    assert image("network-storage").endpoints() == {}
    assert not image("network-storage").endpoint_keys


def test_where_a_configuration_names_endpoints() -> None:
    assert image("mariadb").endpoint_keys == ("endpoints",)
    assert "vhosts" in image("rabbitmq").endpoint_keys
    assert "cores" in image("solr").endpoint_keys
    assert image("redis").endpoint_keys == ()


@pytest.mark.parametrize(
    ("name", "original"),
    [
        ("mysql", "mariadb"),
        ("redis-persistent", "redis"),
        ("valkey-persistent", "valkey"),
        ("mariadb-replica", "mariadb"),
        ("postgres-replica", "postgresql"),
        ("postgresql-replica", "postgresql"),
    ],
)
def test_images_that_the_registry_does_not_distinguish(name: str, original: str) -> None:
    assert original in (image(name).alias_of, image(name).variant_of, image(name).replica_of)
    assert image(name).versions() == image(original).versions()
    assert image(name).default_endpoint() == image(original).default_endpoint()
    assert image(name).kind == "service"


def test_only_replicas_need_a_primary() -> None:
    names = Images.embedded().names()
    assert {name for name in names if image(name).replica_of} == {
        "mariadb-replica",
        "postgres-replica",
        "postgresql-replica",
    }


def test_every_addition_is_about_an_image() -> None:
    additions = json.loads(Images.embedded().to_json())["additions"]
    assert set(additions) <= set(Images.embedded().names())


def test_a_version_written_under_another_name() -> None:
    elasticsearch = image("elasticsearch")
    assert elasticsearch.status("8.19") == Status.SUPPORTED
    assert elasticsearch.listed_elsewhere("8.19") == "elasticsearch-enterprise"
    assert elasticsearch.listed_elsewhere("7.10") is None
    assert elasticsearch.listed_elsewhere("1.0") is None
    assert elasticsearch.newest == "7.10"
    assert image("elasticsearch-enterprise").listed_elsewhere("8.19") is None


def test_names() -> None:
    images = Images.embedded()
    assert images.names("runtime") == (
        *("dotnet", "elixir", "golang", "java", "nodejs", "php", "python", "ruby", "rust"),
    )
    assert set(images.names("service")) | set(images.names("runtime")) == set(images.names())
    assert images.get("composable") is None
    assert images.get("PHP") is None


@pytest.mark.parametrize(
    ("wrong", "kind", "right"),
    [
        ("node", "runtime", "nodejs"),
        ("Python", "runtime", "python"),
        ("pyhton", "runtime", "python"),
        ("go", "runtime", "golang"),
        ("composible", "runtime", "composable"),
        ("postgres", "service", "postgresql"),
        ("mongo", "service", "mongodb"),
        ("mysqll", None, "mysql"),
    ],
)
def test_the_nearest_name(wrong: str, kind: Any, right: str) -> None:
    assert right in Images.embedded().nearest(wrong, kind)


def test_unrelated_names_are_not_near() -> None:
    assert Images.embedded().nearest("zzzzzz") == []
    assert "composable" not in Images.embedded().nearest("composable", "service")
    assert "php" not in Images.embedded().nearest("php", "service")


def test_channels_of_the_composable_image() -> None:
    images = Images.embedded()
    channel = images.channel("26.05")
    assert channel is not None
    assert channel.status == Status.SUPPORTED
    assert channel.runtimes["php"] == ("8.5", "8.4", "8.3", "8.2")
    assert channel.runtimes["bun"] == ("1",)
    assert [channel.name for channel in images.channels()] == ["26.05", "25.11", "25.05", "24.11", "24.05"]
    assert [channel.name for channel in images.channels(Status.SUPPORTED)] == ["26.05"]
    assert images.channels(Status.RETIRED)[1].runtimes == {}
    assert images.channel("19.03") is None


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("php:8.4", ("php", "8.4")),
        ("composable:26.05", ("composable", "26.05")),
        ("redis-persistent:8.0", ("redis-persistent", "8.0")),
        ("PHP:8.4", ("PHP", "8.4")),
        ("php", None),
        ("php:", None),
        (":8.4", None),
        ("", None),
        ("nodejs@24", None),
        ("php: 8.4", None),
        ("php:8:4", None),
    ],
)
def test_parse_type(text: str, parts: tuple[str, str] | None) -> None:
    assert parse_type(text) == parts


def test_a_table_survives_being_written() -> None:
    assert Images.from_json(Images.embedded().to_json()) == Images.embedded()


def test_a_table_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        Images.embedded().date = "2030-01-01"  # type: ignore[misc]
    with pytest.raises(TypeError):
        image("php").endpoints()["new"] = None  # type: ignore[index]
    with pytest.raises(AttributeError):
        image("php").kind = "service"  # type: ignore[misc]


def test_the_api_leaves_endpoints_out() -> None:
    """The list served by the platform has no manifests, no `runtime`, and links we do not know."""
    listed = {
        name: {
            "service": entry.get("service"),
            "_links": {"self": "…"},
            "versions": {version: {"upsun": detail["upsun"]} for version, detail in entry["versions"].items()},
        }
        for name, entry in live_registry().items()
    }
    composable = reference("composable.json")["composable"]
    made = Images.from_registry(listed, composable, Images.embedded().date)
    assert made == Images.embedded()


def test_a_new_version_has_the_endpoints_known_so_far() -> None:
    made = Images.from_registry(registry(postgresql={"19": "supported", "15": "supported"}), None, "2030-01-01")
    found = made.get("postgresql")
    assert found is not None and found.newest == "19"
    assert set(found.endpoints("19") or ()) == {"postgresql", "postgresql-replica"}
    assert set(found.endpoints("15") or ()) == {"postgresql"}
    assert made.channels() == Images.embedded().channels()


def test_blank_endpoints_are_unknown() -> None:
    made = Images.from_registry(registry(redis={"9": ("supported", {"redis": {}})}), None, "2030-01-01").get("redis")
    assert made is not None and made.default_endpoint("9") == "redis"


def test_the_endpoints_of_a_new_image_are_unknown() -> None:
    made = Images.from_registry(registry(newdb={"1": "supported"}), None, "2030-01-01").get("newdb")
    assert made is not None
    assert made.endpoints("1") is None
    assert made.default_endpoint("1") is None


def test_the_registry_overrides_an_addition() -> None:
    variant = registry(**{"redis-persistent": {"9": ("supported", {"own": {"port": 1}})}, "redis": {"8": "supported"}})
    made = Images.from_registry(variant, None, "2030-01-01").get("redis-persistent")
    assert made is not None
    assert made.versions() == ("9",)
    assert made.endpoints() == {"own": None}
    assert made.variant_of == "redis"


def test_versions_are_taken_without_their_decoration() -> None:
    made = Images.from_registry(registry(java={"21 (LTS)": "supported"}), None, "2030-01-01").get("java")
    assert made is not None and made.status("21") == Status.SUPPORTED


def test_versions_of_other_products_are_left_out() -> None:
    given = registry(redis={"8": "supported"})
    given["redis"]["versions"]["7"] = {"manifest": None}
    made = Images.from_registry(given, None, "2030-01-01").get("redis")
    assert made is not None and made.versions() == ("8",)


@pytest.mark.parametrize("status", ["incoming", "splendid"])
def test_an_unknown_status_means_not_supported_yet(status: str) -> None:
    channels = {"versions": {"27.05": {"upsun": {"status": status}}, "26.05": {"upsun": {"status": "supported"}}}}
    made = Images.from_registry(registry(redis={"9": status, "8": "supported"}), channels, "2030-01-01")
    redis = made.get("redis")
    assert redis is not None
    assert (redis.status("9"), redis.newest) == (Status.INCOMING, "8")
    assert [channel.status for channel in made.channels()] == [Status.INCOMING, Status.SUPPORTED]
    assert Images.from_json(made.to_json()) == made


@pytest.mark.parametrize(
    "given",
    [
        None,
        [],
        {"title": "Unable to read registry", "status": 500},
        {"php": {"versions": {}}},
        {"php": {"runtime": True}},
        {"php": {"runtime": True, "versions": {"8.4": {"upsun": {"status": ["supported"]}}}}},
        {"php": {"runtime": True, "versions": {"8.4": {"upsun": {}}}}},
        registry(redis={"8": ("supported", ["redis"])}),
        registry(redis={"8": ("supported", {"redis": {"scheme": 1}})}),
    ],
)
def test_a_malformed_registry_is_refused(given: object) -> None:
    with pytest.raises(ValueError, match=r"^[^\n]+$"):
        Images.from_registry(given, None, "2030-01-01")


@pytest.mark.parametrize("given", [[], {}, {"composable": None}, {"versions": {"26.05": {}}}])
def test_a_malformed_composable_image_is_refused(given: object) -> None:
    with pytest.raises(ValueError, match=r"^[^\n]+$"):
        Images.from_registry({}, given, "2030-01-01")


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "{}", '{"format": 2}', "[" * 100_000, "<html>"])
def test_a_malformed_table_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"^[^\n]+$"):
        Images.from_json(text)


@pytest.mark.parametrize("date", ["", "yesterday", "2026-7-1", "2026-07-21T00:00", "٢٠٢٦-٠٧-٢١", None, 20260721])
def test_a_table_has_a_date(date: object) -> None:
    table = json.loads(Images.embedded().to_json()) | {"date": date}
    with pytest.raises(ValueError, match="date"):
        Images.from_json(json.dumps(table))


def places(value: object, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, child in inner for place in places(child, (*path, key)))]


TABLE = json.loads(Images.embedded().to_json())
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=4,
)


@given(st.sampled_from(places(TABLE)), anything)
def test_a_table_with_anything_anywhere_is_read_or_refused(place: tuple[Any, ...], value: object) -> None:
    table = json.loads(json.dumps(TABLE))
    if place:
        holder = table
        for key in place[:-1]:
            holder = holder[key]
        holder[place[-1]] = value
    else:
        table = value
    try:
        images = Images.from_json(json.dumps(table))
    except ValueError as error:
        assert str(error) and "\n" not in str(error)
        return
    assert Images.from_json(images.to_json()) == images
    for name in images.names():
        found = images.get(name)
        assert found is not None
        assert all(found.status(version) for version in found.versions())
        assert found.newest in (None, *found.versions())


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("postgres", "postgresql"),
        ("postgres-server", "postgresql"),
        ("mongo", "mongodb"),
        ("elastic", "elasticsearch"),
        ("maria", "mariadb"),
        ("rabbit", "rabbitmq"),
        ("redis-cluster", "redis"),
        ("redis-persistant", "redis-persistent"),
        ("node", "nodejs"),
    ],
)
def test_the_nearest_name_is_never_an_alias(written: str, meant: str) -> None:
    assert Images.embedded().nearest(written)[0] == meant
