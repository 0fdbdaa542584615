"""A change of files as a value: it can be shown, handed to another program, applied, and undone.  Plain data.

Steps do not depend on their order: each says what is at a path before and after the plan, so `0005.py -> 0006.py` and
`0006.py -> 0007.py` go together.
"""

from __future__ import annotations

from gitmig.frozen import Frozen
from gitmig.trees.entries import REGULAR

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gitmig.trees.entries import Entry

ABSENT = "absent"
WRITE, RENAME, DELETE, STAGE = "write", "rename", "delete", "stage"


class Expected(Frozen):
    """What must still be there when the plan is applied; `""` where nobody looked.

    `worktree` is the blob id of the bytes on disk, unfiltered, or "absent".  `index` is the blob id of the index entry,
    "absent", or what `unmerged` makes of a conflict's stages.
    """

    worktree: str = ""
    index: str = ""


class Step(Frozen):
    """One step; made by `write`, `rename`, `delete` and `stage`.

    `before` are the bytes the planner read at `path` (None: nothing is there), `content` the bytes that will be there
    (of a rename: at `to`).  `mode` is "100644", "100755" or "" for the mode that the file has.
    """

    kind: str
    path: str
    expected: Expected = Expected()
    to: str = ""
    before: bytes | None = None
    content: bytes | None = None
    mode: str = ""


class Plan(Frozen):
    """What will be done, in one line, and the steps."""

    title: str
    steps: tuple[Step, ...] = ()


class Effect(Frozen):
    """What a whole plan does at one path.  `moved_from` names the path whose text comes here.

    A path that is only staged keeps its content: `before` and `content` are None and `touched` is false.
    """

    path: str
    expected: Expected
    before: bytes | None = None
    content: bytes | None = None
    mode: str = ""
    moved_from: str = ""
    touched: bool = False
    staged: bool = False


def write(path: str, content: bytes, *, before: bytes | None, expected: Expected, mode: str = "") -> Step:
    """These bytes at the path, whether a file is there or not."""
    return Step(WRITE, path, expected, before=before, content=content, mode=mode)


def rename(
    path: str, to: str, *, before: bytes, expected: Expected, content: bytes | None = None, mode: str = ""
) -> Step:
    """The file under another path, with other bytes if `content` is given; at `to` is nothing, or what moves too."""
    return Step(RENAME, path, expected, to=to, before=before, content=before if content is None else content, mode=mode)


def delete(path: str, *, before: bytes, expected: Expected, mode: str = "") -> Step:
    """No file at the path; `mode` is the mode that it had."""
    return Step(DELETE, path, expected, before=before, mode=mode)


def stage(path: str, *, index: str, worktree: str = "") -> Step:
    """The index takes over what the plan leaves at the path; `index` is what its entry is expected to be now."""
    return Step(STAGE, path, Expected(worktree, index))


def stage_all(steps: Iterable[Step], index: Mapping[str, str]) -> tuple[Step, ...]:
    """The steps and one stage step for every path they touch; `index` has the expected entries, absent by default."""
    kept = tuple(steps)
    touched = dict.fromkeys(path for step in kept for path in (step.path, step.to) if path)
    return (*kept, *(stage(path, index=index.get(path, ABSENT)) for path in touched))


def unmerged(stages: Mapping[int, Entry]) -> str:
    """The expected index entry of a path in conflict: `1:ID 2:ID 3:ID`."""
    return " ".join(f"{number}:{entry.oid}" for number, entry in sorted(stages.items()))


def find_effects(plan: Plan) -> dict[str, Effect]:
    """What the plan does, path by path, sorted; ValueError for a plan that contradicts itself."""
    found: dict[str, Effect] = {}
    for step in plan.steps:
        if step.kind in (RENAME, DELETE):
            _add(found, Effect(step.path, step.expected, step.before, None, step.mode, touched=True))
    for step in plan.steps:
        if step.kind in (WRITE, RENAME):
            _put(found, step)
    for step in plan.steps:
        if step.kind == STAGE:
            known = found.get(step.path, Effect(step.path, Expected(ABSENT if step.path in found else "")))
            found[step.path] = known.replace(expected=_both(known.expected, step), staged=True)
    return dict(sorted(found.items()))


def _put(found: dict[str, Effect], step: Step) -> None:
    """A file appears, or gets other bytes; over a file that moves away it is a change of that path."""
    content = step.content
    if content is None:
        raise ValueError(f"{step.kind} {step.path!r} without content")
    path = step.to or step.path
    if step.kind == WRITE:
        made = Effect(path, step.expected, step.before, content, step.mode, touched=True)
    else:
        made = Effect(path, Expected(ABSENT), None, content, step.mode, moved_from=step.path, touched=True)
    there = found.pop(path, None)
    if there is not None:
        if there.content is not None or step.kind == WRITE:
            raise ValueError(f"two steps for {path!r}")
        made = made.replace(expected=there.expected, before=there.before, mode=made.mode or there.mode)
    _add(found, made)


def _add(found: dict[str, Effect], effect: Effect) -> None:
    if effect.path in found:
        raise ValueError(f"two steps for {effect.path!r}")
    found[effect.path] = effect


def _both(expected: Expected, step: Step) -> Expected:
    worktree, index = step.expected.worktree, step.expected.index
    for one, other in ((expected.worktree, worktree), (expected.index, index)):
        if one and other and one != other:
            raise ValueError(f"two expectations at {step.path!r}: {one} and {other}")
    return Expected(expected.worktree or worktree, expected.index or index)


def mode_of(effect: Effect, there: str = "") -> str:
    """The mode that the file will have; `there` is the mode of the file that it replaces or comes from."""
    return effect.mode or there or REGULAR
