"""The forecast as JSON, the contract of DESIGN section 9, and what all its reports say in the same words."""

from __future__ import annotations

import json

from gitmig.frozen import Frozen
from gitmig.quoting import shell_word
from gitmig.report.escape import safe
from gitmig.report.resolve import clash_value, remedy_in_brief, remedy_value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from gitmig.forecast.collisions import Pair
    from gitmig.forecast.forecast import Forecast, Outlook
    from gitmig.forecast.order import Step
    from gitmig.schema.commute import Clash
    from gitmig.schema.operations import Operation

KINDS = {
    "two-heads": "two heads",
    "same-id": "the same revision id in two files",
    "same-file": "the same file, changed differently",
    "missing-parent": "one removes a revision that the other revises",
}


def short_name(ref: str) -> str:
    """A ref as a person calls it; of other refs than branches and tags all but `refs/`."""
    for prefix in ("refs/heads/", "refs/remotes/", "refs/tags/", "refs/"):
        if ref.startswith(prefix):
            return ref[len(prefix) :]
    return ref


# JSON


def render_json(forecast: Forecast) -> str:
    return json.dumps(forecast_value(forecast), indent=2) + "\n"


def forecast_value(forecast: Forecast) -> dict[str, Any]:
    """The forecast as plain values."""
    ref, commit = forecast.target
    return {
        "schema": 1,
        "target": {"ref": ref or None, "commit": commit},
        "environments": [{"name": name, "heads": list(heads)} for name, heads in forecast.heads.items()],
        "branches": [_branch(forecast, one) for one in forecast.outlooks],
        "pairs": [_pair(one) for one in forecast.pairs],
        "order": [step.ref for step in forecast.steps],
        "steps": [_step(step) for step in forecast.steps],
        "is_queue": forecast.is_queue,
        "left_out": {name: getattr(forecast.left_out, name) for name in forecast.left_out._fields},
        "undecided": list(forecast.unread),
    }


def _branch(forecast: Forecast, outlook: Outlook) -> dict[str, Any]:
    tip = outlook.tip
    return {
        "ref": tip.ref,
        "also": list(tip.also),
        "commit": tip.commit,
        "adds": list(outlook.adds),
        "edits": list(outlook.edits),
        "removes": list(outlook.removes),
        "git_conflicts": list(outlook.git_conflicts),
        "contains": sorted(tip.contains),
        "verdict": outlook.verdict,
        "collides_with": list(outlook.collides_with),
        "breaks_with": [{"ref": ref, "kind": kind} for ref, kind in outlook.breaks_with],
        "conflicts": [*_conflicts_with_target(forecast, outlook), *_conflicts_with_others(forecast, outlook)],
        "remedy": outlook.kind,
        "why": why_of(outlook),
        "environments": [
            {"name": one.environment, "heads": [head for heads in one.heads.values() for head in heads]}
            for one in tip.contributions
        ],
        "remedies": [remedy_value(one) for one in outlook.remedies],
        "tables": sorted({one.table for each in outlook.operations.values() for one in each if one.table}),
        "undecided": list(tip.undecided),
    }


def _conflicts_with_target(forecast: Forecast, outlook: Outlook) -> Iterator[dict[str, Any]]:
    with_ = forecast.target[0] or forecast.target[1]
    yield from ({"with": with_, **clash_value(clash)} for clash in outlook.clashes if clash.verdict == "conflict")


def _conflicts_with_others(forecast: Forecast, outlook: Outlook) -> Iterator[dict[str, Any]]:
    """The branch's own operation is `one`, that of the other branch `other`."""
    for pair in forecast.pairs_of(outlook.ref):
        for clash in pair.conflicts:
            value = clash_value(clash)
            if pair.other == outlook.ref:
                value["one"], value["other"] = value["other"], value["one"]
            yield {"with": pair.other if pair.one == outlook.ref else pair.one, **value}


def _pair(pair: Pair) -> dict[str, Any]:
    return {
        "one": pair.one,
        "other": pair.other,
        "environment": pair.environment,
        "collides": list(pair.kinds),
        "heads": [head for heads in pair.heads.values() for head in heads],
        "verdict": pair.verdict,
        "tables": list(pair.tables),
        "clashes": [_clash_in_brief(clash) for clash in pair.clashes],
        "operations": {
            "one": [operation_value(each) for each in pair.operations[0]],
            "other": [operation_value(each) for each in pair.operations[1]],
        },
    }


def _clash_in_brief(clash: Clash) -> dict[str, Any]:
    return clash_value(clash, operation_value)


def operation_value(operation: Operation) -> dict[str, Any]:
    """An operation in brief; its detail stands where the branch itself is described."""
    origin = operation.origin
    return {
        "op": operation.op,
        "table": operation.table,
        "name": operation.name,
        "source": {"path": origin.path, "line": origin.line},
    }


def _step(step: Step) -> dict[str, Any]:
    return {
        "ref": step.ref,
        "remedy": step.kind,
        "merged": step.is_merged,
        "rebase": step.rebase,
        "after": list(step.after),
        "environments": [{"name": name, "heads": list(heads)} for name, heads in step.heads.items()],
        "remedies": [remedy_in_brief(one, _clash_in_brief) for one in step.remedies],
    }


