"""From a repository to the plan of a new revision: what is uncovered, what is to be written, where it goes.

Nothing here changes anything.
"""

from __future__ import annotations

import os
from contextlib import contextmanager

from gitmig.commands.new_files import NewFiles, moment_of
from gitmig.commands.remarks import (
    NO_REVISION,
    NOTES,
    RULES,
    helps_of,
    line_with,
    made_by_none,
    not_written,
    one_line,
    said_of,
    said_of_prefix,
    text_of_gap,
    unread,
    with_prefix_of,
)
from gitmig.commands.rendered import is_still, refused, require_names, require_operations
from gitmig.errors import CannotDecide, Refused, UsageError
from gitmig.findings import Finding, Help, Location
from gitmig.frozen import Frozen
from gitmig.plan import ABSENT, Expected, Plan, stage_all, write
from gitmig.quoting import shell_word
from gitmig.reading.comparison import short_name
from gitmig.reading.tree_schemas import databases_of
from gitmig.report.report import Located
from gitmig.revisions.draft import Draft, path_of
from gitmig.revisions.drawn import fresh_id, is_patterned
from gitmig.revisions.graph import RevisionGraph
from gitmig.revisions.naming import id_problems, next_sequential_id
from gitmig.rules.registry import load
from gitmig.schema.coder import Form
from gitmig.schema.databases import operation_in, part_of, split_key
from gitmig.schema.proposing import propose, to_write
from gitmig.schema.rendering import problem_of, render_steps
from gitmig.schema.writing import Remark
from gitmig.schema.writing import write as write_steps

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from gitmig.change.change import Change
    from gitmig.config import Config
    from gitmig.environments.environment import Environment
    from gitmig.reading.changed_texts import ChangedTexts
    from gitmig.reading.comparison import Comparison
    from gitmig.reading.facts import FactsReader
    from gitmig.reading.snapshot import Snapshot
    from gitmig.repo.repository import Repository
    from gitmig.schema.elements import Schema
    from gitmig.schema.operations import Operation
    from gitmig.schema.proposing import Question

NEEDS = frozenset({"drift", "operations", "unstaged", "schemas"})
MOST_GAPS = 12
# Without these the parents are known all the same, and so is the head.
LABELLING = frozenset({"branch_labels", "depends_on"})
MARK = "gitmig_function_{}_goes_here"


class Asked(Frozen):
    """What is asked: `kind` is drift, empty, data or revert.

    `everything`: also what was uncovered before, as for a first revision.
    `runs_code`: the project's template and its post-write hooks may run here.  `tables` are those of `--data`.
    """

    kind: str = "drift"
    message: str = ""
    environment: str = ""
    worktree: bool = False
    reverted: str = ""
    rev_id: str = ""
    head: str = ""
    tables: tuple[str, ...] = ()
    versions: tuple[str, ...] = ()
    exact: bool = False
    stage: bool = False
    runs_code: bool = True
    runs_hooks: bool = True
    use_cache: bool = True
    everything: bool = False


class Bodies(Frozen):
    """The two functions of a revision; `is_raw` says that they are indented already and taken over as they stand.

    `databases` are (name, upgrade, downgrade) where each of several databases has functions of its own.
    """

    upgrade: str
    downgrade: str
    imports: str = ""
    operations: tuple[Operation, ...] = ()
    back: tuple[Operation, ...] = ()
    remarks: tuple[Remark, ...] = ()
    notes: tuple[str, ...] = ()
    is_raw: bool = False
    databases: tuple[tuple[str, str, str], ...] = ()

    def texts(self) -> tuple[str, ...]:
        """The functions that are written, in their order."""
        return tuple(text for _, *ways in self.databases for text in ways) or (self.upgrade, self.downgrade)

    def held(self) -> Bodies:
        """With a mark in the place of each function, for a template that would indent it once more."""
        marks = [MARK.format(number) for number, _ in enumerate(self.texts())]
        named = tuple((name, *marks[2 * at : 2 * at + 2]) for at, (name, *_) in enumerate(self.databases))
        return self.replace(databases=named) if named else self.replace(upgrade=marks[0], downgrade=marks[1])

    def marked(self, database: str) -> Bodies:
        """With the operations as they are called beside those of other databases."""
        operations, back = ([operation_in(database, each) for each in way] for way in (self.operations, self.back))
        return self.replace(operations=tuple(operations), back=tuple(back))


