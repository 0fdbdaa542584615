"""From the trees of a comparison to a report: read what the rules need, let them speak, judge, find the places."""

from __future__ import annotations

from gitmig.findings import Location
from gitmig.policy import is_selected, judge
from gitmig.reading.reader import Reader
from gitmig.report.report import DriftReport, EnvironmentReport, Report, Side, Unknown
from gitmig.rules.registry import findings_of, load, needs_of, rule_modules

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from typing import Any

    from gitmig.change.change import Change
    from gitmig.change.state import EnvironmentState
    from gitmig.change.waivers import Waiver
    from gitmig.config import Config
    from gitmig.environments.environment import Problem
    from gitmig.findings import Finding
    from gitmig.reading.comparison import Comparison
    from gitmig.reading.facts import FactsReader
    from gitmig.reading.locating import Locator
    from gitmig.reading.snapshot import Snapshot
    from gitmig.reading.tree_schemas import Exact
    from gitmig.repo.objects import Objects
    from gitmig.report.report import GraphNode, Located
    from gitmig.rules.rule import Rule
    from gitmig.schema.drift import Drift
    from gitmig.schema.elements import Origin, Schema

# What a waiver of these puts off for a later revision.
PUT_OFF = frozenset({"GM301", "GM302"})


def judge_changes(
    comparison: Comparison,
    config: Config,
    facts: FactsReader,
    versions: tuple[str, ...],
    place: str,
    today: str,
    exact: Exact | None = None,
    plain: bool = False,
) -> Report:
    """The report of one check; `versions` are folders named by hand, `place` is where the verdict is used.

    A `plain` report is shown as text, which has neither fingerprints nor a picture of the graph.
    """
    codes = tuple(code for code in rule_modules() if is_selected(config, code))
    needs = {need for code in codes for need in needs_of(code)}
    waivers, remarks = waivers_of(comparison.local)
    needs |= {"schemas"} if any(puts_off(waiver) for waiver in waivers) else set()
    reader = Reader(comparison, config, facts, needs, versions, exact)
    changes = reader.changes()
    findings = [finding for change in changes for code in codes for finding in findings_of(code, change)]
    judgement = judge(
        findings,
        config,
        place=place,
        today=today,
        earlier=earlier_findings(findings, changes),
        on_shared=comparison.on_shared,
        waivers=waivers,
        within=lambda first, last: revisions_between(changes, first, last),
        fingerprint_of=reader.fingerprint_of,
        undecided=(*comparison.undecided, *reader.undecided(changes)),
        complete=not config.select and not config.ignore,
        is_open=lambda waiver: is_put_off(waiver, changes),
    )
    locate = located_by(facts.objects, (lambda _finding: "") if plain else reader.fingerprint_of)
    return Report(
        judgement.verdict,
        comparison.mode,
        Side("staged" if comparison.local_commit == "" else "commit", comparison.local_commit),
        before=tuple(snapshot.treeish or "" for snapshot in comparison.before),
        target=Side("commit", comparison.target_is.commit, comparison.target_is.ref) if comparison.target else None,
        environments=tuple(describe(change, plain) for change in changes),
        findings=locate(judgement.findings),
        existing=locate(judgement.existing),
        waived=tuple((locate([finding])[0], waiver) for finding, waiver in judgement.waived),
        skipped=comparison.skipped,
        remarks=(*reader.problems(), *remarks, *judgement.remarks),
        undecided=judgement.undecided,
        status=judgement.status,
        list_existing=comparison.mode == "all",
    )


def puts_off(waiver: Waiver) -> bool:
    return waiver.code in PUT_OFF and bool(waiver.objects)


def is_put_off(waiver: Waiver, changes: Iterable[Change]) -> bool:
    """Whether a waiver is about what left the models and is still to be dropped; so is what was not looked at."""
    if not puts_off(waiver):
        return False
    for change in changes:
        chain, models = change.local.chain, change.local.models
        if chain is None or models is None:
            return True
        if any(holds(chain, name) and not holds(models, name) for name in waiver.objects):
            return True
    return False


def holds(schema: Schema, name: str) -> bool:
    """Whether a schema has this table or this column of a table."""
    table, _, column = name.rpartition(".")
    return name in schema.tables or (table in schema.tables and schema.tables[table].column(column) is not None)


