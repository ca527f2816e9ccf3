"""The life of a session: which messages are valid when, and the errors for all others."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.protocol import LanguageServerProtocol, lsp_method

from upsun_lint.lsp import greeting
from upsun_lint.lsp.framing import with_header
from upsun_schema.record import NamedTuple

__all__ = ["Json", "UpsunProtocol"]

_ALWAYS = frozenset({types.EXIT, types.CANCEL_REQUEST, types.SET_TRACE})

_NOT_KEPT = (
    types.TEXT_DOCUMENT_DID_OPEN,
    types.TEXT_DOCUMENT_DID_CHANGE,
    types.TEXT_DOCUMENT_DID_CLOSE,
    types.NOTEBOOK_DOCUMENT_DID_OPEN,
    types.NOTEBOOK_DOCUMENT_DID_CHANGE,
    types.NOTEBOOK_DOCUMENT_DID_CLOSE,
    types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS,
)
"""Messages that pygls handles by keeping copies of texts and folders, which nothing here reads."""

_Code = types.ErrorCodes | types.LSPErrorCodes


class Json(NamedTuple):
    """A value that is JSON already. `method` is that of a message which is a notification."""

    text: str
    method: str | None = None


class UpsunProtocol(LanguageServerProtocol):
    """The protocol of pygls, with the errors that the specification requires, and without its memory leaks."""

    _is_initialized = False
    is_greeted = False
    """Whether the request `initialize` is answered already, before it is handled."""

    begin: Callable[[dict[str, Any]], None]
    """Begins the session, with the valid parameters of `initialize`."""

    def _register_builtin_features(self) -> None:
        super()._register_builtin_features()  # type: ignore[no-untyped-call]
        for method in _NOT_KEPT:
            del self.fm.builtin_features[method]

    @property
    def was_shut_down(self) -> bool:
        """Whether the client has sent `shutdown`."""
        return bool(self._shutdown)

    def receive(self, data: dict[str, Any]) -> None:
        """Handle a decoded message. A request always gets an answer, a notification never does."""
        if "method" not in data:
            self._receive_answer(data)
            return
        identifier = data.get("id")
        is_request = "id" in data
        if is_request and (isinstance(identifier, bool) or not isinstance(identifier, str | int)):
            self.refuse(types.ErrorCodes.InvalidRequest, "`id` must be a string or a whole number")
            return
        if (reason := self._reason_against(data["method"], is_request=is_request)) is not None:
            if is_request:
                self.refuse(*reason, identifier)
            return
        if data["method"] == types.INITIALIZE:
            if is_request:
                self._initialize(data.get("params"), identifier)
            return
        data.setdefault("params", None)
        try:
            message = self.structure_message(data)
        except (JsonRpcException, Exception):
            if is_request:
                reason = types.ErrorCodes.InvalidParams, f"the parameters of `{data['method']}` are not valid"
                self.refuse(*reason, identifier)
            return
        self.handle_message(message)

    def _initialize(self, params: Any, identifier: str | int | None) -> None:
        """Begin the session. Reading these parameters as objects of pygls would take 0.1 s, for 100 classes."""
        if not greeting.is_valid(params):
            self.refuse(types.ErrorCodes.InvalidParams, "the parameters of `initialize` are not valid", identifier)
            return
        self._is_initialized = True
        self.trace = types.TraceValue(params.get("trace") or "off")
        self.begin(params)
        if not self.is_greeted:
            self._send_data({"jsonrpc": self.VERSION, "id": identifier, "result": greeting.result(params)})

    def _receive_answer(self, data: dict[str, Any]) -> None:
        identifier = data.get("id")
        if not isinstance(identifier, str | int):
            return
        try:
            message = self.structure_message(data)
        except (JsonRpcException, Exception):
            # Somebody is waiting for this answer, so it must not just be dropped.
            wrong = types.ResponseError(types.ErrorCodes.InvalidRequest.value, "the answer is not valid")
            self._handle_response(identifier, None, wrong)
            return
        self.handle_message(message)

    def _reason_against(self, method: object, *, is_request: bool) -> tuple[_Code, str] | None:
        """Why a message is not handled; None where it is."""
        if not isinstance(method, str):
            return types.ErrorCodes.InvalidRequest, "`method` must be a string"
        if (reason := self._out_of_turn(method)) is not None:
            return reason
        if method not in self.fm.builtin_features and method not in self.fm.features and method not in _ALWAYS:
            return types.ErrorCodes.MethodNotFound, f"there is no method `{method}` here"
        if is_request and self.get_result_type(method) is None:
            return types.ErrorCodes.InvalidRequest, f"`{method}` is a notification, so it must not have an `id`"
        return None

    def _out_of_turn(self, method: str) -> tuple[_Code, str] | None:
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

    def refuse(self, code: _Code, message: str, identifier: str | int | None = None) -> None:
        """A request with an error; without an identifier, the request could not be read."""
        error = {"code": int(code.value), "message": message}
        self._send_data({"jsonrpc": self.VERSION, "id": identifier, "error": error})

    def notify_json(self, method: str, params: str) -> None:
        """Send a notification whose parameters are JSON already."""
        message = f'{{"jsonrpc": "{self.VERSION}", "method": {json.dumps(method)}, "params": {params}}}'
        self._send_data(Json(message, method))

    def _send_response(
        self, msg_id: str | int, result: Any | None = None, error: types.ResponseError | None = None
    ) -> None:
        if not isinstance(result, Json):
            super()._send_response(msg_id, result, error)
            return
        self._result_types.pop(msg_id, None)
        self._send_data(Json(f'{{"id": {json.dumps(msg_id)}, "jsonrpc": "{self.VERSION}", "result": {result.text}}}'))

    def _send_data(self, data: Any) -> None:
        if not isinstance(data, Json):
            super()._send_data(data)
        elif self.writer is not None:
            self.writer.write(with_header(data.text) if self._include_headers else data.text.encode())

    # -- what pygls never forgets --------------------------------------------------------------------------------

    def _execute_handler(
        self,
        msg_id: str | int,
        handler: Callable[..., Any],
        callback: Callable[[Any], None],
        args: tuple[Any, ...] | None = None,
        kwargs: dict[str, Any] | None = None,
    ) -> None:
        """Run a handler and forget its future when it is done; pygls does so only for requests."""

        def done(future: Any) -> None:
            self._request_futures.pop(msg_id, None)
            callback(future)

        super()._execute_handler(msg_id, handler, done, args, kwargs)

    def _handle_response(
        self, msg_id: str | int, result: Any | None = None, error: types.ResponseError | None = None
    ) -> None:
        """Handle an answer of the client. For errors, pygls keeps the expected type; remove it."""
        self._result_types.pop(msg_id, None)
        super()._handle_response(msg_id, result, error)

    @lsp_method(types.SHUTDOWN)
    def lsp_shutdown(self, *_: object) -> None:  # type: ignore[override]
        """Cancel all running requests."""
        self._shutdown = True
        # A copy, because each future removes itself when it is canceled.
        for future in list(self._request_futures.values()):
            future.cancel()
