"""The byte code of our modules and the values of our data files, in one file beside those in which Python keeps it.

A small check imports two hundred modules. For each, Python looks through its folder and reads a file, which takes a
sixth of the time; reading data files with `json` takes a fifteenth. The archive is trusted exactly as the files of
Python are: it is made of them, is in the same folder, and what it has is taken only if its source has the size and the
time of change that it was made for.
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

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


__all__ = ["CodeArchive"]

# Pip leaves the archive behind, so that it may be one of another version, with other entries.
_HEAD = MAGIC_NUMBER + f"upsun-lint {__version__}\n".encode()
_LENGTH = 8
"""The number of bytes behind the head that say how long the list of contents is."""

_PACKAGES = ("upsun_lint.", "upsun_rules.", "upsun_schema.")

_COMPILED = os.path.join(os.path.dirname(os.path.dirname(__file__)), f"upsun_lint__mypyc{EXTENSION_SUFFIXES[0]}")
"""The code of the compiled modules, if they are installed: see packaging/compiled.py."""

_Module = tuple[str, str, bool, str, int, int, int]
"""A module: the folder that it is found in, its source, whether it is a package, the file of its byte code, the time
and size of the source, and the number of the part of the archive that its code is in."""

_Group = dict[str, CodeType]
"""The code of modules that were first imported in the same run, by name: a part of the archive. Reading them together
takes two thirds of the time of reading each, since names that several of them use are read once."""

_Table = tuple[int, int, int]
"""A data file: its time and size, and the number of the part of the archive that its value is in."""

_Part = bytes | memoryview
"""Something written by `marshal`."""


class CodeArchive:
    """Finds modules in the archive, for `sys.meta_path`. Those that it does not have are left to Python."""

    def __init__(self) -> None:
        # Pip leaves it behind, and Python takes no module from its source if there is a compiled one.
        kind = ".compiled" if os.path.exists(_COMPILED) else ""
        self._path = cache_from_source(__file__)[: -len(".pyc")] + kind
        self._modules: dict[str, _Module] = {}
        self._tables: dict[str, _Table] = {}
        self._parts: list[_Part] = []
        self._groups: dict[int, _Group] = {}
        self._is_table_missing = False
        self._settled = {*sys.modules}

    def use(self) -> None:
        """Take modules and data files from the archive from now on."""
        try:
            with open(self._path, "rb") as file:
                self._modules, self._tables, self._parts = _read(file.read())
        except (OSError, EOFError, ValueError, TypeError):
            pass  # It is not there, not whole, or of another version.
        sys.meta_path.insert(0, self)
        from upsun_schema.data_files import read_json_with

        read_json_with(self.table)

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Where a module comes from; None if Python must find it, and always for one that is in no package."""
        if not name.startswith(_PACKAGES):
            return None
        module = self._modules.get(name)
        if module is None or path is None:
            return None
        folder, source, is_package, cached, time, size, group = module
        if folder not in path or not _is_current(source, time, size):
            return None
        self._settled.add(name)
        spec = ModuleSpec(name, _Loader(name, source, self._group(group)), origin=source, is_package=is_package)
        spec.has_location = True
        spec.cached = cached
        if is_package:
            spec.submodule_search_locations = [os.path.dirname(source)]
        return spec

    def table(self, path: str) -> Any:
        """The value of a data file."""
        found = self._tables.get(path)
        if found is not None and _is_current(path, *found[:2]):
            return marshal.loads(self._parts[found[2]])
        from upsun_schema.data_files import parse_json

        status = os.stat(path)
        value = parse_json(path)
        self._tables[path] = (int(status.st_mtime), status.st_size, len(self._parts))
        self._parts.append(marshal.dumps(value))
        self._is_table_missing = True
        return value

    def save(self) -> None:
        """Write the archive if something was missing in it. If it cannot be, there is none, as with Python's files."""
        if sys.dont_write_bytecode or not os.access(os.path.dirname(self._path), os.W_OK):
            return
        added = {name: (module, code) for name, module, code in _imported(self._settled)}
        if not added and not self._is_table_missing:
            return
        known = self._modules | {name: module for name, (module, _) in added.items()}
        kept = [self._group(number) for number in {module[-1] for module in self._modules.values()}]
        groups = [{name: code for name, code in group.items() if name not in added} for group in kept]
        groups.append({name: code for name, (_, code) in added.items()})
        groups = [group for group in groups if group]
        modules = {name: (*known[name][:-1], number) for number, group in enumerate(groups) for name in group}
        tables = {path: (*table[:-1], len(groups) + at) for at, (path, table) in enumerate(self._tables.items())}
        parts = [*map(marshal.dumps, groups), *(self._parts[table[-1]] for table in self._tables.values())]
        from upsun_lint.writing.replacement import replace

        with suppress(OSError):
            replace(self._path, _written(modules, tables, parts))

    def _group(self, number: int) -> _Group:
        if number not in self._groups:
            self._groups[number] = marshal.loads(self._parts[number])
        return self._groups[number]


def _written(modules: dict[str, _Module], tables: dict[str, _Table], parts: list[_Part]) -> bytes:
    contents = marshal.dumps((modules, tables, [*map(len, parts)]))
    return b"".join((_HEAD, len(contents).to_bytes(_LENGTH, "little"), contents, *parts))


def _read(archive: bytes) -> tuple[dict[str, _Module], dict[str, _Table], list[_Part]]:
    """What was written. EOFError, TypeError or ValueError for anything else."""
    if not archive.startswith(_HEAD):
        raise ValueError("it is of another version")
    begin = len(_HEAD) + _LENGTH
    end = begin + int.from_bytes(archive[len(_HEAD) : begin], "little")
    modules, tables, lengths = marshal.loads(archive[begin:end])
    whole = memoryview(archive)
    parts: list[_Part] = []
    for length in lengths:
        parts.append(whole[end : end + length])
        end += length
    if end != len(archive):
        raise ValueError("it is cut")
    return modules, tables, parts


class _Loader(SourceFileLoader):
    """Loads a module as Python does, but for where its code comes from."""

    def __init__(self, name: str, path: str, group: _Group) -> None:
        super().__init__(name, path)
        self._group = group

    def get_code(self, fullname: str) -> CodeType:
        """The code of the module."""
        return self._group[fullname]


def _is_current(source: str, time: int, size: int) -> bool:
    """Whether a file is as it was."""
    try:
        now = os.stat(source)
    except OSError:
        return False
    return int(now.st_mtime) == time and now.st_size == size


def _imported(settled: set[str]) -> Iterator[tuple[str, _Module, CodeType]]:
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
            module = (folder, spec.origin, is_package, spec.cached, time, size, 0)
            yield name, module, marshal.loads(content[16:])
