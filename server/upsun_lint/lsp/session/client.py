"""The capabilities of the client that matter here."""

from __future__ import annotations

from dataclasses import dataclass

from lsprotocol import types

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
    def of(cls, capabilities: types.ClientCapabilities, options: object = None) -> Client:
        """What a client says it can do, in its capabilities and its `initializationOptions`."""
        command = options.get("suggestCommand") if isinstance(options, dict) else None
        text = capabilities.text_document or types.TextDocumentClientCapabilities()
        workspace = capabilities.workspace or types.WorkspaceClientCapabilities()
        window = capabilities.window or types.WindowClientCapabilities()
        publish = text.publish_diagnostics or types.PublishDiagnosticsClientCapabilities()
        pull = text.diagnostic
        completion = text.completion.completion_item if text.completion else None
        action = text.code_action or types.CodeActionClientCapabilities()
        edit = workspace.workspace_edit or types.WorkspaceEditClientCapabilities()
        operations = edit.resource_operations or ()
        general = capabilities.general or types.GeneralClientCapabilities()
        hover = (text.hover.content_format if text.hover else None) or []
        return cls(
            pulls_diagnostics=pull is not None,
            refreshes_diagnostics=bool(workspace.diagnostics and workspace.diagnostics.refresh_support),
            refreshes_hints=bool(workspace.inlay_hint and workspace.inlay_hint.refresh_support),
            refreshes_lenses=bool(workspace.code_lens and workspace.code_lens.refresh_support),
            related_information=bool((pull or publish).related_information or publish.related_information),
            diagnostic_tags=bool(publish.tag_support or (pull and pull.tag_support)),
            code_description=bool(publish.code_description_support or (pull and pull.code_description_support)),
            hover_markdown=bool(hover) and hover[0] == types.MarkupKind.Markdown,
            # A client that shows Markdown as it is, as Neovim does, names no parser.
            markdown_tables=general.markdown is not None and general.markdown.parser == "marked",
            completion_markdown=bool(
                completion
                and completion.documentation_format
                and completion.documentation_format[0] == types.MarkupKind.Markdown
            ),
            completion_tags=bool(completion and completion.tag_support),
            completion_deprecated=bool(completion and completion.deprecated_support),
            completion_label_details=bool(completion and completion.label_details_support),
            snippets=bool(completion and completion.snippet_support),
            insert_text_modes=bool(completion and completion.insert_text_mode_support),
            document_changes=bool(edit.document_changes),
            creates_files=bool(edit.document_changes and types.ResourceOperationKind.Create in operations),
            renames_files=bool(edit.document_changes and types.ResourceOperationKind.Rename in operations),
            change_annotations=bool(
                edit.change_annotation_support and text.rename and text.rename.honors_change_annotations
            ),
            code_action_literals=action.code_action_literal_support is not None,
            preferred_actions=bool(action.is_preferred_support),
            resolves_actions=bool(
                action.data_support and action.resolve_support and "edit" in action.resolve_support.properties
            ),
            hierarchical_symbols=bool(
                text.document_symbol and text.document_symbol.hierarchical_document_symbol_support
            ),
            configuration=bool(workspace.configuration),
            watches_files=bool(
                workspace.did_change_watched_files and workspace.did_change_watched_files.dynamic_registration
            ),
            registers_configuration=bool(
                workspace.did_change_configuration and workspace.did_change_configuration.dynamic_registration
            ),
            asks=bool(window.show_message and window.show_message.message_action_item is not None),
            applies_edits=bool(workspace.apply_edit),
            progress=bool(window.work_done_progress),
            link_tooltips=bool(text.document_link and text.document_link.tooltip_support),
            suggest_command=command if isinstance(command, str) else "",
            lines_fold_only=bool(text.folding_range and text.folding_range.line_folding_only),
        )
