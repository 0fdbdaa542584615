"""A push on the server that receives it: each guarded ref against what it was, by the policy of what it was.

Nothing that is pushed decides on itself: which refs are guarded is read from the default branch as it is, severities
from the old tip.  Two refs of one push are judged one after the other, so the second sees what the first publishes.
"""

from __future__ import annotations

from gitmig.change.change import Change
from gitmig.change.published import Edit
from gitmig.change.pushes import BRANCHES, TAGS, Guard, find_lost, guard_of
from gitmig.change.waivers import SUFFIX, is_waiver
from gitmig.config import CONFIG_FILES, build_config, settings_of_files
from gitmig.environments.environment import Problem
from gitmig.errors import CannotDecide, UsageError
from gitmig.findings import Help
from gitmig.reading.comparison import Comparison, Target, compare_states, compare_with
from gitmig.reading.environments import Described, EnvironmentReader, is_configuration
from gitmig.reading.folders import FolderReader
from gitmig.reading.snapshot import Snapshot
from gitmig.reading.states import read_state
from gitmig.repo.refs import Ref, current_branch, find_nearest, find_refs
from gitmig.report.report import EnvironmentReport, Report, Side

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from gitmig.change.pushes import Update
    from gitmig.config import Config, Settings
    from gitmig.reading.facts import FactsReader
    from gitmig.repo.repository import Repository
    from gitmig.trees.entries import Changed

MODE = "push"
FAMILIES = ("GM0", "GM1", "GM2")
_NEEDS = frozenset(("graph", "merged", "edits"))
_USUAL = (f"{BRANCHES}main", f"{BRANCHES}master")


