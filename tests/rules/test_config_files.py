"""The files of a project: defined twice, not found, not read."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support import CONFIG, apply_fix, findings, project, source
from upsun_rules.engine import lint
from upsun_rules.finding import Finding, Severity
from upsun_rules.options import Options
from upsun_schema.configuration.project import Project

APP = "applications:\n  app:\n    type: 'php:8.4'\n"


def on_disk(root: Path, files: dict[str, str]) -> list[Finding]:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return lint(Project(str(root)), Options())


# -- definitions -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "second", "place"),
    [
        (APP, APP, "app"),
        (f"{APP}services:\n  db: {{type: 'redis:8.0'}}\n", "services:\n  'db': {type: 'mariadb:11.8'}\n", "'db'"),
        (
            f"{APP}routes:\n  'https://{{default}}/': {{type: upstream, upstream: 'app:http'}}\n",
            "routes:\n  'https://{default}/': {type: upstream, upstream: 'app:http'}\n",
            "'https://{default}/'",
        ),
    ],
)
def test_one_name_in_two_files(first: str, second: str, place: str) -> None:
    files = {".upsun/a.yaml": first, ".upsun/b.yaml": second}
    (finding,) = findings(files, "duplicate-definition")
    assert (source(finding.region), finding.severity) == (place, Severity.ERROR)
    assert "`.upsun/a.yaml`" in finding.message
    assert [source(related.region).strip("'") for related in finding.related] == [place.strip("'")]


def test_different_names_and_one_file_are_no_duplicates() -> None:
    other = APP.replace("app:", "other:")
    routes = "routes:\n  'https://{default}/': {type: upstream, upstream: 'app:http'}\n"
    assert findings({".upsun/a.yaml": APP + routes, ".upsun/b.yaml": other}) == []
    assert [one.rule for one in findings(APP + "  app:\n    type: 'php:8.4'\n")] == ["duplicate-key"]
    merged = ".one: &one {app: {type: 'php:8.4'}}\napplications:\n  <<: *one\n"
    assert findings({".upsun/a.yaml": merged, ".upsun/b.yaml": merged}, "duplicate-definition") == []


# -- includes --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["nowhere.yaml", "../../outside.yaml"])
def test_an_include_that_leads_nowhere(path: str) -> None:
    (finding,) = findings(f"applications:\n  app: !include {path}\n")
    assert (finding.rule, source(finding.region)) == ("include-not-found", path)
    assert finding.url.endswith("yaml/platform-yaml-tags")


def test_an_include_that_is_there(tmp_path: Path) -> None:
    files = {".upsun/config.yaml": "applications:\n  app: !include parts/app.yaml\n"}
    assert on_disk(tmp_path, files | {".upsun/parts/app.yaml": "type: 'php:8.4'\n"}) == []


# -- names of files --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["config.yml", "more.yml"])
def test_a_file_that_may_not_be_read(name: str) -> None:
    (finding,) = findings({f".upsun/{name}": f"# first\n{APP}"})
    assert (finding.rule, finding.severity) == ("yml-extension", Severity.WARNING)
    assert source(finding.region) == "applications"
    assert f"`{name[:-4]}.yaml`" in finding.message


@pytest.mark.parametrize("text", ["", "# nothing\n", "- a list\n"])
def test_a_file_without_keys_still_has_a_place(text: str) -> None:
    found = findings({".upsun/a.yaml": APP, ".upsun/b.yml": text}, "yml-extension")
    assert [finding.region.start for finding in found] == [0]


# -- applications ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    ["", "# soon\n", "services:\n  db: {type: 'redis:8.0'}\n", "applications:\n", "applications: {}\n", "routes:\n"],
)
def test_a_project_needs_an_application(text: str) -> None:
    (finding,) = findings(text, "no-applications")
    assert finding.severity is Severity.ERROR
    assert findings({".upsun/a.yaml": text, ".upsun/b.yaml": APP}, "no-applications") == []


@pytest.mark.parametrize(
    "text",
    [
        "applications: !include apps.yaml\n",
        "application:\n  app: {type: 'php:8.4'}\n",
        "applications:\n  app: {type: 'php:8.4'\n",
        "applications: *gone\n",
        "services:\n  applications:\n    app: {type: 'php:8.4'}\n",
    ],
)
def test_there_may_be_an_application(text: str) -> None:
    assert findings(text, "no-applications") == []


def test_without_a_file_there_is_no_project() -> None:
    assert findings({}) == []


# -- two products ----------------------------------------------------------------------------------------------------


def test_the_configuration_of_the_other_product(tmp_path: Path) -> None:
    assert on_disk(tmp_path, {".upsun/config.yaml": APP, ".platform/local/project.yaml": "id: x\n"}) == []
    (finding,) = on_disk(tmp_path, {".platform.app.yaml": "name: app\n"})
    assert (finding.rule, finding.severity) == ("both-formats", Severity.WARNING)
    (finding,) = on_disk(tmp_path, {".platform/routes.yaml": "{}\n"})
    assert (finding.rule, finding.severity) == ("both-formats", Severity.WARNING)
    assert "`.platform` is for Upsun Fixed" in finding.message


_SINGLE = """\
# our shop
name: shop
type: 'php:8.4'
disk: 512
relationships:
  database: 'db:mysql'
