"""A path followed through the symbolic links of a tree, which is not on disk and must not be left."""

from __future__ import annotations

from gitmig.frozen import Frozen

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from gitmig.trees.entries import Tree

MOST_LINKS = 5  # git allows 40; a versions folder behind more than a few is a mistake or an attack


class Resolved(Frozen):
    """Where a path leads.

    `problem` is `""`, "missing", "outside" (of the repository), "too many links", "submodule" or "not a folder";
    then `path` is the component that stopped us.  `wanted` is the object id of a link whose target must be read first.
    """

    path: str
    problem: str = ""
    wanted: str = ""


def prefixes(path: str) -> list[str]:
    """`a/b/c` -> `a`, `a/b`, `a/b/c`: the entries that `resolve` looks at."""
    parts = path.split("/")
    return ["/".join(parts[:count]) for count in range(1, len(parts) + 1)]


def resolve(path: str, tree: Tree, targets: Mapping[str, str]) -> Resolved:
    """Follow every link on the way to `path`.

    The tree must hold the entries of the path's components, folders included; `targets` maps the object id of a link
    to its text.  Call again with the entry of `path` or the text of `wanted` added for as long as something is missing.
    """
    hops = 0
    done: list[str] = []
    ahead = [part for part in path.split("/") if part not in ("", ".")]
    while ahead:
        part = ahead.pop(0)
        if part == "..":
            if not done:
                return Resolved(path, "outside")
            done.pop()
            continue
        here = "/".join((*done, part))
        entry = tree.get(here)
        if entry is None:
            return Resolved(here, "missing")
        if entry.is_submodule:
            return Resolved(here, "submodule")
        if not entry.is_link:
            if ahead and not entry.is_folder:
                return Resolved(here, "not a folder")
            done.append(part)
            continue
        hops += 1
        if hops > MOST_LINKS:
            return Resolved(here, "too many links")
        target = targets.get(entry.oid)
        if target is None:
            return Resolved(here, wanted=entry.oid)
        if target.startswith("/"):
            return Resolved(here, "outside")
        ahead = [step for step in target.split("/") if step not in ("", ".")] + ahead
    return Resolved("/".join(done))