# The same words in every report


class Row(Frozen):
    """One branch as every table shows it; all texts are safe to print.

    `now` is clean, two heads, conflict or undecided; `tables` says how it gets on with others on the same tables;
    `then` is what its owner does at its turn.  `number` is its place in the order, 0 for none.
    """

    number: int
    ref: str
    name: str
    adds: int
    verdict: str
    now: str
    others: int
    tables: str
    then: str
    heads: tuple[str, ...] = ()


NOW = {"clean": "clean", "collides": "two heads", "conflicts": "conflict", "undecided": "undecided"}


def now_text(outlook: Outlook) -> str:
    """What a merge into the target of now gives."""
    if outlook.verdict == "collides" and not outlook.adds:
        return "same id"
    return NOW[outlook.verdict]


def rows_of(forecast: Forecast) -> list[Row]:
    """The branches in their order, then those that have no place in it."""
    place = {step.ref: number for number, step in enumerate(forecast.steps, 1)}
    steps = {step.ref: step for step in forecast.steps}
    rows = []
    for outlook in sorted(forecast.outlooks, key=lambda one: (place.get(one.ref, len(place) + 1), one.ref)):
        step = steps.get(outlook.ref)
        rows.append(
            Row(
                place.get(outlook.ref, 0),
                outlook.ref,
                safe(short_name(outlook.ref)),
                len(outlook.adds),
                outlook.verdict,
                now_text(outlook),
                len({*outlook.collides_with, *(ref for ref, _ in outlook.breaks_with)}),
                tables_text(forecast, outlook.ref),
                then_text(step),
                tuple(head for heads in step.heads.values() for head in heads) if step else (),
            )
        )
    return rows


def tables_text(forecast: Forecast, ref: str) -> str:
    """The worst of what it does to tables that others touch too, and with how many of them."""
    found: dict[str, set[str]] = {"conflict": set(), "unknown": set(), "commute": set()}
    for pair in forecast.pairs_of(ref):
        if pair.tables or pair.verdict != "commute":
            found[pair.verdict].add(pair.other if pair.one == ref else pair.one)
    return next((f"{len(others)} {verdict}" for verdict, others in found.items() if others), "-")


def then_text(step: Step | None) -> str:
    """What the owner does at the branch's turn, in a few words."""
    if step is None or (not step.is_merged and not step.remedies):
        return "?"
    text = THEN[step.kind]
    if step.kind != "refuse" and any(one.verdict == "conflict" for one in step.remedies):
        text = "decide" if step.rebase else f"decide, {text}"
    if not step.rebase:
        return text
    return "rebase" if step.kind == "none" else f"rebase, {text}"


THEN = {"none": "merge", "reparent": "re-parent", "merge": "join", "refuse": "by hand"}


def published_text(outlook: Outlook) -> str:
    """What the branch does to revisions that the target has; "" for nothing.  Whether it may, `gitmig check` says."""
    parts = [f"edits {', '.join(outlook.edits[:4])}"] if outlook.edits else []
    parts += [f"removes {', '.join(outlook.removes[:4])}"] if outlook.removes else []
    more = len(outlook.edits[4:]) + len(outlook.removes[4:])
    return safe(" and ".join(parts)) + (f" and {more} more" if more else "")


def why_of(outlook: Outlook) -> str:
    if outlook.tip.undecided:
        return "; ".join(outlook.tip.undecided)
    return "; ".join(dict.fromkeys(one.why for one in outlook.remedies if one.why))


def operation_text(operation: Operation) -> str:
    """`add_column book.isbn`: what is touched, without how."""
    what = ".".join(part for part in (operation.table, operation.name) if part)
    return safe(f"{operation.op} {what}".strip())


def place_text(operation: Operation) -> str:
    origin = operation.origin
    return safe(f"{origin.path}:{origin.line}") if origin.path else ""


def count_text(number: int, one: str, many: str = "") -> str:
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def target_text(forecast: Forecast) -> str:
    """`origin/main at b3df30304708`."""
    ref, commit = forecast.target
    return safe(f"{short_name(ref)} at {commit[:12]}" if ref else commit[:12])


def heads_text(forecast: Forecast) -> list[str]:
    """The heads of the target, one line an environment."""
    several = len(forecast.heads) > 1
    found = []
    for name, heads in forecast.heads.items():
        label = "head" if len(heads) == 1 else "heads"
        found.append(
            safe(f"{name}: {label} {', '.join(heads) or 'none'}" if several else f"{label} {', '.join(heads)}")
        )
    return found


