"""A newer table of images from the platform's public metadata, kept in the user's cache directory.

The table included in `upsun_schema` is always available; a downloaded one replaces it if it is valid and at least as
new. A failed download changes nothing.
"""

from __future__ import annotations

import os
import sys

from upsun_lint.failure import Failure
from upsun_lint.places.paths import display_path
from upsun_lint.run.settings import Settings
from upsun_schema.data_files import json_beside
from upsun_schema.files import read_file
from upsun_schema.images.table import Images
from upsun_schema.record import NamedTuple

__all__ = [
    "DEFAULT_SOURCE",
    "UpdateError",
    "UpdateResult",
    "cache_directory",
    "file_of",
    "load",
    "pinned",
    "source_of",
    "update",
]

DEFAULT_SOURCE = "https://meta.upsun.com"
"""Where the platform serves its metadata: the image registry and the composable image are `_PATHS` below it."""

_PATHS = ("/images", "/composable")
_FILE = "images.json"
_MAXIMUM_SIZE = 8_000_000

INCLUDED = "included"
"""What the setting `images` is for the table that comes with upsun-lint."""


class UpdateError(Exception):
    """The update failed. The text is one plain line that also says which table is used."""


class UpdateResult(NamedTuple):
    """A table that was downloaded and written to `path`; `replaced` is the date of the previous one."""

    images: Images
    path: str
    replaced: str


def cache_directory() -> str:
    """The cache directory of the operating system. RuntimeError without a home directory."""
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or os.path.join(_home(), "AppData", "Local")
    elif sys.platform == "darwin":
        base = os.path.join(_home(), "Library", "Caches")
    else:
        # A relative path there is to be ignored (XDG base directory specification).
        given = os.environ.get("XDG_CACHE_HOME", "")
        base = given if os.path.isabs(given) else os.path.join(_home(), ".cache")
    return os.path.join(base, "upsun-lint")


def _home() -> str:
    home = os.path.expanduser("~")
    if home == "~":
        raise RuntimeError("this user has no home directory")
    return home


def file_of(cache_dir: str | os.PathLike[str] | None = None) -> str:
    """The file of the downloaded table. RuntimeError without a home directory."""
    return os.path.join(cache_dir or cache_directory(), _FILE)


def source_of(path: str) -> str | None:
    """The address a table was downloaded from; None if the file does not say."""
    import json

    try:
        content = json.loads(read_file(path, _MAXIMUM_SIZE))
    except (OSError, ValueError, RecursionError):
        return None
    source = content.get("source") if isinstance(content, dict) else None
    return source if isinstance(source, str) else None


def load(cache_dir: str | os.PathLike[str] | None = None) -> tuple[Images, str | None]:
    """The table in use, and one line that says why a downloaded one cannot be used.

    The downloaded table is used unless the included one is newer. Never raises.
    """
    embedded = Images.embedded()
    try:
        path = file_of(cache_dir)
        text = read_file(path, _MAXIMUM_SIZE).decode("utf-8", "replace")
        downloaded = Images.from_json(text)
    except (FileNotFoundError, NotADirectoryError, RuntimeError):
        return embedded, None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        return embedded, _line(f"{path} is not used: {reason}; the included table from {embedded.date} is used")
    return (downloaded if downloaded.date >= embedded.date else embedded), None


def pinned(settings: Settings) -> Images | None:
    """The table that settings name; None if they leave the choice to this machine. Failure if it cannot be read."""
    if settings.images is None:
        return None
    if settings.images == INCLUDED:
        return Images.embedded()
    path = display_path(settings.folder, settings.images)
    try:
        return Images.from_json(read_file(path, _MAXIMUM_SIZE).decode("utf-8", "replace"))
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise Failure(_line(f"{path}: {reason}; `images` names the table of images to use")) from None


