# What `src/grammar.ts` registers.
from typing import Protocol

class _Proxy[Value](Protocol):
    def to_py(self) -> Value: ...

class _Array(Protocol):
    def to_bytes(self) -> bytes: ...

kinds: _Proxy[list[str]]
fields: _Proxy[list[str | None]]

def parse(text: str) -> _Array | None: ...