class PushReader:
    """The repository that is pushed to; `own` are the settings of its administrator (`GITMIG_*`), which come first.

    `refs` are the guarded refs with their commits, as the updates judged so far leave them; `before` as they were.
    """

    def __init__(self, repository: Repository, facts: FactsReader, own: Sequence[Settings], today: str) -> None:
        self.repository = repository
        self.facts = facts
        self.own = tuple(own)
        self.today = today
        self.remarks: list[Problem] = []
        self.guard = Guard(())
        self.before: dict[str, str] = {}
        self.refs: dict[str, str] = {}
        self.aliases: dict[str, str] = {}

    # Which refs are guarded

    def open(self, updates: Sequence[Update]) -> None:
        """Read what is guarded, before anything of the push is looked at."""
        branch = current_branch(self.repository.git) or ""
        known = find_refs(self.repository.git, [branch] if branch else [])
        config = self.config_at(known[0].commit if known else "")
        if known or config.shared:
            self.guard = guard_of(config, (branch,))
        else:
            self.guard = guard_of(config, self.usual_branches(branch))
        others = [one.ref for one in updates if one.old and not one.ref.startswith((BRANCHES, TAGS))]
        for ref in find_refs(self.repository.git, [*self.guard.folders, *others]):
            if ref.symbolic:
                self.aliases[ref.name] = ref.symbolic
            elif self.guard.holds(ref.name):
                self.before[ref.name] = ref.commit
        self.refs = dict(self.before)
        if config.shared and not self.before:
            named = ", ".join(config.shared)
            self.remarks.append(Problem(f"no ref here matches shared = {named}: nothing is guarded", blocks=False))

    def config_at(self, commit: str) -> Config:
        """The configuration of the default branch; one that cannot be read must not keep out the push that mends it."""
        try:
            return build_config(*self.own, self.settings_at(commit))
        except UsageError as error:
            self.remarks.append(Problem(f"{error.what}: the default configuration is used", blocks=False))
            return build_config(*self.own)

    def settings_at(self, commit: str) -> Settings:
        return settings_of_files(Snapshot(self.repository.objects, commit).read(CONFIG_FILES) if commit else {})

    def usual_branches(self, head: str) -> tuple[str, ...]:
        """What is shared where HEAD names a branch that does not exist: main or master, all three before a first push.

        Raises CannotDecide where there are other branches only: to guard nothing would look like a clean verdict.
        """
        names = [ref.name for ref in find_refs(self.repository.git, [BRANCHES])]
        found = tuple(name for name in _USUAL if name in names)
        if found or not names:
            return found or tuple(dict.fromkeys((head or _USUAL[0], *_USUAL)))
        raise CannotDecide(
            f"no branch is known to be shared: HEAD names {head or 'no branch'}, which this repository does not have",
            note="without a shared branch nothing would be guarded",
            help=(
                Help("whoever runs this server names the branch:", ("git symbolic-ref HEAD refs/heads/BRANCH",)),
                Help("or sets GITMIG_SHARED in the hook, see docs/server.md"),
            ),
        )

    def guarded(self, updates: Iterable[Update]) -> list[Update]:
        """Those that move a guarded ref, in the order of judgement: branches, tags, then what is deleted."""
        found = [one.replace(ref=self.aliases.get(one.ref, one.ref)) for one in updates]
        return sorted(
            (one for one in found if self.guard.holds(one.ref)),
            key=lambda one: (not one.new, one.ref.startswith(TAGS)),
        )

    # Verdicts

    def judge(self, update: Update) -> Report:
        """The verdict on one guarded ref; after it the ref counts as moved."""
        new = self.commit_of(update.new, update.ref)
        old = self.commit_of(update.old, update.ref)
        try:
            if not new:
                return self.judge_deletion(update, old) if old else unchanged(update)
            return self.judge_state(self.compare(update, old, new))
        finally:
            self.refs.pop(update.ref, None)
            if new:
                self.refs[update.ref] = new

    def commit_of(self, oid: str, ref: str) -> str:
        """The commit that an object leads to; "" for none, and for a tag of a file or a tree."""
        if not oid or self.repository.objects.commit(oid) is not None:
            return oid
        git = self.repository.git
        answer = git.ask("rev-parse", "--verify", "--quiet", "--end-of-options", oid + "^{commit}")
        if answer.status == 0:
            return answer.output.decode("ascii").strip()
        if ref.startswith(TAGS) and git.ask("cat-file", "-e", oid).status == 0:
            return ""
        raise CannotDecide(f"cannot read commit {oid[:12]}", note="the server does not have what is pushed")

    def compare(self, update: Update, old: str, new: str) -> Comparison:
        """With what the ref was; a new one with the merge base with the nearest shared ref."""
        objects = self.repository.objects
        if old:
            comparison = compare_states(self.repository, new, Target("", old), MODE)
        else:
            nearest = self.nearest(update.ref, new)
            if nearest is None:
                return Comparison(MODE, Snapshot(objects, new), new, on_shared=True, shared=())
            comparison = compare_with(self.repository, new, Target("", nearest.commit), MODE)
        return comparison.replace(shared=tuple(self.published_beside(update.ref)))

    def nearest(self, own: str, commit: str) -> Ref | None:
        """The shared branch, or where there is none the released tag, that lacks the fewest commits."""
        others = [Ref(name, tip) for name, tip in self.refs.items() if name != own]
        branches = [ref for ref in others if ref.name.startswith(BRANCHES)]
        return find_nearest(self.repository.git, commit, branches or others)

    def published_beside(self, own: str) -> Iterator[Ref]:
        """Every other guarded ref, as it was and as this push leaves it, named as clones name it."""
        for refs in (self.before, self.refs):
            for name, commit in refs.items():
                if name != own and (refs is self.before or self.before.get(name) != commit):
                    yield Ref(name.replace(BRANCHES, "refs/remotes/origin/", 1), commit)

    def judge_state(self, comparison: Comparison) -> Report:
        from gitmig.reading.guarded import find_guarded_changes
        from gitmig.reading.incomplete import undecided_without
        from gitmig.reading.judging import judge_changes
        from gitmig.reading.reader import NO_ENVIRONMENT

        objects = self.repository.objects
        config, remarks = self.judging_config(comparison)
        configs = {one.config for one in config.environments}
        if comparison.target is not None and not any(
            may_change_the_verdict(one, configs) for one in comparison.changes
        ):
            return Report("clean", MODE, Side("commit", comparison.local_commit), remarks=remarks)
        objects.limit = config.max_file_size
        report = Report("clean", MODE, Side("commit", comparison.local_commit), remarks=remarks)
        if not config.select:
            return report
        report = judge_changes(comparison, config, self.facts, (), "server", self.today)
        if not report.environments and report.undecided == (NO_ENVIRONMENT,):
            return report.replace(verdict="clean", undecided=(), status=0)  # no Alembic project, before or now
        report = report.replace(remarks=(*remarks, *report.remarks))
        if any(is_configuration(one.path) or is_waiver(one.path) for one in comparison.changes):
            report = report.replace(remarks=(*report.remarks, *find_guarded_changes(comparison, config)))
        return undecided_without(report, objects, config)

    def judging_config(self, comparison: Comparison) -> tuple[Config, tuple[Problem, ...]]:
        """The environments as pushed, the policy as it was, and only rules that read no models.

        A server never passes what it cannot decide, whatever `undecided` says.
        """
        remarks: tuple[Problem, ...] = ()
        target = comparison.target_is.commit
        try:
            policy = build_config(*self.own, self.settings_at(target))
        except UsageError as error:
            policy = build_config(*self.own)
            remarks = (Problem(f"{error.what}: the default configuration has judged this", blocks=False),)
        try:
            local = build_config(*self.own, self.settings_at(comparison.local_commit))
        except UsageError:
            if not remarks:
                raise
            local = policy
        judged = local.judged_by(policy) if target else local
        limit = policy.max_file_size if target else local.max_file_size  # a push must not decide how much is read
        return judged.replace(select=rules_of(judged), ignore=(), undecided="error", max_file_size=limit), remarks

    # A ref that is deleted

    def judge_deletion(self, update: Update, old: str) -> Report:
        """What is published on this ref alone is lost with it."""
        from gitmig.policy import judge
        from gitmig.reading.judging import revisions_between
        from gitmig.reading.locating import Locator
        from gitmig.reading.waivers import read_waivers
        from gitmig.rules.registry import load

        left = {name: commit for name, commit in self.refs.items() if name != update.ref}
        config = self.config_at(old)
        changes = tuple(self.losses(update, old, sorted(set(left.values())), config))
        findings = [finding for change in changes for finding in load("GM202").findings(change)]
        # There is no pushed tree that could grant it: the waiver lies in the branch that stays.
        staying = next((left[name] for name in self.guard.patterns if name in left), next(iter(left.values()), None))
        waivers, problems = read_waivers(Snapshot(self.repository.objects, staying))
        judgement = judge(
            findings,
            config.replace(undecided="error"),
            place="server",
            today=self.today,
            waivers=waivers,
            within=lambda first, last: revisions_between(changes, first, last),
            complete=False,
        )
        locator = Locator(self.facts.objects)
        return Report(
            judgement.verdict,
            MODE,
            Side("commit", old),
            environments=tuple(
                EnvironmentReport(one.environment, one.local.environment.versions, one.local.graph.heads)
                for one in changes
            ),
            findings=locator.locate(judgement.findings),
            waived=tuple((locator.locate([finding])[0], waiver) for finding, waiver in judgement.waived),
            remarks=(*problems, *judgement.remarks),
            status=judgement.status,
        )

    def losses(self, update: Update, old: str, left: Sequence[str], config: Config) -> Iterator[Change]:
        """One Change per environment of the ref, with the revisions that none of the commits that stay has."""
        reader, folders = EnvironmentReader(config, ()), FolderReader(self.facts)
        there = Snapshot(self.repository.objects, old)
        staying = [Snapshot(self.repository.objects, commit, side="target") for commit in left]
        here = Described.of(there, reader)
        twins = [here.counterparts(Described.of(tree, reader)) for tree in staying]
        for position, environment in enumerate(here.environments):
            gone = read_state(there, environment, folders)
            kept = ((tree, found[position]) for tree, found in zip(staying, twins, strict=True))
            states = [read_state(tree, twin, folders) for tree, twin in kept if twin is not None]
            edits = tuple(Edit(revision) for revision in find_lost(gone, states))
            yield Change(environment.name, MODE, gone, target=gone, target_name=update.name, edits=edits)


def may_change_the_verdict(changed: Changed, configs: Collection[str]) -> bool:
    """Revisions, waivers, what configures them (`configs` too, whatever their names), and links and submodules."""
    path = changed.path
    if path.endswith((".py", ".pyc", ".pyo", ".ini", ".toml", ".mako", SUFFIX)) or path in configs:
        return True
    return any(entry is not None and not entry.is_file for entry in (changed.old, changed.new))


def unchanged(update: Update) -> Report:
    """A ref that led to no commit and leads to none now."""
    return Report("clean", MODE, Side("commit", update.new), nothing="no commit, so no revisions")


def rules_of(config: Config) -> tuple[str, ...]:
    """What the policy selects of the rules that need no models; the schema is for CI, where there is time."""
    from gitmig.policy import is_selected
    from gitmig.rules.registry import load, rule_modules

    codes = [code for code in rule_modules() if code.startswith(FAMILIES) and is_selected(config, code)]
    return tuple(code for code in codes if _NEEDS.issuperset(load(code).needs))
