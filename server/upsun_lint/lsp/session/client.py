"""The capabilities of the client that matter here."""

from __future__ import annotations

from dataclasses import dataclass

from upsun_lint.lsp.greeting import value_at

__all__ = ["Client"]


@dataclass(frozen=True, slots=True)
class Client:
    """The capabilities that change what is sent, with the defaults of the protocol.

    `suggest_command` is the client's command that opens the list of completions; empty if it has none.
    """

    pulls_diagnostics: bool = False
    refreshes_diagnostics: bool = False
    refreshes_hints: bool = False
    refreshes_lenses: bool = False
    related_information: bool = False
    diagnostic_tags: bool = False
    code_description: bool = False
    hover_markdown: bool = False
    markdown_tables: bool = False
    completion_markdown: bool = False
    completion_tags: bool = False
    completion_deprecated: bool = False
    completion_label_details: bool = False
    snippets: bool = False
    insert_text_modes: bool = False
    document_changes: bool = False
    change_annotations: bool = False
    creates_files: bool = False
    renames_files: bool = False
    code_action_literals: bool = False
    preferred_actions: bool = False
    resolves_actions: bool = False
    hierarchical_symbols: bool = False
    configuration: bool = False
    watches_files: bool = False
    registers_configuration: bool = False
    asks: bool = False
    applies_edits: bool = False
    progress: bool = False
    lines_fold_only: bool = False
    link_tooltips: bool = False
    suggest_command: str = ""

    @classmethod
    def of(cls, capabilities: object, options: object = None) -> Client:
        """What a client says it can do, in its `capabilities` and its `initializationOptions`, as they were sent."""

        def has(path: str) -> bool:
            return value_at(capabilities, path) is not None

        def can(*paths: str) -> bool:
            return any(bool(value_at(capabilities, path)) for path in paths)

        def names(path: str) -> list[object]:
            found = value_at(capabilities, path)
            return found if isinstance(found, list) else []

        command = value_at(options, "suggestCommand")
        text, workspace, window = "textDocument", "workspace", "window"
        publish, pull = f"{text}.publishDiagnostics", f"{text}.diagnostic"
        item, action, edit = f"{text}.completion.completionItem", f"{text}.codeAction", f"{workspace}.workspaceEdit"
        changes_documents = can(f"{edit}.documentChanges")
        operations = names(f"{edit}.resourceOperations") if changes_documents else []
        return cls(
            pulls_diagnostics=has(pull),
            refreshes_diagnostics=can(f"{workspace}.diagnostics.refreshSupport"),
            refreshes_hints=can(f"{workspace}.inlayHint.refreshSupport"),
            refreshes_lenses=can(f"{workspace}.codeLens.refreshSupport"),
            related_information=can(f"{pull}.relatedInformation", f"{publish}.relatedInformation"),
            diagnostic_tags=has(f"{publish}.tagSupport") or has(f"{pull}.tagSupport"),
            code_description=can(f"{publish}.codeDescriptionSupport", f"{pull}.codeDescriptionSupport"),
            hover_markdown=names(f"{text}.hover.contentFormat")[:1] == ["markdown"],
            # A client that shows Markdown as it is, as Neovim does, names no parser.
            markdown_tables=value_at(capabilities, "general.markdown.parser") == "marked",
            completion_markdown=names(f"{item}.documentationFormat")[:1] == ["markdown"],
            completion_tags=has(f"{item}.tagSupport"),
            completion_deprecated=can(f"{item}.deprecatedSupport"),
            completion_label_details=can(f"{item}.labelDetailsSupport"),
            snippets=can(f"{item}.snippetSupport"),
            insert_text_modes=has(f"{item}.insertTextModeSupport"),
            document_changes=changes_documents,
            creates_files="create" in operations,
            renames_files="rename" in operations,
            change_annotations=has(f"{edit}.changeAnnotationSupport") and can(f"{text}.rename.honorsChangeAnnotations"),
            code_action_literals=has(f"{action}.codeActionLiteralSupport"),
            preferred_actions=can(f"{action}.isPreferredSupport"),
            resolves_actions=can(f"{action}.dataSupport") and "edit" in names(f"{action}.resolveSupport.properties"),
            hierarchical_symbols=can(f"{text}.documentSymbol.hierarchicalDocumentSymbolSupport"),
            configuration=can(f"{workspace}.configuration"),
            watches_files=can(f"{workspace}.didChangeWatchedFiles.dynamicRegistration"),
            registers_configuration=can(f"{workspace}.didChangeConfiguration.dynamicRegistration"),
            asks=has(f"{window}.showMessage.messageActionItem"),
            applies_edits=can(f"{workspace}.applyEdit"),
            progress=can(f"{window}.workDoneProgress"),
            lines_fold_only=can(f"{text}.foldingRange.lineFoldingOnly"),
            link_tooltips=can(f"{text}.documentLink.tooltipSupport"),
            suggest_command=command if isinstance(command, str) else "",
        )