def update(
    source: str = DEFAULT_SOURCE,
    cache_dir: str | os.PathLike[str] | None = None,
    timeout: float = 20.0,
    output: str | None = None,
) -> UpdateResult:
    """Download the platform's metadata and save the table made from it.

    `source` is the address of its `/images` and `/composable`; `timeout`, in seconds, is for each wait for data.
    `output` is the file to write instead of the one in the cache directory.
    UpdateError if anything fails; then nothing has changed.
    """
    before, _ = load(cache_dir)
    try:
        path = file_of(cache_dir) if output is None else os.path.abspath(output)
        registry, composable = (_fetch(source.rstrip("/") + part, timeout) for part in _PATHS)
        text = _with_source(_table(registry, composable, before, source).to_json(), source)
        images = Images.from_json(text)
        _write(path, text)
    except (OSError, RuntimeError, ValueError) as error:
        reason = f"{error.filename}: {error.strerror}" if isinstance(error, OSError) and error.filename else error
        kind = "included" if before is Images.embedded() else "downloaded"
        raise UpdateError(_line(f"{reason}; the {kind} table from {before.date} is still used")) from None
    return UpdateResult(images, path, before.date)


def _table(registry: object, composable: object, before: Images, source: str) -> Images:
    from datetime import UTC, datetime

    today = datetime.now(UTC).date().isoformat()
    if today < Images.embedded().date:
        raise ValueError(f"the clock of this machine is wrong: it says {today}")
    try:
        _check_shapes(registry, composable)
        images = Images.from_registry(registry, composable, today)
    except ValueError as error:
        raise ValueError(f"{source} did not return image metadata: {error}") from None
    # Metadata without most of the images would make valid configurations fail.
    found, known, channels = len(images.names()), len(before.names()), len(images.channels())
    if found < known / 2 or not channels:
        raise ValueError(f"{source} is incomplete: {found} images instead of {known}, {channels} channels")
    return images


def _check_shapes(registry: object, composable: object) -> None:
    """Hold what was downloaded against the schema of such metadata. ValueError, with the place, if it is malformed."""
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import best_match

    schema = json_beside(__file__, "image_metadata.schema.json")
    error = best_match(Draft202012Validator(schema).iter_errors({"images": registry, "composable": composable}))
    if error is not None:
        place = ".".join(map(str, error.absolute_path))
        raise ValueError(f"`{place}` is malformed: {error.message}")


def _with_source(text: str, source: str) -> str:
    """The JSON of a table, including the address it was downloaded from."""
    import json

    return f'{{\n  "source": {json.dumps(source)},{text.removeprefix("{")}'


def _fetch(url: str, timeout: float) -> object:
    """Fetch one JSON document. ValueError, with one line, if that fails."""
    import http.client
    import json
    import urllib.error
    import urllib.request

    if not url.startswith(("https://", "http://")):
        raise ValueError(f"{url} is not an HTTP URL")
    try:
        request = urllib.request.Request(url, headers={"Accept": "application/json", "User-Agent": "upsun-lint"})
        with urllib.request.urlopen(request, timeout=timeout) as answer:
            body = answer.read(_MAXIMUM_SIZE + 1)
    except urllib.error.HTTPError as error:
        error.close()
        raise ValueError(f"{url} returned status {error.code}") from None
    except urllib.error.URLError as error:
        reason = getattr(error.reason, "strerror", None) or error.reason
        raise ValueError(f"{url} cannot be reached: {reason}") from None
    except TimeoutError:
        raise ValueError(f"{url} did not answer within {timeout:g} seconds") from None
    except (http.client.InvalidURL, UnicodeError):
        raise ValueError(f"{url} is not a URL") from None
    except (http.client.HTTPException, OSError):
        raise ValueError(f"{url} ended its answer early") from None
    if len(body) > _MAXIMUM_SIZE:
        raise ValueError(f"{url} returned more than {_MAXIMUM_SIZE // 1_000_000} MB")
    try:
        document: object = json.loads(body)
    except (ValueError, RecursionError):
        raise ValueError(f"{url} did not return JSON") from None
    return document


def _write(path: str, text: str) -> None:
    from upsun_lint.writing.replacement import replace

    os.makedirs(os.path.dirname(path), exist_ok=True)
    replace(path, text.encode())


def _line(text: str) -> str:
    """A message on one line, with quotes of a server or a path cut if they are long."""
    words = " ".join(text.split())
    return words if len(words) <= 300 else f"{words[:200]} … {words[-99:]}"
