from __future__ import annotations

import json
import os
import re
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from tests.server.command import upsun_lint, write
from upsun_lint.failure import Failure
from upsun_lint.run.globs import fits
from upsun_lint.run.settings import Settings
from upsun_lint.run.settings_files import find
from upsun_lint.run.settings_reader import NAMES, load, parse, read, schema_text
from upsun_rules.finding import Severity

_SCHEMA = jsonschema.Draft7Validator(json.loads(schema_text()))

WRONG = """\
applications:
  app:
    type: 'php:8.4'
    workrs: {}
"""


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "repository" / "project"
    write(root, WRONG)
    (tmp_path / "repository" / ".git").mkdir()
    monkeypatch.chdir(root)
    return root


def settings(root: Path, text: str, name: str = ".upsun-lint.toml") -> Settings:
    return load(str(write(root, text, name)))


# -- where they are ----------------------------------------------------------------------------------------------------


def test_the_nearest_file_counts_up_to_the_repository(root: Path) -> None:
    assert find(str(root)) is None
    outside = write(root.parents[1], "", ".upsun-lint.toml")
    assert find(str(root)) is None
    above = write(root.parent, "", ".upsun-lint.toml")
    assert find(str(root)) == str(above)
    beside = write(root, "[tool.upsun-lint]\n", "pyproject.toml")
    assert find(str(root)) == str(beside)
    own = write(root, "", ".upsun-lint.toml")
    assert find(str(root)) == str(own)
    assert outside.exists()


def test_without_a_repository_only_the_project_itself_is_looked_at(tmp_path: Path) -> None:
    root = tmp_path / "project"
    write(root, WRONG)
    write(tmp_path, "", ".upsun-lint.toml")
    assert find(str(root)) is None


def test_a_pyproject_without_our_table_is_passed_over(root: Path) -> None:
    write(root, "[project]\ndependencies = ['upsun-lint']\n", "pyproject.toml")
    assert find(str(root)) is None
    write(root, "this is no TOML", "pyproject.toml")
    assert find(str(root)) is None


# -- what they say -----------------------------------------------------------------------------------------------------


def test_every_setting_is_read(root: Path) -> None:
    found = settings(
        root,
        """
        select = ["unknown-key", "missing-key"]
        ignore = ["missing-key"]
        cron_minimum_interval = 1
        severity = "hint"
        fail-on = "warning"
        [severities]
        unknown-key = "warning"
        wrong-type = "off"
        [per-path-ignores]
        ".upsun/legacy.yaml" = ["invalid-value"]
        """,
    )
    assert found.select == {"unknown-key", "missing-key"}
    assert found.ignore == {"missing-key", "wrong-type"}
    assert found.severities == {"unknown-key": Severity.WARNING}
    assert found.cron_minimum_interval == 1
    assert (found.severity, found.fail_on) == (Severity.HINT, Severity.WARNING)
    assert found.ignores_in(str(root / ".upsun/legacy.yaml"), "invalid-value")
    assert not found.ignores_in(str(root / ".upsun/legacy.yaml"), "unknown-key")
    assert not found.ignores_in(str(root / ".upsun/config.yaml"), "invalid-value")


def test_settings_override_others() -> None:
    base = read({"ignore": ["missing-key"], "fail_on": "warning"}, "file")
    found = read({"severities": {"unknown-key": "off"}, "severity": "hint"}, "client", base)
    assert found.ignore == {"missing-key", "unknown-key"}
    assert (found.severity, found.fail_on) == (Severity.HINT, Severity.WARNING)


