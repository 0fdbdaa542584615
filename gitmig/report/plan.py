"""A plan for people (a coloured diff), for programs (the steps of `gitmig resolve --format json`), for `git apply`."""

from __future__ import annotations

import difflib

from gitmig.plan import STAGE, find_effects, mode_of
from gitmig.report.escape import safe
from gitmig.report.style import Style

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from gitmig.plan import Effect, Plan, Step

_TAB = "    "


def render_plan(plan: Plan, *, color: bool = False) -> str:
    """What would be done: the title, one line for each step, the diff."""
    style = Style(color)
    lines = [style.paint("strong", safe(plan.title))] if plan.title else []
    lines += [f"  {_sentence(step)}" for step in plan.steps if step.kind != STAGE]
    effects = find_effects(plan).values()
    staged = [safe(effect.path) for effect in effects if effect.staged]
    if staged:
        everything = all(effect.staged for effect in effects)
        lines.append(f"  stage   {'all of it' if everything else ', '.join(staged)}")
    return "\n".join([*lines, "", ""]) + render_diff(plan, color=color)


def render_diff(plan: Plan, *, color: bool = False) -> str:
    """The unified diff with everything that a terminal would obey made visible; not for `git apply`."""
    style = Style(color)
    lines = []
    for group in _groups(plan):
        crlf = _has_only_crlf(group)
        for kind, line in _diff(group):
            text = line[:-2] if crlf and line.endswith(b"\r\n") else line.removesuffix(b"\n")
            shown = safe(text.decode("utf-8", "surrogateescape").replace("\t", _TAB))
            lines.append(style.paint(kind, shown) if kind else shown)
    return "".join(f"{line}\n" for line in lines)


def render_patch(plan: Plan) -> bytes:
    """A patch in Git's form; `git apply` on the state that the plan was made for gives the plan's result.

    Its text is the plan's bytes: for a patch that others apply, make the plan from blobs, not from a worktree in
    which line endings were converted.
    """
    return b"".join(line for group in _groups(plan) for _kind, line in _diff(group))


def steps_value(plan: Plan) -> list[dict[str, Any]]:
    """The steps as plain values, DESIGN section 9; content that is no UTF-8 is in `content_base64` instead."""
    return [_step_value(step) for step in plan.steps]


def _step_value(step: Step) -> dict[str, Any]:
    value: dict[str, Any] = {
        "step": step.kind,
        "path": step.path,
        "to": step.to or None,
        "content": None,
        "mode": step.mode or None,
        "expected": {"worktree": step.expected.worktree or None, "index": step.expected.index or None},
    }
    if step.content is None:
        return value
    try:
        value["content"] = step.content.decode("utf-8")
    except UnicodeDecodeError:
        from base64 import b64encode

        value["content_base64"] = b64encode(step.content).decode("ascii")
    return value


def _sentence(step: Step) -> str:
    what = "create" if step.kind == "write" and step.before is None else step.kind
    to = f" -> {safe(step.to)}" if step.to else ""
    return f"{what:<7} {safe(step.path)}{to}"


class _Group:
    """What one `diff --git` entry says: a path before and a path after, one of which may be missing."""

    def __init__(self, effect: Effect, source: Effect | None = None) -> None:
        self.old_path = source.path if source else effect.path
        self.new_path = effect.path
        self.old = source.before if source else effect.before
        self.new = effect.content
        self.mode = mode_of(effect)
        self.moved = source is not None


def _groups(plan: Plan) -> list[_Group]:
    effects = {path: effect for path, effect in find_effects(plan).items() if effect.touched}
    moved = {
        effect.moved_from: effect
        for effect in effects.values()
        if effect.moved_from and effect.before is None and effects[effect.moved_from].content is None
    }
    groups = []
    for path, effect in effects.items():
        if path in moved:
            groups.append(_Group(moved[path], effect))
        elif effect.moved_from not in moved:
            groups.append(_Group(effect))
    return [group for group in groups if group.moved or group.old != group.new]


def _diff(group: _Group) -> Iterator[tuple[str, bytes]]:
    old_name, new_name = _quoted(b"a/", group.old_path), _quoted(b"b/", group.new_path)
    yield "strong", b"diff --git %s %s\n" % (old_name, new_name)
    if group.moved:
        yield "strong", b"rename from %s\n" % _quoted(b"", group.old_path)
        yield "strong", b"rename to %s\n" % _quoted(b"", group.new_path)
    elif group.old is None:
        yield "strong", b"new file mode %s\n" % group.mode.encode("ascii")
    elif group.new is None:
        yield "strong", b"deleted file mode %s\n" % group.mode.encode("ascii")
    old, new = group.old or b"", group.new or b""
    if old == new:
        return
    yield "strong", b"--- %s\n" % (b"/dev/null" if group.old is None else _with_end(old_name))
    yield "strong", b"+++ %s\n" % (b"/dev/null" if group.new is None else _with_end(new_name))
    yield from _hunks(old, new)


def _hunks(old: bytes, new: bytes) -> Iterator[tuple[str, bytes]]:
    hunks = difflib.unified_diff(_lines(old), _lines(new), n=3)
    next(hunks)  # the two lines with file names, which are written already
    next(hunks)
    for text in hunks:
        line = text.encode("latin-1")
        kind = {b"+": "good", b"-": "error", b"@": "frame"}.get(line[:1], "")
        yield kind, line if line.endswith(b"\n") else line + b"\n"
        if not line.endswith(b"\n"):
            yield "", b"\\ No newline at end of file\n"


def _lines(content: bytes) -> list[str]:
    """Lines as Git has them, which end at LF alone."""
    parts = content.decode("latin-1").split("\n")
    return [f"{part}\n" for part in parts[:-1]] + ([parts[-1]] if parts[-1] else [])


def _has_only_crlf(group: _Group) -> bool:
    both = [content for content in (group.old, group.new) if content is not None]
    return all(content.count(b"\n") == content.count(b"\r\n") for content in both)


_ESCAPES = {7: b"\\a", 8: b"\\b", 9: b"\\t", 10: b"\\n", 11: b"\\v", 12: b"\\f", 13: b"\\r", 34: b'\\"', 92: b"\\\\"}


def _quoted(prefix: bytes, path: str) -> bytes:
    raw = prefix + path.encode("utf-8", "surrogateescape")
    if not any(byte < 32 or byte in (34, 92, 127) for byte in raw):
        return raw
    parts = (_ESCAPES.get(byte) or (b"\\%03o" % byte if byte < 32 or byte == 127 else bytes((byte,))) for byte in raw)
    return b'"' + b"".join(parts) + b'"'


def _with_end(name: bytes) -> bytes:
    """Git ends a name that has a space with a tab, where other programs expect a date."""
    return name + b"\t" if b" " in name and not name.startswith(b'"') else name
