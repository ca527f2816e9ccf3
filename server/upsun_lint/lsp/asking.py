"""Questions to the user before something that destroys data."""

from __future__ import annotations

from lsprotocol import types
from pygls.lsp.server import LanguageServer

from upsun_lint.writing.quoting import visible

__all__ = ["is_confirmed"]


async def is_confirmed(server: LanguageServer, question: str, yes: str) -> bool:
    """Ask the user, and wait for the answer. `yes` is the button that agrees; closing the message does not."""
    actions = [types.MessageActionItem(yes), types.MessageActionItem("Cancel")]
    params = types.ShowMessageRequestParams(types.MessageType.Warning, visible(question), actions)
    answer = await server.window_show_message_request_async(params)
    return answer is not None and answer.title == yes