web:
  locations:
    '/':
      root: public
hooks:
  build: |
    set -e

    npm ci
workers:
  queue:
    # takes its time
    commands:
      start: ./bin/consume
"""
_MOVED = """\
# our shop
applications:
  shop:
    type: 'php:8.4'
    disk: 512
    relationships:
      database: 'db:mysql'
    web:
      locations:
        '/':
          root: public
    hooks:
      build: |
        set -e

        npm ci
    workers:
      queue:
        # takes its time
        commands:
          start: ./bin/consume
"""
_DATABASE = "services:\n  db: {type: 'mariadb:11.8'}\n"


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_the_single_application_of_the_other_product(ending: str) -> None:
    files = {CONFIG: _SINGLE.replace("\n", ending), ".upsun/services.yaml": _DATABASE}
    (finding,) = findings(files)
    assert (finding.rule, finding.severity, source(finding.region)) == ("both-formats", Severity.ERROR, "name")
    assert "`.platform.app.yaml` (Upsun Fixed)" in finding.message and "`shop:`" in finding.message
    assert [fix.safe for fix in finding.fixes] == [False]
    fixed = apply_fix(files, finding)
    assert fixed == _MOVED.replace("\n", ending)
    assert [one.rule for one in findings({**files, CONFIG: fixed})] == ["fixed-only-key"]


@pytest.mark.parametrize(
    ("text", "name", "fixable"),
    [
        ("type: 'php:8.4'\nhooks: {build: make}\n", "app", True),
        ("hooks:\n  build: make\ntype: 'php:8.4'\nroutes: {}\n", "app", True),
        ("type: 'php:8.4'\nroutes: {}\nhooks: {build: make}\n", None, False),
        ("name: '<NAME>'\ntype: 'php:8.4'\n", "app", True),
        ("{name: shop, type: 'php:8.4'}\n", None, False),
        ("name: shop\ntype: 'php:8.4'\nmistake: true\n", "shop", True),
    ],
)
def test_an_application_at_the_top_of_a_file(text: str, name: str | None, fixable: bool) -> None:
    (finding,) = findings(text, "both-formats")
    assert not {"unknown-key", "no-applications"} & {one.rule for one in findings(text)}
    assert bool(finding.fixes) is fixable
    if fixable:
        assert list(project(apply_fix(text, finding)).applications) == [name]


@pytest.mark.parametrize(
    ("text", "section"),
    [
        ("db:\n  type: postgresql:16\n  disk: 256\nqueue:\n  type: PostgreSQL:14\n", "services"),
        ("'https://{default}/':\n  type: upstream\n  upstream: 'app:http'\n", "routes"),
        ("shop:\n  type: 'php:8.4'\n# other\nblog:\n  type: 'composable:26.05'\n", "applications"),
        ("shop:\n  type: 'php:8.4'\ndb:\n  type: 'redis:8.0'\n", None),
    ],
)
def test_the_other_files_of_the_other_product(text: str, section: str | None) -> None:
    files = {CONFIG: APP, ".upsun/other.yaml": text}
    found = findings(files, "both-formats")
    if section is None:
        assert found == []
        return
    (finding,) = found
    assert f"`.platform/{section}.yaml` (Upsun Fixed)" in finding.message
    assert "unknown-key" not in {one.rule for one in findings(files)}
    fixed = apply_fix(files, finding, ".upsun/other.yaml")
    assert len(project({**files, ".upsun/other.yaml": fixed}).section(section)) == text.count("type:") + (
        section == "applications"
    )


@pytest.mark.parametrize(
    "text",
    [
        "name: shop\napplications:\n  app: {type: 'php:8.4'}\ntype: 'php:8.4'\n",
        "name: shop\nservices:\n  db: {type: 'redis:8.0'}\nvolumes: {}\n",
        ".common: {type: 'php:8.4'}\n",
        "workers: {}\nhooks: {}\n",
        "type: {}\nname: []\nhooks: {}\n",
        "services:\n  db: {type: 'redis:8.0'}\ncache: {type: 'redis:8.0'}\n",
        "db: {type: 'redis:8.0'}\nmistake: 1\n",
    ],
)
def test_what_is_not_the_format_of_the_other_product(text: str) -> None:
    assert findings(text, "both-formats") == []


# -- one slip, one error -----------------------------------------------------------------------------------------------

_WHOLE = """\
applications:
    app:
        type: 'php:8.4'
        web:
            locations:
                '/':
                    root: public
        build: {flavor: none}
        mounts:
          'var/cache':
            source: instance
        workers:
            queue:
                commands:
                    start: |
                        ./bin/consume
