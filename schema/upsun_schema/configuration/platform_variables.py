"""The environment variables that the platform sets in each container, apart from those of relationships.

Source: docs, development/variables/use-variables (which are set, and when); `PORT` and `SOCKET`: docs,
configure-apps/image-properties/web#upstream (`socket_family`).
"""

from __future__ import annotations

from upsun_schema.record import NamedTuple

__all__ = ["PLATFORM_VARIABLES", "PlatformVariable"]


class PlatformVariable(NamedTuple):
    """When a variable is set, and what its value is."""

    in_build: bool
    at_run_time: bool
    meaning: str


_BOTH, _BUILD, _RUN = (True, True), (True, False), (False, True)

PLATFORM_VARIABLES = {
    name: PlatformVariable(*when, meaning)
    for name, when, meaning in (
        ("PLATFORM_APP_DIR", _BOTH, "the absolute path of the application's folder"),
        ("PLATFORM_APPLICATION", _BOTH, "the application's configuration, as base64-encoded JSON"),
        ("PLATFORM_APPLICATION_NAME", _BOTH, "the name of the application"),
        ("PLATFORM_BRANCH", _RUN, "the name of the Git branch"),
        ("PLATFORM_CACHE_DIR", _BUILD, "a folder that is kept from one build to the next"),
        ("PLATFORM_DOCUMENT_ROOT", _RUN, "the absolute path of the web document root"),
        ("PLATFORM_ENVIRONMENT", _RUN, "the name of the environment"),
        ("PLATFORM_ENVIRONMENT_TYPE", _RUN, "`production`, `staging` or `development`"),
        ("PLATFORM_OUTPUT_DIR", _BUILD, "the folder that a build writes its result to"),
        ("PLATFORM_PROJECT", _BOTH, "the ID of the project"),
        ("PLATFORM_PROJECT_ENTROPY", _BOTH, "a random value that stays the same for the project, for secrets"),
        ("PLATFORM_RELATIONSHIPS", _RUN, "all relationships, as base64-encoded JSON"),
        ("PLATFORM_ROUTES", _RUN, "the routes of the environment, as base64-encoded JSON"),
        ("PLATFORM_SMTP_HOST", _RUN, "the host for outgoing email; empty if email is turned off"),
        ("PLATFORM_SOURCE_DIR", _BUILD, "the folder with the application's source during a build"),
        ("PLATFORM_TREE_ID", _BOTH, "the ID of the tree that the application was built from"),
        ("PLATFORM_VARIABLES", _BOTH, "the variables without the prefix `env`, as base64-encoded JSON"),
        ("PORT", _RUN, "the port that the web server must listen on"),
        ("SOCKET", _RUN, "the Unix socket that the web server must listen on"),
    )
}
"""The variables by name. A web process has `PORT` or `SOCKET`, depending on its `socket_family`."""
