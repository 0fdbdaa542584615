"""Models read statically, beside the MetaData that SQLAlchemy makes of them.

    python bench/fidelity.py REPOSITORY ENV_PY [--rev REV]
        [--python PYTHON --metadata MODULE:NAME --root DIR --import MODULE ...]

REPOSITORY is a Git directory (bare or not), ENV_PY the path of an env.py inside of it.  Without `--python` it counts
tables, columns and unknowns and measures the time.  With it, that interpreter imports MODULE from REV, under
DIR in a subprocess, and what differs is printed.  The project's code runs then: use it for projects that you trust.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from gitmig.environments import env_file
from gitmig.schema.elements import Schema, Type
from gitmig.schema.models import facts as model_facts
from gitmig.schema.models.linking import link
from gitmig.schema.models.wanted import wanted
from gitmig.source.modules import Modules

DATA = (".md", ".json", ".txt", ".toml", ".yaml", ".yml", ".html", ".cfg", ".ini", ".j2", ".sql")
PROBE = Path(__file__).with_name("fidelity_probe.py")


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
        compare(schema, imported(arguments, tree))


def imported(arguments: argparse.Namespace, tree: Tree) -> dict:
    """What SQLAlchemy says, from the Python files of the commit in a temporary folder."""
    with tempfile.TemporaryDirectory() as folder:
        for path in (*tree.blobs, *(other for other in tree.others if other.endswith(DATA))):
            target = Path(folder) / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(tree.read(path))
        root = Path(folder) / arguments.root
        done = subprocess.run(
            [arguments.python, str(PROBE), str(root), arguments.metadata, *arguments.imports],
            check=False,
            capture_output=True,
            cwd=root,
        )
    if done.returncode:
        sys.exit(done.stderr.decode()[-3000:])
    return json.loads(done.stdout.decode().rpartition("\n@@")[2])


def compare(schema: Schema, real: dict) -> None:
    """Prints what differs, and the share that is equal."""
    ours, theirs = schema.tables, real["tables"]
    for key in sorted(theirs.keys() - ours.keys()):
        print("missed table", key)
    for key in sorted(ours.keys() - theirs.keys()):
        print("extra table", key, ours[key].origin.path, ours[key].origin.line)
    total = equal = unknown = 0
    others = {"indexes": [0, 0], "uniques": [0, 0], "foreign_keys": [0, 0], "primary_keys": [0, 0]}
    for key, table in sorted(theirs.items()):
        own = ours.get(key)
        for name, column in sorted(table["columns"].items()):
            total += 1
            mine = own.column(name) if own is not None else None
            if mine is None:
                print("missed column", key, name)
                continue
            problems = []
            if mine.nullable != (column["nullable"] and not column["primary_key"]):
                problems.append(f"nullable {mine.nullable} != {column['nullable']}")
            if mine.primary_key != column["primary_key"]:
                problems.append(f"primary key {mine.primary_key} != {column['primary_key']}")
            wanted_types = {column["type"], column["impl"]}
            if not mine.type.known:
                unknown += 1
                problems.append(f"unknown type {mine.type.text} ({column['type']})")
            elif type_text(mine.type) not in wanted_types:
                problems.append(f"type {type_text(mine.type)} != {sorted(wanted_types)}")
            if (mine.server_default is not None) != (
                column["server_default"] is not None
            ) and "server_default" not in mine.unknown:
                problems.append(f"server default {mine.server_default} != {column['server_default']}")
            if problems:
                print("column", key, name, "; ".join(problems), mine.origin.path, mine.origin.line)
            else:
                equal += 1
        if own is None:
            continue
        for column in own.columns:
            if column.name not in table["columns"]:
                print("extra column", key, column.name, column.origin.path, column.origin.line)
        pairs = {
            "indexes": (
                {(i.name, i.unique, len(i.columns)) for i in own.indexes},
                {tuple(i) for i in table["indexes"]},
            ),
            "uniques": ({(u.name, u.columns) for u in own.uniques}, {(n, tuple(c)) for n, c in table["uniques"]}),
            "foreign_keys": (
                {(f.name, f.columns, f.referred, f.referred_columns, f.ondelete) for f in own.foreign_keys},
                {(n, tuple(c), r, tuple(rc), (o or "").upper() or None) for n, c, r, rc, o in table["foreign_keys"]},
            ),
            "primary_keys": (
                {frozenset(own.primary_key.columns)} if own.primary_key else set(),
                {frozenset(table["primary_key"])} if table["primary_key"] else set(),
            ),
        }
        for what, (mine_set, their_set) in pairs.items():
            others[what][0] += len(their_set)
            others[what][1] += len(mine_set & their_set)
            for item in sorted(their_set - mine_set, key=repr):
                print("missed", what, key, item)
            for item in sorted(mine_set - their_set, key=repr):
                print("extra", what, key, item)
    print(f"tables {len(theirs.keys() & ours.keys())} of {len(theirs)}", end="; ")
    print(f"columns {equal} of {total} equal ({100 * equal / max(total, 1):.2f} %), unknown {unknown}")
    print("; ".join(f"{what} {same} of {count}" for what, (count, same) in others.items()))


def type_text(type_: Type) -> str:
    """Family and arguments, as the probe spells them."""
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
