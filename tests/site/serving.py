"""A server of files that compresses what it sends, and counts it."""

from __future__ import annotations

import gzip
import mimetypes
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import formatdate
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

TYPES = {".mjs": "text/javascript", ".wasm": "application/wasm", ".js": "text/javascript"}


@dataclass
class Served:
    """A site that is served, and what was sent of it: the path and the bytes of each answer."""

    address: str
    sent: list[tuple[str, int]] = field(default_factory=list)

    @property
    def bytes_sent(self) -> int:
        """The size of all bodies sent so far."""
        return sum(size for _, size in self.sent)


@cache
def compressed(path: Path) -> bytes:
    return gzip.compress(path.read_bytes(), 6)


@contextmanager
def served(site: Path, prefix: str = "") -> Iterator[Served]:
    """Serve a site below a path until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            path = unquote(urlsplit(self.path).path)
            file = site / path.removeprefix(prefix).lstrip("/")
            if file.is_dir():
                file /= "index.html"
            if not path.startswith(f"{prefix}/") or not file.is_file():
                self.answer(404, b"not found", "text/plain", "")
                return
            changed = formatdate(file.stat().st_mtime, usegmt=True)
            kind = TYPES.get(file.suffix) or mimetypes.guess_type(file.name)[0] or "application/octet-stream"
            if self.headers.get("If-Modified-Since") == changed:
                self.answer(304, b"", kind, changed)
            else:
                self.answer(200, compressed(file), kind, changed, {"Content-Encoding": "gzip"})

        def answer(self, status: int, body: bytes, kind: str, changed: str, more: dict[str, str] | None = None) -> None:
            self.send_response(status)
            headers = {"Content-Type": kind, "Content-Length": str(len(body)), "Last-Modified": changed, **(more or {})}
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)
            found.sent.append((path_of(self.path), len(body)))

        def log_message(self, *_: object) -> None:
            """Be quiet."""

    def path_of(path: str) -> str:
        return urlsplit(path).path.removeprefix(prefix)

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        found = Served(f"http://127.0.0.1:{http.server_port}{prefix}/")
        thread = threading.Thread(target=http.serve_forever, daemon=True)
        thread.start()
        try:
            yield found
        finally:
            http.shutdown()
            thread.join()
