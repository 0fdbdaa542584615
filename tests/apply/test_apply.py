"""A plan is carried out whole; what is not as the plan expects stops it before anything is touched."""

from __future__ import annotations

import os
import stat

import pytest
from support.plans import FILES, FOLDER, Planner, five_files, litter, open_history, snapshot_of

from gitmig.apply.apply import apply_plan
from gitmig.apply.transaction import ChangedMeanwhile
from gitmig.errors import EnvironmentProblem, Refused
from gitmig.plan import ABSENT, Expected, Plan, stage, write

NOW = 1_760_000_000


@pytest.fixture
def history(make_history):
    return make_history([("main", FILES)])


def apply(history, plan, *, allowed=("migrations",), **options):
    git, layout = open_history(history)
    return apply_plan(git, layout, plan, command="gitmig test", allowed=allowed, now=NOW, **options)


def test_five_files_and_the_index(history):
    operation = apply(history, five_files(history))

    found = snapshot_of(history)
    assert found.files["migrations/head"][0] == b"0010\n"
    assert found.files[f"{FOLDER}/0002_b.py"][0] == b"revision = '0002'\r\ndown_revision = '0009'\r\n"
    assert found.files[f"{FOLDER}/0010_c.py"] == (b"revision = '0010'\ndown_revision = '0002'\n", 0o755)
    assert f"{FOLDER}/0003_c.py" not in found.files and f"{FOLDER}/0004_d.py" not in found.files
    assert found.files["other.py"][0] == b"stays\n"
    assert history.git("status", "--porcelain", "--no-renames").stdout.splitlines() == [
        "M  migrations/head",
        f"M  {FOLDER}/0002_b.py",
        f"D  {FOLDER}/0003_c.py",
        f"D  {FOLDER}/0004_d.py",
        f"A  {FOLDER}/0010_c.py",
        f"A  {FOLDER}/2025/new.py",
    ]
    assert operation.number == 1
    assert litter(history) == []


def test_without_stage_steps_the_index_stays(history):
    before = (history.path / ".git/index").read_bytes()
    apply(history, five_files(history, staged=False))
    assert (history.path / ".git/index").read_bytes() == before
    assert (history.path / "migrations/head").read_bytes() == b"0010\n"


def test_files_that_follow_each_other_in_name(history):
    planner = Planner(history)
    one, two, three = (f"{FOLDER}/{name}" for name in ("0001_a.py", "0002_b.py", "0009_new.py"))
    texts = [planner.bytes(path) for path in (one, two)]
    apply(history, planner.plan(planner.rename(one, two), planner.rename(two, three)))
    assert [(history.path / path).read_bytes() for path in (two, three)] == texts
    assert not (history.path / one).exists()


def test_two_files_change_places(history):
    planner = Planner(history)
    one, two = f"{FOLDER}/0001_a.py", f"{FOLDER}/0002_b.py"
    texts = [planner.bytes(path) for path in (two, one)]
    apply(history, planner.plan(planner.rename(one, two), planner.rename(two, one)))
    assert [(history.path / path).read_bytes() for path in (one, two)] == texts


def test_nothing_to_do_leaves_no_operation(history):
    planner = Planner(history)
    path = "migrations/head"
    assert apply(history, planner.plan(planner.write(path, planner.bytes(path)))).number == 0
    assert not (history.path / ".git/gitmig/ops").exists()


def test_other_entries_of_the_index_stay(history):
    history.stage({"other.py": "staged\n"})
    (history.path / "other.py").write_text("and changed again\n")
    apply(history, five_files(history))
    assert history.git("show", ":other.py").stdout == "staged\n"
    assert (history.path / "other.py").read_text() == "and changed again\n"


def test_a_conflict_is_settled(make_history):
    history = make_history(
        [
            ("main", {**FILES, "migrations/head": "0001\n"}),
            ("feature < main", {"migrations/head": "0002\n"}),
            ("main", {"migrations/head": "0003\n"}),
        ]
    )
    history.git("merge", "feature", status=1)
    planner = Planner(history)
    assert planner.index["migrations/head"].startswith("1:")
    apply(history, planner.plan(planner.write("migrations/head", b"0004\n")))
    assert history.git("ls-files", "-u").stdout == ""
    assert history.git("show", ":migrations/head").stdout == "0004\n"


# What is stored is what `git add` would store


