"""Git branches for forecasts, written as tables of revisions: `{"x": "b"}` is a branch that adds x on b."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from support.situations import files, revision

from gitmig.forecast.collisions import Contribution, Side, Target, contribute, graph_of
from gitmig.forecast.forecast import Forecast, Tip, forecast
from gitmig.resolve.situation import Doing
from gitmig.revisions.revision import Revision
from gitmig.schema.elements import Origin
from gitmig.schema.operations import Operation

Table = Mapping[str, "str | Revision"]


def target(table: Table, elsewhere: Sequence[str] = ()) -> Target:
    found = with_blobs(files(table), "main")
    return Target("main", found, graph_of(found), "origin/main", elsewhere)


def with_blobs(found: dict[str, Revision], branch: str) -> dict[str, Revision]:
    """Each file has a text of its own."""
    return {path: one.replace(blob=one.blob or f"{branch} {one.id}") for path, one in found.items()}


def branch(of: Target, table: Table, name: str, removes: Sequence[str] = (), **more: tuple[str, ...]) -> Contribution:
    """What a branch does that adds these revisions and removes the files of those."""
    changes: dict[str, Revision | None] = dict(with_blobs(files(table), name))
    changes |= {f"versions/{one}.py": None for one in removes}
    return contribute(of, changes, **more)


def known(
    does: Mapping[str, Sequence[tuple[str, str, str]]], *contributions: Contribution, base: Target
) -> dict[str, Doing]:
    """What the files do, by blob: nothing, unless said by revision as (op, table, column)."""
    every = [*base.files.values(), *(one for each in contributions for one in each.new)]
    return {
        one.blob: Doing(
            tuple(Operation(op, table, name, origin=Origin(one.path, 1)) for op, table, name in does.get(one.id, ())),
            not does.get(one.id),
        )
        for one in every
    }


def sides(base: Target, branches: Mapping[str, Contribution], **does: Sequence[tuple[str, str, str]]) -> list[Side]:
    told = known(does, *branches.values(), base=base)
    return [Side(name, base, one, told) for name, one in branches.items()]


def foretell(
    base: Target,
    branches: Mapping[str, Contribution],
    queue: Sequence[str] = (),
    undecided: Sequence[str] = (),
    **does: Sequence[tuple[str, str, str]],
) -> Forecast:
    """The forecast for branches by their name, which is their ref too."""
    told = known(does, *branches.values(), base=base)
    tips = [Tip(name, "c" * 40, (), (one,)) for name, one in branches.items()]
    tips += [Tip(name, "d" * 40, undecided=("history is cut off",)) for name in undecided]
    return forecast(("refs/remotes/origin/main", "b" * 40), tips, {"main": base}, told, queue=queue)


__all__ = ["branch", "foretell", "known", "revision", "sides", "target"]