def waivers_of(snapshot: Snapshot) -> tuple[tuple[Waiver, ...], tuple[Problem, ...]]:
    """The waivers of a tree; most trees have no folder for them."""
    if not snapshot.has_folder(".gitmig"):
        return (), ()
    from gitmig.reading.waivers import read_waivers

    return read_waivers(snapshot)


def located_by(
    objects: Objects, fingerprint_of: Callable[[Finding], str]
) -> Callable[[Iterable[Finding]], tuple[Located, ...]]:
    """Finds the places of findings; loaded when there is one."""
    locator: list[Locator] = []

    def locate(findings: Iterable[Finding]) -> tuple[Located, ...]:
        findings = tuple(findings)
        if findings and not locator:
            from gitmig.reading.locating import Locator

            locator.append(Locator(objects, fingerprint_of))
        return locator[0].locate(findings) if findings else ()

    return locate


def earlier_findings(findings: Sequence[Finding], changes: Sequence[Change]) -> tuple[frozenset[str], ...]:
    """Identities of what was wrong before: one set for each state before, one for the target.

    What the merged tree no longer has is as good as old: the target has repaired it, and local is merely behind.
    """
    inherited = tuple(rule for code in sorted({finding.code for finding in findings}) if (rule := load(code)).inherited)
    if not inherited:
        return (frozenset(),) if findings else ()
    count = max((len(change.before) for change in changes), default=0)
    earlier = [
        identities(inherited, [(change, change.before[at]) for change in changes if at < len(change.before)])
        for at in range(count)
    ]
    with_target = [(change, change.target) for change in changes if change.target is not None]
    if with_target:
        codes = {rule.code for rule in inherited}
        repaired = {finding.identity for finding in findings if finding.code in codes} - identities(
            inherited, [(change, change.merged) for change in changes if change.merged is not None]
        )
        earlier.append(identities(inherited, with_target) | repaired)
    return tuple(earlier)


def identities(rules: Iterable[Rule], states: Iterable[tuple[Change, EnvironmentState]]) -> frozenset[str]:
    states = tuple(states)
    return frozenset(
        finding.identity
        for rule in rules
        for change, state in states
        for finding in rule.findings(change.as_was(state))
    )


def revisions_between(changes: Iterable[Change], first: str, last: str) -> frozenset[str]:
    """All revisions from `first` up to `last`, as published or as local has them."""
    for change in changes:
        for state in (change.target, change.local, *change.before):
            if state is not None and first in state.graph and last in state.graph:
                return state.graph.descendants(first) & state.graph.ancestors(last)
    return frozenset((first, last))


def describe(change: Change, plain: bool) -> EnvironmentReport:
    """Heads of the trees, for the report, and unless it is plain what lies near them."""
    environment = change.local.environment if change.local.environment.versions else None
    described = environment or (change.target.environment if change.target else change.local.environment)
    return EnvironmentReport(
        change.environment,
        described.versions,
        heads=change.local.graph.heads,
        target_heads=change.target.graph.heads if change.target else (),
        merged_heads=change.merged.graph.heads if change.merged else (),
        drift=describe_drift(change.drift) if change.drift is not None else None,
        near=() if plain else neighbourhood(change),
    )


def neighbourhood(change: Change) -> tuple[GraphNode, ...]:
    from gitmig.report.neighbourhood import near_heads

    return near_heads((change.merged or change.local).graph, change.target.graph if change.target else None)


def describe_drift(drift: Drift) -> DriftReport:
    """The new drift with its operations as JSON has them."""
    from gitmig.schema.databases import encode_plain

    def operations(kind: str) -> tuple[Mapping[str, Any], ...]:
        return tuple(encode_plain(item.operation) for item in drift.of(kind) if item.operation is not None)

    unknown = tuple(
        Unknown(item.object or item.attribute, item.model or item.chain or "", located(item.places))
        for item in drift.of("unknown")
    )
    return DriftReport(drift.verdict, operations("missing"), operations("ahead"), operations("mismatch"), unknown)


def located(places: Sequence[Origin]) -> Location | None:
    place = next((place for place in places if place.path), None)
    return Location(place.path, max(place.line, 1)) if place is not None else None
