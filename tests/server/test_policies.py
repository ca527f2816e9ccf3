"""Policies as people use them: from the settings to the findings, in every format, and what goes wrong in them."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from pathlib import Path

import jsonschema
import pytest

from tests.server.command import upsun_lint, write
from tests.support import SHARED, needs_shared
from upsun_lint.reports import FORMATS

ROOT = Path(__file__).resolve().parents[2]
GUIDE = (ROOT / "docs" / "guide" / "policies.md").read_text("utf-8")

_FENCE = r"```{language} title=\"{title}\"\n(.*?)```"
_EXAMPLES = [
    tuple(
        re.findall(_FENCE.format(language=language, title=title), section, re.DOTALL)[0]
        for language, title in (("toml", "policy"), ("yaml", "wrong"), ("yaml", "right"))
    )
    for section in GUIDE.partition("## Ten policies to take")[2].split("\n### ")[1:]
]

APPLICATION = """\
applications:
  app:
    type: 'php:8.4'
    source: {root: /}
    access: {ssh: contributor}
    workers:
      queue:
        commands: {start: ./run}
      mail:
        access: {ssh: viewer}
        commands: {start: ./mail}
"""
VIEWERS = """\
[[policies]]
name = "viewers"
subject = "worker"
message = "no shell"
schema = {properties = {access = {properties = {ssh = {const = "viewer"}}}}}
"""


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "repository" / ".git").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "repository")
    write(tmp_path / "repository", APPLICATION)
    return tmp_path / "repository"


def policy(subject: str, schema: object, **more: str) -> str:
    """The settings with one policy, `p`, whose schema is in `schema.json`."""
    Path("schema.json").write_text(json.dumps(schema), "utf-8")
    keys = "".join(f"{key} = {json.dumps(value)}\n" for key, value in more.items())
    return f'[[policies]]\nname = "p"\nsubject = "{subject}"\nschema = "schema.json"\n{keys}'


def found(root: Path, settings: str, text: str = APPLICATION, *arguments: str) -> list[str]:
    """The findings of policies: `line:column message`."""
    write(root, settings, ".upsun-lint.toml")
    write(root, text)
    ran = upsun_lint("--format", "json", *arguments)
    assert ran.status in (0, 1), ran.err
    return [
        f"{one['range']['start']['line']}:{one['range']['start']['column']} {one['message']}"
        for one in json.loads(ran.out)["findings"]
        if one["rule"].startswith("policy:")
    ]


# -- the guide ---------------------------------------------------------------------------------------------------------


def test_the_guide_has_ten_policies() -> None:
    assert len(_EXAMPLES) == 10


@pytest.mark.parametrize(("settings", "wrong", "right"), _EXAMPLES)
def test_each_policy_of_the_guide_works(root: Path, settings: str, wrong: str, right: str) -> None:
    assert len(found(root, settings, wrong)) == 1
    assert found(root, settings, right) == []


# -- places ------------------------------------------------------------------------------------------------------------


def test_what_several_inherit_is_one_finding_at_its_place(root: Path) -> None:
    text = APPLICATION.replace("access: {ssh: viewer}", "variables: {}")
    assert found(root, VIEWERS, text) == ["5:19 no shell (`access.ssh` is `contributor`, but must be `viewer`)"]
    related = json.loads(upsun_lint("--format", "json").out)["findings"]
    (one,) = (one for one in related if one["rule"] == "policy:viewers")
    assert [each["message"] for each in one["related"]] == ["inherited by worker `queue`", "inherited by worker `mail`"]


def test_a_default_is_reported_at_the_name_of_the_worker(root: Path) -> None:
    text = APPLICATION.replace("    access: {ssh: contributor}\n", "")
    assert found(root, VIEWERS, text) == ["6:7 no shell (`access.ssh` is `contributor`, but must be `viewer`)"]


def test_what_is_missing_is_reported_at_the_name(root: Path) -> None:
    settings = policy("worker", {"required": ["firewall"]})
    assert found(root, settings) == [
        "7:7 worker `queue` is missing `firewall`",
        "9:7 worker `mail` is missing `firewall`",
    ]


def test_an_own_value_is_reported_at_its_place(root: Path) -> None:
    settings = policy("worker", {"properties": {"commands": {"properties": {"start": {"pattern": "^php"}}}}})
    assert found(root, settings)[0] == "8:27 `commands.start` is `./run`, which does not match `^php`"


def test_the_type_of_the_application_is_part_of_a_worker(root: Path) -> None:
    settings = policy("worker", {"properties": {"type": {"pattern": "^ruby"}}})
    assert [one.partition(" ")[0] for one in found(root, settings)] == ["3:11"]


def test_a_key_that_is_not_allowed_is_reported_at_the_key(root: Path) -> None:
    settings = policy("application", {"properties": {"source": True}, "additionalProperties": False})
    assert "5:5 `access` is not allowed" in found(root, settings)
    settings = policy("application", {"properties": {"workers": {"propertyNames": {"maxLength": 4}}}})
    assert found(root, settings) == ["7:7 `workers.queue` must have at most 4 characters"]


@pytest.mark.parametrize("subject", ["application", "web", "worker", "cron", "mount", "service", "route", "project"])
def test_every_subject_is_found(root: Path, subject: str) -> None:
    text = APPLICATION + (
        "    web: {locations: {/: {root: public}}}\n"
        "    mounts: {var: {source: storage}}\n"
        "    crons: {c: {spec: '0 3 * * *', commands: {start: ./c}}}\n"
        "services:\n  db: {type: 'postgresql:17'}\n"
        "routes:\n  https://{default}/: {type: upstream, upstream: 'app:http'}\n"
    )
    messages = found(root, policy(subject, {"maxProperties": 0}), text)
    assert messages
    assert all("must have at most 0 entries" in message for message in messages)


def test_a_project_is_merged_from_its_files(root: Path) -> None:
    write(root, "services: {db: {type: 'postgresql:17'}}", ".upsun/services.yaml")
    write(root, "services: {cache: {type: 'valkey:8.0'}}", ".upsun/cache.yaml")
    settings = policy("project", {"properties": {"services": {"maxProperties": 1}}})
    assert found(root, settings) == ["1:1 `services` must have at most 1 entries, not 2"]
    settings = policy("project", {"properties": {"services": {"required": ["db", "cache"], "minProperties": 2}}})
    assert found(root, settings) == []


def test_an_included_value_is_reported_where_it_is(root: Path) -> None:
    write(root, "ssh: contributor\n", "access.yaml")
    text = APPLICATION.replace("{ssh: contributor}", "!include access.yaml")
    write(root, text)
    write(root, VIEWERS, ".upsun-lint.toml")
    assert "access.yaml:1:6: error[policy:viewers]" in upsun_lint("--format", "concise").out


def test_alternatives_are_explained_by_the_one_that_was_meant(root: Path) -> None:
    kinds = [
        {"properties": {"source": {"const": "storage"}, "source_path": {"minLength": 1}}, "required": ["source_path"]},
        {"properties": {"source": {"const": "tmp"}, "source_path": False}},
    ]
    settings = policy("mount", {"anyOf": kinds})
    text = APPLICATION + "    mounts: {var: {source: storage}}\n"
    assert found(root, settings, text) == ["12:14 mount `var` is missing `source_path`"]
    settings = policy("mount", {"oneOf": [{"type": "string"}, {"type": "object", "required": ["service"]}]})
    assert found(root, settings, text) == ["12:14 mount `var` is missing `service`"]


def test_what_cannot_be_read_is_not_judged(root: Path) -> None:
    for access in ("access: *nothing", "access: !include missing.yaml", "access: {<<: *nothing}"):
        text = APPLICATION.replace("access: {ssh: contributor}", access)
        settings = policy("worker", {"properties": {"access": {"required": ["ssh"], "type": "object"}}})
        assert found(root, settings, text) == []


# -- drafts and files --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("draft", "schema"),
    [
        ("http://json-schema.org/draft-03/schema#", {"properties": {"firewall": {"required": True}}}),
        ("http://json-schema.org/draft-04/schema#", {"required": ["firewall"]}),
        ("http://json-schema.org/draft-06/schema#", {"propertyNames": {"maxLength": 6}}),
        ("http://json-schema.org/draft-07/schema#", {"if": True, "then": {"required": ["firewall"]}}),
        ("https://json-schema.org/draft/2019-09/schema", {"dependentRequired": {"commands": ["firewall"]}}),
        ("https://json-schema.org/draft/2020-12/schema", {"$defs": {"a": {"maxProperties": 1}}, "$ref": "#/$defs/a"}),
    ],
)
def test_every_draft_is_known(root: Path, draft: str, schema: dict[str, object]) -> None:
    assert found(root, policy("worker", {"$schema": draft, **schema}))


def test_a_schema_may_be_in_several_files(root: Path) -> None:
    write(root, '{"$defs": {"viewer": {"$ref": "more/ssh.json#/only"}}}', "policies/common.json")
    write(root, '{"only": {"const": "viewer"}}', "policies/more/ssh.json")
    schema = {"properties": {"access": {"properties": {"ssh": {"$ref": "policies/common.json#/$defs/viewer"}}}}}
    assert found(root, policy("worker", schema)) == ["5:19 `access.ssh` is `contributor`, but must be `viewer`"]


def test_a_schema_in_the_settings_refers_to_files_beside_them(root: Path) -> None:
    write(root, '{"const": "viewer"}', "policies/ssh.json")
    head = "[[policies]]\nname = 'p'\nsubject = 'worker'\n"
    for reference in ("policies/ssh.json", "./policies/more/../ssh.json", "#/$defs/a"):
        ssh = f"ssh = {{'$ref' = '{reference}'}}"
        defined = "{a = {'$ref' = 'policies/ssh.json'}}"
        settings = f"{head}schema = {{'$defs' = {defined}, properties = {{access = {{properties = {{{ssh}}}}}}}}}\n"
        assert found(root, settings) == ["5:19 `access.ssh` is `contributor`, but must be `viewer`"]


@needs_shared
def test_the_published_schema_can_be_a_policy(root: Path) -> None:
    schema = json.loads((SHARED / "reference" / "official-schema.json").read_text("utf-8"))
    text = APPLICATION + "routes:\n  https://{default}/: {type: upstream, upstream: 'app:http'}\n"
    settings = policy("project", schema)
    write(root, "{}", "any.json")
    addresses = set(re.findall(r'"\$ref": "(https://[^"]+)"', json.dumps(schema)))
    settings += "[policies.references]\n" + "".join(f'"{address}" = "any.json"\n' for address in addresses)
    assert found(root, settings, text) == []
    (message,) = found(root, settings, text.replace("source: {root: /}", "source: {root: 5}"))
    assert message == "4:20 `applications.app.source.root` must be a text, not `5`"


# -- mistakes ----------------------------------------------------------------------------------------------------------

BASE = '[[policies]]\nname = "p"\nsubject = "worker"\n'


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ('[[policies]]\nname = "p"', ":1:1: a policy is missing the required key `subject`"),
        (BASE + 'schma = "x"\nschema = {}', ":4:1: unknown key `schma` in a policy; did you mean `schema`?"),
        (BASE.replace("worker", "wrker") + "schema = {}", ":3:1: `wrker` is not a valid subject"),
        (BASE.replace('"p"', '"P 1"') + "schema = {}", ":2:1: `P 1` is not a valid name of a policy"),
        (BASE + 'schema = {}\nseverity = "eror"', ":5:1: `eror` is not a valid severity"),
        (BASE + 'schema = {}\ndocs = "javascript:x"', ":5:1: `docs` of a policy must be an address"),
        (BASE + "schema = 1", ":4:1: `schema` of a policy must be the path"),
        (BASE + "schema = {}\n" + BASE + "schema = {}", ":6:1: there are two policies with the name `p`"),
        (BASE + 'schema = {type = "objct"}', ":4:1: policy `p`: this is not a valid JSON Schema: `type`"),
        (
            BASE + '[policies.schema]\nrequired = "x"',
            ":4:11: policy `p`: this is not a valid JSON Schema: `required` must",
        ),
        (BASE + 'schema = "missing.json"', ":4:1: policy `p`: `missing.json`: no such file"),
        (BASE + 'schema = "schema.yaml"', ":4:1: policy `p`: `schema.yaml` is not a `.json` file"),
        (BASE + 'schema = "/etc/x.json"', ":4:1: policy `p`: `x.json`: this path leads out of the project"),
        (BASE + 'schema = "broken.json"', ":4:1: policy `p`: `broken.json` is not valid JSON"),
        (BASE + 'schema = "list.json"', ":4:1: policy `p`: `list.json`: a JSON Schema must be an object"),
        (BASE + 'schema = {"$ref" = "#/nothing"}', ":4:1: policy `p`: `$ref` `#/nothing` leads to nothing"),
        (BASE + 'schema = {"$ref" = "https://x.example/s.json"}', "nothing is fetched: name a local file"),
        (BASE + 'schema = {"$ref" = "file://host/s.json"}', "nothing is fetched: name a local file"),
        (BASE + 'schema = {"$schema" = "http://x"}', "`$schema` is not a known draft"),
        (BASE + 'schema = {pattern = "("}', "`(` is not a valid pattern"),
        (BASE + "schema = {patternProperties = {a = {}}, unevaluatedProperties = false}", "is not supported"),
        (BASE + 'schema = {}\n[severities]\n"policy:q" = "error"', "there is no policy `policy:q`"),
        (BASE + 'schema = {}\n[severities]\n"policy:pp" = "off"', "did you mean `policy:p`?"),
    ],
)
def test_a_mistake_is_one_line_with_its_place(root: Path, settings: str, message: str) -> None:
    write(root, "[1", "broken.json")
    write(root, "[1]", "list.json")
    write(root, settings, ".upsun-lint.toml")
    ran = upsun_lint()
    assert (ran.status, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert f".upsun-lint.toml{message}" in ran.err if message.startswith(":") else message in ran.err


def _doubling(depth: int) -> dict[str, object]:
    levels = {f"a{level}": {"allOf": [{"$ref": f"#/$defs/a{level + 1}"}] * 2} for level in range(depth)}
    return {"$defs": {**levels, f"a{depth}": {}}}


@pytest.mark.parametrize(
    "schema",
    [
        {"$ref": "#"},
        {"allOf": [{"$ref": "#"}, {"$ref": "#"}]},
        {"$ref": "#/$defs/a0", **_doubling(40)},
        {"unevaluatedProperties": False, "$ref": "#/$defs/a0", **_doubling(40)},
        {"$schema": "http://json-schema.org/draft-07/schema#", "not": {"$ref": "#/$defs/a0"}, **_doubling(40)},
        {"properties": {"type": {"pattern": "(p|p|h)*$"}}},
        {"properties": {"type": {"pattern": "(x|x)*$"}}},
        {"patternProperties": {"(m|m|mm)*$": False}},
        {"additionalProperties": False, "patternProperties": {"(m|m|mm)*$": {}}},
    ],
    ids=lambda schema: "-".join(schema),
)
def test_no_schema_takes_long(root: Path, schema: dict[str, object]) -> None:
    long = "x" * 3_000 + "-"
    text = APPLICATION.replace("php:8.4", f"php:{long}").replace("access:", f"{'m' * 3_000}-: 1\n    access:")
    started = time.process_time()
    found(root, policy("application", schema), text)
    assert time.process_time() - started < 30


def test_what_takes_too_long_is_a_finding(root: Path) -> None:
    schema = {"$ref": "#/$defs/a0", **_doubling(40)}
    assert found(root, policy("worker", schema)) == [
        "7:7 policy `p` cannot be applied: its schema takes too many steps"
    ]


def test_an_endless_value_is_a_finding(root: Path) -> None:
    levels = "".join(
        f"    {name}: &{name} [{', '.join([f'*{below}'] * 9)}]\n"
        for below, name in zip("abcdef", "bcdefg", strict=True)
    )
    text = APPLICATION + "    a: &a [1, 2, 3, 4, 5, 6, 7, 8, 9]\n" + levels
    assert found(root, policy("application", {"maxProperties": 1}), text) == [
        "2:3 application `app` is too large for this policy"
    ]


@pytest.mark.parametrize(
    "schema",
    [
        "[" * 50_000,
        '{"allOf": [' * 2_000 + "{}" + "]}" * 2_000,
        '{"enum": [' + "{}," * 200_000 + "1]}",
        '{"required": [' + "{}," * 30_000 + "1]}",
    ],
    ids=["brackets", "deep", "enum", "unique"],
)
def test_a_hostile_schema_is_one_line_or_applied(root: Path, schema: str) -> None:
    write(root, schema, "schema.json")
    write(root, BASE + 'schema = "schema.json"', ".upsun-lint.toml")
    started = time.process_time()
    ran = upsun_lint()
    assert ran.status in (1, 2)
    assert ran.status == 1 or ran.err.count("\n") == 1
    assert time.process_time() - started < 30


# -- everywhere a rule is ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_has_policies(root: Path, form: str) -> None:
    write(root, VIEWERS, ".upsun-lint.toml")
    ran = upsun_lint("--format", form)
    assert ran.status == 1
    assert "policy:viewers" in ran.out.replace("%3A", ":")


def test_the_json_report_follows_its_schema_with_policies(root: Path) -> None:
    write(root, VIEWERS, ".upsun-lint.toml")
    schema = json.loads((ROOT / "server/upsun_lint/reports/findings.schema.json").read_text("utf-8"))
    jsonschema.validate(json.loads(upsun_lint("--format", "json").out), schema)


def test_a_finding_of_a_rule_at_the_same_place_hides_no_policy(root: Path) -> None:
    schema = {"properties": {"commands": {"type": "string"}}}
    text = APPLICATION.replace("{start: ./run}", "[]")
    assert len(found(root, policy("worker", schema), text)) == 2
    assert any(one["rule"] == "wrong-type" for one in json.loads(upsun_lint("--format", "json").out)["findings"])


def test_an_object_that_must_be_another_one_is_shown(root: Path) -> None:
    (line, *_) = found(root, policy("worker", {"properties": {"access": {"const": {"ssh": "admin"}}}}))
    assert line.endswith('`access` is an object, but must be `{"ssh": "admin"}`')


def test_a_comment_suppresses_a_policy(root: Path) -> None:
    comment = "  # upsun-lint: ignore[policy:viewers] they are few"
    text = APPLICATION.replace("{ssh: contributor}", "{ssh: contributor}" + comment)
    assert found(root, VIEWERS, text) == []
    assert upsun_lint("--no-config", "--format", "concise").status == 0
    write(root, VIEWERS.replace('"viewers"', '"viewer"'), ".upsun-lint.toml")
    assert (
        "rule `policy:viewers` does not exist; did you mean `policy:viewer`?" in upsun_lint("--format", "concise").out
    )


def test_ignore_all_suppresses_policies(root: Path) -> None:
    write(root, VIEWERS, ".upsun-lint.toml")
    assert upsun_lint("ignore-all", "--reason", "old").status == 0
    assert "ignore[policy:viewers] old" in (root / ".upsun" / "config.yaml").read_text("utf-8")
    assert upsun_lint().status == 0


def test_a_baseline_knows_policies(root: Path) -> None:
    write(root, VIEWERS, ".upsun-lint.toml")
    assert upsun_lint("--baseline", "b.json", "--update-baseline").status == 0
    assert upsun_lint("--baseline", "b.json").status == 0


def test_options_and_settings_choose_policies(root: Path) -> None:
    write(root, VIEWERS, ".upsun-lint.toml")
    for arguments, status in (
        (["--select", "policy:viewers"], 1),
        (["--select", "policy:*"], 1),
        (["--select", "policies"], 1),
        (["--select", "mounts"], 0),
        (["--ignore", "policy:v*"], 0),
        (["--ignore", "*"], 0),
    ):
        assert upsun_lint(*arguments).status == status, arguments
    ran = upsun_lint("--select", "policy:viewrs")
    assert (ran.status, ran.err) == (
        2,
        "upsun-lint: --select: there is no policy `policy:viewrs`; did you mean `policy:viewers`?\n",
    )
    for line in (
        'ignore = ["policies"]',
        'severities = {"policy:viewers" = "off"}',
        'per_path_ignores = {"**" = ["policy:*"]}',
    ):
        write(root, f"{line}\n{VIEWERS}", ".upsun-lint.toml")
        assert upsun_lint().status == 0, line


def test_a_policy_is_explained_and_listed(root: Path) -> None:
    write(root, VIEWERS + 'docs = "https://org.example/shell"', ".upsun-lint.toml")
    ran = upsun_lint("explain", "policy:viewers")
    assert ran.status == 0
    for words in ("policy:viewers (error)", "no shell", "not of the platform", "https://org.example/shell"):
        assert words in ran.out
    assert "policy:viewers" in upsun_lint("rules").out
    assert "policy:viewers" in upsun_lint("rules", "--format", "markdown").out
    assert [one["url"] for one in json.loads(upsun_lint("rules", "--format", "json").out)][
        -1
    ] == "https://org.example/shell"
    ran = upsun_lint("explain", "policy:viewer")
    assert (ran.status, "did you mean `policy:viewers`?" in ran.err) == (2, True)


def test_policies_are_applied_in_every_process(root: Path) -> None:
    for name in ("a", "b", "c"):
        write(root, APPLICATION, f"{name}/.upsun/config.yaml")
    write(root, VIEWERS, ".upsun-lint.toml")
    ran = upsun_lint("--jobs", "2", "--format", "concise", "a", "b", "c")
    assert ran.out.count("policy:viewers") == 3


# -- extends -----------------------------------------------------------------------------------------------------------


def test_settings_and_policies_are_shared(root: Path) -> None:
    org = root.parent / "org"
    write(org, '{"properties": {"access": {"properties": {"ssh": {"const": "viewer"}}}}}', "schemas/viewer.json")
    write(
        org,
        'ignore = ["image-version"]\nseverity = "warning"\n'
        '[[policies]]\nname = "viewers"\nsubject = "worker"\nschema = "schemas/viewer.json"\n'
        '[[policies]]\nname = "few"\nsubject = "application"\nschema = {properties = {workers = {maxProperties = 1}}}\n',
        "upsun-lint.toml",
    )
    extends = 'extends = ["../org/upsun-lint.toml"]\n'
    assert len(found(root, extends)) == 2
    assert found(root, extends + '[severities]\n"policy:few" = "off"\n"policy:viewers" = "off"') == []
    own = '[[policies]]\nname = "few"\nsubject = "application"\nschema = {}\n'
    assert len(found(root, extends + own)) == 1


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ('extends = [".upsun-lint.toml"]', "extends itself"),
        ('extends = ["other.toml"]', "extends itself"),
        ('extends = ["missing.toml"]', "missing.toml: no such file or directory"),
        ('extends = ["/etc/passwd"]', "is not a relative path of a `.toml` file"),
        ('extends = ["//host/share/a.toml"]', "is not a relative path of a `.toml` file"),
        ('extends = ["c:/a.toml"]', "is not a relative path of a `.toml` file"),
        ('extends = "other.toml"', "must be a list of paths"),
        ('extends = ["pipe.toml"]', "this is not a regular file"),
        ('extends = ["a0.toml"]', "more than 3 files extend each other"),
        ('extends = ["bad.toml"]', "bad.toml: unknown setting `selct`"),
    ],
)
@pytest.mark.skipif(sys.platform == "win32", reason="pipes of POSIX")
def test_bad_extends_is_one_line(root: Path, settings: str, message: str) -> None:
    import os

    os.mkfifo("pipe.toml")
    write(root, 'extends = [".upsun-lint.toml"]', "other.toml")
    write(root, "selct = []", "bad.toml")
    for number in range(6):
        write(root, f'extends = ["a{number + 1}.toml"]', f"a{number}.toml")
    write(root, settings, ".upsun-lint.toml")
    ran = upsun_lint()
    assert (ran.status, ran.err.count("\n")) == (2, 1)
    assert message in ran.err


# -- nothing is loaded without policies --------------------------------------------------------------------------------


def test_without_policies_nothing_more_is_imported(root: Path) -> None:
    code = (
        "import sys; from upsun_lint.cli import run; run(['-q'])\n"
        "print([name for name in ('jsonschema', 'referencing', 'regex', 'upsun_rules.policies') if name in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.splitlines()[-1] == "[]"


def test_without_a_package_with_native_code_the_settings_say_what_is_missing(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(root, VIEWERS, ".upsun-lint.toml")
    monkeypatch.delitem(sys.modules, "upsun_rules.policies.policy_schema", raising=False)
    monkeypatch.setitem(sys.modules, "regex", None)
    ran = upsun_lint()
    assert ran.status == 2
    assert ".upsun-lint.toml:1:1: policies need the Python package `regex`, which cannot be loaded here" in ran.err
