"""Did the uses of a name become uses of another one?  What a change of Python text says, line by line."""

from __future__ import annotations

import re
from difflib import SequenceMatcher

from gitmig.frozen import Frozen

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

# How much two lines have in common of which one became the other, from 0 to 1, and how many are looked at for it.
ALIKE = 0.75
MOST_LINES = 50


class Hunk(Frozen):
    """A run of lines that others took the place of; either side may be empty."""

    removed: tuple[str, ...]
    added: tuple[str, ...]


class Uses(Frozen):
    """What became of the uses of an old name and where those of a new one came, definitions aside.

    `renamed` uses of the old one are now of the new one, `gone` are all that the old one lost, `come` all that the new
    one got.  `in_place`: the definition of the new one took the place of the old; None where either was not seen.
    """

    renamed: int = 0
    gone: int = 0
    come: int = 0
    in_place: bool | None = None


def hunks_of(old: str, new: str) -> tuple[Hunk, ...]:
    """The changed lines of a file."""
    before, after = old.splitlines(), new.splitlines()
    found = []
    for tag, start, end, first, last in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag != "equal":
            found.append(Hunk(tuple(before[start:end]), tuple(after[first:last])))
    return tuple(found)


def uses_in(hunks: Iterable[Hunk], old: str, new: str) -> Uses:
    """What the changed lines of a change say of two names."""
    renamed = gone = come = 0
    places: tuple[list[tuple[int, int]], list[tuple[int, int]]] = ([], [])
    was, now = _defines(old), _defines(new)
    for number, hunk in enumerate(hunks):
        places[0].extend((number, at) for at, line in enumerate(_definitions(hunk.removed)) if was(line))
        places[1].extend((number, at) for at, line in enumerate(_definitions(hunk.added)) if now(line))
        removed = [line.strip() for line in hunk.removed if old in line and not was(line)]
        added = [line.strip() for line in hunk.added if new in line and not now(line)]
        gone += max(_count(removed, old) - _count(hunk.added, old), 0)
        come += max(_count(added, new) - _count(hunk.removed, new), 0)
        renamed += _rewritten(removed, added, old, new)
    return Uses(renamed, gone, come, _in_place(*places))


def _in_place(old: Sequence[tuple[int, int]], new: Sequence[tuple[int, int]]) -> bool | None:
    """Whether two definitions, each (hunk, which one of the hunk's), are one; among others of a hunk nobody knows."""
    if len(old) != 1 or len(new) != 1:
        return None
    if old == new:
        return True
    return False if old[0][0] != new[0][0] else None


def _rewritten(removed: Iterable[str], added: list[str], old: str, new: str) -> int:
    """Uses in lines that became lines with the other name, and are much the same besides."""
    use, found = _use(old), 0
    left = list(added)
    for line in removed:
        text, count = use.subn(new, line)
        partner = next((each for each in left if each == text), None) or _nearest(text, left) if count else None
        if partner is not None:
            left.remove(partner)
            found += max(0, min(count - len(use.findall(partner)), _count([partner], new)))
    return found


def _nearest(text: str, lines: Sequence[str]) -> str | None:
    """The line that is most like the text, if one is like it at all."""
    alike = {line: SequenceMatcher(None, text, line).ratio() for line in lines[:MOST_LINES]}
    best = max(alike, key=lambda line: alike[line], default=None)
    return best if best is not None and alike[best] >= ALIKE else None


def _definitions(lines: Iterable[str]) -> list[str]:
    """Lines that declare a column of any name."""
    return [line for line in lines if _ANY(line)]


def _use(name: str) -> re.Pattern[str]:
    """`.name`, `name=` and "name"."""
    word = re.escape(name)
    return re.compile(rf"(?<=\.){word}(?!\w)|(?<![\w.]){word}(?=\s*=(?!=))|(?<=['\"]){word}(?=['\"])")


def _count(lines: Iterable[str], name: str) -> int:
    use = _use(name)
    return sum(len(use.findall(line)) for line in lines if name in line)


def _defines(name: str) -> Callable[[str], object]:
    """Whether a line declares the column: as an attribute of a class, or by its name in a Column."""
    return _declares(re.escape(name))


def _declares(word: str) -> Callable[[str], object]:
    attribute = rf"\s*{word}\s*(?::(?!=)|=\s*[\w.]*(?:[Cc]olumn|Field)\()"
    called = rf".*(?<!\w)\w*[Cc]olumn\(\s*(['\"]){word}\1"
    return re.compile(f"{attribute}|{called}").match


_ANY = _declares(r"\w+")
