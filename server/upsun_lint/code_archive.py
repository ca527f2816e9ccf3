"""The byte code of our modules in one file, beside the files that Python keeps it in.

A small check imports two hundred modules. For each, Python looks through its folder and reads a file, which takes a
sixth of the time. The archive is trusted exactly as those files are: it is made of them, is in the same folder, and a
module is taken from it only if its source has the size and the time of change that the file was made for.
"""

from __future__ import annotations

import marshal
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from importlib.machinery import EXTENSION_SUFFIXES, ModuleSpec, SourceFileLoader
from importlib.util import MAGIC_NUMBER, cache_from_source
from types import CodeType, ModuleType

from upsun_lint import __version__

__all__ = ["CodeArchive"]

# Pip leaves the archive behind, so that it may be one of another version, with other entries.
_HEAD = MAGIC_NUMBER + f"upsun-lint {__version__}\n".encode()
_PACKAGES = ("upsun_lint.", "upsun_rules.", "upsun_schema.")

_COMPILED = os.path.join(os.path.dirname(os.path.dirname(__file__)), f"upsun_lint__mypyc{EXTENSION_SUFFIXES[0]}")
"""The code of the compiled modules, if they are installed: see packaging/compiled.py."""

_Entry = tuple[str, str, bool, str, int, int, int, int]
"""A module: the folder that it is found in, its source, whether it is a package, the file of its byte code, the time
and size of the source, and where its code begins and ends in the archive."""


class CodeArchive:
    """Finds modules in the archive, for `sys.meta_path`. Those that it does not have are left to Python."""

    def __init__(self) -> None:
        # Pip leaves it behind, and Python takes no module from its source if there is a compiled one.
        kind = ".compiled" if os.path.exists(_COMPILED) else ""
        self._path = cache_from_source(__file__)[: -len(".pyc")] + kind
        self._entries: dict[str, _Entry] = {}
        self._code = memoryview(b"")
        self._settled = {*sys.modules}

    def use(self) -> None:
        """Take modules from the archive from now on."""
        try:
            with open(self._path, "rb") as file:
                if file.read(len(_HEAD)) == _HEAD:
                    entries, code = marshal.load(file), file.read()
                    if sum(end - begin for *_, begin, end in entries.values()) == len(code):
                        self._entries, self._code = entries, memoryview(code)
        except (OSError, EOFError, ValueError, TypeError, AttributeError):
            pass  # It is not whole.
        sys.meta_path.insert(0, self)

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Where a module comes from; None if Python must find it, and always for one that is in no package."""
        if not name.startswith(_PACKAGES):
            return None
        entry = self._entries.get(name)
        if entry is None or path is None or not _is_current(entry, path):
            return None
        self._settled.add(name)
        _, source, is_package, cached, _, _, begin, end = entry
        spec = ModuleSpec(name, _Loader(name, source, self._code[begin:end]), origin=source, is_package=is_package)
        spec.has_location = True
        spec.cached = cached
        if is_package:
            spec.submodule_search_locations = [os.path.dirname(source)]
        return spec

    def save(self) -> None:
        """Write the archive if a module was missing in it. If it cannot be written, there is none, as with Python's."""
        if sys.dont_write_bytecode or not os.access(os.path.dirname(self._path), os.W_OK):
            return
        missing = {name: (entry, code) for name, entry, code in _imported(self._settled)}
        if not missing:
            return
        known = {name: (entry, bytes(self._code[slice(*entry[6:])])) for name, entry in self._entries.items()}
        found = known | missing
        entries: dict[str, _Entry] = {}
        end = 0
        for name, (entry, code) in found.items():
            entries[name] = (*entry[:6], end, end := end + len(code))
        from upsun_lint.writing.replacement import replace

        with suppress(OSError):
            replace(self._path, _HEAD + marshal.dumps(entries) + b"".join(code for _, code in found.values()))


class _Loader(SourceFileLoader):
    """Loads a module as Python does, but for where its code comes from."""

    def __init__(self, name: str, path: str, code: memoryview) -> None:
        super().__init__(name, path)
        self._code = code

    def get_code(self, fullname: str) -> CodeType:
        """The code of the module."""
        code = marshal.loads(self._code)
        assert isinstance(code, CodeType)
        return code


def _is_current(entry: _Entry, path: Sequence[str]) -> bool:
    """Whether Python would take the module from this source too, in a package with that path, and it is unchanged."""
    folder, source, _, _, time, size, _, _ = entry
    try:
        now = os.stat(source)
    except OSError:
        return False
    return folder in path and int(now.st_mtime) == time and now.st_size == size


def _imported(settled: set[str]) -> Iterator[tuple[str, _Entry, bytes]]:
    """The other modules that were imported, each with the code in the file that Python keeps it in."""
    for name in [name for name in sys.modules if name.startswith(_PACKAGES) and name not in settled]:
        spec = sys.modules[name].__spec__
        if spec is None or spec.origin is None or spec.cached is None:
            continue
        try:
            with open(spec.cached, "rb") as file:
                content = file.read()
        except OSError:
            continue
        # PEP 552: the magic number, flags, the time and the size of the source, and the code. With a flag, the code is
        # checked by a hash of the source, or not at all.
        magic, flags, time, size = content[:4], *(int.from_bytes(content[at : at + 4], "little") for at in (4, 8, 12))
        if magic == MAGIC_NUMBER and flags == 0:
            is_package = spec.submodule_search_locations is not None
            folder = os.path.dirname(os.path.dirname(spec.origin) if is_package else spec.origin)
            yield name, (folder, spec.origin, is_package, spec.cached, time, size, 0, 0), content[16:]