"""


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("        type: 'php:8.4'\n", "        type: 'php:8.4'\n        ...\n"),
        ("        type: 'php:8.4'\n", "        type 'php:8.4'\n"),
        ("        type: 'php:8.4'\n", "        type:'php:8.4'\n"),
        ("        type: 'php:8.4'\n", "\t\ttype: 'php:8.4'\n"),
        ("        type: 'php:8.4'\n", "       type: 'php:8.4'\n"),
        ("        mounts:\n", "        mounts\n"),
        ("        mounts:\n", "\t\tmounts:\n"),
        ("        mounts:\n", "        mounts:\n---\n"),
        ("        mounts:\n", "        mounts:\n...\n"),
        ("                    start: |\n", "                    npm ci\n                    start: |\n"),
        (
            "                        ./bin/consume\n",
            "                          set -e\n                        ./bin/consume\n",
        ),
        ("                    start: |\n", "                    start: | exec\n"),
        ("            locations:\n", "            locations: '/':\n"),
    ],
)
def test_a_slip_on_one_line_is_one_error(before: str, after: str) -> None:
    assert findings(_WHOLE) == []
    assert before in _WHOLE
    assert [finding.rule for finding in findings(_WHOLE.replace(before, after))] == ["syntax-error"]


# -- files in folders --------------------------------------------------------------------------------------------------


def in_folders(root: Path, files: dict[str, str]) -> list[tuple[str, str]]:
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")
    made = Project(str(root))
    return [(made.place(one.region).document.path, one.rule) for one in lint(made, Options())]


def test_a_file_in_a_folder_is_not_read(tmp_path: Path) -> None:
    app = "applications:\n  a:\n    type: 'php:8.4'\n    source: {root: /}\n"
    other = "# shared\nservices:\n  db: {type: 'mariadb:11.8'}\n"
    files = {CONFIG: app, ".upsun/more/db.yaml": other, ".upsun/more/deep/x.yml": other}
    assert in_folders(tmp_path, files) == [
        (".upsun/more/db.yaml", "unread-file"),
        (".upsun/more/deep/x.yml", "unread-file"),
    ]


def test_a_file_in_a_folder_is_read_where_it_is_included(tmp_path: Path) -> None:
    files = {
        CONFIG: "applications:\n  a: !include apps/a.yaml\nservices: !include more/services.yaml\n",
        ".upsun/apps/a.yaml": "type: 'php:8.4'\nsource: {root: /}\nrelationships: {db: 'db:mysql'}\n",
        ".upsun/more/services.yaml": "db: {type: 'mariadb:11.8'}\n",
        ".upsun/solr/conf/values.yaml": "a: 1\n",
        ".upsun/empty/x.yaml": "",
    }
    assert in_folders(tmp_path, files) == []


# -- the arguments of `!include` -------------------------------------------------------------------------------------

WITH_SCRIPT = """\
applications:
  app:
    type: 'php:8.4'
    workers:
      q:
        commands:
          start: {}