@pytest.mark.parametrize(
    ("attributes", "settings", "written", "stored"),
    [
        pytest.param("* text=auto eol=crlf\n", {}, b"a\r\nb\r\n", b"a\nb\n", id="line endings by attribute"),
        pytest.param("", {"core.autocrlf": "true"}, b"a\r\nb\r\n", b"a\nb\n", id="line endings by configuration"),
        pytest.param("", {}, b"a\r\nb\r\n", b"a\r\nb\r\n", id="no conversion"),
        pytest.param("*.py filter=up\n", {"filter.up.clean": "tr a-z A-Z"}, b"abc\n", b"ABC\n", id="a filter"),
        pytest.param(
            "*.py working-tree-encoding=UTF-16LE\n", {}, "aé\n".encode("utf-16-le"), "aé\n".encode(), id="an encoding"
        ),
    ],
)
def test_filters(history, attributes, settings, written, stored):
    (history.path / ".gitattributes").write_text(attributes)
    for name, value in settings.items():
        history.git("config", name, value)
    path = f"{FOLDER}/0009_new.py"
    planner = Planner(history)
    apply(history, planner.plan(planner.write(path, written)))
    assert (history.path / path).read_bytes() == written
    assert history.feed("git", "show", f":{path}", input=b"") == stored
    assert history.git("diff", "--name-only", "--", path).stdout == ""


def test_a_required_filter_that_is_missing_changes_nothing(history):
    (history.path / ".gitattributes").write_text("*.py filter=gone\n")
    history.git("config", "filter.gone.clean", "no-such-program-here")
    history.git("config", "filter.gone.required", "true")
    before = snapshot_of(history)
    with pytest.raises(EnvironmentProblem, match="hash-object"):
        apply(history, five_files(history))
    assert snapshot_of(history) == before
    assert litter(history) == []


@pytest.mark.parametrize("mode", ["100644", "100755", ""])
def test_the_mode_of_a_new_file(history, mode):
    planner = Planner(history)
    apply(history, planner.plan(planner.write(f"{FOLDER}/new.py", b"x", mode)))
    is_executable = mode == "100755"
    assert bool((history.path / FOLDER / "new.py").stat().st_mode & stat.S_IXUSR) == is_executable
    assert history.git("ls-files", "-s", f"{FOLDER}/new.py").stdout.startswith("100755" if is_executable else "100644")


def test_permissions_of_a_changed_file_stay(history):
    os.chmod(history.path / "migrations/head", 0o640)
    planner = Planner(history)
    apply(history, planner.plan(planner.write("migrations/head", b"x\n")))
    assert stat.S_IMODE((history.path / "migrations/head").stat().st_mode) == 0o640


# Compared before anything is written


def changed(history):
    (history.path / "migrations/head").write_text("mine\n")


def gone(history):
    (history.path / f"{FOLDER}/0004_d.py").unlink()


def appeared(history):
    (history.path / f"{FOLDER}/0010_c.py").write_text("mine\n")


def staged_anew(history):
    text = (history.path / "migrations/head").read_text()
    history.stage({"migrations/head": "staged\n"})
    (history.path / "migrations/head").write_text(text)


def staged_where_nothing_was(history):
    history.stage({f"{FOLDER}/2025/new.py": "x\n"})
    (history.path / f"{FOLDER}/2025/new.py").unlink()


@pytest.mark.parametrize("meanwhile", [changed, gone, appeared, staged_anew, staged_where_nothing_was])
def test_what_changed_since_the_plan_is_refused(history, meanwhile):
    plan = five_files(history)
    meanwhile(history)
    before = snapshot_of(history)
    with pytest.raises(ChangedMeanwhile) as caught:
        apply(history, plan)
    assert caught.value.status == 4
    assert snapshot_of(history) == before
    assert litter(history) == []


def test_a_change_elsewhere_is_no_hindrance(history):
    plan = five_files(history)
    (history.path / "other.py").write_text("mine\n")
    history.stage({"another.py": "mine\n"})
    assert apply(history, plan).number == 1


def test_a_plan_that_does_not_say_what_it_expects_is_a_mistake(history):
    with pytest.raises(ValueError, match="expects"):
        apply(history, Plan("", (write("migrations/head", b"", before=b"", expected=Expected()),)))


def test_the_index_lock_of_another_program_is_respected(history):
    plan = five_files(history)
    lock = history.path / ".git/index.lock"
    lock.write_bytes(b"")
    before = snapshot_of(history)
    with pytest.raises(EnvironmentProblem, match=r"index\.lock") as caught:
        apply(history, plan, patience=0.1)
    assert caught.value.status == 4
    assert lock.exists()
    assert snapshot_of(history) == before
    lock.unlink()
    assert litter(history) == []
    assert apply(history, plan, patience=0.1).number > 0


def test_inside_a_commit_nothing_is_staged(history, monkeypatch):
    plan = five_files(history)
    monkeypatch.setenv("GIT_INDEX_FILE", ".git/index.lock")
    with pytest.raises(EnvironmentProblem, match="a commit is being made"):
        apply(history, plan)


def test_the_index_that_a_hook_names_is_the_one_that_changes(history, monkeypatch):
    plan = five_files(history)
    (history.path / ".git/other-index").write_bytes((history.path / ".git/index").read_bytes())
    before = (history.path / ".git/index").read_bytes()
    monkeypatch.setenv("GIT_INDEX_FILE", ".git/other-index")
    apply(history, plan)
    assert (history.path / ".git/index").read_bytes() == before


