"""Models read statically, beside the MetaData that SQLAlchemy makes of them.

    python bench/fidelity.py REPOSITORY ENV_PY [--rev REV]
        [--python PYTHON [--metadata MODULE:NAME] [--root DIR] [--import MODULE]...]

REPOSITORY is a Git directory (bare or not), ENV_PY the path of an env.py inside of it.  Without `--python` it counts
tables, columns and unknowns and measures the time.  With it, exact mode imports the MetaData that env.py or
`--metadata` names from REV (packages that the interpreter lacks are made up), and what differs is printed.  The
project's code runs then: use it for projects that you trust.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from gitmig.environments import env_file
from gitmig.interpreter.exact import Wanted, import_tree
from gitmig.interpreter.imported import schema_of
from gitmig.interpreter.python import Interpreter
from gitmig.repo.objects import Objects
from gitmig.repo.plumbing import Git
from gitmig.schema.elements import Schema, Table, Type
from gitmig.schema.models import facts as model_facts
from gitmig.schema.models.linking import link
from gitmig.schema.models.wanted import wanted
from gitmig.schema.prefixes import is_prefixed, with_prefix, written_prefix
from gitmig.source.modules import Modules
from gitmig.source.prefixes import PREFIX

STUBS = str(Path(__file__).with_name("fidelity_stubs.py"))


class Tree:
    """One commit of a repository, read through `git cat-file --batch`."""

    def __init__(self, repository: str, revision: str) -> None:
        self.repository = repository
        self.revision = revision
        listed = subprocess.run(
            ["git", "-C", repository, "ls-tree", "-r", "-z", revision], check=True, capture_output=True
        ).stdout
        self.blobs: dict[str, str] = {}
        self.others: dict[str, str] = {}
        for line in listed.split(b"\0"):
            if line:
                head, _, path = line.partition(b"\t")
                mode, kind, oid = head.split()
                if kind == b"blob" and mode != b"120000":
                    chosen = self.blobs if path.endswith(b".py") else self.others
                    chosen[path.decode("utf-8", "surrogateescape")] = oid.decode()
        self.batch = subprocess.Popen(
            ["git", "-C", repository, "cat-file", "--batch"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )

    def read(self, path: str) -> bytes:
        assert self.batch.stdin is not None and self.batch.stdout is not None
        self.batch.stdin.write((self.blobs.get(path) or self.others[path]).encode() + b"\n")
        self.batch.stdin.flush()
        head = self.batch.stdout.readline().split()
        if head[1] == b"missing":
            return b""
        size = int(head[2])
        data = self.batch.stdout.read(size)
        self.batch.stdout.read(1)
        return data


def read_models(tree: Tree, env_path: str, metadata: str = "") -> tuple[Schema, dict[str, float]]:
    """The schema of an environment, and CPU seconds by step."""
    spent: dict[str, float] = {}
    start = time.process_time()
    modules = Modules(tree.blobs)
    spent["listing"] = time.process_time() - start
    env = env_file.extract(tree.read(env_path)) if env_path in tree.blobs else None
    files: dict[str, dict] = {}
    spent.update({"read": 0.0, "extract": 0.0, "wanted": 0.0, "rounds": 0, "files": 0, "parsed": 0})
    while True:
        start = time.process_time()
        more = wanted(modules, files, env_path, env)
        spent["wanted"] += time.process_time() - start
        if not more.full and not more.candidates:
            break
        spent["rounds"] += 1
        for path in (*more.full, *more.candidates):
            start = time.process_time()
            source = tree.read(path)
            spent["read"] += time.process_time() - start
            start = time.process_time()
            if path in more.full or model_facts.may_declare_models(source):
                files[path] = model_facts.extract(source)
                json.dumps(files[path])
                spent["parsed"] += 1
            else:
                files[path] = model_facts.not_models()
            spent["extract"] += time.process_time() - start
        spent["files"] = len(files)
    start = time.process_time()
    schema = link(files, modules, env, env_path=env_path, metadata=metadata)
    spent["link"] = time.process_time() - start
    return schema, spent


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("repository")
    parser.add_argument("env")
    parser.add_argument("--rev", default="HEAD")
    parser.add_argument("--python")
    parser.add_argument("--metadata", default="")
    parser.add_argument("--static-metadata", default="")
    parser.add_argument("--root", default="")
    parser.add_argument("--import", dest="imports", action="append", default=[])
    parser.add_argument("--show", action="store_true", help="print every table")
    arguments = parser.parse_args()
    tree = Tree(arguments.repository, arguments.rev)
    schema, spent = read_models(tree, arguments.env, arguments.static_metadata)
    columns = sum(len(table.columns) for table in schema.tables.values())
    unread = sum(
        not column.type.known or bool(column.unknown) for table in schema.tables.values() for column in table.columns
    )
    gaps = sum(len(table.unknown) for table in schema.tables.values())
    print(f"tables {len(schema.tables)}, columns {columns}, columns with an unknown {unread}", end=", ")
    print(f"unknowns of tables {gaps}, of the schema {len(schema.unknown)}")
    print(
        "cpu "
        + ", ".join(
            f"{name} {value:.3f}" if isinstance(value, float) else f"{name} {value}" for name, value in spent.items()
        )
    )
    for gap in schema.unknown:
        print("  schema?", gap.what[:100], "|", gap.why, "|", gap.origin.path, gap.origin.line)
    for table in schema.tables.values():
        if arguments.show:
            print(table.key, ", ".join(f"{c.name}:{c.type.text}{'' if c.nullable else '!'}" for c in table.columns))
        for gap in table.unknown:
            print("  table?", table.key, "|", gap.what[:100], "|", gap.why, "|", gap.origin.path, gap.origin.line)
        for column in table.columns:
            if not column.type.known or column.unknown:
                print(
                    "  column?",
                    table.key,
                    column.name,
                    "|",
                    column.type.text[:80],
                    column.unknown,
                    "|",
                    column.origin.path,
                    column.origin.line,
                )
    if arguments.python:
        compare(schema, imported(arguments, tree, schema))


def imported(arguments: argparse.Namespace, tree: Tree, static: Schema) -> Schema:
    """What SQLAlchemy makes of the commit, by exact mode."""
    env = env_file.extract(tree.read(arguments.env))
    wanted = Wanted(
        arguments.env,
        tree.read(arguments.env),
        tuple(text for text, _ in env["targets"]),
        tuple((name, env["options"][name]) for name in ("include_object", "include_name") if name in env["options"]),
        arguments.metadata,
        arguments.root,
        (arguments.root, arguments.env.rpartition("/")[0]),
        tuple(arguments.imports),
    )
    commit = subprocess.run(
        ["git", "-C", arguments.repository, "rev-parse", f"{arguments.rev}^{{commit}}"], check=True, capture_output=True
    )
    interpreter = Interpreter(arguments.python, "--python")
    with Objects(Git(arguments.repository)) as objects:
        entries = objects.tree(commit.stdout.decode().strip())
        said = import_tree(entries, objects, wanted, interpreter, name=arguments.rev, time_limit=300, before=(STUBS,))
    print(f"imported by Python {said['python']} with SQLAlchemy {said['sqlalchemy']}")
    return schema_of(said, static)


def compare(schema: Schema, real: Schema) -> None:
    """Prints what differs, and the share that is equal."""
    if is_prefixed(schema):
        taken = written_prefix([schema], [real])
        schema = with_prefix(schema, taken.prefix if taken else PREFIX)
    ours, theirs = schema.tables, real.tables
    for key in sorted(theirs.keys() - ours.keys()):
        print("missed table", key)
    for key in sorted(ours.keys() - theirs.keys()):
        print("extra table", key, ours[key].origin.path, ours[key].origin.line)
    total = equal = unknown = 0
    others = {"indexes": [0, 0], "uniques": [0, 0], "foreign_keys": [0, 0], "primary_keys": [0, 0]}
    for key, table in sorted(theirs.items()):
        own = ours.get(key)
        for column in sorted(table.columns, key=lambda column: column.name):
            total += 1
            mine = own.column(column.name) if own is not None else None
            if mine is None:
                print("missed column", key, column.name)
                continue
            problems = []
            if mine.nullable != column.nullable and "nullable" in mine.unknown:
                unknown += 1
                problems.append("unknown nullable")
            elif mine.nullable != column.nullable:
                problems.append(f"nullable {mine.nullable} != {column.nullable}")
            if mine.primary_key != column.primary_key:
                problems.append(f"primary key {mine.primary_key} != {column.primary_key}")
            wanted_types = {type_text(each) for each in (column.type, *(one for _, one in column.type.variants))}
            if not mine.type.known:
                unknown += 1
                problems.append(f"unknown type {mine.type.text} ({column.type.text})")
            elif type_text(mine.type) not in wanted_types:
                problems.append(f"type {type_text(mine.type)} != {sorted(wanted_types)}")
            if (mine.server_default is not None) != (
                column.server_default is not None
            ) and "server_default" not in mine.unknown:
                problems.append(f"server default {mine.server_default} != {column.server_default}")
            if problems:
                print("column", key, column.name, "; ".join(problems), mine.origin.path, mine.origin.line)
            else:
                equal += 1
        if own is None:
            continue
        for column in own.columns:
            if table.column(column.name) is None:
                print("extra column", key, column.name, column.origin.path, column.origin.line)
        for what, counts in others.items():
            mine_set, their_set = (shapes(side, what) for side in (own, table))
            counts[0] += len(their_set)
            counts[1] += len(mine_set & their_set)
            for item in sorted(their_set - mine_set, key=repr):
                print("missed", what, key, item)
            for item in sorted(mine_set - their_set, key=repr):
                print("extra", what, key, item)
    print(f"tables {len(theirs.keys() & ours.keys())} of {len(theirs)}", end="; ")
    print(f"columns {equal} of {total} equal ({100 * equal / max(total, 1):.2f} %), unknown {unknown}")
    print("; ".join(f"{what} {same} of {count}" for what, (count, same) in others.items()))


def shapes(table: Table, what: str) -> set[object]:
    """What counts of the indexes or constraints of a table."""
    if what == "indexes":
        return {(each.name, each.unique, len(each.columns)) for each in table.indexes}
    if what == "uniques":
        return {(each.name, each.columns) for each in table.uniques}
    if what == "foreign_keys":
        return {
            (each.name, each.columns, each.referred, each.referred_columns, each.ondelete)
            for each in table.foreign_keys
        }
    return {frozenset(table.primary_key.columns)} if table.primary_key else set()


def type_text(type_: Type) -> str:
    """Family and those arguments that count."""
    if type_.family == "array":
        return f"array[{type_text(type_.item) if type_.item else ''}]"
    if type_.family == "enum":
        values = ",".join(type_.values or ())
        return f"enum({values})" if type_.native else f"enum-text({values})"
    if type_.family in {"numeric"}:
        return f"numeric({type_.precision},{type_.scale})"
    if type_.length is not None and type_.family in {"string", "char", "text", "binary"}:
        return f"{type_.family}({type_.length})"
    return type_.family + ("+tz" if type_.timezone else "")


if __name__ == "__main__":
    main()