class Proposed(Frozen):
    """A revision that is not written yet, the plan that writes it, and what there is to say; no plan: nothing to do.

    `hooks` are post-write commands that ran, `left` are those that did not, or failed.
    """

    environment: str
    draft: Draft | None = None
    path: str = ""
    plan: Plan = Plan("")
    operations: tuple[Operation, ...] = ()
    back: tuple[Operation, ...] = ()
    findings: tuple[Located, ...] = ()
    hooks: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    why: str = ""


def read_proposal(repository: Repository, asked: Asked, is_rename: Callable[[Question], bool]) -> Proposed:
    """The revision for what is staged, or for the worktree; `is_rename` answers what only a person knows."""
    from gitmig.commands.check import Request, cache_of, compare, config_of, exact_of, settings_of_caller
    from gitmig.reading.facts import FactsReader
    from gitmig.reading.reader import Reader

    with seen(repository, asked.worktree) as whole:
        own = settings_of_caller({})
        request = Request(
            everything=asked.everything, versions=asked.versions, exact=asked.exact, use_cache=asked.use_cache
        )
        comparison = compare(request, whole, own)
        config = config_of(comparison, own, request.place)
        whole.objects.limit = config.max_file_size
        cache = cache_of(request, whole.layout.common_dir)
        exact = exact_of(request, config, whole.layout.top)
        try:
            facts = FactsReader(whole.objects, cache)
            reader = Reader(comparison, config, facts, NEEDS, asked.versions, exact)
            change = chosen(reader.changes(), asked)
            if is_first(change, asked):
                return read_proposal(repository, asked.replace(everything=True), is_rename)
            writer = Writer(repository, comparison, config, asked, change, facts)
            proposed = writer.proposed(is_rename)
            said = exact.alembic if exact is not None else ""
            return proposed.replace(notes=(*proposed.notes, said)) if said else proposed
        finally:
            cache.close()


def is_first(change: Change, asked: Asked) -> bool:
    """Models that were committed before any revision are no new drift; the first revision has them too."""
    return asked.kind == "drift" and not asked.everything and not change.local.graph.revisions


@contextmanager
def seen(repository: Repository, worktree: bool) -> Iterator[Repository]:
    """The repository as it is staged, or as if the whole worktree were."""
    if not worktree:
        yield repository
        return
    from gitmig.repo.objects import Objects
    from gitmig.repo.worktree_index import worktree_as_index

    with worktree_as_index(repository.git, repository.layout) as git, Objects(git) as objects:
        yield repository.replace(git=git, objects=objects)


def chosen(changes: Sequence[Change], asked: Asked) -> Change:
    """The environment that is meant: named, the only one, or the only one with something to write."""
    changes = [each for each in changes if each.local.environment.versions]
    names = ", ".join(each.environment for each in changes)
    if not changes:
        where = "in the worktree" if asked.worktree else "among the files that are committed or staged"
        looser = () if asked.worktree else (Help("stage its files", ("git add --all",)),)
        raise CannotDecide(
            f"no Alembic environment was found {where}",
            help=(*looser, Help("or name its folder", ("gitmig revision --versions PATH -m TEXT",))),
        )
    if asked.environment:
        named = [each for each in changes if each.environment == asked.environment]
        if not named:
            raise UsageError(f"there is no environment {asked.environment}", note=f"there are: {names}")
        return named[0]
    if len(changes) > 1 and asked.kind == "revert":
        changes = [each for each in changes if asked.reverted in each.local.graph] or changes
    if len(changes) > 1 and asked.kind == "drift":
        changes = [each for each in changes if each.drift is not None and to_write(each.drift.items)] or changes[:1]
    if len(changes) > 1:
        raise UsageError(
            f"several environments are meant: {', '.join(each.environment for each in changes)}",
            help=(
                Help("write one revision for each", (f"gitmig revision --environment {changes[0].environment} ...",)),
            ),
        )
    return changes[0]