def summary_text(forecast: Forecast) -> str:
    """How many branches there are and what becomes of them."""
    found = dict.fromkeys(NOW, 0)
    for outlook in forecast.outlooks:
        found[outlook.verdict] += 1
    if not forecast.outlooks:
        return "no branch changes a revision"
    said = [
        (found["clean"], "merges as it is", "merge as they are"),
        (found["collides"], "brings a second head", "bring a second head"),
        (found["conflicts"], "conflicts with the target", "conflict with the target"),
        (found["undecided"], "is undecided", "are undecided"),
    ]
    parts = [f"{number:,} {one if number == 1 else many}" for number, one, many in said if number]
    verb = "changes revisions" if len(forecast.outlooks) == 1 else "change revisions"
    return f"{count_text(len(forecast.outlooks), 'branch', 'branches')} {verb}: {', '.join(parts)}"


def pairs_text(forecast: Forecast) -> str:
    """How the branches get on with each other."""
    colliding = {(one.one, one.other) for one in forecast.pairs if one.collides}
    found = {verdict: sum(one.verdict == verdict for one in forecast.pairs) for verdict in ("conflict", "unknown")}
    same = sum(one.verdict == "commute" and bool(one.tables) for one in forecast.pairs)
    parts = [
        f"{count_text(len(colliding), 'pair')} of them would give two heads" if colliding else "",
        f"{found['conflict']:,} conflict on the same table" if found["conflict"] else "",
        f"{found['unknown']:,} are unknown" if found["unknown"] else "",
        f"{same:,} touch the same table and commute" if same else "",
    ]
    return ", ".join(part for part in parts if part)


def left_out_text(forecast: Forecast) -> str:
    """What the forecast is not about, each with its number."""
    out = forecast.left_out
    said = (
        (out.without_revisions, "touches no revision", "touch no revision"),
        (out.merged, "is merged already", "are merged already"),
        (out.older, "is older than --since", "are older than --since"),
        (out.twins, "is a copy of another", "are copies of others"),
        (out.shared, "is shared itself", "are shared themselves"),
    )
    return ", ".join(f"{number:,} {one if number == 1 else many}" for number, one, many in said if number)


def commands_of(forecast: Forecast, kind: str) -> tuple[str, ...]:
    """What the owner of a branch types at its turn."""
    ref = forecast.target[0]
    name = shell_word(short_name(ref) or forecast.target[1][:12])
    bring = ("git fetch", f"git merge {name}") if ref.startswith("refs/remotes/") else (f"git merge {name}",)
    if kind == "refuse":
        return (*bring, "gitmig resolve --dry-run")
    return (*bring, f"gitmig resolve --{kind}") if kind in ("reparent", "merge") else bring


class Meeting(Frozen):
    """Two branches in a few words: `mark` is conflict, unknown, commute, heads, broken or "" (nothing between them)."""

    mark: str
    text: str


def meetings(forecast: Forecast) -> dict[tuple[str, str], Meeting]:
    """What happens between every two branches that have anything to do with each other, in both directions."""
    found: dict[tuple[str, str], list[Pair]] = {}
    for pair in forecast.pairs:
        found.setdefault((pair.one, pair.other), []).append(pair)
    made = {}
    for (one, other), pairs in found.items():
        met = meeting_of(pairs)
        made[one, other] = made[other, one] = met
    return made


def meeting_of(pairs: Sequence[Pair]) -> Meeting:
    """All environments together: the worst mark, and every text."""
    marks = [mark_of(pair) for pair in pairs]
    worst = min(marks, key=MARKS.index)
    return Meeting(worst, "; ".join(dict.fromkeys(text for pair in pairs for text in texts_of(pair))))


MARKS = ("broken", "conflict", "unknown", "commute", "heads", "")


def mark_of(pair: Pair) -> str:
    if any(kind != "two-heads" for kind in pair.kinds):
        return "broken"
    if pair.verdict in ("conflict", "unknown"):
        return pair.verdict
    return "commute" if pair.tables else "heads" if pair.kinds else ""


def texts_of(pair: Pair, most: int = 3) -> Iterator[str]:
    """`two heads`, `conflict on book.isbn: both add the column` ..."""
    yield from (KINDS[kind] for kind in pair.kinds)
    for clash in pair.clashes[:most]:
        object_ = f" on {clash.object}" if clash.object else ""
        yield safe(f"{clash.verdict}{object_}: {clash.why}")
    if len(pair.clashes) > most:
        yield f"and {len(pair.clashes) - most} more"
    if not pair.clashes and pair.verdict == "unknown":
        yield "unknown: a revision could not be read"
    if pair.verdict == "commute" and pair.tables:
        yield safe(f"both touch {', '.join(pair.tables)} and commute")


def meeting_with_target(outlook: Outlook) -> Meeting:
    """The same of a branch and the target."""
    if outlook.verdict == "undecided":
        return Meeting("unknown", safe(f"undecided: {why_of(outlook)}"))
    if outlook.verdict == "clean":
        return Meeting("", "merges as it is")
    clashes = [safe(f"{one.verdict} on {one.object or 'anything'}: {one.why}") for one in outlook.clashes[:3]]
    text = "; ".join([safe(why_of(outlook)), *clashes])
    unknown = any(one.verdict == "unknown" for one in outlook.remedies)
    return Meeting("conflict" if outlook.verdict == "conflicts" else "unknown" if unknown else "heads", text)
