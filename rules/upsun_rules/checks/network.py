"""Rules about the network of a container: its firewall, and the hosts it knows."""

from __future__ import annotations

import re
from collections.abc import Iterator

from upsun_rules.editing.blocks import in_quotes
from upsun_rules.finding import Edit, Finding, Fix, Related, Severity
from upsun_rules.rule import rule
from upsun_schema.configuration.model import Container, Worker, items
from upsun_schema.expression import expression
from upsun_schema.keys.shape import kinds_of
from upsun_schema.wording import is_placeholder, shortened
from upsun_schema.yaml.nodes import BROKEN, Mapping, Node, Pair, Scalar, Sequence

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ipaddress import IPv4Address, IPv6Address

TOPIC = "Network"

_HOST = expression(
    r"(?=.*[A-Za-z])[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?(\.[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?)*\.?"
)
_MAIL = 25


@rule("firewall-rule", Severity.ERROR, docs="configure-apps/image-properties/firewall", keys=("firewall",))
def firewall_rule(container: Container) -> Iterator[Finding]:
    """A rule of the firewall is not valid, or allows nothing.

    Each rule below `firewall.outbound` lists `ips`, `domains` or `ports`. `ips` are ranges in CIDR notation, such as
    `203.0.113.0/24`. `ips` and `domains` cannot be in the same rule: write two.

    Some rules are valid but do not do what they seem to. They are warnings: an empty rule, an empty list of rules, port
    25, which is always blocked, and a URL instead of a domain. An address without a mask is a hint: the documentation
    describes ranges, but one of its examples has such an address.

    ```yaml title="wrong"
    applications:
      app:
        type: 'php:8.4'
        firewall:
          outbound:
            - ips: ['203.0.113.0/24']
              domains: [api.example.com]
    ```

    ```yaml title="right"
    applications:
      app:
        type: 'php:8.4'
        firewall:
          outbound:
            - ips: ['203.0.113.0/24']
            - domains: [api.example.com]
    ```
    """
    block = container.value("firewall")
    outbound = block.get("outbound") if isinstance(block, Mapping) else None
    rules = None if outbound is None else outbound.value.resolved
    if outbound is None or not isinstance(rules, Sequence):
        return
    if not rules.items:
        message = "there is no rule below `outbound`, so every connection to the outside is blocked; add rules"
        yield Finding(outbound.key.region, f"{message}, or remove `firewall`", severity=Severity.WARNING)
    for item in rules.items:
        one = item.resolved
        if isinstance(one, Mapping) and not one.merges_unknown:
            yield from _about_rule(item, one)


def _about_rule(item: Node, one: Mapping) -> Iterator[Finding]:
    ips, domains, ports = one.get("ips"), one.get("domains"), one.get("ports")
    if ips is not None and domains is not None:
        message = "`ips` and `domains` cannot be in the same rule, and the platform rejects it; write two rules"
        yield Finding(domains.key.region, message, related=(Related(ips.key.region, "the addresses are here"),))
    elif ips is None and domains is None and ports is None:
        place = one.pairs[0].key.region if one.pairs else item.region
        message = "this rule lists no `ips`, `domains` or `ports`; write at least one of them"
        yield Finding(place, message, severity=Severity.WARNING)
    for node in _texts(ips):
        yield from _about_range(node)
    for node in _texts(domains):
        if "://" in node.text or "/" in node.text or re.search(r"\s", node.text):
            message = f"`{shortened(node.text)}` is not a domain; write the host name only, as in `api.example.com`"
            yield Finding(node.region, message, severity=Severity.WARNING)
    for port in items(ports.value.resolved if ports is not None else None):
        if isinstance(port, Scalar) and port.value == _MAIL:
            message = f"port {_MAIL} is always blocked; send mail through another port or an HTTP API"
            yield Finding(port.region, message, severity=Severity.WARNING)


def _texts(pair: Pair | None) -> Iterator[Scalar]:
    """Yield the texts of a list that can be judged."""
    for node in items(pair.value.resolved if pair is not None else None):
        if isinstance(node, Scalar) and kinds_of(node) == {"string"} and not is_placeholder(node.text):
            yield node


