"""Rules about the `type` of applications and services: its form and the name of the image."""

from __future__ import annotations

import re
from collections.abc import Iterator

from upsun_rules.editing.blocks import rewrite
from upsun_rules.finding import Edit, Finding, Fix, Severity
from upsun_rules.lookups.inside import inside
from upsun_rules.lookups.written_types import COMPOSABLE, FORM, is_own_type, kind_of, newest_of, parsed_type, type_of
from upsun_rules.options import Options
from upsun_rules.rule import rule
from upsun_schema.configuration.model import Application, Container
from upsun_schema.configuration.project import Project
from upsun_schema.expression import expression
from upsun_schema.images.table import Images, Kind, Status
from upsun_schema.keys.shape import kinds_of
from upsun_schema.wording import listed, shortened
from upsun_schema.yaml.nodes import Keys, Mapping

TOPIC = "Images and versions"


_DOCKER = "docker"

_LIKE_FORM = expression(r"[A-Za-z0-9._-]+[ \t]*[:@][ \t]*[\w.+-]+")


@rule("image-type-form", Severity.ERROR, docs="configure-apps/app-reference/single-runtime-image#types", keys=("type",))
def image_type_form(container: Container, options: Options) -> Iterator[Finding]:
    """The `type` of an application or service is not in the form `name:version`.

    The platform looks up the image by name and version, in lowercase. A `type` without a version, with `@` instead of
    the colon, or with uppercase letters matches no image, and the push is rejected.

    `name@version` is the form for `stack.runtimes` in a composable image only.

    ```yaml title="wrong"
    applications:
      app:
        type: 'nodejs@24'
    ```

    ```yaml title="right"
    applications:
      app:
        type: 'nodejs:24'
    ```
    """
    node = type_of(container)
    if node is None or FORM.fullmatch(node.text):
        return
    kind = kind_of(container)
    text = node.text.strip()
    name, at, version = text.partition("@")
    safe = False
    if at and FORM.fullmatch(f"{name}:{version}"):
        message = f"write `{name}:{version}` with a colon; `@` is for `stack.runtimes` only"
        better, safe = f"{name}:{version}", True
    elif _LIKE_FORM.fullmatch(text):
        better = re.sub(r"\s+", "", text).replace("@", ":").lower()
        message = f"`{text}` is not a valid image type; write `{better}`"
    elif (alone := text.rstrip(":").lower()) and (newest := newest_of(alone, options.images)):
        better = f"{alone}:{newest}"
        message = f"`{text}` has no version; write `{better}`"
    elif "string" not in kinds_of(node) and (names := _with_version(text, kind, options.images)):
        better = f"{names[0]}:{text}"
        message = f"`{text}` has no image name; write `{better}`"
    else:
        better = ""
        example = "php:8.4" if kind == "runtime" else "postgresql:18"
        message = f"`{shortened(text)}` is not a valid image type (expected `name:version`, such as `{example}`)"
    fixes = (Fix(f"Write `{better}`", (rewrite(node, better),), safe),) if better else ()
    yield Finding(node.region, message, fixes=fixes if is_own_type(container) else ())


@rule("unknown-image", Severity.ERROR, docs="configure-apps/app-reference/single-runtime-image#types", keys=("type",))
def unknown_image(container: Container, project: Project, options: Options) -> Iterator[Finding]:
    """The `type` names an image that does not exist or that cannot be used here.

    An application needs a runtime, such as `php` or `nodejs`, or `composable`. A service needs a service image, such as
    `mariadb` or `redis`. The platform rejects any other name.

    The names come from a copy of the platform's public registry. Run `upsun-lint images update` to refresh it.

    ```yaml title="wrong"
    applications:
      app:
        type: 'node:24'
    ```

    ```yaml title="right"
    applications:
      app:
        type: 'nodejs:24'
    ```
    """
    parsed = parsed_type(container)
    if parsed is None:
        return
    node, name, _ = parsed
    kind = kind_of(container)
    image = options.images.get(name)
    if (image is not None and image.kind == kind) or (name in (COMPOSABLE, _DOCKER) and kind == "runtime"):
        return
    region = inside(node, 0, len(name))
    if image is not None:
        other = "applications" if image.kind == "runtime" else "services"
        what = "a runtime, not a service" if image.kind == "runtime" else "a service, not a runtime"
        message = f"`{name}` is {what}; define `{container.name}` under `{other}`"
        # A whole section indented into another one is reported as that.
        yield Finding(region, message, lacks=(Keys(other),))
        return
    meant = [one for one in options.images.nearest(name, kind) if one != COMPOSABLE]
    message = f"`{name}` is not a {kind}"
    if meant:
        message += f"; did you mean {listed(meant, 'or', limit=4)}?"
    else:
        message += f" in our list of {options.images.date}"
    fixes = tuple(Fix(f"Change it to `{one}`", (Edit(region, one),)) for one in meant if region.text == name)
    yield Finding(region, message, fixes=fixes if is_own_type(container) else ())


@rule("docker-image", Severity.ERROR, docs="configure-apps/app-reference/single-runtime-image#types", keys=("type",))
def docker_image(application: Application) -> Iterator[Finding]:
    """The `image` of a Docker application is missing, ambiguous or in the wrong place.

    An application of type `docker:…` runs an image of its author. It needs exactly one of `image.name`, the name of an
    existing image, and `image.buildfile`, the file to build one from. Applications of other types cannot have `image`.

    The documentation does not describe this type yet. The rules are those of the linter that the vendor is developing.

    ```yaml title="wrong"
    applications:
      app:
        type: 'php:8.4'
        image:
          name: example/app
    ```

    ```yaml title="right"
    applications:
      app:
        type: 'docker:1'
        image:
          name: example/app
    ```
    """
    node, image = type_of(application), application.entry("image")
    if node is None or application.body is None or application.body.merges_unknown:
        return
    if node.text.partition(":")[0] != _DOCKER:
        if image is not None:
            yield Finding(image.key.region, f"`image` is for the type `{_DOCKER}` only, and this is `{node.text}`")
        return
    given = [name for name in ("name", "buildfile") if application.at("image", name) is not None]
    block = image.value.resolved if image is not None else None
    if len(given) == 1 or not (block is None or block.is_null or isinstance(block, Mapping)):
        return
    what = "needs exactly one of `image.name` and `image.buildfile`"
    region = node.region if image is None else image.key.region
    yield Finding(region, f"an application of type `{_DOCKER}` {what}")


def _with_version(version: str, kind: Kind, images: Images) -> list[str]:
    """The name of the only image with such a version that is still maintained; empty if several have it."""
    known = [image for name in images.names(kind) if (image := images.get(name)) is not None]
    found = [image.name for image in known if image.status(version) in (Status.SUPPORTED, Status.DEPRECATED)]
    return found if len(found) == 1 else []
