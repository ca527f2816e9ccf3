"""A newer table of images is taken when it can be had, and nothing changes when it cannot."""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.patience import PATIENCE
from tests.server.command import upsun_lint
from upsun_lint.run.image_updates import UpdateError, cache_directory, load, update
from upsun_schema.images.table import Images, Status

Answer = Callable[[BaseHTTPRequestHandler], None]


def metadata() -> dict[str, Any]:
    """The platform's two documents as its API serves them, made from the embedded table; PHP has a new version."""
    table = json.loads(Images.embedded().to_json())
    table["images"]["php"]["versions"]["supported"].insert(0, "9.0")
    registry = {
        name: {
            "name": name,
            "service": image["kind"] == "service",
            "versions": {
                version: {"upsun": {"status": status}}
                for status, versions in image["versions"].items()
                for version in versions
            },
        }
        for name, image in table["images"].items()
    }
    channels = {
        name: {
            "upsun": {"status": channel["status"]},
            "packages_versions": {key: {"versions": value} for key, value in channel.get("runtimes", {}).items()},
        }
        for name, channel in table["composable"].items()
    }
    return {"/images": registry, "/composable": {"name": "composable", "versions": channels}}


def body(text: str | bytes, status: int = 200, length: int | None = None) -> Answer:
    data = text if isinstance(text, bytes) else text.encode()

    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(status)
        request.send_header("Content-Length", str(len(data) if length is None else length))
        request.end_headers()
        request.wfile.write(data)

    return answer


def sound(request: BaseHTTPRequestHandler) -> None:
    assert request.headers["Accept"] == "application/json"
    body(json.dumps(metadata()[request.path]))(request)


class Server:
    """A server on this machine that gives one answer, `answer`, to everything until it is stopped."""

    def __init__(self) -> None:
        self.answer: Answer = sound
        self.stopping = threading.Event()
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                try:
                    server.answer(self)
                except OSError:
                    # The client has gone, as it should.
                    self.close_connection = True

            def log_message(self, *_: object) -> None:
                pass

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._http.server_port}"
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    def stop(self) -> None:
        self.stopping.set()
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    server = Server()
    yield server
    server.stop()


@pytest.fixture(params=["included", "downloaded"])
def in_force(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, str]:
    """Which table is used before the update, and its date."""
    if request.param == "downloaded":
        (tmp_path / "images.json").write_text(dated("2099-01-01"))
        return "downloaded", "2099-01-01"
    return "included", Images.embedded().date


def dated(date: str) -> str:
    return json.dumps(json.loads(Images.embedded().to_json()) | {"date": date})


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_an_update_is_used(server: Server, tmp_path: Path) -> None:
    cache = tmp_path / "not" / "there" / "yet"
    result = update(server.url + "/", cache)
    assert result.path == str(cache / "images.json")
    assert result.replaced == Images.embedded().date
    assert result.images.date >= Images.embedded().date
    php = result.images.get("php")
    assert php is not None
    assert (php.newest, php.status("9.0"), php.status("8.4")) == ("9.0", Status.SUPPORTED, Status.SUPPORTED)
    assert php.endpoints("9.0") == {"php": "http", "http": "http"}
    assert result.images.channels() == Images.embedded().channels()
    assert result.images.get("redis-persistent") is not None
    assert load(cache) == (result.images, None)
    assert [path.name for path in cache.iterdir()] == ["images.json"]


def test_an_update_may_be_repeated(server: Server, tmp_path: Path) -> None:
    first = update(server.url, tmp_path)
    assert update(server.url, tmp_path).replaced == first.images.date


def test_redirects_are_followed(server: Server, tmp_path: Path) -> None:
    def elsewhere(request: BaseHTTPRequestHandler) -> None:
        if request.path.startswith("/v2"):
            request.path = request.path.removeprefix("/v2")
            sound(request)
            return
        request.send_response(301)
        request.send_header("Location", "/v2" + request.path)
        request.send_header("Content-Length", "0")
        request.end_headers()

    server.answer = elsewhere
    assert update(server.url, tmp_path).images.get("php") is not None


