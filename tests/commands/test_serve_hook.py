"""What a server says of a push: every refusal beside a legitimate twin.  Real pushes: tests/hooks/test_pushes.py."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from support.push_scenarios import ACCEPTED, PAIRS
from support.pushes import BASE, POLICY, Push, Server, fine, gone, onto
from support.sources import project, sources

from gitmig.change.pushes import Guard, guard_of, parse_update, parse_updates
from gitmig.commands import serve_hook
from gitmig.config import Config
from gitmig.entry import main
from gitmig.errors import UsageError

EDIT = onto("an edit", sources("b2 <- a1 text new"), "work:main", "GM201")


class Pushed:
    """The hook called as git calls it, in this process."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], folder: Path) -> None:
        self.monkeypatch = monkeypatch
        self.capsys = capsys
        self.folder = folder

    def __call__(self, push: Push, event: str = "pre-receive", object_format: str = "sha1") -> tuple[int, str]:
        self.server = Server(self.folder / "push", push, object_format=object_format)
        return self.again(push, event)

    def again(self, push: Push, event: str = "pre-receive") -> tuple[int, str]:
        lines = self.server.updates(push)
        self.monkeypatch.chdir(self.server.bare.path)
        self.monkeypatch.setenv("GIT_DIR", ".")
        given: list[str] = []
        if event == "update":
            old, new, ref = lines[0].split()
            given = [ref, old, new]
        self.monkeypatch.setattr(
            "sys.stdin", io.TextIOWrapper(io.BytesIO("".join(f"{one}\n" for one in lines).encode()))
        )
        status = main(["serve-hook", event, *given])
        told = self.capsys.readouterr()
        return status, told.out + told.err


@pytest.fixture
def pushed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Pushed:
    return Pushed(monkeypatch, capsys, tmp_path)


@pytest.mark.parametrize("name", PAIRS)
def test_a_violating_push_is_refused_and_says_why(pushed: Pushed, name: str) -> None:
    push = PAIRS[name][0]
    status, text = pushed(push)
    assert status == push.status, text
    assert all(words in text for words in push.says), text


@pytest.mark.parametrize("name", PAIRS)
def test_its_legitimate_twin_passes(pushed: Pushed, name: str) -> None:
    push = PAIRS[name][1]
    status, text = pushed(push)
    assert status == 0, text
    assert all(words in text for words in push.says), text
    assert push.says or not text, "a clean push has nothing to show"


@pytest.mark.parametrize("name", ACCEPTED)
def test_what_is_nobodys_business_passes(pushed: Pushed, name: str) -> None:
    status, text = pushed(ACCEPTED[name])
    assert status == 0, text
    assert all(words in text for words in ACCEPTED[name].says), text


@pytest.mark.parametrize("name", ["an edited upgrade", "a deleted release branch", "a new release branch with an edit"])
@pytest.mark.parametrize("event", ["pre-receive", "update"])
def test_both_hooks_and_both_object_formats_say_the_same(pushed: Pushed, name: str, event: str) -> None:
    push = PAIRS[name][0]
    status, text = pushed(push, event, "sha256")
    assert status == 1
    assert all(words in text for words in push.says), text


# How it is said


def test_lines_fit_behind_what_git_writes_before_them(pushed: Pushed) -> None:
    push = Push(
        [("work < main", sources("b2 <- a1 text new ; g7 <- d4 ; h8 <- zz")), ("bad < release/2", gone("r9"))],
        ["work:main", "bad:release/2"],
    )
    _, text = pushed(push)
    long = [line for line in text.splitlines() if len(f"remote: {line}") > 80]
    assert all(line.startswith("          git") for line in long), long  # commands are pasted, so they stay whole
    assert "\x1b" not in text


def test_a_flood_of_findings_is_cut_and_counted(pushed: Pushed) -> None:
    every = [f"r{n} <- r{n - 1}" if n else "r0 <- " for n in range(40)]
    served = [("main", project(" ; ".join(every)))]
    push = Push([("work < main", gone(*(f"r{n}" for n in range(40))))], ["work:main"], served=served)
    _, text = pushed(push)
    assert text.count("error[GM202]") == 8
    assert "and 32 more findings" in text
    assert "40 errors" in text


def test_it_names_the_command_that_says_the_same_in_a_clone(pushed: Pushed) -> None:
    _, text = pushed(EDIT)
    found = re.search(r"gitmig check --rev (\w+) --base (\w+)", text)
    assert found
    check = pushed.server.client.run("gitmig", "check", "--rev", found[1], "--base", found[2], status=1)
    assert "GM201" in check.stdout


