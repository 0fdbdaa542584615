"""What an audit says, in figures and sentences that every format shares; and its JSON."""

from __future__ import annotations

from gitmig.audit.records import HARMLESS, REFUSED
from gitmig.frozen import Frozen

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any

    from gitmig.audit.records import Audit, EnvironmentAudit, Moment, Period, Release, Touch

DAY = 86_400
WORDS = {
    "double-heads": "double heads",
    "edited": "edited",
    "deleted": "deleted",
    "renamed-id": "renamed ids",
    "re-parented": "re-parented",
    "sunken": "sunken",
    "missing-parent": "missing parents",
    "duplicate-id": "duplicate ids",
}
_MEANING = {
    "double-heads": "`alembic upgrade head` stops",
    "edited": "databases that ran them never run the edit",
    "deleted": "databases at them can neither upgrade nor downgrade",
    "renamed-id": "databases at them can neither upgrade nor downgrade",
    "re-parented": "databases past them may skip others silently",
    "sunken": "databases past them skip the new ones silently",
    "missing-parent": "every Alembic command stops",
    "duplicate-id": "which file runs depends on its name",
}


class Figure(Frozen):
    """One line of the summary."""

    kind: str
    word: str
    count: int
    says: str


def figures(audit: Audit) -> tuple[Figure, ...]:
    """What the rules would have refused, by kind; what was mended in the same push does not count."""
    found = []
    for kind, word in WORDS.items():
        periods = [one for one in audit.periods(kind) if not one.is_one_push]
        touches = [one for one in audit.touches(kind) if not one.is_one_push]
        if periods:
            longest = max(periods, key=lambda one: one.seconds)
            total = duration(broken_for(periods))
            says = f"{total} in all, the longest {duration(longest.seconds)} from {date(longest.start.time)}"
            found.append(Figure(kind, word, len(periods), says))
        elif touches:
            commits = len({one.moment.commit for one in touches})
            revisions = len({one.revision for one in touches})
            says = f"{number(revisions, 'revision')} in {number(commits, 'commit')}: {_MEANING[kind]}"
            found.append(Figure(kind, word, len(touches), says))
        else:
            found.append(Figure(kind, word, 0, ""))
    return tuple(found)


def broken_for(periods: Iterable[Period]) -> int:
    """Seconds in which at least one of the periods ran."""
    total, until = 0, 0
    for one in sorted(periods, key=lambda one: one.start.time):
        end = one.start.time + one.seconds
        total += max(0, end - max(until, one.start.time))
        until = max(until, end)
    return total


def refused_commits(audit: Audit) -> int:
    """Commits that the rules would have stopped."""
    moments = {one.moment.commit for one in audit.touches() if not one.is_one_push}
    for environment in audit.environments:
        moments |= {one.start.commit for one in environment.periods if not one.is_one_push}
    return len(moments)


def headline(audit: Audit) -> str:
    """The answer to 'do we need this', in one sentence."""
    refused = refused_commits(audit)
    if not audit.environments:
        return "no Alembic revisions were found in this history"
    if not refused:
        return f"none of the {number(audit.touching, 'commit')} that touch revisions would have been refused"
    share = f" ({100 * refused // audit.touching} %)" if audit.touching else ""
    return f"{refused:,} of {number(audit.touching, 'commit')} that touch revisions would have been refused{share}"


def span(audit: Audit) -> str:
    if audit.first is None or audit.last is None:
        return f"{audit.branch}: no commits"
    when = f"{date(audit.first.time)} to {date(audit.last.time)}"
    return f"{audit.branch}: {number(audit.commits, 'commit')}, {when}"


def worst(audit: Audit, most: int = 3) -> list[tuple[Moment, str]]:
    """The gravest incidents, one line each: what stood longest, then what touched most revisions at once."""
    lasting = [
        one
        for kind in ("double-heads", "missing-parent", "duplicate-id")
        for one in audit.periods(kind)
        if not one.is_one_push
    ]
    lasting.sort(key=lambda one: -one.seconds)
    lines = [(one.start, f"{period_text(one)} for {duration(one.seconds)}") for one in lasting[:most]]
    commits: dict[str, list[Touch]] = {}
    for touch in audit.touches():
        if not touch.is_one_push:
            commits.setdefault(touch.moment.commit, []).append(touch)
    heaviest = sorted(commits.values(), key=lambda touches: (-len(touches), touches[0].moment.number))
    for touches in heaviest[: max(1, most - len(lines) + 1)]:
        if len(touches) > 1:
            kinds = {one.kind for one in touches}
            what = " and ".join(sorted(WORDS[kind] for kind in kinds))
            lines.append((touches[0].moment, f"{number(len(touches), 'revision')} {what}"))
    return lines


def period_text(period: Period) -> str:
    if period.kind == "double-heads":
        named = ", ".join(period.revisions[:3])
        more = f" and {len(period.revisions) - 3} more" if len(period.revisions) > 3 else ""
        label = f" of label {period.label}" if period.label else ""
        return f"{len(period.revisions)} heads{label}: {named}{more}"
    if period.kind == "missing-parent":
        return f"{period.revisions[0]} revises {period.revisions[1]}, which no file defines"
    return f"{period.revisions[0]} is defined twice"


