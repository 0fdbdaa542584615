"""Immutable records for the hook path, where importing `dataclasses` alone costs more than a Git process.

See docs/decisions/0002-frozen-records.md for the measurement and the alternatives.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeVar

    from typing_extensions import Self, dataclass_transform

    C = TypeVar("C")
else:

    def dataclass_transform(**_options: object) -> Callable[[C], C]:
        return lambda decorated: decorated


@dataclass_transform(frozen_default=True, eq_default=True)
class Frozen:
    """Base of every record: annotated names are the fields, class attributes are their defaults.

    Behaves as a frozen dataclass does: positional or keyword construction, equality by value, hash, `repr`.
    """

    _fields: tuple[str, ...] = ()
    _names: frozenset[str] = frozenset()
    _required: frozenset[str] = frozenset()
    _defaults: dict[str, Any]

    def __init_subclass__(cls) -> None:
        own = cls.__annotations__  # on 3.10 and newer a class without annotations has {} of its own, never its base's
        cls._fields = cls._fields + tuple(name for name in own if name[0] != "_" and name not in cls._fields)
        cls._names = frozenset(cls._fields)
        cls._defaults = {name: getattr(cls, name) for name in cls._fields if hasattr(cls, name)}
        cls._required = cls._names - cls._defaults.keys()

    def __init__(self, *values: Any, **named: Any) -> None:
        fields = self._fields
        if len(values) > len(fields):
            raise TypeError(f"{type(self).__name__} takes {len(fields)} values, {len(values)} were given")
        state = self.__dict__
        state.update(zip(fields, values))  # noqa: B905  (strict= needs equal lengths; defaults make it shorter)
        if named:
            state.update(named)
            if len(state) < len(values) + len(named) or not self._names.issuperset(named):
                wrong = named.keys() & set(fields[: len(values)]) or named.keys() - self._names
                raise TypeError(f"{type(self).__name__}: unexpected or repeated {', '.join(sorted(wrong))}")
        if len(state) < len(fields) and not self._required.issubset(state):
            missing = self._required - state.keys()
            raise TypeError(f"{type(self).__name__}: missing {', '.join(sorted(missing))}")

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{type(self).__name__} is immutable: cannot set {name!r}")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"{type(self).__name__} is immutable: cannot delete {name!r}")

    def _values(self) -> tuple[Any, ...]:
        return tuple(getattr(self, name) for name in self._fields)

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return False
        one, two = self.__dict__, other.__dict__
        # A field that has its default need not be among them.
        return one == two if one.keys() == two.keys() else self._defaults | one == self._defaults | two

    def __hash__(self) -> int:
        return hash((type(self), self._values()))

    def __repr__(self) -> str:
        inside = ", ".join(f"{name}={getattr(self, name)!r}" for name in self._fields)
        return f"{type(self).__name__}({inside})"

    def replace(self, **changed: Any) -> Self:
        """A copy in which the named fields have other values."""
        if not self._names.issuperset(changed):
            wrong = changed.keys() - self._names
            raise TypeError(f"{type(self).__name__}: unexpected {', '.join(sorted(wrong))}")
        made = object.__new__(type(self))
        made.__dict__.update(self.__dict__)
        made.__dict__.update(changed)
        return made