def _about_range(node: Scalar) -> Iterator[Finding]:
    text = node.text
    address = _address(text)
    if address is not None:
        better = f"{text}/{address.max_prefixlen}"
        fix = Fix(f"Write `{better}`", (Edit(node.region, f"{node.style}{better}{node.style}"),), safe=True)
        message = f"`{text}` is an address, and `ips` are ranges; write `{better}`"
        # The documentation describes ranges, and has such an address in an example. Nothing says that it is rejected.
        yield Finding(node.region, message, fixes=(fix,) if node.style != "|" else (), severity=Severity.HINT)
        return
    import ipaddress  # Few projects have addresses, and it takes longer to import than all rules to run.

    try:
        ipaddress.ip_network(text, strict=False)
    except ValueError:
        message = f"`{shortened(text)}` is not a range of addresses, as in `203.0.113.0/24`"
        if _HOST.fullmatch(text):
            message += "; host names go below `domains`, in another rule"
        yield Finding(node.region, message)


def _address(text: str) -> IPv4Address | IPv6Address | None:
    import ipaddress

    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


@rule("worker-firewall-looser", Severity.INFO, docs="configure-apps/image-properties/firewall", keys=("firewall",))
def worker_firewall_looser(worker: Worker) -> Iterator[Finding]:
    """A worker may connect to any address, though its application may not.

    A worker that sets `firewall` does not inherit the rules of its application: they are replaced as a whole. A rule
    without `ips` and `domains`, or with `0.0.0.0/0`, allows connections to every address. Data that the application's
    firewall keeps inside can leave through the worker.

    List the addresses or domains that the worker needs.

    ```yaml title="wrong"
    applications:
      app:
        type: 'php:8.4'
        firewall:
          outbound:
            - domains: [api.example.com]
              ports: [443]
        workers:
          queue:
            commands:
              start: php artisan queue:work --max-time=3600
            firewall:
              outbound:
                - ports: [80, 443]
    ```

    ```yaml title="right"
    applications:
      app:
        type: 'php:8.4'
        firewall:
          outbound:
            - domains: [api.example.com]
              ports: [443]
        workers:
          queue:
            commands:
              start: php artisan queue:work --max-time=3600
            firewall:
              outbound:
                - domains: [api.example.com, hooks.example.com]
                  ports: [443]
    ```
    """
    above = worker.application.at("firewall", "outbound")
    if worker.entry("firewall") is None or not isinstance(above, Sequence) or not above.items:
        return
    if any(_is_open(item) for item in above.items):
        return
    loose = next((item for item in items(worker.at("firewall", "outbound")) if _is_open(item)), None)
    if loose is not None:
        message = "this rule lets the worker connect to any address, which the application's `firewall` does not allow"
        yield Finding(loose.region, message, related=(Related(above.region, "the application's rules"),))


def _is_open(item: Node) -> bool:
    """Whether a rule allows connections to every address."""
    one = item.resolved
    if not isinstance(one, Mapping) or one.merges_unknown:
        return False
    ips, domains = one.get("ips"), one.get("domains")
    if ips is None:
        return domains is None and one.get("ports") is not None
    return any(isinstance(node, Scalar) and node.text.endswith("/0") for node in items(ips.value.resolved))


@rule(
    "additional-host",
    Severity.ERROR,
    docs="configure-apps/image-properties/additional_hosts",
    keys=("additional_hosts",),
)
def additional_host(container: Container) -> Iterator[Finding]:
    """An additional host has no valid IP address.

    The keys below `additional_hosts` are host names, and the values are IP addresses. Written the other way round, or
    with a host name as the value, the name cannot be resolved.

    `--fix` exchanges the two if they are the other way round.

    ```yaml title="wrong"
    applications:
      app:
        type: 'php:8.4'
        additional_hosts:
          '192.0.2.23': api.internal.example
    ```

    ```yaml title="right"
    applications:
      app:
        type: 'php:8.4'
        additional_hosts:
          api.internal.example: '192.0.2.23'
    ```
    """
    hosts = container.children("additional_hosts")
    for name, pair in hosts.items():
        value = pair.value.resolved
        if not isinstance(value, Scalar) or kinds_of(value) != {"string"} or value.tag == BROKEN:
            continue
        if is_placeholder(value.text) or is_placeholder(name) or _address(value.text) is not None:
            continue
        if _address(name) is not None and _HOST.fullmatch(value.text):
            message = f"`{name}` is an address and `{shortened(value.text)}` is a host name: write the name as the key"
            is_plain = isinstance(pair.key, Scalar) and pair.value is value and value.text not in hosts
            fix = Fix(
                "Exchange the two",
                (Edit(pair.key.region, value.source), Edit(value.region, in_quotes(name, value.piece))),
                safe=True,
            )
            yield Finding(pair.key.region, message, fixes=(fix,) if is_plain else ())
        else:
            message = f"`{shortened(value.text)}` is not an IP address, so `{shortened(name)}` cannot be resolved"
            yield Finding(pair.value.region, message)