def only(path: str, answer: Answer) -> Answer:
    return lambda request: answer(request) if request.path == path else sound(request)


def hang_up(request: BaseHTTPRequestHandler) -> None:
    request.close_connection = True


def chunk_cut_short(request: BaseHTTPRequestHandler) -> None:
    request.protocol_version = "HTTP/1.1"
    request.send_response(200)
    request.send_header("Transfer-Encoding", "chunked")
    request.end_headers()
    request.wfile.write(b"400\r\n{")
    request.close_connection = True


FEW = json.dumps({"php": metadata()["/images"]["php"]})
WHOLE = json.dumps(metadata()["/images"])


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (body("not found", 404), "status 404"),
        (body('{"title": "Unable to read registry", "status": 500}', 500), "status 500"),
        (body(""), "JSON"),
        (body("<!doctype html><html>Maintenance</html>"), "JSON"),
        (body(WHOLE[:-200]), "JSON"),
        (body(WHOLE[:-200], length=len(WHOLE)), "JSON"),
        (body("[" * 200_000), "JSON"),
        (body(b"\xff\xfe\xff"), "JSON"),
        (body("[]"), "metadata"),
        (body("null"), "metadata"),
        (body('{"title": "Try later"}'), "metadata"),
        (body("{}"), "metadata"),
        (only("/images", body("{}")), ": 0 images"),
        (only("/images", body(FEW)), ": 1 images"),
        (only("/composable", body("{}")), "metadata"),
        (only("/composable", body('{"versions": {}}')), " 0 channels"),
        (only("/composable", body("gone", 410)), "status 410"),
        (only("/images", body(WHOLE.replace('"supported"', "5"))), "status"),
        (body(b" " * 9_000_000), "8 MB"),
        (hang_up, "ended its answer early"),
        (chunk_cut_short, "ended its answer early"),
        (lambda request: request.wfile.write(b"SSH-2.0-OpenSSH_9.9\r\n") and None, "ended its answer early"),
    ],
)
def test_a_useless_answer_changes_nothing(
    server: Server, tmp_path: Path, in_force: tuple[str, str], answer: Answer, words: str
) -> None:
    server.answer = answer
    before, kept = load(tmp_path), files(tmp_path)
    with pytest.raises(UpdateError, match=words) as caught:
        update(server.url, tmp_path)
    kind, date = in_force
    assert str(caught.value).endswith(f"; the {kind} table from {date} is still used")
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 400
    assert files(tmp_path) == kept
    assert load(tmp_path) == before


@pytest.mark.parametrize("where", ["connection", "head", "body", "second document"])
def test_a_missing_answer_ends_the_update(server: Server, tmp_path: Path, where: str) -> None:
    def stall(request: BaseHTTPRequestHandler) -> None:
        if where == "head":
            request.wfile.write(b"HTTP/1.0 200 OK\r\nContent-")
        elif where == "body":
            request.send_response(200)
            request.end_headers()
            request.wfile.write(b"   ")
        elif where == "second document" and request.path == "/images":
            sound(request)
            return
        server.stopping.wait(PATIENCE)

    server.answer = stall
    with pytest.raises(
        UpdateError, match=r"(within 0\.4 seconds|timed out); the included table from .* is still used$"
    ):
        update(server.url, tmp_path, timeout=0.4)
    assert files(tmp_path) == {}


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("http://127.0.0.1:1", "cannot be reached"),
        ("file:///etc", "HTTP URL"),
        ("ftp://127.0.0.1", "HTTP URL"),
        ("meta.example.org", "URL|url"),
        ("", "URL|url"),
        ("http://a b", "URL"),
        ("http://[::1", "URL"),
        ("http://127.0.0.1:port", "URL"),
        ("http://" + "ü" * 100, "URL"),
    ],
)
def test_no_such_source(server: Server, tmp_path: Path, source: str, words: str) -> None:
    with pytest.raises(UpdateError, match=words) as caught:
        update(source, tmp_path, timeout=PATIENCE)
    assert "is still used" in str(caught.value) and "\n" not in str(caught.value)
    assert files(tmp_path) == {}


