"""Shell scripts of the repository: `./worker.sh`, `sh worker.sh`, `. ./worker.sh`."""

from __future__ import annotations

from collections.abc import Sequence

from upsun_rules.resolution.application_files import ApplicationFiles
from upsun_rules.resolution.calls import base_name, options_of
from upsun_rules.shell.app_paths import app_path
from upsun_rules.shell.expansion import Expansion, ScriptPart
from upsun_rules.shell.parsing import Word
from upsun_schema.yaml.document import TextDocument
from upsun_schema.yaml.nodes import Region

__all__ = ["SHELLS", "SOURCES", "expand_file", "is_shell_script"]

SHELLS = frozenset({"sh", "bash", "dash", "zsh", "ash", "ksh"})
SOURCES = frozenset({".", "source"})

_SHEBANG = "#!"


def expand_file(words: Sequence[Word], folder: str | None, files: ApplicationFiles) -> Expansion | None:
    """The script that a command runs; None if it is a program of the image, or not a shell script."""
    name = words[0].text
    in_shell = name in SOURCES
    by_shell = base_name(words[0]) in SHELLS
    if by_shell:
        rest = options_of(words[1:], ("-o", "+o", "-O")).rest
        file = rest[0] if rest and not any(word.text in ("-s", "-c") for word in words[1:]) else None
    elif in_shell:
        file = words[1] if len(words) > 1 else None
    else:
        file = words[0] if "/" in name else None
    path = None if file is None else app_path(file, folder)
    if path is None:
        return None
    document = files.text(path)
    if document is None:
        is_missing = not files.has_file(path) and not files.has_folder(path)
        return Expansion((), path) if is_missing else None
    if not (by_shell or in_shell or is_shell_script(document, path)):
        return None
    region = Region(document.whole, 0, len(document.text))
    return Expansion((ScriptPart(document.text, region, folder, is_same=True, in_shell=in_shell),), path)


def is_shell_script(document: TextDocument, path: str) -> bool:
    """Whether a file that is run by its name is a shell script: by its first line, or by its ending."""
    first = document.text.partition("\n")[0]
    if first.startswith(_SHEBANG):
        programs = [part.rpartition("/")[2] for part in first.removeprefix(_SHEBANG).split()]
        return any(program in SHELLS for program in programs[:3])
    return path.endswith((".sh", ".bash"))
