"""Run by `build.mjs` in Pyodide, whose byte code only Pyodide reads: the modules of an archive, compiled."""

from __future__ import annotations

import importlib._bootstrap_external
import io
import zipfile

UNUSED = (
    "_pyrepl/",
    "ensurepip/",
    "idlelib/",
    "pydoc_data/",
    "unittest/",
    "xmlrpc/",
    "wsgiref/",
    "doctest.py",
    "pdb.py",
)
"""What no package imports that runs without a terminal, a network or tests."""


def compiled(archive: object) -> bytes:
    """An archive with byte code in place of each module; every other file is kept."""
    written = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(archive.to_bytes())) as old,
        zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as new,
    ):
        for name in old.namelist():
            if name.startswith(UNUSED):
                continue
            data = old.read(name)
            if name.endswith(".py"):
                name, data = f"{name}c", byte_code(data, name)
            new.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    return written.getvalue()


def byte_code(source: bytes, name: str) -> bytes:
    """The content of a `.pyc` file that is never compared with its source."""
    # The rules are documented in their docstrings. Those of others are a third of the download.
    optimize = 0 if name.startswith("upsun_") else 2
    code = compile(source, name, "exec", dont_inherit=True, optimize=optimize)
    return importlib._bootstrap_external._code_to_hash_pyc(code, importlib.util.source_hash(source), False)
