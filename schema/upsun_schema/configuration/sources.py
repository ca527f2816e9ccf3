"""The files of a project and where in them something is: what a report needs, without the trees of the files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Set

from upsun_schema.cached import Caching, cached_property
from upsun_schema.record import NamedTuple
from upsun_schema.yaml.nodes import Piece, Region
from upsun_schema.yaml.source_file import SourceFile
from upsun_schema.yaml.text import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeVar

    _File = TypeVar("_File", bound=SourceFile)
    _Key = TypeVar("_Key")

__all__ = ["Size", "Sources", "homes"]


def homes(files: Iterable[_File]) -> dict[Piece, _File]:
    """The file of each piece."""
    return {piece: file for file in files for piece in file.all_pieces}


def _mapped(files: Mapping[_Key, SourceFile], to: Mapping[SourceFile, SourceFile]) -> dict[_Key, SourceFile]:
    return {key: to[file] for key, file in files.items()}


class Size(NamedTuple):
    """How many applications and workers a project has."""

    applications: int
    workers: int


class Sources(Caching):
    """The files of one project, which is at `root`, an absolute path.

    `documents` are the files of `.upsun`, `included` the YAML files that these include, and `texts` what they include
    as text. `unread` are files in folders below `.upsun` that look like configuration, and that nothing includes.
    """

    root: str
    documents: Mapping[str, SourceFile]
    included: Mapping[str, SourceFile]
    texts: Mapping[str, SourceFile]
    unread: Mapping[str, SourceFile]
    size: Size
    _others: Mapping[Piece, SourceFile]

    @classmethod
    def of(cls, project: Sources, pieces: Set[Piece]) -> Sources:
        """The files of a project, in which places in some pieces can be found.

        Files of the repository are among them if they hold such a piece.
        """
        elsewhere = {piece: project._home(piece) for piece in pieces - project._homes.keys()}
        others = {piece: file for piece, file in elsewhere.items() if file is not None}
        bare = {file: file.with_pieces(pieces) for file in (*project._homes.values(), *others.values())}
        found = cls()
        found.root, found.size = project.root, project.size
        found.documents, found.included = _mapped(project.documents, bare), _mapped(project.included, bare)
        found.texts, found.unread = _mapped(project.texts, bare), _mapped(project.unread, bare)
        found._others = _mapped(others, bare)
        return found

    @property
    def all_documents(self) -> Iterator[SourceFile]:
        """Every YAML file that was read: those of `.upsun` and those they include."""
        yield from self.documents.values()
        yield from self.included.values()

    @cached_property
    def _homes(self) -> Mapping[Piece, SourceFile]:
        return homes((*self.all_documents, *self.texts.values(), *self.unread.values()))

    def _home(self, piece: Piece) -> SourceFile | None:
        """The file that a piece is in."""
        return self._homes.get(piece) or self._others.get(piece)

    def is_included_text(self, region: Region) -> bool:
        """Whether a region is in a file included as text, as a script is."""
        document = self._homes.get(region.piece)
        return document is not None and document.is_text

    def file(self, region: Region) -> SourceFile:
        """The file that a region is in. Raises LookupError for a region of another project."""
        file, _ = self.where(region)
        return file

    def where(self, region: Region) -> tuple[SourceFile, Span]:
        """The file that a region is in, and where, in code points. Raises LookupError as `file`."""
        file = self._home(region.piece)
        span = file.span(region) if file is not None else None
        if file is None or span is None:
            raise LookupError("this region belongs to another project")
        return file, span

    def position(self, region: Region) -> tuple[str, int]:
        """The path of the file that a region is in, and the offset where it begins. Raises LookupError as `file`."""
        file = self._homes.get(region.piece)
        if file is None:
            file = self.file(region)
        return file.path, file.base(region.piece) + region.start
