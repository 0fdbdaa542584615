"""Revisions that people wrote, taken away and written again: `bench/revisions_written.py --labels DIR --mirrors DIR`

For every sampled commit of the corpus that changes models and adds a revision: the new revision files are removed from
its tree, `gitmig revision` writes one, and both are replayed over the chain before.  Their schemas are compared in the
normal form of docs/evaluation.md.  Nothing of a project is run.  With --show the files and the differences are printed.
What is in cases.jsonl of the scratch folder is not asked again; --fresh forgets it.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
import traceback
from collections import Counter
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "bench")]

from replay import labels, replicas  # noqa: E402

from gitmig.change.change import Change  # noqa: E402
from gitmig.commands.check import config_of, settings_of_caller  # noqa: E402
from gitmig.commands.writing import NEEDS, Asked, Proposed, Writer, chosen  # noqa: E402
from gitmig.config import Config  # noqa: E402
from gitmig.errors import GitmigError  # noqa: E402
from gitmig.reading.cache import Cache  # noqa: E402
from gitmig.reading.comparison import Comparison, differences  # noqa: E402
from gitmig.reading.facts import FactsReader  # noqa: E402
from gitmig.reading.history import History  # noqa: E402
from gitmig.reading.reader import Reader  # noqa: E402
from gitmig.reading.snapshot import Snapshot  # noqa: E402
from gitmig.repo.repository import Repository, open_at  # noqa: E402
from gitmig.schema.compare import compare  # noqa: E402
from gitmig.schema.discrepancies import is_error  # noqa: E402
from gitmig.schema.drift import Side, new_drift  # noqa: E402
from gitmig.schema.elements import Schema  # noqa: E402
from gitmig.schema.operations import Operation, decode  # noqa: E402
from gitmig.schema.replay import replay  # noqa: E402
from gitmig.schema.reversing import reverses  # noqa: E402
from gitmig.schema.scripts.facts import extract  # noqa: E402
from gitmig.trees.entries import Changed  # noqa: E402

NOT_STRUCTURE = frozenset({"create_check", "set_comment", "create_enum", "create_exclude", "drop_enum"})


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--labels", type=Path, required=True)
    parser.add_argument("--mirrors", type=Path, required=True)
    parser.add_argument("--repo", action="append", metavar="OWNER/NAME", help="repeatable; all by default")
    parser.add_argument("--sample", type=int, default=20, metavar="N", help="commits of each project")
    parser.add_argument("--only", default="", metavar="COMMIT", help="one commit, by the start of its id")
    parser.add_argument("--show", action="store_true")
    parser.add_argument("--fresh", action="store_true", help="forget what an earlier run found")
    parser.add_argument("--scratch", type=Path, default=Path(tempfile.gettempdir()) / "gitmig-revisions-written")
    options = parser.parse_args()
    options.scratch.mkdir(parents=True, exist_ok=True)
    store = options.scratch / "cases.jsonl"
    if options.fresh:
        store.unlink(missing_ok=True)
    known = {(found["repo"], found["name"]): found for found in read(store)}
    all_found = []
    with store.open("a") as stream:
        for repo in options.repo or labels.repositories(options.labels):
            mirror = replicas.mirror_of(options.mirrors, repo)
            cases = [
                case
                for case in labels.cases(options.labels, repo, "D_net")
                if case.record["with_revision"] and case.head.startswith(options.only)
            ]
            of_repo = []
            for case in spread(cases, options.sample) if mirror is not None else ():
                found = known.get((repo, case.head)) if not options.show else None
                if found is None:
                    found = judged(mirror, options.scratch, repo, case.head, options)
                    stream.write(json.dumps(found) + "\n")
                    stream.flush()
                    tell(found, options.show)
                of_repo.append(found)
            print(f"{repo}: {figures(of_repo)}", flush=True)
            all_found += of_repo
    print(f"all: {figures(all_found)}")
    return 0


def read(store: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in store.read_text().splitlines()] if store.exists() else []


def tell(found: dict[str, Any], show: bool) -> None:
    if found["outcome"] == "equal" and not show:
        return
    print(f"  {found['commit'][:12]} {found['outcome']}: {found.get('why', '')}")
    for side, name in (("ours_only", "ours:  "), ("theirs_only", "people:")):
        for each in found.get(side, []):
            print(f"      {name} {each}")


def figures(found: list[dict[str, Any]]) -> str:
    """How often ours is what people wrote, and how often it is what the models say."""
    outcomes = Counter(each["outcome"] for each in found)
    answered = len(found) - outcomes["left out"]
    if not answered:
        return "nothing to answer"
    as_models = outcomes["equal"] + outcomes["people"]
    shares = f"equal {outcomes['equal'] / answered:.1%}, as the models say {as_models / answered:.1%}"
    return f"{answered} answered, {shares}; {dict(outcomes)}"


def spread(cases: list[Any], count: int) -> list[Any]:
    """`count` of them, evenly over the history."""
    if len(cases) <= count:
        return cases
    return [cases[number * len(cases) // count] for number in range(count)]


def judged(mirror: Path, scratch: Path, repo: str, name: str, options: argparse.Namespace) -> dict[str, Any]:
    started = time.process_time()
    commit = replicas.resolve(mirror, {name}).get(name, "")
    found: dict[str, Any] = {"repo": repo, "name": name, "commit": commit or name}
    try:
        found |= compared(str(mirror), commit, scratch / "cache" / repo.replace("/", "+"), options)
    except GitmigError as error:
        found |= {"outcome": "refused", "why": error.what}
    except Exception as error:
        if options.show:
            traceback.print_exc()
        found |= {"outcome": "crash", "why": repr(error)}
    found["seconds"] = round(time.process_time() - started, 2)
    return found


def compared(mirror: str, commit: str, cache: Path, options: argparse.Namespace) -> dict[str, Any]:
    repository = open_at(mirror)
    with repository.objects:
        objects = repository.objects
        known = objects.commit(commit)
        if known is None or not known.parents:
            return {"outcome": "left out", "why": "no parent"}
        base = known.parents[0]
        config = Config()
        whole = change_of(repository, config, commit, base, {}, cache)
        added = {addition.revision: addition for addition in whole[0].additions or ()}
        if not added:
            return {"outcome": "left out", "why": "the static reader finds no new revision"}
        removed = {addition.path: None for addition in added.values()}
        heads = {parent for name in added for parent in whole[0].local.graph.down_revisions(name)}
        change, comparison, facts = change_of(repository, config, commit, base, removed, cache, whole[0].environment)
        theirs = [operation for addition in added.values() for operation in addition.operations]
        asked = Asked(message="again", runs_code=False, runs_hooks=False, head=line_of(change, heads))
        writer = Writer(repository, comparison, config, asked, change, facts)
        proposed = writer.proposed(lambda question: True)
        return verdict(change, theirs, proposed, options.show)


def line_of(change: Change, parents: set[str]) -> str:
    """Where there are several heads, the one that people went on from: a person would name it."""
    heads = change.local.graph.heads
    return next((head for head in heads if head in parents), "") if len(heads) > 1 else ""


def change_of(
    repository: Repository,
    config: Config,
    commit: str,
    base: str,
    overlay: dict[str, None],
    cache: Path,
    environment: str = "",
) -> tuple[Change, Comparison, FactsReader]:
    """The change of a commit against its parent, without some of its files."""
    objects = repository.objects
    there = objects.entries(commit, overlay)
    removed = [Changed(path, there.get(path), None) for path in overlay]
    comparison = Comparison(
        "rev",
        Snapshot(objects, commit, overlay),
        commit,
        before=(Snapshot(objects, base, side="before"),),
        changes=differences(History(repository), base, commit, removed),
    )
    config = config_of(comparison, settings_of_caller({}), "command")
    objects.limit = config.max_file_size
    facts = FactsReader(objects, Cache(str(cache)))
    changes = Reader(comparison, config, facts, NEEDS).changes()
    named = [each for each in changes if each.environment == environment or (not environment and each.additions)]
    return chosen(named or changes, Asked(environment=environment)), comparison, facts


def verdict(change: Change, theirs: list[Operation], proposed: Proposed, show: bool) -> dict[str, Any]:
    chain, models = change.local.chain or Schema(), change.local.models or Schema()
    items = change.drift.items if change.drift else ()
    gaps = [item for item in items if item.kind == "unknown" and not item.note]
    unknown = [f"{item.object} {item.attribute}" for item in gaps]
    unknown += [each for found in proposed.findings if found.finding.undecided for each in found.finding.objects]
    people = replay(chain, theirs).schema
    structural = differing(chain, people)
    if proposed.draft is None:
        if not structural:
            return {"outcome": "equal", "why": "neither changes the structure"}
        old = {identity(each) for each in differing(chain, models)}
        caught_up = all(identity(each) in old for each in structural)
        kind = "unknown" if unknown else "caught up" if caught_up else "not written"
        return {"outcome": kind, "why": proposed.why, "theirs_only": shown(structural), "unknown": unknown}
    content = proposed.plan.steps[0].content or b""
    compile(content, proposed.path, "exec", dont_inherit=True, flags=0x400)
    if show:
        print(content.decode())
    facts = extract(content, proposed.path)
    up, down = ([decode(each) for each in facts[way]] for way in ("upgrade", "downgrade"))
    ours = replay(chain, up).schema
    again = new_drift(Side(ours, models), [Side(chain, models)], up)
    before = change.before[0]
    reversal = reverses(chain, up, down).verdict
    one, other = differing(people, ours), differing(ours, people)
    result: dict[str, Any] = {
        "remarks": [finding.finding.message for finding in proposed.findings],
        "reverses": reversal,
        "unknown": unknown,
        "still": [f"{item.kind} {item.object} {item.attribute}" for item in again.items if is_error(item)],
        "before": len(before.files),
    }
    if not one and not other:
        return {**result, "outcome": "equal"}
    # Against the models of the same commit: who is it that differs from them?
    new = {identity(item.operation) for item in items if item.operation is not None}
    usual = {identity(each) for each in differing(chain, models)} - new
    wrong, more = ({identity(each) for each in differing(side, models)} for side in (ours, people))
    only_ours, only_theirs = wrong - more, more - wrong
    only_ours -= usual  # drift that was there before, which people caught up with
    outcome = "both" if only_ours and only_theirs else "ours" if only_ours else "people" if only_theirs else "caught up"
    if outcome == "people" and wrong - usual:  # ours is not what the models say either
        outcome = "both"
    if unknown and (only_ours or outcome == "both"):
        outcome = "unknown"
    if not wrong ^ more:
        outcome = "open"
    return {**result, "outcome": outcome, "ours_only": shown(one), "theirs_only": shown(other)}


def differing(old: Schema, new: Schema) -> list[Operation]:
    """The normal form: what a database would notice in tables, columns, keys, constraints and indexes."""
    found = []
    for operation in compare(old, new):
        kind = operation.detail.get("kind")
        if operation.op in NOT_STRUCTURE or kind in ("check", "exclude"):
            continue
        if operation.op == "alter_column":
            changed = {key: value for key, value in operation.detail["set"].items() if key not in LESS}
            if not changed:
                continue
            operation = operation.replace(detail={**operation.detail, "set": changed})  # noqa: PLW2901
        if operation.op in ("create_index", "drop_index") and only_its_name(operation, old, new):
            continue
        found.append(operation)
    return found


LESS = ("comment", "server_default")


def only_its_name(operation: Operation, old: Schema, new: Schema) -> bool:
    index = operation.detail.get("index")
    columns = index.columns if index is not None else operation.detail.get("columns")
    sides = [side.tables.get(operation.table) for side in (old, new)]
    return all(side is not None and any(each.columns == columns for each in side.indexes) for side in sides)


def identity(operation: Operation) -> tuple[str, str, str]:
    return operation.op, operation.table, operation.name


def shown(operations: list[Operation]) -> list[str]:
    found = []
    for operation in operations:
        detail = {
            key: getattr(value, "text", value) for key, value in operation.detail.get("set", {}).items()
        }  # fmt: skip
        element = operation.detail.get("index") or operation.detail.get("constraint")
        columns = getattr(element, "columns", operation.detail.get("columns", ""))
        found.append(f"{operation.op} {operation.table} {operation.name} {columns or ''} {detail or ''}".strip())
    return found


if __name__ == "__main__":
    raise SystemExit(main())
