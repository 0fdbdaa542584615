"""Files of the tree that code opens: `open(Path(__file__).with_suffix(".sql")).read()` and its like.

The path of a file begins with what it was made from: "/<tree>" for `__file__`, as if the tree lay there, "/<package
shop.data>" for `importlib.resources`.  Any other path depends on where the program runs.
"""

from __future__ import annotations

import posixpath

from gitmig.source.arithmetic import Unreadable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

LONG = 20_000
# What is done with the text of a long file.
CUTTING = frozenset({"decode", "lstrip", "rstrip", "split", "splitlines", "strip"})
# Stands for the place of the revision itself among the names of what is wanted.
PLACE = "/"
TREE = "/<tree>/"
PACKAGE = "/<package "
PARTS = frozenset({"name", "parent", "parents", "stem", "suffix"})
READING = frozenset({"read_text", "read_bytes"})
MOVING = frozenset({"joinpath", "resolve", "with_name", "with_suffix", "with_stem"})
STAYING = frozenset({"absolute", "expanduser"})
LIBRARY = ("os.", "posixpath.", "pathlib.", "io.", "codecs.", "importlib.resources.", "pkgutil.")
ENCODINGS = frozenset({"utf-8", "utf8", "utf-8-sig", "ascii"})


class FileText(str):
    """The text of a file, which may be longer than any other value."""

    __slots__ = ()


def is_long(value: object) -> bool:
    """Whether only a file has such a text: it may be executed, cut and stripped, and no other text is made of it."""
    if isinstance(value, (list, tuple)):
        return any(map(is_long, value))
    return isinstance(value, FileText) and len(value) > LONG


class TreePath:
    """What `Path(...)` is; its attributes and methods are those that code names."""

    __slots__ = ("text",)

    def __init__(self, *parts: object) -> None:
        self.text = posixpath.join(*map(str, parts))

    def __str__(self) -> str:
        return self.text

    def __truediv__(self, other: object) -> TreePath:
        return TreePath(self, other)

    def joinpath(self, *others: object) -> TreePath:
        return TreePath(self, *others)

    @property
    def name(self) -> str:
        return posixpath.basename(self.text)

    @property
    def stem(self) -> str:
        return posixpath.splitext(self.name)[0]

    @property
    def suffix(self) -> str:
        return posixpath.splitext(self.name)[1]

    @property
    def parent(self) -> TreePath:
        return TreePath(posixpath.dirname(self.text))

    @property
    def parents(self) -> tuple[TreePath, ...]:
        return (self.parent, *self.parent.parents) if self.text.strip("/") else ()

    def with_name(self, name: str) -> TreePath:
        return self.parent / name

    def with_suffix(self, suffix: str) -> TreePath:
        return self.with_name(self.stem + suffix)

    def with_stem(self, stem: str) -> TreePath:
        return self.with_name(stem + self.suffix)

    def resolve(self) -> TreePath:
        return TreePath(posixpath.normpath(self.text))


class Opened:
    """An open file, by its path."""

    __slots__ = ("path",)

    def __init__(self, path: str) -> None:
        self.path = path


class TreeFiles:
    """The files that were given, by name; `wanted` are those that are asked for and were not, `refused` says why not.

    `place` is the path of the revision in the tree, "" where that is not known.
    """

    def __init__(self, given: Mapping[str, tuple[str, bytes] | None], place: str) -> None:
        self.given = given
        self.place = place
        self.wanted: set[str] = set()
        self.refused = ""

    def file(self, path: str) -> str:
        """The value of `__file__` in the module at `path`, in the revision itself where that is ""."""
        if not path and not self.place:
            self.wanted.add(PLACE)
            raise Unreadable
        return TREE + (path or self.place)

    def text(self, path: str) -> FileText:
        name = posixpath.normpath(path)
        if not name.startswith((TREE, PACKAGE)):
            raise Unreadable
        if name not in self.given:
            self.wanted.add(name)
            raise Unreadable
        found = self.given[name]
        if found is None:
            self.refused = f"{name.removeprefix(TREE).removeprefix('/')} is not in the tree, or too large"
            raise Unreadable
        try:
            return FileText(found[1].decode("utf-8-sig"))
        except UnicodeDecodeError:
            self.refused = f"{found[0]} is not UTF-8"
            raise Unreadable from None


def of_library(name: str, values: Sequence[Any], named: Mapping[str, Any], files: TreeFiles) -> Any:
    """What functions of the standard library make of paths; Unreadable for all others."""
    if name in ("os.path.join", "posixpath.join"):
        return posixpath.join(*map(str, values))
    if name == "os.path.normpath" and len(values) == 1:
        return posixpath.normpath(values[0])
    if name == "os.path.splitext" and len(values) == 1:
        return posixpath.splitext(values[0])
    if name == "os.fspath" and len(values) == 1:
        return str(values[0])
    if name in ("pathlib.Path", "pathlib.PurePath"):
        return TreePath(*values)
    if name in ("io.open", "codecs.open"):
        return opened(values[0], values[1:], named)
    if name == "importlib.resources.files" and len(values) == 1:
        return TreePath(package(values[0]))
    if name in ("importlib.resources.read_text", "importlib.resources.read_binary", "pkgutil.get_data"):
        check_encoding(values[2:], named)
        return files.text(posixpath.join(package(values[0]), *values[1:2]))
    if name == "importlib.resources.open_text":
        check_encoding(values[2:], named)
        return Opened(posixpath.join(package(values[0]), values[1]))
    raise Unreadable


def of_method(owner: Any, method: str, values: Sequence[Any], named: Mapping[str, Any], files: TreeFiles) -> Any:
    """What a method of a path or of an open file gives."""
    if isinstance(owner, Opened) and method == "read" and not values:
        return files.text(owner.path)
    if isinstance(owner, FileText) and method == "decode":
        check_encoding(values, named)
        return owner
    if not isinstance(owner, TreePath):
        raise Unreadable
    if method in READING:
        check_encoding(values, named)
        return files.text(str(owner))
    if method == "open":
        return opened(owner, values, named)
    if method in STAYING:
        return owner
    if method == "as_posix":
        return str(owner)
    if method in MOVING:
        return getattr(owner, method)(*values)
    raise Unreadable


def of_path(owner: Any, attribute: str) -> Any:
    """An attribute of a path."""
    if not isinstance(owner, TreePath):
        raise Unreadable
    return getattr(owner, attribute)


def package(name: Any) -> str:
    if not isinstance(name, str) or not name or "/" in name:
        raise Unreadable
    return f"{PACKAGE}{name}>"


def opened(path: Any, values: Sequence[Any], named: Mapping[str, Any]) -> Opened:
    modes = [each for each in (*values[:1], named.get("mode")) if isinstance(each, str)]
    if any(set(mode) - set("rbtU") for mode in modes):
        raise Unreadable
    check_encoding((), named)
    return Opened(str(path))


def check_encoding(values: Sequence[Any], named: Mapping[str, Any]) -> None:
    for encoding in (*values[:1], named.get("encoding")):
        if encoding is not None and str(encoding).lower() not in ENCODINGS:
            raise Unreadable
