"""What is in a mount: hidden, missing in a worker, or in another mount as well."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.server.command import write
from tests.support import apply_fix, findings, said
from upsun_rules.engine import lint
from upsun_rules.options import Options
from upsun_schema.configuration.project import Project

HIDES = "mount-hides-build-output"


def app(mounts: str, rest: str = "", image: str = "php:8.4") -> str:
    return f"applications:\n  app:\n    type: '{image}'\n    mounts:\n      {mounts}\n{rest}"


def hooks(**texts: str) -> str:
    return "    hooks:\n" + "".join(f"      {name}: '{text}'\n" for name, text in texts.items())


@pytest.mark.parametrize(
    ("mount", "image", "rest", "severity"),
    [
        ("vendor", "php:8.4", "", "error"),
        ("/vendor/", "php:8.4", "", "error"),
        ("vendor", "php:8.4", "    build: {flavor: none}\n", None),
        ("vendor", "php:8.4", "    build: {flavor: none}\n" + hooks(build="composer install"), "error"),
        ("web/vendor", "php:8.4", "", None),
        ("web/vendor", "php:8.4", hooks(build="cd web && composer install"), "warning"),
        ("vendor", "python:3.14", "", None),
        ("vendor", "php:8.4", hooks(deploy="composer install"), None),
        ("node_modules", "nodejs:24", "", "error"),
        ("node_modules", "php:8.4", hooks(build="npm ci"), "warning"),
        ("node_modules/.cache", "nodejs:24", "", None),
    ],
)
def test_a_mount_that_hides_packages(mount: str, image: str, rest: str, severity: str | None) -> None:
    text = app(f"'{mount}': {{source: storage}}", rest, image)
    assert said(text, HIDES) == ([] if severity is None else [(f"'{mount}'", severity)])


@pytest.mark.parametrize(
    ("build", "later", "reported"),
    [
        ("mkdir -p data/sub", "true", True),
        ("mkdir -p data", "true", False),
        ("mkdir -p other data/sub", "true", True),
        ("cp -r seed data/", "true", True),
        ("cp -r seed /app/data", "true", True),
        ("mv seed data/seed", "true", True),
        ("rsync -a seed/ data/", "true", True),
        ("tar xf seed.tar -C data", "true", True),
        ("touch data/ready", "true", True),
        ("cd data && touch ready", "true", True),
        ("cd $X && touch data/ready", "true", False),
        ("touch database", "true", False),
        ("touch ../data/x", "true", False),
        ("touch /tmp/data/x", "true", False),
        ("cp -r seed data/ && mv data data.built", "true", False),
        ("cp -r seed data/ && rm -rf data/*", "true", False),
        ("cp -r seed data/", "cp -r seed data/", False),
        ("mkdir -p data/sub", "mkdir -p data/sub", False),
        ("cp -r data/. seed", "true", False),
    ],
)
def test_what_the_build_puts_into_a_mount_is_hidden(build: str, later: str, reported: bool) -> None:
    text = app("'data': {source: storage}", hooks(build=build, deploy=later))
    assert said(text, HIDES) == ([("'data'", "warning")] if reported else [])


WORKER = "    workers: {{w: {{{}commands: {{start: {}}}}}}}\n"


@pytest.mark.parametrize(
    ("mount", "hook", "worker", "reported"),
    [
        ("live: {source: instance}", "cp -R built/. live/", WORKER.format("", "./w.sh"), True),
        ("live: {source: tmp}", "mv built live/now", WORKER.format("", "./w.sh"), True),
        ("live: {source: storage}", "cp -R built/. live/", WORKER.format("", "./w.sh"), False),
        ("live: {source: instance}", "mkdir -p live/x", WORKER.format("", "./w.sh"), False),
        ("live: {source: instance}", "cp -R live/. built/", WORKER.format("", "./w.sh"), False),
        ("live: {source: instance}", "cp -R built/. live/", WORKER.format("mounts: {}, ", "./w.sh"), False),
        ("live: {source: instance}", "cp -R built/. live/", WORKER.format("", "cp -R built/. live/ && ./w.sh"), False),
        ("live: {source: instance}", "cp -R built/. live/", WORKER.format("", "sleep infinity"), False),
        ("live: {source: instance}", "cp -R built/. live/", "", False),
    ],
)
def test_a_mount_that_only_a_hook_fills(mount: str, hook: str, worker: str, reported: bool) -> None:
    text = app(mount, hooks(post_deploy=hook) + worker)
    assert said(text, "mount-filled-by-hook") == ([(hook, "info")] if reported else [])


@pytest.mark.parametrize(
    ("mounts", "place"),
    [
        ("{a: {source: storage, source_path: x}, b: {source: storage, source_path: x}}", "x"),
        ("{a: {source: tmp, source_path: x}, b: {source: temporary, source_path: x/}}", "x/"),
        ("{a: {source: storage}, b: {source: storage, source_path: a}}", "a"),
        ("{a: {source: storage, source_path: b}, b: {source: storage}}", "b"),
        ("{a: {source: storage, source_path: x}, b: {source: instance, source_path: x}}", None),
        ("{a: {source: storage}, b: {source: storage}}", None),
        ("{a: {source: storage, source_path: x}, b: {source: storage, source_path: x/y}}", None),
        ("{a: {source: service, service: f, source_path: x}, b: {source: service, service: g, source_path: x}}", None),
    ],
)
def test_two_mounts_that_are_one_folder(mounts: str, place: str | None) -> None:
    text = f"applications:\n  app:\n    type: 'php:8.4'\n    mounts: {mounts}\n"
    assert said(text, "one-folder-for-two-mounts") == ([] if place is None else [(place, "warning")])


@pytest.mark.parametrize(
    ("mount", "value", "fixed"),
    [
        ("/app/files", "/app/files", "files"),
        ("app/files", "/app/files/in", "files"),
        ("app/files", "sqlite:////app/files/db.sqlite", "files"),
        ("/app/files", "/app/app/files", None),
        ("/app/etc", "/var/app/etc", None),
        ("/app/etc", "production", None),
        ("files", "/app/files", None),
    ],
)
def test_a_mount_that_repeats_the_folder_of_the_application(mount: str, value: str, fixed: str | None) -> None:
    text = app(f"'{mount}': {{source: storage}}", f"    variables: {{env: {{DATA: '{value}'}}}}\n")
    found = findings(text, "mount-below-app")
    changed = [apply_fix(text, one) for one in found]
    assert changed == ([] if fixed is None else [text.replace(f"'{mount}':", f"'{fixed}':")])


@pytest.mark.parametrize(
    ("mount", "severity"),
    [
        ("sites/*/files: {source: storage}", "warning"),
        ("'~/data': {source: storage}", "warning"),
        (r"'web\uploads': {source: storage}", "warning"),
        ("'$DATA_DIR/x': {source: storage}", "warning"),
        ("'my files': {source: storage}", "info"),
        ("data: {source: storage, source_path: /data}", "hint"),
        ("data: {source: storage, source_path: /}", None),
        ("'<PATH>': {source: storage}", None),
        ("web/uploads: {source: storage, source_path: a/b}", None),
    ],
)
def test_a_path_with_special_characters(mount: str, severity: str | None) -> None:
    found = said(app(mount), "unusual-mount-path")
    assert [label for _, label in found] == ([] if severity is None else [severity])


@pytest.mark.parametrize(
    ("mount", "path", "rest", "is_hidden"),
    [
        ("/public/assets", "public/assets/css/app.css", "", True),
        ("assets", "public/assets/app.css", "    source: {root: public}\n", True),
        ("public/assets", "public/assets/.gitkeep", "", False),
        ("public/assets", "public/assets/deep/README.md", "", False),
        ("public/assets", "public/assets.css", "", False),
        ("public/assets", "public/assets/app.css", hooks(deploy="cp -R seed/. public/assets/"), False),
    ],
)
def test_a_mount_hides_what_git_tracks(tmp_path: Path, mount: str, path: str, rest: str, is_hidden: bool) -> None:
    write(tmp_path, app(f"'{mount}': {{source: storage}}", rest), ".upsun/config.yaml")
    write(tmp_path, "x", path)
    assert [one for one in lint(Project(str(tmp_path)), Options()) if one.rule == HIDES] == []
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    subprocess.run(["git", "add", "."], cwd=tmp_path, check=True)
    found = [one for one in lint(Project(str(tmp_path)), Options()) if one.rule == HIDES]
    assert [one.region.text for one in found] == ([f"'{mount}'"] if is_hidden else [])
