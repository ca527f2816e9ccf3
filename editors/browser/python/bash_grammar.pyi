# What `src/grammar.ts` registers.
from typing import Protocol, TypeVar

_Value = TypeVar("_Value", covariant=True)

class _Proxy(Protocol[_Value]):
    def to_py(self) -> _Value: ...

class _Array(Protocol):
    def to_bytes(self) -> bytes: ...

kinds: _Proxy[list[str]]
fields: _Proxy[list[str | None]]

def parse(text: str) -> _Array | None: ...
