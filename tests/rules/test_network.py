"""Firewall rules and additional hosts."""

from __future__ import annotations

import pytest

from tests.support import apply_fix, findings

APP = "applications:\n  app:\n    type: 'php:8.4'\n"


def outbound(rule: str) -> str:
    return f"{APP}    firewall:\n      outbound:\n        - {rule}\n"


@pytest.mark.parametrize(
    "rule",
    [
        "{ips: [203.0.113.0/24]}",
        "{ips: ['2001:db8::/32'], ports: [443]}",
        "{domains: [api.example.com, '*.example.com'], ports: [80, 443]}",
        "{ports: [443]}",
        "{ips: [<IP>]}",
        "{ips: [203.0.113.7/24]}",
        "{protocol: tcp, ips: [0.0.0.0/0]}",
    ],
)
def test_a_rule_is_fine(rule: str) -> None:
    assert findings(outbound(rule)) == []


@pytest.mark.parametrize(
    ("rule", "place", "severity"),
    [
        ("{ips: [203.0.113.0/24], domains: [a.example]}", "domains", "error"),
        ("{}", "{}", "warning"),
        ("{protocol: tcp}", "protocol", "warning"),
        ("{ports: [25, 443]}", "25", "warning"),
        ("{ips: [203.0.113.7]}", "203.0.113.7", "hint"),
        ("{ips: ['2001:db8::1']}", "'2001:db8::1'", "hint"),
        ("{ips: [api.example.com]}", "api.example.com", "error"),
        ("{ips: [203.0.113.0/33]}", "203.0.113.0/33", "error"),
        ("{domains: ['https://a.example/x']}", "'https://a.example/x'", "warning"),
    ],
)
def test_a_rule_is_not_valid_or_allows_nothing(rule: str, place: str, severity: str) -> None:
    (finding,) = findings(outbound(rule))
    assert (finding.rule, finding.region.text, finding.severity.label) == ("firewall-rule", place, severity)


def test_an_address_gets_its_mask() -> None:
    for written, fixed in (("203.0.113.7", "203.0.113.7/32"), ("'2001:db8::1'", "'2001:db8::1/128'")):
        (finding,) = findings(outbound(f"{{ips: [{written}]}}"))
        assert finding.fixes[0].safe
        assert apply_fix(outbound(f"{{ips: [{written}]}}"), finding) == outbound(f"{{ips: [{fixed}]}}")


def test_no_rule_blocks_everything() -> None:
    (finding,) = findings(f"{APP}    firewall: {{outbound: []}}\n")
    assert (finding.region.text, finding.severity.label) == ("outbound", "warning")


def hosts(line: str) -> str:
    return f"{APP}    additional_hosts:\n      {line}\n"


@pytest.mark.parametrize("line", ["a.example: 192.0.2.23", "a: '2001:db8::1'", "<HOST>: x", "a.example: <IP>", "{}"])
def test_a_host_has_an_address(line: str) -> None:
    assert findings(hosts(line), "additional-host") == []


@pytest.mark.parametrize(
    ("line", "fixed"),
    [
        ("'192.0.2.23': a.example # API", "a.example: '192.0.2.23' # API"),
        ("192.0.2.23: 'a.example'", "'a.example': '192.0.2.23'"),
        ("a.example: b.example", None),
        ("a.example: 192.0.2.999", None),
        ("a.example: 192.0.2.0/24", None),
    ],
)
def test_a_host_has_no_address(line: str, fixed: str | None) -> None:
    (finding,) = findings(hosts(line), "additional-host")
    assert finding.severity.label == "error"
    assert [apply_fix(hosts(line), fix) for fix in finding.fixes if fix.safe] == ([hosts(fixed)] if fixed else [])


@pytest.mark.parametrize(
    ("own", "above", "is_reported"),
    [
        ("[{ports: [443]}]", "[{ips: [192.0.2.0/24]}]", True),
        ("[{ips: [0.0.0.0/0], ports: [443]}]", "[{domains: [api.example.com]}]", True),
        ("[{ips: ['::/0']}]", "[{domains: [api.example.com]}]", True),
        ("[{ips: [192.0.2.0/24]}]", "[{domains: [api.example.com]}]", False),
        ("[{ports: [443]}]", "[{ports: [80]}]", False),
        ("[{ports: [443]}]", "[]", False),
    ],
)
def test_the_firewall_of_a_worker_is_looser(own: str, above: str, is_reported: bool) -> None:
    text = (
        f"applications:\n  app:\n    type: 'php:8.4'\n    firewall: {{outbound: {above}}}\n"
        f"    workers: {{q: {{commands: {{start: php run.php}}, firewall: {{outbound: {own}}}}}}}\n"
    )
    assert len(findings(text, "worker-firewall-looser")) == is_reported