def test_gitlab_shows_people_in_the_browser_one_line(pushed: Pushed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GL_REPOSITORY", "project-1")
    _, text = pushed(EDIT)
    assert "GL-HOOK-ERR: gitmig refused this push" in text


def test_nothing_of_a_name_reaches_the_terminal(pushed: Pushed) -> None:
    push = onto("", {"migrations/versions/\x1b[31mred.py": "revision = 'x\x1b[0m'\ndown_revision = 'zz'\n"})
    _, text = pushed(push)
    assert "\x1b" not in text


# The way out


def test_the_server_can_let_pass_and_keeps_a_record(pushed: Pushed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REMOTE_USER", "ada")
    status, text = pushed(EDIT._replace(setup=[("config", "gitmig.serveHook", "warn")]))
    assert (status, "GM201" in text) == (0, True)
    assert "let pass" in text
    log = (pushed.server.bare.path / "gitmig" / serve_hook.LOG).read_text()
    when, who, code, ref, _old, _new = log.rstrip("\n").split("\t")
    assert (who, code, ref) == ("ada", "1", "refs/heads/main")
    assert when.endswith("Z")


def test_a_setting_that_means_nothing_refuses_and_is_named(pushed: Pushed) -> None:
    status, text = pushed(EDIT._replace(setup=[("config", "gitmig.serveHook", "off")]))
    assert status == 1
    assert "'off'" in text


def test_the_administrator_decides_what_is_shared(pushed: Pushed, monkeypatch: pytest.MonkeyPatch) -> None:
    push = Push([("work < topic", sources("b2 <- a1 text new"))], ["work:topic"])
    assert pushed(push)[0] == 0
    monkeypatch.setenv("GITMIG_SHARED", "main,topic")
    assert pushed.again(push)[0] == 1


# What cannot be decided


def test_undecided_refuses_even_where_the_policy_is_lenient(pushed: Pushed) -> None:
    served = [("main", {**project("a1 <- ; b2 <- a1"), "gitmig.toml": 'undecided = "warn"\n'})]
    broken = {"migrations/versions/b2_x.py": "def upgrade(:\n    pass\nrevision = 'b2'\ndown_revision = 'a1'\n"}
    status, text = pushed(Push([("work < main", broken)], ["work:main"], served=served))
    assert status in (1, 3), text


def test_a_push_does_not_decide_how_large_a_file_may_be(pushed: Pushed) -> None:
    large = sources("f6 <- e5").popitem()[1] + "#" * 1_100_000
    raised = {"gitmig.toml": POLICY + 'max_file_size = "9 MiB"\n', "migrations/versions/f6_x.py": large}
    status, text = pushed(onto("", raised))
    assert status == 3
    assert "larger than max_file_size" in " ".join(text.split())


def test_what_is_pushed_is_not_there(pushed: Pushed) -> None:
    pushed(fine("", {"x": "x"}))
    lines = f"{pushed.server.bare.git('rev-parse', 'main').stdout.strip()} {'1' * 40} refs/heads/main\n"
    pushed.monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(lines.encode())))
    assert main(["serve-hook", "pre-receive"]) == 3
    assert "cannot read commit 111111111111" in pushed.capsys.readouterr().out


def test_refs_in_a_namespace(pushed: Pushed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_NAMESPACE", "fork")
    assert pushed(EDIT)[0] == 3


@pytest.mark.parametrize(
    ("words", "input"),
    [
        pytest.param(["post-receive"], "", id="another event"),
        pytest.param([], "", id="no event"),
        pytest.param(["update", "refs/heads/main"], "", id="too few arguments"),
        pytest.param(["pre-receive"], "", id="nothing on standard input"),
        pytest.param(["pre-receive"], "one two\n", id="lines that git does not write"),
        pytest.param(["pre-receive"], f"{'0' * 40} {'z' * 40} refs/heads/main\n", id="no object id"),
        pytest.param(["pre-receive"], f"{'0' * 40} {'1' * 40} main\n", id="no full name"),
    ],
)
def test_what_git_would_not_say_is_a_usage_error(
    pushed: Pushed, monkeypatch: pytest.MonkeyPatch, words: list[str], input: str
) -> None:
    pushed(fine("", {"x": "x"}))
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(input.encode())))
    assert main(["serve-hook", *words]) == 2
    assert "Traceback" not in pushed.capsys.readouterr().err