@pytest.mark.parametrize(
    ("pattern", "path", "expected"),
    [
        (".upsun/*.yaml", ".upsun/a.yaml", True),
        (".upsun/*.yaml", "x/.upsun/a.yaml", False),
        ("**/.upsun/*.yaml", "x/y/.upsun/a.yaml", True),
        ("**/.upsun/*.yaml", ".upsun/a.yaml", True),
        ("x/**", "x/y/.upsun/a.yaml", True),
        ("x/**", "xy/.upsun/a.yaml", False),
        ("legacy.yaml", ".upsun/legacy.yaml", True),
        ("legacy", "legacy/.upsun/config.yaml", True),
        ("?.yaml", ".upsun/a.yaml", True),
        ("a[b].yaml", ".upsun/ab.yaml", False),
        ("/.upsun/a.yaml", ".upsun/a.yaml", True),
    ],
)
def test_path_patterns(root: Path, pattern: str, path: str, expected: bool) -> None:
    found = settings(root, f"per_path_ignores = {{'{pattern}' = ['unknown-key']}}")
    assert found.ignores_in(str(root / path), "unknown-key") is expected


# -- what is wrong with them -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("ignroe = []", "unknown setting `ignroe`; did you mean `ignore`?"),
        ("color = 1", "unknown setting `color`"),
        ("ignore = 'x'", '`ignore` must be a list of rule names, as in `["slow-shutdown"]`'),
        ("ignore = [1]", '`ignore` must be a list of rule names, as in `["slow-shutdown"]`'),
        ("ignore = ['unknwon-key']", "ignore: there is no rule `unknwon-key`; did you mean `unknown-key`?"),
        ("severity = 'warn'", '`severity` must be "hint", "info", "warning" or "error", not \'warn\''),
        ("severity = 'eror'", "not 'eror'; did you mean `error`?"),
        ("severities = []", "`severities` must map names to values"),
        ("severities = {unknwon-key = 'off'}", "severities: there is no rule `unknwon-key`"),
        ("severities = {unknown-key = 'of'}", "`severities.unknown-key` must be"),
        ("severities = {unknown-key = 1}", "`severities.unknown-key` must be"),
        ("per_path_ignores = {a = ['b']}", "per_path_ignores.a: there is no rule `b`"),
        ("cron_minimum_interval = 0", "`cron_minimum_interval` must be a whole number of minutes, at least 1"),
        ("cron_minimum_interval = true", "`cron_minimum_interval` must be a whole number"),
        ("cron_minimum_interval = 1.5", "`cron_minimum_interval` must be a whole number"),
        ("a = [\nb", ":2:1: this is not valid TOML: "),
        ("a = 1\na = 2", ":2:1: this is not valid TOML: cannot overwrite a value"),
        (
            "[tool.upsun-lint]\nignore = []",
            "settings belong at the top level of this file, without `[tool.upsun-lint]`",
        ),
    ],
)
def test_a_wrong_setting_names_the_file_and_the_nearest_right_one(root: Path, text: str, message: str) -> None:
    with pytest.raises(Failure) as caught:
        settings(root, text)
    assert str(caught.value).startswith(str(root / ".upsun-lint.toml"))
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
    ran = upsun_lint()
    assert (ran.status, ran.out) == (2, "")
    assert ran.err.startswith("upsun-lint: .upsun-lint.toml:")
    assert ran.err.count("\n") == 1


def test_settings_that_are_not_utf8(root: Path) -> None:
    write(root, b"a = '\xff'", ".upsun-lint.toml")
    ran = upsun_lint()
    assert ran.status == 2
    assert "not UTF-8" in ran.err


# -- what they do ------------------------------------------------------------------------------------------------------


def test_settings_decide_what_is_shown_and_what_fails(root: Path) -> None:
    assert upsun_lint().status == 1
    write(root, "severities = {unknown-key = 'warning'}", ".upsun-lint.toml")
    ran = upsun_lint("--format", "concise")
    assert ran.status == 0
    assert ": warning[unknown-key] " in ran.out
    assert upsun_lint("--fail-on", "warning").status == 1
    write(root, "severities = {unknown-key = 'off'}", ".upsun-lint.toml")
    assert "unknown-key" not in upsun_lint().out
    assert "unknown-key" in upsun_lint("--select", "unknown-key").out
    write(root, "per_path_ignores = {'.upsun/*' = ['unknown-key']}", ".upsun-lint.toml")
    assert "unknown-key" not in upsun_lint().out


