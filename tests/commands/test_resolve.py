"""`gitmig resolve` from end to end: real repositories, the plan applied, Alembic asked about the files."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import alembic
import pytest
from support.alembic_projects import ENVIRONMENT, VERSIONS, alembic_heads, script, scripts
from support.histories import Link, build

ADD = "op.add_column({!r}, sa.Column({!r}, sa.Integer()))"
TEMPLATE = (Path(alembic.__file__).parent / "templates/generic/script.py.mako").read_text()


def project(make_history, *, main=(), feature=(), more=None, merged=True, shared=True, start=None, **options):
    """
    main (shared)  a --- b --- c
                        \\
    feature              x           we stand here, main merged in
    """
    table = [
        ("main", {**ENVIRONMENT, **(more or {}), **(start or scripts({"a": None, "b": "a"}))}),
        ("feature < main", {}),
    ]
    table.append(("main", dict(main) or scripts({"c": "b"})))
    table.append(("feature", dict(feature) or scripts({"x": "b"})))
    if merged:
        table.append(("feature + main", {}))
    if shared:
        table.append(("refs/remotes/origin/main < main", None))
    history = make_history(table, **options)
    if shared:
        history.git("symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main")
    if not options.get("bare"):
        history.git("switch", "-q", "feature")
    return history


def resolve(history, *options, status=0, **run):
    return history.run("gitmig", "resolve", *options, status=status, **run)


def blobs(history, *names):
    return {name: history.git("rev-parse", f":{VERSIONS}/{name}.py").stdout for name in names}


# Re-parent


def test_the_unpublished_line_goes_after_the_published_head(make_history):
    history = project(make_history)
    published = blobs(history, "a", "b", "c")
    done = resolve(history, "--reparent")
    assert alembic_heads(history.path) == ["x"]
    assert blobs(history, "a", "b", "c") == published
    assert history.git("diff", "--name-only").stdout == ""  # all of it is staged
    changed = history.git("diff", "--cached", "-U0").stdout
    assert [line for line in changed.splitlines() if line[:1] in "+-"][2:] == [
        "-Revises: b", "+Revises: c", "-down_revision = 'b'", "+down_revision = 'c'"
    ]  # fmt: skip
    assert "alembic downgrade b" in done.stdout
    assert "published   c, Ada in" in done.stdout


def test_several_lines_are_named_in_their_new_order(make_history):
    history = project(make_history, feature=scripts({"x": "b", "y": "a", "z": "y"}))
    done = resolve(history, "--auto")
    assert "done: put x, y after c; it is staged" in done.stderr
    assert "never runs c, x" in " ".join(done.stdout.split())
    assert "alembic downgrade b" in done.stdout
    assert "alembic downgrade a" in done.stdout


def test_a_database_above_a_join_goes_down_to_one_of_its_parents(make_history):
    """`alembic downgrade m-1` is ambiguous; to one parent is not, and leaves the other one."""
    history = project(
        make_history,
        main=scripts({"c": "b", "d": "b", "n": "c,d"}),
        feature=scripts({"c": "b", "d": "b", "m": "c,d", "x": "m"}),
    )
    done = resolve(history, "--auto")
    assert "done: put x after n; it is staged" in done.stderr
    assert "alembic downgrade c" in done.stdout


def test_undo_brings_every_byte_back(make_history):
    history = project(make_history)
    resolve(history, "--auto")
    history.run("gitmig", "undo")
    assert history.git("status", "--porcelain").stdout == ""


def test_it_is_done_once(make_history):
    history = project(make_history)
    resolve(history, "--auto")
    assert "one head" in resolve(history, "--auto").stdout


DATED = "%%(year)d_%%(month).2d_%%(day).2d_%%(hour).2d%%(minute).2d-%%(rev)s_%%(slug)s"


def test_where_names_begin_with_a_date_the_line_gets_new_ones(make_history):
    dated = {
        one: (f"{VERSIONS}/2026_03_0{day}_1000-{one}_.py", f"2026-03-0{day} 10:00:00.123456")
        for one, day in {"a": 1, "b": 2, "x": 3, "y": 4, "c": 5}.items()
    }

    def files(graph):
        return {dated[one][0]: script(one, parent, created=dated[one][1]) for one, parent in graph.items()}

    ini = ENVIRONMENT["alembic.ini"] + f"file_template = {DATED}\n"
    history = project(
        make_history,
        more={"alembic.ini": ini},
        main=files({"c": "b"}),
        feature=files({"x": "b", "y": "x"}),
        start=files({"a": None, "b": "a"}),
    )
    before = history.git("status", "--porcelain", "--", "*.py").stdout
    resolve(history, "--auto")
    assert alembic_heads(history.path) == ["y"]
    names = sorted(path.name for path in (history.path / VERSIONS).glob("*.py"))
    assert [name.partition("-")[2][:1] for name in names] == ["a", "b", "c", "x", "y"]
    for name in names[3:]:
        day, minute = name[:10].replace("_", "-"), f"{name[11:13]}:{name[13:15]}"
        assert f"Create Date: {day} {minute}:" in (history.path / VERSIONS / name).read_text()
    history.run("gitmig", "undo")
    assert history.git("status", "--porcelain", "--", "*.py").stdout == before


def test_a_number_that_is_taken_becomes_the_next(make_history):
    numbered = {f"{VERSIONS}/000{n}_old.py": script(f"000{n}", f"000{n - 1}" if n > 1 else None) for n in (1, 2)}
    history = project(
        make_history,
        more={**numbered, **{f"{VERSIONS}/{one}.py": None for one in "ab"}},
        main={f"{VERSIONS}/0003_theirs.py": script("0003", "0002")},
        feature={
            f"{VERSIONS}/0003_mine.py": script("0003", "0002"),
            f"{VERSIONS}/0004_mine.py": script("0004", "0003"),
        },
    )
    history.git("rm", "-q", "--ignore-unmatch", f"{VERSIONS}/a.py", f"{VERSIONS}/b.py")
    resolve(history, "--reparent")
    assert alembic_heads(history.path) == ["0005"]
    assert sorted(file.name for file in (history.path / VERSIONS).glob("*.py")) == [
        "0001_old.py", "0002_old.py", "0003_theirs.py", "0004_mine.py", "0005_mine.py"
    ]  # fmt: skip


# Merge revision


@pytest.mark.parametrize("options", [(), ("--own-template",)], ids=["the project's template", "the own one"])
def test_a_merge_revision_joins_the_heads(make_history, options):
    history = project(make_history, more={"migrations/script.py.mako": "# ours\n" + TEMPLATE})
    resolve(history, "--merge", "-m", "join both", *options)
    (made,) = (history.path / VERSIONS).glob("*_join_both.py")
    assert made.read_text().startswith("# ours") != bool(options)
    assert len(alembic_heads(history.path)) == 1
    assert history.git("ls-files", "--", f"{VERSIONS}/{made.name}").stdout


def test_what_is_published_on_both_sides_is_joined(make_history):
    history = project(make_history)
    history.git("update-ref", "refs/remotes/origin/main", "HEAD")
    assert "remedy: merge revision" in resolve(history, "--auto").stdout
    assert len(alembic_heads(history.path)) == 1


def test_a_released_line_is_published(make_history):
    history = project(make_history, more={"gitmig.toml": 'released = ["v*"]\n'})
    history.git("tag", "-a", "-m", "x", "v1", "feature")
    assert "remedy: merge revision" in resolve(history, "--dry-run").stdout


@pytest.mark.parametrize("option", ["--merge", "--reparent"])
def test_without_a_shared_branch_both_ways_are_open(make_history, option):
    history = project(make_history, shared=False, more={"gitmig.toml": 'shared = ["nowhere"]\n'})
    assert "remedy: merge revision" in resolve(history, "--dry-run").stdout
    resolve(history, option)
    assert len(alembic_heads(history.path)) == 1


# Nothing is done


def test_without_a_choice_the_remedy_is_shown_and_nothing_is_changed(make_history):
    history = project(make_history)
    done = resolve(history, status=1)
    assert "+down_revision = 'c'" in done.stdout
    assert "gitmig resolve --reparent" in done.stderr
    assert history.git("status", "--porcelain").stdout == ""


def test_published_revisions_are_never_re_parented(make_history):
    history = project(make_history)
    history.git("update-ref", "refs/remotes/origin/main", "HEAD")
    done = resolve(history, "--reparent", status=1)
    assert "would never run" in done.stdout
    assert history.git("status", "--porcelain").stdout == ""


def test_lines_that_conflict_are_left_to_a_person(make_history):
    same = {"up": ADD.format("book", "year")}
    history = project(
        make_history,
        main={f"{VERSIONS}/c.py": script("c", "b", **same)},
        feature={f"{VERSIONS}/x.py": script("x", "b", **same)},
    )
    done = resolve(history, "--auto", status=1)
    assert "conflict: book.year: both add the column" in done.stdout
    assert re.search(rf"{VERSIONS}/x\.py:\d+: add_column book year", done.stdout)
    assert history.git("status", "--porcelain").stdout == ""
    resolve(history, "--reparent")
    assert alembic_heads(history.path) == ["x"]


def test_what_is_unknown_asks_and_without_a_terminal_that_is_a_no(make_history):
    history = project(
        make_history,
        main={f"{VERSIONS}/c.py": script("c", "b", up=ADD.format("book", "year"))},
        feature={f"{VERSIONS}/x.py": script("x", "b", up="op.execute(make())")},
    )
    done = resolve(history, "--auto", status=1)
    assert "it is not known whether the lines commute" in done.stdout
    assert "gitmig resolve --reparent" in done.stdout


def test_heads_that_meet_only_after_a_merge_wait_for_it(make_history):
    history = project(make_history, merged=False)
    done = resolve(history, "--reparent", status=1)
    assert "git merge origin/main" in done.stderr
    assert history.git("status", "--porcelain").stdout == ""
    history.git("merge", "-q", "--no-verify", "origin/main")
    resolve(history, "--reparent")
    assert alembic_heads(history.path) == ["x"]


def test_unstaged_changes_are_not_swept_along(make_history):
    history = project(make_history)
    with (history.path / VERSIONS / "x.py").open("a") as file:
        file.write("# mine\n")
    assert "has changes that are not staged" in resolve(history, "--reparent", status=1).stderr
    history.git("add", "--all")
    resolve(history, "--reparent")
    assert "# mine" in (history.path / VERSIONS / "x.py").read_text()


def test_a_revision_that_was_never_added_is_pointed_out(make_history):
    history = project(make_history, feature={"notes.txt": "1"})
    history.write(f"{VERSIONS}/x.py", script("x", "b"))
    done = resolve(history, "--auto")
    assert f"{VERSIONS}/x.py is not added to Git" in done.stderr
    history.git("add", "--all")
    assert "not added" not in resolve(history, "--auto").stderr
    assert alembic_heads(history.path) == ["x"]


@pytest.mark.parametrize("template", ["../../%(rev)s", "%(rev)s/../../../x"])
def test_a_template_that_leaves_the_folder_writes_nothing(make_history, template):
    ini = f"[alembic]\nscript_location = migrations\nfile_template = {template.replace('%', '%%')}\n"
    history = project(make_history, more={"alembic.ini": ini})
    assert "leaves the versions folder" in resolve(history, "--merge", status=2).stderr
    assert history.git("status", "--porcelain").stdout == ""


def test_a_linked_versions_folder_is_refused(make_history, tmp_path):
    history = project(make_history)
    outside = tmp_path / "outside"
    shutil.move(history.path / VERSIONS, outside)
    (history.path / VERSIONS).symlink_to(outside)
    before = {file.name: file.read_bytes() for file in outside.iterdir()}
    resolve(history, "--merge", status=1)
    assert {file.name: file.read_bytes() for file in outside.iterdir()} == before


def test_a_linked_revision_is_refused(make_history):
    history = project(make_history, feature={"x.txt": script("x", "b"), f"{VERSIONS}/x.py": Link("../../x.txt")})
    assert resolve(history, "--reparent", status=None).returncode in (0, 1)
    assert (history.path / "x.txt").read_text() == script("x", "b")


# A commit, without a worktree


@pytest.mark.parametrize("option", ["--merge", "--reparent", "--auto"])
def test_of_a_commit_it_prints_a_patch_that_git_takes(make_history, tmp_path, option):
    """Asked in a bare repository about the branch alone; the patch fits the branch, and the merge of it."""
    history = project(make_history, merged=False, bare=True)
    patch = resolve(history, "--rev", "feature", "--base", "main", "--dry-run", option).stdout
    assert patch == resolve(history, "--rev", "feature", "--base", "main", "--dry-run", option).stdout
    clone = build(tmp_path / "clone", [("main", {})])
    clone.git("fetch", "-q", str(history.path), "feature:feature", "main:base")
    clone.git("switch", "-q", "feature")
    clone.git("apply", "--index", "-", input=patch)
    clone.git("commit", "-q", "-m", "resolved")
    clone.git("merge", "-q", "base")
    assert len(alembic_heads(clone.path)) == 1


def patch_of(history):
    return history.feed("gitmig", "resolve", "--rev", "feature", "--base", "main", "--dry-run", input=b"")


BOM = "\ufeff"
TEXTS = {
    "line ends of Windows": ("x.py", lambda text: text.replace("\n", "\r\n")),
    "no line end at the end": ("x.py", lambda text: text.rstrip("\n")),
    "a byte order mark": ("x.py", lambda text: BOM + text),
    "tabs and form feeds": ("x.py", lambda text: text.replace("    ", "\t").replace("\n\n\n", "\n\f\n")),
    "a name of other letters": ("x_größe_日本.py", lambda text: text.replace("revision x", "größe 日本")),
    "a name with blanks": ("x and more.py", str),
    "a name with quotes": ("x_'q'_\"q\".py", str),
    "line separators that Git does not know": ("x.py", lambda text: text.replace("pass", "pass  # \u2028 \x1c \x85")),
}


@pytest.mark.parametrize(("name", "change"), TEXTS.values(), ids=TEXTS)
def test_the_patch_holds_whatever_the_file_is_like(make_history, name, change):
    text = change(script("x", "b"))
    history = project(make_history, feature={f"{VERSIONS}/{name}": text.encode()}, bare=True)
    patch = patch_of(history)
    clone = build(history.path.parent / "clone", [])
    clone.git("fetch", "-q", str(history.path), "feature:feature")
    clone.git("switch", "-q", "feature")
    clone.feed("git", "apply", "--index", "-", input=patch)
    assert alembic_heads(clone.path) == ["x"]
    assert (clone.path / VERSIONS / name).read_bytes().decode() == text.replace("'b'", "'c'").replace(": b", ": c")


def test_the_patch_renames_what_gets_another_number(make_history):
    def numbered(number, name):
        text = script(f"{number:04}", f"{number - 1:04}" if number > 1 else None)
        return {f"{VERSIONS}/{number:04}_{name}.py": text.replace("\n", "\r\n").encode()}

    history = project(
        make_history,
        start={**numbered(1, "old"), **numbered(2, "old")},
        main={**numbered(3, "theirs")},
        feature={**numbered(3, "größe"), **numbered(4, "mine")},
    )
    patch = patch_of(history)
    assert patch.count(b"rename from") == 2
    history.feed("git", "apply", "--index", "-", input=patch)
    assert alembic_heads(history.path) == ["0005"]
    names = history.git("-c", "core.quotePath=off", "ls-files", VERSIONS).stdout.split()
    assert [Path(name).name for name in names] == [
        "0001_old.py", "0002_old.py", "0003_theirs.py", "0004_größe.py", "0005_mine.py"
    ]  # fmt: skip


def test_the_template_of_a_commit_never_runs(make_history):
    canary = "<% open('/tmp/gitmig-canary', 'w') %>" + TEMPLATE
    history = project(make_history, more={"migrations/script.py.mako": canary})
    resolve(history, "--rev", "feature", "--base", "main", "--dry-run", "--merge")
    history.environment["CI"] = "true"
    resolve(history, "--merge", "--dry-run")
    assert not Path("/tmp/gitmig-canary").exists()


def test_a_commit_cannot_be_written(make_history):
    history = project(make_history)
    assert "nothing is written" in resolve(history, "--rev", "HEAD", "--auto", status=2).stderr


# JSON


def test_the_contract_with_other_programs(make_history):
    history = project(make_history)
    found = json.loads(resolve(history, "--dry-run", "--format", "json").stdout)
    assert list(found) == ["schema", "remedy", "why", "conflicts", "environments", "plan"]
    assert (found["remedy"], found["conflicts"]) == ("reparent", [])
    assert found["environments"][0]["name"] == "migrations"
    assert found["environments"][0]["private_databases"] == [{"lowest": "x", "parents": ["b"], "skipped": ["c"]}]
    assert [(step["step"], step["path"]) for step in found["plan"]] == [
        ("write", f"{VERSIONS}/x.py"), ("stage", f"{VERSIONS}/x.py")
    ]  # fmt: skip
    assert "down_revision = 'c'" in found["plan"][0]["content"]


def test_one_head_needs_nothing(make_history):
    history = project(make_history, feature=scripts({"x": "b"}), main={"other.txt": "1"})
    found = json.loads(resolve(history, "--auto", "--format", "json").stdout)
    assert (found["remedy"], found["plan"]) == ("none", [])


# The head file


def test_the_conflict_of_the_head_file_is_settled(make_history):
    heads = f"{VERSIONS}/head.txt"
    history = project(
        make_history,
        more={"gitmig.toml": "head_file = true\n", heads: "b\n"},
        main={**scripts({"c": "b"}), heads: "c\n"},
        feature={**scripts({"x": "b"}), heads: "x\n"},
        merged=False,
    )
    history.git("merge", "-q", "origin/main", status=1)
    resolve(history, "--auto")
    assert (history.path / heads).read_text() == "x\n"
    assert history.git("ls-files", "--unmerged").stdout == ""
    history.git("commit", "-q", "--no-edit", "--no-verify")
    assert alembic_heads(history.path) == ["x"]


def test_it_is_written_where_it_is_missing(make_history):
    history = project(make_history, more={"gitmig.toml": "head_file = true\n"})
    resolve(history, "--reparent")
    assert (history.path / VERSIONS / "head.txt").read_text() == "x\n"


# Docstrings


def test_a_stale_docstring_of_an_unpublished_revision_is_mended(make_history):
    x = f"{VERSIONS}/x.py"
    stale = script("x", "c").replace("Revises: c", "Revises: b")
    history = project(make_history, feature={x: stale})
    assert "docstrings" in resolve(history, "--auto").stderr
    assert (history.path / x).read_text() == script("x", "c")
    assert history.git("diff", "--name-only").stdout == ""  # staged
    assert json.loads(resolve(history, "--auto", "--format", "json").stdout)["plan"] == []


def test_that_of_a_published_one_is_not_touched(make_history):
    c = f"{VERSIONS}/c.py"
    history = project(make_history, main={c: script("c", "b").replace("Revises: b", "Revises: a")}, feature={"n": "1"})
    assert json.loads(resolve(history, "--auto", "--format", "json").stdout)["plan"] == []


# In the middle of something


def test_a_rebase_is_settled_where_it_stops(make_history):
    """Git stops at the head file; this side is what is being put on main."""
    heads = f"{VERSIONS}/head.txt"
    history = project(
        make_history,
        more={"gitmig.toml": "head_file = true\n", heads: "b\n"},
        main={**scripts({"c": "b"}), heads: "c\n"},
        feature={**scripts({"x": "b"}), heads: "x\n"},
        merged=False,
    )
    history.git("rebase", "-q", "origin/main", status=1)
    assert "git rebase --continue" in resolve(history, "--auto").stderr
    history.git("rebase", "--continue")
    assert history.git("status", "--porcelain").stdout == ""
    assert alembic_heads(history.path) == ["x"]  # last: Python may leave a __pycache__ behind


def test_a_revision_in_a_git_conflict_comes_first(make_history):
    history = project(
        make_history,
        main={f"{VERSIONS}/y.py": script("y", "b", up="op.drop_table('one')")},
        feature={f"{VERSIONS}/y.py": script("y", "b", up="op.drop_table('two')"), **scripts({"x": "b"})},
        merged=False,
    )
    history.git("merge", "-q", "origin/main", status=1)
    done = resolve(history, "--auto", status=1)
    assert f"{VERSIONS}/y.py is in a Git conflict" in done.stdout


@pytest.mark.parametrize("command", [("resolve", "--dry-run"), ("resolve", "--auto"), ("graph",)])
def test_an_interrupted_operation_is_finished_first(make_history, command):
    history = project(make_history)
    pending = history.path / ".git/gitmig/pending"
    pending.mkdir(parents=True)
    (pending / "worktree.json").write_text("{}")
    assert "gitmig undo --recover" in history.run("gitmig", *command, status=5).stderr