# Entries that could not be put back


def skip(history):
    history.git("update-index", "--skip-worktree", "migrations/head")


def assume(history):
    history.git("update-index", "--assume-unchanged", "migrations/head")


def intend(history):
    (history.path / f"{FOLDER}/2025").mkdir()
    (history.path / f"{FOLDER}/2025/new.py").write_text("x")
    history.git("add", "--intent-to-add", f"{FOLDER}/2025/new.py")


@pytest.mark.parametrize(
    ("flag", "said"), [(skip, "sparse"), (assume, "assume-unchanged"), (intend, "only intended to be added")]
)
def test_flags_of_the_index_are_not_lost(history, flag, said):
    flag(history)
    before = snapshot_of(history)
    with pytest.raises(Refused, match=said):
        apply(history, five_files(history))
    assert snapshot_of(history) == before
    assert litter(history) == []


def test_an_empty_file_that_was_added_is_no_intention(history):
    history.stage({f"{FOLDER}/__init__.py": ""})
    planner = Planner(history)
    assert apply(history, planner.plan(planner.write(f"{FOLDER}/__init__.py", b"x = 1\n"))).number == 1


# Every kind of index


@pytest.mark.parametrize(
    ("name", "value", "command"),
    [
        ("core.splitIndex", "true", ("update-index", "--split-index")),
        ("index.version", "4", ("update-index", "--index-version", "4")),
        ("core.untrackedCache", "true", ("update-index", "--untracked-cache")),
        ("core.preferSymlinkRefs", "false", ("status",)),
    ],
)
def test_forms_of_the_index(history, name, value, command):
    history.git("config", name, value)
    history.git(*command)
    apply(history, five_files(history))
    assert history.git("fsck", "--strict").returncode == 0
    assert len(history.git("status", "--porcelain", "--no-renames").stdout.splitlines()) == 6
    assert litter(history) == []


def test_sha256(make_history):
    history = make_history([("main", FILES)], object_format="sha256")
    apply(history, five_files(history))
    assert len(history.git("status", "--porcelain", "--no-renames").stdout.splitlines()) == 6


def test_a_linked_worktree(history, tmp_path):
    history.git("worktree", "add", "-q", str(tmp_path / "linked"), "-b", "linked")
    main = snapshot_of(history)
    history.path = tmp_path / "linked"
    apply(history, five_files(history))
    assert len(history.git("status", "--porcelain", "--no-renames").stdout.splitlines()) == 6
    history.path = tmp_path / "repository-1"
    assert snapshot_of(history) == main
    assert litter(history) == []


def test_a_repository_without_a_commit(make_history):
    history = make_history([])
    planner = Planner(history)
    apply(history, planner.plan(planner.write("migrations/versions/a.py", b"a\n")))
    assert history.git("status", "--porcelain", "--no-renames").stdout == "A  migrations/versions/a.py\n"


def test_a_bare_repository_has_nothing_to_write_to(make_history):
    history = make_history([("main", FILES)], bare=True)
    with pytest.raises(EnvironmentProblem, match="no worktree"):
        apply(history, Plan(""))


@pytest.mark.parametrize(
    "name", ["a\nb.py", 'qu"ote.py', "-dash.py", "--path=x.py", ":(top)x.py", "*.py", "\udcff.py", "ü.py", "b\\c.py"]
)
def test_hostile_names(history, name):
    path = f"{FOLDER}/{name}"
    planner = Planner(history)
    apply(history, planner.plan(planner.write(path, b"x\n")))
    listed = history.git("ls-files", "-z", "--", FOLDER).stdout.split("\0")
    assert path in listed and len(listed) == 6


# Hooks of the user do not run


def test_no_hook_runs(history):
    log = history.path.parent / "ran"
    for event in ("post-index-change", "reference-transaction", "pre-commit"):
        hook = history.path / ".git/hooks" / event
        hook.parent.mkdir(exist_ok=True)
        hook.write_text(f"#!/bin/sh\necho {event} >> {log}\n")
        hook.chmod(0o755)
    apply(history, five_files(history))
    assert not log.exists()


def test_stage_alone_takes_what_lies_there(history):
    (history.path / "migrations/head").write_text("by hand\n")
    planner = Planner(history)
    expected = planner.expected("migrations/head").worktree
    plan = Plan("", (stage("migrations/head", index=planner.index["migrations/head"], worktree=expected),))
    apply(history, plan)
    assert history.git("status", "--porcelain", "--no-renames").stdout == "M  migrations/head\n"


def test_stage_takes_a_deletion_over(history):
    (history.path / "migrations/head").unlink()
    planner = Planner(history)
    apply(history, Plan("", (stage("migrations/head", index=planner.index["migrations/head"], worktree=ABSENT),)))
    assert history.git("status", "--porcelain", "--no-renames").stdout == "D  migrations/head\n"