def fixed_text(period: Period) -> str:
    if period.end is None:
        return "still so"
    who = f" by {period.end.author}" if period.end.author else ""
    return f"{' and '.join(period.fixes)}{who}, {period.end.commit[:10]}"


def touch_text(touch: Touch) -> str:
    kind = "got another id" if touch.kind == "renamed-id" else touch.kind
    return f"{touch.revision} {kind}" + (f": {touch.detail}" if touch.detail else "")


def duration(seconds: int) -> str:
    """In the largest unit that says something: `38 days`, `5.6 hours`, `12 minutes`."""
    if seconds >= 2 * DAY:
        return f"{seconds / DAY:.0f} days"
    if seconds >= 5_400:
        return f"{seconds / 3600:.1f} hours"
    if seconds >= 120:
        return f"{seconds // 60} minutes"
    return f"{seconds} seconds"


def date(time: int) -> str:
    """The day, in universal time; years before 1970 or after 9999 are the nearest day that has a name."""
    from datetime import datetime, timezone

    return datetime.fromtimestamp(min(max(time, 0), 253_402_300_799), timezone.utc).strftime("%Y-%m-%d")


def number(count: int, word: str) -> str:
    return f"{count:,} {word}{'' if count == 1 else 's'}"


def harmless_text(audit: Audit) -> str:
    counts = {kind: sum(1 for _ in audit.touches(kind)) for kind in HARMLESS}
    words = {"moved": "renamed or moved files", "relabelled": "changed labels", "cosmetic": "cosmetic edits"}
    parts = [f"{count:,} {words[kind]}" for kind, count in counts.items() if count]
    return f"passed: {', '.join(parts)}" if parts else ""


def one_push_text(audit: Audit) -> str:
    periods = sum(one.is_one_push for environment in audit.environments for one in environment.periods)
    touches = sum(one.is_one_push for one in audit.touches())
    parts = [
        *(
            [number(periods, "double head or gap") if periods == 1 else f"{periods} double heads or gaps"]
            if periods
            else []
        ),
        *([number(touches, "edit")] if touches else []),
    ]
    return f"not counted, mended within five minutes of what they touch: {', '.join(parts)}" if parts else ""


# JSON


def render_audit_json(audit: Audit) -> str:
    import json

    return json.dumps(audit_value(audit), indent=2, ensure_ascii=True) + "\n"


def audit_value(audit: Audit) -> dict[str, Any]:
    """The whole audit; a program finds here what the other formats cut."""
    return {
        "schema": 1,
        "branch": audit.branch,
        "commits": audit.commits,
        "touching": audit.touching,
        "refused_commits": refused_commits(audit),
        "first": moment_value(audit.first),
        "last": moment_value(audit.last),
        "released": audit.released,
        "summary": {one.kind.replace("-", "_"): one.count for one in figures(audit)},
        "seconds_with_double_heads": broken_for(one for one in audit.periods("double-heads") if not one.is_one_push),
        "remarks": list(audit.remarks),
        "environments": [environment_value(one) for one in audit.environments],
    }


def environment_value(one: EnvironmentAudit) -> dict[str, Any]:
    return {
        "name": one.name,
        "versions": list(one.versions),
        "revisions": one.revisions,
        "published": one.published,
        "commits": one.commits,
        "periods": [period_value(period) for period in one.periods],
        "touches": [touch_value(touch) for touch in one.touches],
        "releases": [release_value(release) for release in one.releases],
    }


def moment_value(moment: Moment | None) -> dict[str, Any] | None:
    if moment is None:
        return None
    return {
        "commit": moment.commit,
        "time": moment.time,
        "date": date(moment.time),
        "author": moment.author,
        "subject": moment.subject,
    }


def period_value(period: Period) -> dict[str, Any]:
    return {
        "kind": period.kind,
        "code": REFUSED[period.kind],
        "revisions": list(period.revisions),
        "label": period.label,
        "start": moment_value(period.start),
        "grew": [moment_value(moment) for moment in period.grew],
        "end": moment_value(period.end),
        "seconds": period.seconds,
        "fixes": list(period.fixes),
        "one_push": period.is_one_push,
    }


def touch_value(touch: Touch) -> dict[str, Any]:
    return {
        "kind": touch.kind,
        "code": REFUSED.get(touch.kind),
        "revision": touch.revision,
        "path": touch.path,
        "detail": touch.detail,
        "age": touch.age,
        "one_push": touch.is_one_push,
        **{f"{key}": value for key, value in (moment_value(touch.moment) or {}).items()},
    }


def release_value(release: Release) -> dict[str, Any]:
    return {
        "tag": release.tag,
        "before": release.before,
        "date": date(release.time),
        "sunken": [{"revision": name, "beneath": above} for name, above in release.sunken],
    }


def by_commit(touches: Iterable[Touch]) -> list[Sequence[Touch]]:
    """Touches of one commit together, in the order of the history."""
    found: dict[int, list[Touch]] = {}
    for touch in touches:
        found.setdefault(touch.moment.number, []).append(touch)
    return [found[key] for key in sorted(found)]
