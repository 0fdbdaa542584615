"""Ten thousand rows as one sorted text, searched line by line instead of decoded: a hook asks for a few of them."""

from __future__ import annotations

from _collections_abc import MutableMapping

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any, TypeVar

    from typing_extensions import Self

    V = TypeVar("V")
else:
    V = object

_SEARCHES = 500
"""More rows than this are not looked up one by one: then the whole text is parsed."""


class Table(MutableMapping[str, V]):
    """Lines `key<tab>value`, each with its line end, sorted by key; `changes` are laid over them (None: gone)."""

    def __init__(self, text: str, parse: Callable[[str], V], changes: dict[str, V | None] | None = None) -> None:
        self.text = text
        self.changes: dict[str, V | None] = {} if changes is None else changes
        self._parse = parse
        self._whole: dict[str, V] | None = None if text else {}
        self._searches = 0

    def copy(self) -> Self:
        """Another table over the same text, to be changed by itself."""
        made = type(self)(self.text, self._parse, dict(self.changes))
        made._whole, made._searches = self._whole, self._searches
        return made

    def beneath(self, key: str) -> V | None:
        """What the text has, whatever was laid over it."""
        if self._whole is None and self._searches < _SEARCHES:
            self._searches += 1
            line = find_line(self.text, key)
            return None if line is None else self._parse(line)
        return self._parsed().get(key)

    def differing(self, other: Table[V]) -> list[str]:
        """The keys at which the other table has another value or none, sorted; over one text only the changes count."""
        keys: Iterable[str] = self
        if self.text is other.text:
            keys = [key for key in {*self.changes, *other.changes} if key in self]
        return sorted(key for key in keys if other.get(key) != self[key])

    def naming(self, word: str) -> Iterator[str]:
        """The keys of all rows that may name a word: of the lines in which it stands, and of what was laid over."""
        at = self.text.find(word)
        while at >= 0:
            start, end = self.text.rfind("\n", 0, at) + 1, self.text.index("\n", at)
            key = self.text[start : self.text.index("\t", start)]
            if key not in self.changes:
                yield key
            at = self.text.find(word, end)
        yield from (key for key, value in self.changes.items() if value is not None)

    def __getitem__(self, key: str) -> V:
        found = self.changes[key] if key in self.changes else self.beneath(key)
        if found is None:
            raise KeyError(key)
        return found

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and self.get(key) is not None

    def get(self, key: str, default: Any = None) -> Any:
        found = self.changes[key] if key in self.changes else self.beneath(key)
        return default if found is None else found

    def __setitem__(self, key: str, value: V) -> None:
        self.changes[key] = value

    def __delitem__(self, key: str) -> None:
        if key not in self:
            raise KeyError(key)
        if self.text:
            self.changes[key] = None
        else:
            del self.changes[key]

    def __iter__(self) -> Iterator[str]:
        if not self.text:
            yield from self.changes
            return
        yield from (key for key in self._parsed() if key not in self.changes)
        yield from (key for key, value in self.changes.items() if value is not None)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __bool__(self) -> bool:
        return self.text.count("\n") > len(self.changes) or any(True for _ in self)

    def _parsed(self) -> dict[str, V]:
        if self._whole is None:
            parse = self._parse
            lines = (line.partition("\t") for line in self.text.split("\n") if line)
            self._whole = {key: parse(value) for key, _tab, value in lines}
        return self._whole


def find_line(text: str, key: str) -> str | None:
    """What follows the key in its line; found by halving."""
    low, high = 0, len(text)
    while low < high:
        start = text.rfind("\n", low, (low + high) // 2) + 1 or low
        end = text.index("\n", start)
        tab = text.index("\t", start, end)
        name = text[start:tab]
        if name == key:
            return text[tab + 1 : end]
        if name < key:
            low = end + 1
        else:
            high = start
    return None


def text_of(lines: Iterable[tuple[str, ...]]) -> str:
    """The text of a table, of rows whose first field is the key; no field may hold a tab or a line end."""
    return "".join("\t".join(line) + "\n" for line in sorted(lines))
