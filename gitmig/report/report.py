"""What a check has to say, before it is put into any format.  All values, no verdicts are made here."""

from __future__ import annotations

from gitmig.environments.environment import Problem
from gitmig.findings import Finding, Location
from gitmig.frozen import Frozen

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from gitmig.change.waivers import Waiver


class Side(Frozen):
    """A tree of the check: kind is staged, commit or worktree; `ref` is the full name it was found under, or ""."""

    kind: str
    commit: str = ""
    ref: str = ""


class Excerpt(Frozen):
    """Lines of the text without line ends; `first` is the number of the first one, from 1."""

    first: int
    lines: tuple[str, ...]


class LocatedRelated(Frozen):
    """Another place of the finding."""

    location: Location
    message: str
    excerpt: Excerpt | None = None


class Located(Frozen):
    """A finding whose places are resolved; `fingerprint` is that of the text it judges, which a waiver must name."""

    finding: Finding
    location: Location | None = None
    excerpt: Excerpt | None = None
    related: tuple[LocatedRelated, ...] = ()
    fingerprint: str = ""


class Unknown(Frozen):
    """A part of the models or the chain that could not be read."""

    what: str
    why: str
    location: Location | None = None


class DriftReport(Frozen):
    """Models and chain of one environment; operations in the shape of the JSON contract (`OP`)."""

    verdict: str = "none"
    missing: tuple[Mapping[str, Any], ...] = ()
    ahead: tuple[Mapping[str, Any], ...] = ()
    mismatch: tuple[Mapping[str, Any], ...] = ()
    unknown: tuple[Unknown, ...] = ()


class GraphNode(Frozen):
    """A revision near the heads: `state` is new, published or missing (named as a parent, defined by no file)."""

    revision: str
    down_revisions: tuple[str, ...] = ()
    state: str = "published"
    is_head: bool = False


class EnvironmentReport(Frozen):
    """One environment; `drift` is None when no selected rule asked for it, `near` are the revisions near its heads."""

    name: str
    versions: tuple[str, ...]
    heads: tuple[str, ...] = ()
    target_heads: tuple[str, ...] = ()
    merged_heads: tuple[str, ...] = ()
    drift: DriftReport | None = None
    near: tuple[GraphNode, ...] = ()


class Skipped(Frozen):
    """Checks that did not run: which (codes or a sentence), and why."""

    what: str
    why: str


class Report(Frozen):
    """The outcome of one check.  `nothing` says in a few words why there was nothing to look at, else it is ""."""

    verdict: str
    mode: str
    local: Side
    before: tuple[str, ...] = ()
    target: Side | None = None
    environments: tuple[EnvironmentReport, ...] = ()
    findings: tuple[Located, ...] = ()
    existing: tuple[Located, ...] = ()
    waived: tuple[tuple[Located, Waiver], ...] = ()
    undecided: tuple[str, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    remarks: tuple[Problem, ...] = ()
    nothing: str = ""
    status: int = 0
    list_existing: bool = False
