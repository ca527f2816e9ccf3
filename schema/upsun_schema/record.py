"""Named tuples as `typing` has them, defined in a tenth of the time: a check defines ninety, and uses half of them.

`typing.NamedTuple` compiles code for each class and looks at each annotation, which was a sixth of a small check.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any, ClassVar, Self, dataclass_transform  # noqa: TC004

    COMPILED = False

__all__ = ["NamedTuple"]

if TYPE_CHECKING and not COMPILED:
    from typing import NamedTuple
elif TYPE_CHECKING:

    @dataclass_transform(frozen_default=True)
    class _Definition(type):
        pass

    class NamedTuple(metaclass=_Definition):
        """What mypyc sees: a class like others. It would replace what it knows as a named tuple by that of `typing`."""

        _fields: ClassVar[tuple[str, ...]]

        def _replace(self, **changes: Any) -> Self: ...
        def _asdict(self) -> dict[str, Any]: ...
        def __iter__(self) -> Iterator[Any]: ...
        def __len__(self) -> int: ...
        def __getitem__(self, index: Any) -> Any: ...
        def __lt__(self, other: Self) -> bool: ...
        def __add__(self, other: Any) -> Any: ...
else:
    # How `collections` reads a field: nothing is faster.
    from collections import _tuplegetter

    _MISSING = object()

    class _Definition(type):
        """Makes a class of annotations: its fields in their order, with the values given to them as defaults."""

        def __new__(cls, name, bases, body):
            fields = tuple(body.get("__annotations__", ()))
            defaults = tuple((field, body.get(field, _MISSING)) for field in fields)
            own = {"__slots__": (), "_fields": fields, "_defaults": defaults}
            getters = {field: _tuplegetter(index, None) for index, field in enumerate(fields)}
            return super().__new__(cls, name, bases, body | getters | own)

    class NamedTuple(tuple, metaclass=_Definition):
        """The base of a named tuple, whose annotations are its fields."""

        def __new__(cls, *values, **named):
            """Take the values of the fields in order or by name."""
            if named or len(values) != len(cls._fields):
                values += tuple([named.pop(field, default) for field, default in cls._defaults[len(values) :]])
                if named or len(values) > len(cls._fields) or _MISSING in values:
                    raise TypeError(f"{cls.__name__} takes {', '.join(cls._fields)}")
            return tuple.__new__(cls, values)

        def _replace(self, **changes):
            found = tuple.__new__(type(self), map(changes.pop, self._fields, self))
            if changes:
                raise TypeError(f"{type(self).__name__} has no {', '.join(changes)}")
            return found

        def _asdict(self):
            return dict(zip(self._fields, self, strict=True))

        def __repr__(self):
            return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in self._asdict().items())})"

        def __getnewargs__(self):
            return tuple(self)
