"""The life of a session: what may be asked when, and the right refusal for everything else."""

from __future__ import annotations

from typing import Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.protocol import LanguageServerProtocol

__all__ = ["UpsunProtocol"]

_ALWAYS = frozenset({types.EXIT, types.CANCEL_REQUEST, types.SET_TRACE})


class UpsunProtocol(LanguageServerProtocol):
    """pygls's protocol, with the answers the specification wants before `initialize` and after `shutdown`."""

    _is_initialized = False

    @property
    def was_shut_down(self) -> bool:
        """Whether the client has asked for the end of the session."""
        return bool(self._shutdown)

    def receive(self, data: dict[str, Any]) -> None:
        """Handle a decoded message. A request always gets an answer, a notification never does."""
        method = data.get("method")
        identifier = data.get("id")
        is_request = isinstance(method, str) and isinstance(identifier, str | int)
        if method is not None and not isinstance(method, str):
            self.refuse(types.ErrorCodes.InvalidRequest, "`method` must be a string", identifier)
            return
        if method is not None and (reason := self._out_of_turn(method)) is not None:
            if is_request:
                self.refuse(*reason, identifier)
            return
        if method == types.INITIALIZE and is_request:
            self._is_initialized = True
        if method is not None:
            data.setdefault("params", None)
        try:
            message = self.structure_message(data)
        except (JsonRpcException, Exception):
            if is_request:
                self.refuse(types.ErrorCodes.InvalidParams, f"the parameters of `{method}` are not valid", identifier)
            return
        self.handle_message(message)

    def _out_of_turn(self, method: str) -> tuple[types.ErrorCodes | types.LSPErrorCodes, str] | None:
        if method in _ALWAYS:
            return None
        if self._shutdown:
            return types.ErrorCodes.InvalidRequest, "the server was shut down"
        if method == types.INITIALIZE:
            return (
                (types.ErrorCodes.InvalidRequest, "the server is initialized already") if self._is_initialized else None
            )
        if not self._is_initialized:
            return types.ErrorCodes.ServerNotInitialized, "the first request must be `initialize`"
        return None

    def refuse(
        self, code: types.ErrorCodes | types.LSPErrorCodes, message: str, identifier: str | int | None = None
    ) -> None:
        """Answer a request with an error; without an identifier, the request could not be read."""
        error = {"code": int(code.value), "message": message}
        self._send_data({"jsonrpc": self.VERSION, "id": identifier, "error": error})
