"""Rules about how an image is built."""

from __future__ import annotations

from collections.abc import Iterator

from upsun_rules.finding import Edit, Finding, Fix, Severity
from upsun_rules.rule import rule
from upsun_schema.configuration.model import Application
from upsun_schema.keys.shape import kinds_of
from upsun_schema.wording import is_placeholder, listed, nearest, shortened
from upsun_schema.yaml.nodes import BROKEN, Scalar

TOPIC = "Builds"

_FLAVORS = ("none", "default", "composer", "drupal")


@rule("build-flavor", Severity.WARNING, docs="configure-apps/app-reference/single-runtime-image#build", keys=("build",))
def build_flavor(application: Application) -> Iterator[Finding]:
    """`build.flavor` is not one of the platform's build flavors.

    A flavor is a set of standard build steps: `composer` for PHP, `default` for the usual steps of the image, or
    `none`. An unknown one runs no such steps, so that dependencies may be missing.

    Use `none` and the `build` hook for steps of your own.

    ```yaml title="wrong"
    applications:
      app:
        type: 'php:8.4'
        build:
          flavor: symfony
    ```

    ```yaml title="right"
    applications:
      app:
        type: 'php:8.4'
        build:
          flavor: composer
    ```
    """
    node = application.at("build", "flavor")
    if not isinstance(node, Scalar) or kinds_of(node) != {"string"} or node.tag == BROKEN:
        return
    if node.text in _FLAVORS or is_placeholder(node.text):
        return
    meant = nearest(node.text, _FLAVORS)
    message = f"`{shortened(node.text)}` is not a valid build flavor"
    message += f"; did you mean {listed(meant, 'or')}?" if meant else f" (expected {listed(_FLAVORS[:3], 'or')})"
    fixes = [Fix(f"Change it to `{one}`", (Edit(node.region, f"{node.style}{one}{node.style}"),)) for one in meant]
    yield Finding(node.region, message, fixes=tuple(fixes))