def test_a_cache_that_cannot_be_written(server: Server, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UpdateError, match=r"file.*; the included table from .* is still used"):
        update(server.url, tmp_path / "file")
    (tmp_path / "images.json").mkdir()
    with pytest.raises(UpdateError, match="is still used"):
        update(server.url, tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "images.json"]


def test_without_a_download_the_embedded_table_is_used(tmp_path: Path) -> None:
    assert load(tmp_path) == (Images.embedded(), None)
    assert load(tmp_path / "missing") == (Images.embedded(), None)


@pytest.mark.parametrize(("date", "taken"), [("2000-01-01", False), ("2099-01-01", True)])
def test_the_newer_table_is_used(tmp_path: Path, date: str, taken: bool) -> None:
    (tmp_path / "images.json").write_text(dated(date))
    images, reason = load(tmp_path)
    assert reason is None
    assert images.date == (date if taken else Images.embedded().date)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"[]",
        b"[" * 100_000,
        b'{"format": 0}',
        dated("2099-01-01").encode()[:-1],
        b'{"date": "' + b"9" * 9_000_000 + b'"}',
    ],
)
def test_an_unusable_download_is_explained(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "images.json").write_bytes(content)
    images, reason = load(tmp_path)
    assert images is Images.embedded()
    assert reason is not None and "\n" not in reason
    assert "images.json is not used" in reason and reason.endswith("is used")


def test_a_download_that_cannot_be_read_is_explained(tmp_path: Path) -> None:
    (tmp_path / "images.json").mkdir()
    images, reason = load(tmp_path)
    assert images is Images.embedded()
    assert reason is not None and "images.json is not used" in reason


def test_the_cache_folder_of_each_system(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.delenv("LOCALAPPDATA", raising=False)
    monkeypatch.setattr(sys, "platform", "linux")
    assert cache_directory() == str(tmp_path / ".cache" / "upsun-lint")
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    assert cache_directory() == str(tmp_path / ".cache" / "upsun-lint")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert cache_directory() == str(tmp_path / "xdg" / "upsun-lint")
    monkeypatch.setattr(sys, "platform", "darwin")
    assert cache_directory() == str(tmp_path / "Library" / "Caches" / "upsun-lint")
    monkeypatch.setattr(sys, "platform", "win32")
    assert cache_directory() == str(tmp_path / "AppData" / "Local" / "upsun-lint")
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path / "local"))
    assert cache_directory() == str(tmp_path / "local" / "upsun-lint")


def test_the_users_cache_is_the_default(server: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert update(server.url).path == str(tmp_path / "upsun-lint" / "images.json")
    assert load()[0] != Images.embedded()


def test_without_a_home_there_is_no_cache(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(os.path, "expanduser", lambda path: path)
    assert load() == (Images.embedded(), None)
    with pytest.raises(UpdateError, match=r"home directory.*is still used"):
        update(server.url)


def test_a_clock_that_is_behind_is_noticed(server: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    newer = Images.from_json(dated("2098-01-01"))
    monkeypatch.setattr(Images, "embedded", lambda: newer)
    with pytest.raises(UpdateError, match=r"clock.*; the included table from 2098-01-01 is still used"):
        update(server.url, tmp_path)
    assert files(tmp_path) == {}


def test_the_origin_of_the_table_is_shown_and_how_to_remove_it(
    server: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    file = tmp_path / "upsun-lint" / "images.json"
    words = f"in {file}; delete that file to use the included one from {Images.embedded().date}.\n"
    ran = upsun_lint("images", "update", "--source", server.url)
    assert ran.out.endswith(f"\nIt is from {server.url}, {words}")
    assert upsun_lint("images").out.endswith(f"(downloaded): {ran.out.split(': ', 1)[1]}")
    file.write_text(dated("2099-01-01"))
    assert upsun_lint("images").out.endswith(f"\nIt is {words}")
    file.unlink()
    assert "It is" not in upsun_lint("images").out