"""
SCRIPT = "set -e\nphp warm-up.php\nphp artisan queue:work --max-time=3600\n"


@pytest.mark.parametrize(
    ("beside", "names"),
    [
        ("          type: string\n          path: run.sh\n", "`type` and `path` belong"),
        ("          path: run.sh # here\n          # text\n          type: string\n", "`type` and `path` belong"),
        ("          path: run.sh\n", "`path` belongs"),
    ],
)
def test_arguments_next_to_an_include_are_one_finding(beside: str, names: str) -> None:
    text = WITH_SCRIPT.format("!include") + beside
    (finding,) = findings({CONFIG: text, "run.sh": SCRIPT})
    assert (finding.rule, finding.region.text) == ("include-not-found", "!include")
    assert names in finding.message
    assert finding.fixes[0].safe is ("type" in names)
    fixed = apply_fix({CONFIG: text, "run.sh": SCRIPT}, finding)
    assert "include-not-found" not in [one.rule for one in findings({CONFIG: fixed, "run.sh": SCRIPT})]
    assert "path: run.sh" in fixed


def test_arguments_further_away_are_left_to_the_author() -> None:
    text = WITH_SCRIPT.format("!include") + "          pre_start: x\n          type: string\n          path: run.sh\n"
    (finding,) = findings({CONFIG: text, "run.sh": SCRIPT}, "include-not-found")
    assert finding.fixes == ()


@pytest.mark.parametrize(
    ("include", "mended"),
    [
        ("!include run.sh", "!include {type: string, path: run.sh}"),
        ('!include "run.sh" # it', '!include {type: string, path: "run.sh"} # it'),
        ("!include {path: run.sh}", "!include {type: string, path: run.sh}"),
        ("!include {type: yaml, path: run.sh}", "!include {type: string, path: run.sh}"),
        (
            "!include\n            path: run.sh",
            "!include\n            path: run.sh\n            type: string",
        ),
    ],
)
@pytest.mark.parametrize("script", [SCRIPT, 'echo "a: b\n  [x\n', "name: x\n", "#!/bin/sh\nset -e\nexec php run.php\n"])
def test_a_script_is_included_as_text(include: str, mended: str, script: str) -> None:
    files = {CONFIG: WITH_SCRIPT.format(include), "run.sh": script}
    found = [one for one in findings(files) if one.rule in ("script-included-as-yaml", "syntax-error", "wrong-type")]
    assert [(one.rule, one.region.text.strip('"')) for one in found] == [
        ("script-included-as-yaml", found[0].region.text.strip('"'))
    ]
    assert found[0].fixes[0].safe
    fixed = apply_fix(files, found[0])
    assert fixed == WITH_SCRIPT.format(mended)
    assert findings({CONFIG: fixed, "run.sh": script}, "script-included-as-yaml") == []


@pytest.mark.parametrize(
    ("path", "script"),
    [
        ("run.sh", "php artisan queue:work --max-time=3600\n"),
        ("run.sh", "#!/bin/sh\nphp artisan queue:work --max-time=3600\n"),
        ("run.txt", "|\n  set -e\n  php artisan queue:work --max-time=3600\n"),
        ("run.yaml", "php artisan\n  queue:work --max-time=3600\n"),
    ],
)
def test_what_yaml_reads_as_it_is_may_be_included_as_yaml(path: str, script: str) -> None:
    files = {CONFIG: WITH_SCRIPT.format(f"!include {path}"), path: script}
    assert findings(files, "script-included-as-yaml") == []


def test_hooks_and_crons_also_need_text() -> None:
    text = """\
applications:
  app:
    type: 'php:8.4'
    hooks:
      build: !include run.sh
    crons:
      a:
        spec: '0 3 * * *'
        commands: {start: !include run.sh}
"""
    assert len(findings({CONFIG: text, "run.sh": SCRIPT}, "script-included-as-yaml")) == 2