def test_lines_of_a_push_are_read_whole() -> None:
    old, new, none = "1" * 40, "2" * 40, "0" * 40
    made, gone, moved = parse_updates(
        [f"{none} {new} refs/heads/a", f"{old} {none} refs/tags/b", f"{old} {new} refs/heads/c d"]
    )
    assert (made.old, gone.new, moved.ref) == ("", "", "refs/heads/c d")
    assert [one.name for one in (made, gone)] == ["a", "tag b"]
    with pytest.raises(UsageError):
        parse_update("", "", "")


# Which refs are guarded


@pytest.mark.parametrize(
    ("shared", "released", "guarded", "free"),
    [
        pytest.param(
            ["origin/main"], [], ["refs/heads/main"], ["refs/heads/origin/main2", "refs/tags/main"], id="a remote's"
        ),
        pytest.param(
            ["main"], [], ["refs/heads/main"], ["refs/heads/main/x", "refs/heads/refs/heads/main"], id="a branch"
        ),
        pytest.param(
            ["upstream/main"],
            [],
            ["refs/heads/main", "refs/heads/upstream/main"],
            ["refs/heads/x"],
            id="another remote's",
        ),
        pytest.param(
            ["release/*"], [], ["refs/heads/release/1"], ["refs/heads/topic", "refs/heads/release/1/x"], id="a folder"
        ),
        pytest.param(["origin/release/**"], [], ["refs/heads/release/1/x"], ["refs/heads/topic"], id="all beneath"),
        pytest.param(["refs/heads/"], [], ["refs/heads/a/b"], ["refs/tags/a"], id="every branch"),
        pytest.param(
            ["refs/remotes/origin/main"], [], ["refs/heads/main"], ["refs/heads/x"], id="a remote's full name"
        ),
        pytest.param(
            ["main"], ["v*"], ["refs/tags/v1", "refs/heads/v1"], ["refs/tags/x"], id="released by a short name"
        ),
        pytest.param(
            ["main"], ["refs/tags/r[0-9]?"], ["refs/tags/r12"], ["refs/tags/rx2", "refs/heads/r12"], id="a glob"
        ),
        pytest.param([], [], ["refs/heads/trunk"], ["refs/heads/main"], id="the default branch"),
        pytest.param(
            [], ["v*"], ["refs/heads/trunk", "refs/tags/v1"], ["refs/heads/x"], id="the default branch and tags"
        ),
    ],
)
def test_patterns_of_clones_are_branches_here(
    shared: list[str], released: list[str], guarded: list[str], free: list[str]
) -> None:
    guard = guard_of(Config(shared=tuple(shared), released=tuple(released)), ("refs/heads/trunk",))
    assert [ref for ref in guarded if not guard.holds(ref)] == []
    assert [ref for ref in free if guard.holds(ref)] == []


def test_globs_are_those_of_git(pushed: Pushed) -> None:
    """`git for-each-ref` is the oracle."""
    pushed(fine("", {"x": "x"}))
    bare = pushed.server.bare
    names = ["refs/heads/a/b", "refs/heads/a/b/c", "refs/heads/ab", "refs/heads/x.y", "refs/tags/a", "refs/heads/main"]
    for name in names[1:-1]:
        bare.git("update-ref", name, "main")
    every = bare.git("for-each-ref", "--format=%(refname)").stdout.split()
    for pattern in ("refs/heads/*", "refs/heads/**", "refs/heads/a/**", "refs/*/a", "refs/heads/[ax]*", "refs/heads/?b",
                    "refs/heads/[!a]*", "refs/heads/x.?"):  # fmt: skip
        listed = bare.git("for-each-ref", "--format=%(refname)", pattern).stdout.split()
        assert [ref for ref in every if Guard((pattern,)).holds(ref)] == listed, pattern


def test_the_usual_push_starts_few_processes(pushed: Pushed, monkeypatch: pytest.MonkeyPatch) -> None:
    from gitmig.repo.plumbing import Git

    started: list[tuple[str, ...]] = []
    plain = Git.__init__

    def counted(self: Git, *arguments: object, **named: object) -> None:
        plain(self, *arguments, **named)  # type: ignore[arg-type]
        self.processes = started

    monkeypatch.setattr(Git, "__init__", counted)
    assert pushed(Push([("work < topic", {"x": "x"})], ["work:topic"]))[0] == 0
    assert len(started) <= 5, started
    assert BASE