class Writer(NewFiles):
    """Writes one revision of one environment."""

    again = "gitmig revision --own-template"

    def __init__(
        self,
        repository: Repository,
        comparison: Comparison,
        config: Config,
        asked: Asked,
        change: Change,
        facts: FactsReader,
    ) -> None:
        super().__init__(repository, comparison, config, runs_template=asked.runs_code)
        self.asked = asked
        self.change = change
        self.facts = facts
        self.environment: Environment = change.local.environment
        self.snapshot: Snapshot = comparison.local
        self.databases = databases_of(self.environment, self.snapshot, facts)

    def proposed(self, is_rename: Callable[[Question], bool]) -> Proposed:
        self.require_readable()
        parents = self.parents()
        bodies = self.bodies(is_rename)
        if isinstance(bodies, str):
            return Proposed(self.change.environment, why=bodies)
        moment = self.now(self.environment.timezone)
        held = bodies.held() if bodies.is_raw else bodies
        draft = Draft(
            self.new_id(),
            self.message(),
            parents,
            created=str(moment),
            upgrade=held.upgrade,
            downgrade=held.downgrade,
            imports=held.imports,
            databases=held.databases,
        )
        render = self.renderer(self.environment, self.snapshot, moment)
        template = self.environment.template
        content = render(draft)
        notes = require_operations(content, draft, template, self.again)
        if bodies.is_raw:
            require_places(content, held, template, self.again)
            content = with_bodies(content, bodies, self.environment.output_encoding)
        require_names(content, template, self.again)
        parent = self.change.local.revision(parents[0]) if parents else None
        path = path_of(draft, self.environment, moment_of(moment), beside=parent.path if parent else "")
        content, hooks, left = self.formatted(content, path)
        steps = [write(path, content, before=None, expected=Expected(ABSENT))]
        if self.config.head_file:
            steps += self.head_file(self.environment, self.snapshot, self.graph_after(draft))
        staged = stage_all(steps, self.index) if self.asked.stage else tuple(steps)
        remarks = [*bodies.remarks, *self.moved_on()]
        return Proposed(
            self.change.environment,
            draft,
            path,
            Plan(f"revision {draft.id}: {one_line(draft.message)}", staged),
            bodies.operations,
            bodies.back,
            tuple(self.finding(remark, path, content) for remark in remarks),
            hooks,
            left,
            (*self.environment.versions,),
            (*bodies.notes, *notes),
        )

    # What is in the way

    def require_readable(self) -> None:
        """The head is only known when every revision is."""
        unreadable = [one for one in self.change.local.unreadable if one.name not in LABELLING]
        if unreadable:
            raise CannotDecide(
                f"{unreadable[0].path} cannot be read, so the head is not known",
                help=(Help("see what is wrong with it", ("gitmig check --all --select GM0",)),),
            )
        loose = self.change.unstaged or ()
        if loose and self.asked.kind == "drift":
            raise Refused(
                f"{loose[0].path} makes the change and is not staged",
                help=(Help("stage it", (f"git add -- {shell_word(loose[0].path)}",)),),
            )

    def parents(self) -> tuple[str, ...]:
        """The local head; with several of them nobody knows which one is meant."""
        heads = tuple(self.change.local.graph.heads)
        if self.asked.head:
            if self.asked.head not in heads:
                raise UsageError(f"{self.asked.head} is no head", note=f"heads: {', '.join(heads) or 'none'}")
            return (self.asked.head,)
        if len(heads) < 2:
            return heads
        labels = [self.change.local.graph.labels(head) for head in heads]
        unread = any(one.name == "branch_labels" for one in self.change.local.unreadable)
        if unread or (all(labels) and len({label for each in labels for label in each}) == sum(map(len, labels))):
            raise UsageError(
                f"several lines with a label: {', '.join(heads)}",
                help=(Help("name the head that it goes on", (f"gitmig revision --head {heads[0]} ...",)),),
            )
        raise Refused(
            f"there are {len(heads)} heads: {', '.join(heads)}",
            note="a revision goes on one head",
            help=(Help("bring them together first", ("gitmig resolve",)),),
        )

    def moved_on(self) -> list[Remark]:
        """What the target has and this side does not: the new revision will compete with it."""
        target, local = self.change.target, self.change.local.graph
        ahead = [head for head in target.graph.heads if head not in local] if target is not None else []
        if not ahead:
            return []
        name = short_name(self.change.target_name)
        heads = ", ".join(ahead)
        return [Remark("moved-on", heads, f"{name} has moved on to {heads}, and the new revision goes beside it")]

    def new_id(self) -> str:
        """As the project numbers its revisions, else drawn; one that was asked for must be usable."""
        states = [state for state in (self.change.local, self.change.target, *self.change.before) if state is not None]
        taken = {one for state in states for one in state.graph.revisions}
        asked = self.asked.rev_id
        if not asked:
            return next_sequential_id(taken) or fresh_id(os.urandom(24), taken)
        problems = id_problems(asked)
        if problems:
            raise UsageError(f"{asked!r} cannot be a revision id: {', '.join(problems)}")
        if asked in taken:
            raise Refused(f"the revision {asked} exists already")
        if is_patterned(asked):
            raise Refused(
                f"{asked} is an id that others type too", help=(Help("leave --rev-id out, and one is drawn"),)
            )
        return asked

    def message(self) -> str:
        if self.asked.message.strip():
            return self.asked.message
        if self.asked.kind == "revert":
            return f"revert {self.asked.reverted}"
        raise UsageError("a revision says what it does: -m TEXT")

    def graph_after(self, draft: Draft) -> RevisionGraph:
        nodes = [revision.node for revision in self.change.local.files.values()]
        return RevisionGraph([*nodes, (draft.id, draft.down_revisions, (), (), "")])

    # What it does

    def bodies(self, is_rename: Callable[[Question], bool]) -> Bodies | str:
        """The two functions; a sentence where there is nothing to write."""
        if self.databases is not None:
            return self.divided_bodies(self.databases, is_rename)
        if self.asked.kind == "empty":
            return Bodies("pass", "pass")
        if self.asked.kind == "data":
            from gitmig.commands.skeletons import data_bodies

            return data_bodies(self.require_schema(), self.asked.tables, self.touched(), self.form())
        if self.asked.kind == "revert":
            from gitmig.commands.reverting import revert_bodies

            return revert_bodies(self, self.asked.reverted)
        return self.drift_bodies(is_rename, ())

    def divided_bodies(self, named: Sequence[str], is_rename: Callable[[Question], bool]) -> Bodies | str:
        """The functions of several databases."""
        from gitmig.commands.several_databases import data_in_each, empty_bodies, names_of

        names = names_of(self, named)
        if self.asked.kind == "empty":
            return empty_bodies(names)
        if self.asked.kind == "data":
            return data_in_each(self, names, self.asked.tables)
        if self.asked.kind == "revert":
            from gitmig.commands.reverting import revert_bodies

            return revert_bodies(self, self.asked.reverted, names)
        return self.drift_bodies(is_rename, names)

    def drift_bodies(self, is_rename: Callable[[Question], bool], databases: Sequence[str]) -> Bodies | str:
        from gitmig.schema.drift import Side

        drift = self.change.drift
        models = self.change.local.models
        items = drift.items if drift is not None else ()
        if drift is None or models is None or not any(to_write([item]) or unread(item) for item in items):
            where = "in the worktree" if self.asked.worktree else "staged"
            return f"nothing is uncovered: the models that are {where} and the revisions agree"
        proposal = propose(Side(self.require_schema(), models), items, is_rename, self.uses())
        remarks = [Remark("renamed", each.new, said_of(each, taken=True)) for each in proposal.renamed]
        remarks += [Remark("apart", each.new, said_of(each, taken=False)) for each in proposal.apart]
        gaps = [item for item in items if unread(item)]
        remarks += [Remark("unknown", item.object or "unknown", text_of_gap(item)) for item in gaps]
        remarks += [Remark("unknown", key, NO_REVISION) for key in made_by_none(proposal.before, proposal.operations)]
        if databases:
            from gitmig.commands.several_databases import bodies_of_databases

            texts = [(item.object, not_written(item)) for item in gaps]
            made = bodies_of_databases(self, databases, proposal.before, proposal.operations, texts)
            return made.replace(remarks=(*dict.fromkeys(remarks), *made.remarks))
        made = self.written(proposal.before, proposal.operations)
        told = list(dict.fromkeys(map(not_written, gaps)))
        if drift.prefix and (named := with_prefix_of(drift.prefix, made.operations)):
            remarks.append(Remark("taken-prefix", named[0], said_of_prefix(drift)))
            told.insert(0, f"# gitmig: {said_of_prefix(drift)}; the settings may say another")
        more = [f"# gitmig: and {len(told) - MOST_GAPS} more that could not be read"] if len(told) > MOST_GAPS else []
        lines = [*told[:MOST_GAPS], *more, made.upgrade]
        return made.replace(upgrade="\n".join(lines), remarks=(*dict.fromkeys(remarks), *made.remarks))

    def written(self, before: Schema, operations: Sequence[Operation], given: Form | None = None) -> Bodies:
        """Operations as text, both ways."""
        form = given or self.form()
        steps = write_steps(before, operations, form.dialects, lambda each, column: problem_of(each, column, form))
        up, down = render_steps(steps.upgrade, form), render_steps(steps.downgrade, form)
        imports = "\n".join(sorted({*up.imports, *down.imports}))
        texts = self.by_alembic([up.text, down.text], form) if self.asked.exact else [up.text, down.text]
        return Bodies(
            texts[0],
            texts[1],
            imports,
            tuple(step.operation for step in steps.upgrade if step.operation.op != "unknown"),
            tuple(step.operation for step in steps.downgrade if step.operation.op != "unknown"),
            tuple(dict.fromkeys((*steps.remarks, *up.remarks, *down.remarks))),
        )

    def by_alembic(self, texts: Sequence[str], form: Form) -> list[str]:
        """As Alembic's own renderer writes them, where exact mode was asked for."""
        from gitmig.interpreter.alembic_renderer import render_with_alembic
        from gitmig.interpreter.python import find_interpreter

        interpreter = find_interpreter(self.config, os.environ, self.repository.layout.top)
        dialect = "postgresql" if form.may_be("postgresql") else min(form.dialects)
        limit = self.config.time_limit
        return render_with_alembic(texts, dialect, interpreter, os.environ, time_limit=limit)

    def uses(self) -> ChangedTexts:
        """What the change makes of the uses of a name."""
        from gitmig.reading.changed_texts import ChangedTexts

        return ChangedTexts(self.change.paths, self.environment.holds, self.facts.objects)

    def require_schema(self) -> Schema:
        chain = self.change.local.chain
        if chain is None:
            raise CannotDecide("the revisions of this environment could not be read")
        return chain

    def touched(self) -> tuple[str, ...]:
        """Tables that this change is about."""
        items = self.change.drift.items if self.change.drift is not None else ()
        found = [item.table for item in items]
        found += [each.table for addition in self.change.additions or () for each in addition.operations]
        return tuple(dict.fromkeys(name for name in found if name))

    def form(self, database: str = "") -> Form:
        """How things are written here, or for one of several databases, which has a section of its own."""
        from gitmig.commands.dialects import dialects_of, wants_batch

        local = self.change.local
        batch = wants_batch(self.environment, self.snapshot, self.facts)
        schemas = [schema for schema in (local.chain, local.models) if schema is not None]
        environment = self.environment.replace(section=database) if database else self.environment
        if self.databases is not None:
            schemas = [part_of(schema, database) for schema in schemas]
        return Form(dialects_of(environment, self.snapshot, schemas), batch, module_of=self.module_of)

    def module_of(self, path: str) -> str:
        """The dotted name of a file of the tree: from the topmost package that it lies in."""
        known = self.snapshot.entries()
        parts = path.removesuffix(".py").removesuffix("/__init__").split("/")
        start = len(parts) - 1
        while start > 0 and "/".join([*parts[:start], "__init__.py"]) in known:
            start -= 1
        return ".".join(parts[start:])

    # Formatters

    def formatted(self, content: bytes, path: str) -> tuple[bytes, tuple[str, ...], tuple[str, ...]]:
        """The text after the project's post-write hooks, those that ran, and those that did not."""
        named = self.post_write_hooks(self.environment, self.snapshot, path)
        if not named or not self.asked.runs_hooks or not self.asked.runs_code or self.repository.layout.top is None:
            return content, (), tuple(named)
        from gitmig.interpreter.post_write import run_post_write
        from gitmig.interpreter.python import find_interpreter

        top = self.repository.layout.top
        done = run_post_write(
            content,
            path,
            config=self.environment.config,
            files=self.files_with_hooks(self.environment, self.snapshot),
            top=top,
            interpreter=find_interpreter(self.config, os.environ, top),
            time_limit=self.config.time_limit,
            is_whole=lambda made: is_still(content, made),
        )
        return done.content, done.ran, done.failed

    # What there is to say

    def finding(self, remark: Remark, path: str, content: bytes) -> Located:
        rule = load(RULES[remark.kind])
        name = remark.object.replace(": ", ".").rpartition(".")[2]
        text = content.decode(self.environment.output_encoding, "replace")
        function = f"upgrade_{split_key(remark.object)[0]}" if self.databases is not None else "upgrade"
        line = line_with(text, name, remark.kind, function)
        finding = Finding(
            rule.code,
            rule.name,
            "note" if remark.kind in ("renamed", "stays") else "warning",
            self.change.environment,
            f"{remark.object}: {remark.message}" if remark.kind != "moved-on" else remark.message,
            note=NOTES.get(remark.kind, ""),
            help=helps_of(remark, short_name(self.change.target_name)),
            objects=(remark.object,),
            undecided=remark.kind == "unknown",
        )
        return Located(finding, Location(path, line) if remark.kind != "moved-on" else None)


# The file


def require_places(content: bytes, held: Bodies, template: str, again: str) -> None:
    """A template may have no place for one of the functions."""
    if not all(mark.encode("ascii") in content for mark in held.texts()):
        raise refused(f"{template} has no place for each of the functions", again)


def with_bodies(content: bytes, bodies: Bodies, encoding: str) -> bytes:
    """The file with whole functions in the places that were held for them."""
    texts = {MARK.format(number): text for number, text in enumerate(bodies.texts())}
    lines = content.decode(encoding).split("\n")
    return "\n".join(texts.get(line.strip(), line) for line in lines).encode(encoding)
