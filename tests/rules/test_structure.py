"""The structure of a file: what the parser and the schema report, as findings."""

from __future__ import annotations

from tests.support import findings, source

CONFIG = """\
applications:
  app:
    type: 'php:8.4'
    mount: {}
    crons:
      nightly:
        spec: */5 * * * *
        commands: {start: php nightly.php}
"""


def test_a_syntax_error_leaves_the_other_findings() -> None:
    found = [(finding.rule, source(finding.region)) for finding in findings(CONFIG)]
    assert ("unknown-key", "mount") in found
    assert [rule for rule, _ in found].count("syntax-error") == 1


def test_a_key_that_is_set_twice_is_reported_once() -> None:
    text = "applications:\n  app:\n    type: 'php:8.4'\n    type: 'php:8.4'\n"
    (finding,) = findings(text)
    assert (finding.rule, source(finding.region)) == ("duplicate-key", "type")
