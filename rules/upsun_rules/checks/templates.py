"""Rules about templates that nothing filled in."""

from __future__ import annotations

from collections.abc import Iterator

from upsun_rules.finding import Finding, Severity
from upsun_rules.rule import rule
from upsun_schema.yaml.document import Document
from upsun_schema.yaml.nodes import Mapping, Node, Piece, Sequence

TOPIC = "Templates"


@rule("unrendered-template", Severity.ERROR, docs="core-concepts/yaml/what-is-yaml")
def unrendered_template(document: Document) -> Iterator[Finding]:
    """A placeholder of a template was not filled in.

    `{{ name }}` is a placeholder of template languages such as Jinja. The platform does not fill it in. YAML reads it
    as a map in a map, which is not a valid value anywhere in the configuration.

    Run the template, or write the value. A text that contains such braces on purpose needs quotes.

    ```yaml title="wrong"
    applications:
      app:
        type: 'php:8.4'
        variables:
          env:
            APP_ENV: {{ environment }}
    ```

    ```yaml title="right"
    applications:
      app:
        type: 'php:8.4'
        variables:
          env:
            APP_ENV: production
    ```
    """
    for _, piece in document.pieces:
        if "{{" in piece.text:
            for node in _placeholders(piece):
                message = "nothing fills in this placeholder, and YAML reads it as a map; write the value, or quote it"
                yield Finding(node.region, message, explains=(node.region,))


def _placeholders(piece: Piece) -> Iterator[Mapping]:
    """Yield the maps in braces that hold nothing but a map in braces as their only key."""
    waiting: list[Node] = [] if piece.root is None else [piece.root]
    while waiting:
        node = waiting.pop()
        if isinstance(node, Sequence):
            waiting += reversed(node.items)
        elif isinstance(node, Mapping):
            only = node.pairs[0] if node.flow and len(node.pairs) == 1 else None
            if only is not None and isinstance(only.key, Mapping) and only.value.is_null:
                yield node
                continue
            waiting += [pair.value for pair in reversed(node.pairs)]