def test_settings_can_be_ignored_or_named(root: Path) -> None:
    write(root, "nonsense = 1", ".upsun-lint.toml")
    assert upsun_lint("--no-config").status == 1
    write(root, "ignore = ['unknown-key']", "other.toml")
    assert "unknown-key" not in upsun_lint("--config", "other.toml").out
    write(root, "[tool.upsun-lint]\nignore = ['unknown-key']", "pyproject.toml")
    assert "unknown-key" not in upsun_lint("--config", "pyproject.toml").out
    assert upsun_lint("--config", "missing.toml").err == "upsun-lint: missing.toml: no such file or directory\n"
    assert upsun_lint("--config", "other.toml", "--no-config").status == 2


# -- what would check nothing ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", ["", " ", ",", " , "])
def test_an_empty_selection_is_refused(root: Path, value: str) -> None:
    ran = upsun_lint("--select", value)
    assert (ran.status, ran.out) == (2, "")
    assert ran.err == ("upsun-lint: --select names no rule, so nothing would be checked; remove it to run all rules\n")
    assert upsun_lint("--ignore", value).status == 1
    assert upsun_lint("--select", value, "--select", "unknown-key").status == 1


def test_settings_that_select_nothing_are_refused(root: Path) -> None:
    write(root, "select = []\n", ".upsun-lint.toml")
    ran = upsun_lint()
    assert (ran.status, ran.out) == (2, "")
    assert ran.err == (
        "upsun-lint: .upsun-lint.toml: `select` names no rule, so nothing would be checked; "
        "remove it to run all rules\n"
    )
    write(root, "ignore = []\n", ".upsun-lint.toml")
    assert upsun_lint().status == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ("",),
        ("--format", ""),
        ("--fail-on", ""),
        ("--severity", ""),
        ("--config", ""),
        ("--baseline", ""),
        ("--since", ""),
    ],
)
def test_an_empty_variable_is_refused(root: Path, arguments: tuple[str, ...]) -> None:
    ran = upsun_lint(*arguments)
    assert (ran.status, ran.out, ran.err.count("\n")) == (2, "", 1)


def test_a_folder_is_not_a_settings_file(root: Path) -> None:
    (root / ".upsun-lint.toml").mkdir()
    ran = upsun_lint()
    assert (ran.status, ran.err) == (2, "upsun-lint: .upsun-lint.toml: this is a folder, not a file\n")


def test_the_guide_names_every_setting() -> None:
    guide = (Path(__file__).resolve().parents[2] / "docs" / "guide" / "settings.md").read_text(encoding="utf-8")
    told = re.findall(r"^\| `(\w+)` \|", guide, re.MULTILINE)
    assert [name.replace("_", "-") for name in told] == list(NAMES)
    example, *_ = re.findall(r"^```toml\n(.*?)^```", guide, re.MULTILINE | re.DOTALL)
    assert set(parse(example, "the guide")) == set(told)
    read(parse(example, "the guide"), "the guide")


# -- files that are invalid or too large -------------------------------------------------------------------------------


