"""The answer to `initialize`: what the server can do, as data, so that it is sent before anything else is imported."""

from __future__ import annotations

from typing import Any

from upsun_lint import __version__

__all__ = [
    "APPLY_AFTER_ASKING",
    "COMMANDS",
    "COPY",
    "EXPLAIN",
    "EXPORT_TOPOLOGY",
    "FIX_ALL",
    "SHOW_EFFECTIVE",
    "TOPOLOGY",
    "chosen_encoding",
    "is_valid",
    "result",
    "value_at",
]

APPLY_AFTER_ASKING = "upsun-lint.applyAfterAsking"
"""The command that asks the user a question and, if the answer is yes, applies an edit: arguments are both."""

SHOW_EFFECTIVE = "upsun-lint.showEffective"
EXPLAIN = "upsun-lint.explain"
TOPOLOGY = "upsun-lint.topology"
EXPORT_TOPOLOGY = "upsun-lint.exportTopology"
COPY = "upsun-lint.copy"

COMMANDS = (SHOW_EFFECTIVE, EXPLAIN, TOPOLOGY, EXPORT_TOPOLOGY, COPY)
"""The commands that answer with data."""

FIX_ALL = "source.fixAll.upsun-lint"
"""The kind of the action that applies every safe fix of a file, as `upsun-lint --fix` does."""

_ENCODINGS = ("utf-8", "utf-16", "utf-32")

_ALWAYS: dict[str, Any] = {
    "textDocumentSync": {"openClose": True, "change": 2, "save": True},
    # A colon in a value (`php:`, `db:`), a space after a colon or a dash, an opening quote, brace or bracket, the `@`
    # before the version of a runtime, and the `$` of a variable. Editors ask by themselves while letters are typed.
    # `*` and `!` begin an alias and a tag; `/` leads to the files of a folder.
    "completionProvider": {"triggerCharacters": [":", " ", "'", '"', "{", "[", "@", "$", "*", "!", "/"]},
    "hoverProvider": True,
    "definitionProvider": True,
    "referencesProvider": True,
    "documentHighlightProvider": True,
    "documentSymbolProvider": True,
    "codeActionProvider": {
        "codeActionKinds": ["quickfix", "refactor.rewrite", FIX_ALL],
        "resolveProvider": True,
    },
    "codeLensProvider": {"resolveProvider": False},
    "documentLinkProvider": {"resolveProvider": False},
    "workspaceSymbolProvider": {"resolveProvider": False},
    "foldingRangeProvider": True,
    "selectionRangeProvider": True,
    "executeCommandProvider": {"commands": [APPLY_AFTER_ASKING, *COMMANDS]},
    "semanticTokensProvider": {
        "legend": {
            "tokenTypes": [
                *("function", "parameter", "variable", "string", "comment", "keyword", "operator", "number"),
            ],
            "tokenModifiers": [],
        },
        "full": True,
    },
    "inlayHintProvider": {"resolveProvider": False},
    "diagnosticProvider": {
        "identifier": "upsun-lint",
        "interFileDependencies": True,
        "workspaceDiagnostics": True,
    },
}
"""What is announced to every client."""

_RENAMES = {"willRename": {"filters": [{"pattern": {"glob": "**/*"}, "scheme": "file"}]}}


def result(params: dict[str, Any]) -> dict[str, Any]:
    """The result of a valid request `initialize`, as far as the client supports its parts."""
    client = params["capabilities"]
    can_prepare = value_at(client, "textDocument.rename.prepareSupport")
    capabilities = {
        "positionEncoding": chosen_encoding(client),
        **_ALWAYS,
        "renameProvider": {"prepareProvider": True} if can_prepare else True,
        "workspace": {
            "workspaceFolders": {"supported": True, "changeNotifications": True},
            "fileOperations": _RENAMES if value_at(client, "workspace.fileOperations.willRename") else {},
        },
    }
    return {"capabilities": capabilities, "serverInfo": {"name": "upsun-lint", "version": __version__}}


def chosen_encoding(client: object) -> str:
    """The unit of columns: the one that the client likes best and the server knows."""
    offered = value_at(client, "general.positionEncodings")
    known = (one for one in offered if one in _ENCODINGS) if isinstance(offered, list) else iter(())
    return next(known, "utf-16")


def value_at(raw: object, path: str) -> Any:
    """The value at a path of names with points between them; None if something on the way is missing or no object."""
    for name in path.split("."):
        raw = raw.get(name) if isinstance(raw, dict) else None
    return raw


def is_valid(params: object) -> bool:
    """Whether these are parameters of `initialize`, in the parts that are used."""
    if not isinstance(params, dict) or not isinstance(params.get("capabilities"), dict):
        return False
    folders = params.get("workspaceFolders")
    return (
        all(isinstance(params.get(name), str | None) for name in ("rootUri", "rootPath", "locale"))
        and isinstance(params.get("processId"), int | None)
        and params.get("trace") in (None, "off", "messages", "verbose")
        and (folders is None or (isinstance(folders, list) and all(map(_is_folder, folders))))
    )


def _is_folder(folder: object) -> bool:
    return isinstance(folder, dict) and all(isinstance(folder.get(name), str) for name in ("uri", "name"))