@pytest.mark.skipif(os.name == "nt", reason="links and pipes of POSIX")
def test_settings_that_are_not_a_file_are_one_line_at_once(root: Path) -> None:
    file = root / ".upsun-lint.toml"
    os.mkfifo(file)
    ran = upsun_lint()
    assert (ran.status, ran.err) == (2, "upsun-lint: .upsun-lint.toml: this is not a regular file\n")
    file.unlink()
    for target in ("/dev/zero", "../../outside.toml"):
        write(root.parents[1], "secret = 1", "outside.toml")
        file.symlink_to(target)
        ran = upsun_lint()
        assert (ran.status, ran.out) == (2, "")
        assert ran.err == "upsun-lint: .upsun-lint.toml: this symbolic link leads out of the repository\n"
        file.unlink()
    inside = write(root.parent, "severity = 'hint'", "shared.toml")
    file.symlink_to(inside)
    assert load(str(file)).severity is Severity.HINT


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (f"cron-minimum-interval = {'1' * 5_000}", "a number is too long"),
        (f"cron-minimum-interval = 0x{'f' * 5_000}", "must be at most 1,000,000 minutes"),
        (f"# one line\n{'.'.join('a' * 40_000)} = 1", ":2:1: this line has too many dots"),
        (f"a = {'[' * 40_000}", "it is nested too deeply"),
        (f"a = {'{a = ' * 10_000}", "it is nested too deeply"),
        ("#" * 100_001, "longer than 100,000 bytes"),
    ],
)
def test_settings_that_are_too_much_are_one_line(root: Path, text: str, message: str) -> None:
    with pytest.raises(Failure, match=re.escape(message)):
        settings(root, text)


@pytest.mark.parametrize("pattern", ["*a" * 30 + "b", "**/a" * 30 + "b", "?" * 40 + "*a" * 20 + "b", "**a" * 30 + "b"])
def test_no_pattern_takes_long(root: Path, pattern: str) -> None:
    found = settings(root, f'per-path-ignores = {{"{pattern}" = ["slow-shutdown"]}}')
    assert not found.ignores_in(str(root / ("a" * 200) / ("a" * 200)), "slow-shutdown")


@given(
    st.lists(st.sampled_from(["a", "b", "/", "*", "**", "?", "**/", "/**"]), max_size=7).map("".join),
    st.lists(st.text("ab", min_size=1, max_size=4), min_size=1, max_size=4).map("/".join),
)
def test_patterns_match_as_documented(pattern: str, path: str) -> None:
    parts = {"**/": "(?:[^/]+/)*", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    expression = "".join(parts.get(part, re.escape(part)) for part in re.split(r"(\*\*/|\*\*|\*|\?)", pattern))
    assert fits(pattern, path) == (re.fullmatch(expression, path) is not None)


# -- the schema --------------------------------------------------------------------------------------------------------

_RULES = st.sampled_from(["slow-shutdown", "unknown-key", "no-such-rule", ""])
_LISTS = st.lists(_RULES, max_size=2)
_VALUES = st.one_of(
    *(_LISTS, _RULES, st.integers(-1, 3), st.booleans(), st.just(2.5), st.just({})),
    st.sampled_from(["hint", "info", "warning", "error", "off", "Error"]),
    st.dictionaries(_RULES, st.sampled_from(["hint", "off", "no", 1]), max_size=2),
    st.dictionaries(st.sampled_from(["a/*", "**"]), st.one_of(_LISTS, _RULES), max_size=2),
)
_NAMES = st.sampled_from([*NAMES, *(name.replace("-", "_") for name in NAMES), "per-path_ignores", "selct", "fail on"])


@hypothesis_settings(max_examples=500)
@given(st.dictionaries(_NAMES, _VALUES, max_size=2))
def test_the_schema_accepts_what_is_accepted(table: dict[str, object]) -> None:
    try:
        read(table, "x")
    except Failure:
        accepted = False
    else:
        accepted = True
    assert _SCHEMA.is_valid(table) is accepted


def test_the_schema_is_one_and_is_printed() -> None:
    schema = json.loads(upsun_lint("schema", "--settings").out)
    jsonschema.Draft7Validator.check_schema(schema)
    assert {name.replace("_", "-") for name in schema["properties"]} == set(NAMES)


def test_the_example_of_the_guide_is_accepted() -> None:
    guide = Path(__file__).parents[2] / "docs/guide/settings.md"
    for example in re.findall(r"```toml\n(.*?)```", guide.read_text("utf-8"), re.DOTALL):
        assert _SCHEMA.is_valid(parse(example, "x"))
