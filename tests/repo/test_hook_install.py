"""gitmig's hooks go in beside anybody else's and come out without a trace."""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path

import pytest
from support.scratch import Scratch

from gitmig.errors import EnvironmentProblem, Refused, UsageError
from gitmig.repo import hook_install
from gitmig.repo.hook_install import (
    EVENTS,
    Installation,
    apply_steps,
    plan_install,
    plan_uninstall,
    read_installation,
    render_command,
    render_hook,
)

THEIRS = "#!/bin/sh\necho theirs\n"


@pytest.fixture
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Scratch:
    made = Scratch(tmp_path / "work")
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    for name in ("HOME", "GIT_CONFIG_GLOBAL", "GIT_CONFIG_NOSYSTEM"):
        monkeypatch.setenv(name, made.environment[name])
    return made


def hooks_of(scratch: Scratch) -> Path:
    return scratch.path / ".git" / "hooks"


def write_hook(path: Path, text: str = THEIRS, mode: int = 0o755) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(mode)
    return path


def install(directory: Path, program: str = "gitmig", method: str = "files") -> Installation:
    found = read_installation(str(directory))
    apply_steps(found, plan_install(found, program, method))
    return read_installation(str(directory))


def uninstall(directory: Path) -> None:
    found = read_installation(str(directory))
    apply_steps(found, plan_uninstall(found))


def fingerprint(folder: Path) -> dict[str, tuple[int, str]]:
    """Name -> mode and content (or the target of a link) of every file."""
    return {
        str(path.relative_to(folder)): (
            path.lstat().st_mode,
            os.readlink(path) if path.is_symlink() else hashlib.sha256(path.read_bytes()).hexdigest(),
        )
        for path in sorted(folder.rglob("*"))
        if path.is_symlink() or path.is_file()
    }


# Files


def test_every_event_gets_a_file_that_git_can_run(scratch: Scratch) -> None:
    found = install(scratch.path)
    assert [hook.owner for hook in found.hooks] == ["gitmig"] * len(EVENTS)
    assert all(os.access(hooks_of(scratch) / event, os.X_OK) for event in EVENTS)


def test_a_second_time_changes_nothing(scratch: Scratch) -> None:
    found = install(scratch.path)
    assert plan_install(found, "gitmig", "files") == ()


def test_another_program_path_is_written_over_the_old_one(scratch: Scratch) -> None:
    install(scratch.path, "/old place/gitmig")
    found = install(scratch.path, "/new place/gitmig")
    assert "gitmig='/new place/gitmig' #" in found.hooks[0].content.decode()
    assert not list(hooks_of(scratch).glob("*.gitmig-edited"))


@pytest.mark.parametrize(
    "prepare",
    [
        pytest.param(lambda hooks: None, id="no hooks but samples"),
        pytest.param(lambda hooks: write_hook(hooks / "pre-commit"), id="a hook of somebody else"),
        pytest.param(lambda hooks: write_hook(hooks / "pre-commit", mode=0o644), id="a hook that is switched off"),
        pytest.param(lambda hooks: write_hook(hooks / "post-checkout", "\r\nno newline"), id="a hook without shebang"),
        pytest.param(lambda hooks: write_hook(hooks / "pre-push", ""), id="an empty hook"),
        pytest.param(
            lambda hooks: (hooks / "pre-commit").symlink_to(write_hook(hooks / "shared.sh").name), id="a link to a hook"
        ),
        pytest.param(lambda hooks: (hooks / "pre-commit").symlink_to("gone"), id="a link to nothing"),
        pytest.param(lambda hooks: [write_hook(hooks / event) for event in EVENTS], id="a hook for every event"),
    ],
)
def test_uninstall_leaves_every_byte_and_mode_as_it_was(scratch: Scratch, prepare: object) -> None:
    prepare(hooks_of(scratch))  # type: ignore[operator]
    before = fingerprint(scratch.path / ".git")
    install(scratch.path)
    assert fingerprint(scratch.path / ".git") != before
    uninstall(scratch.path)
    assert fingerprint(scratch.path / ".git") == before


def test_without_a_hooks_folder_one_is_made(scratch: Scratch) -> None:
    shutil.rmtree(hooks_of(scratch))
    install(scratch.path)
    assert (hooks_of(scratch) / "pre-commit").is_file()


def test_lines_that_somebody_added_to_our_hook_are_kept(scratch: Scratch) -> None:
    install(scratch.path)
    mine = hooks_of(scratch) / "pre-commit"
    mine.write_text(mine.read_text() + "# a line of mine\n")
    uninstall(scratch.path)
    assert not mine.exists()
    assert (hooks_of(scratch) / "pre-commit.gitmig-edited").read_text().endswith("# a line of mine\n")


def test_a_hook_that_came_after_ours_is_not_lost(scratch: Scratch) -> None:
    theirs = write_hook(hooks_of(scratch) / "pre-commit")
    install(scratch.path)
    theirs.unlink()
    write_hook(theirs, "#!/bin/sh\necho newer\n")
    before = fingerprint(hooks_of(scratch))
    with pytest.raises(Refused, match="two hooks that gitmig did not write"):
        install(scratch.path)
    assert fingerprint(hooks_of(scratch)) == before


def test_our_hook_that_a_manager_moved_aside_goes_too(scratch: Scratch) -> None:
    install(scratch.path)
    hook = hooks_of(scratch) / "pre-commit"
    hook.rename(hooks_of(scratch) / "pre-commit.legacy")
    write_hook(hook, "#!/bin/sh\n# File generated by pre-commit: https://pre-commit.com\n")
    uninstall(scratch.path)
    assert hook.exists()
    assert not (hooks_of(scratch) / "pre-commit.legacy").exists()


def test_a_failure_half_way_takes_everything_back(scratch: Scratch, monkeypatch: pytest.MonkeyPatch) -> None:
    write_hook(hooks_of(scratch) / "pre-commit")
    write_hook(hooks_of(scratch) / "post-merge")
    before = fingerprint(scratch.path / ".git")
    write, written = hook_install._write_executable, []

    def fail_at_the_fifth(path: Path, text: str) -> None:
        written.append(path)
        if len(written) == 5:
            raise OSError(28, "No space left on device", str(path))
        write(path, text)

    monkeypatch.setattr(hook_install, "_write_executable", fail_at_the_fifth)
    with pytest.raises(EnvironmentProblem, match="No space left"):
        install(scratch.path)
    assert fingerprint(scratch.path / ".git") == before


@pytest.mark.parametrize("count", range(1, 9))
def test_an_installation_that_was_killed_is_finished_by_the_next(scratch: Scratch, count: int) -> None:
    write_hook(hooks_of(scratch) / "pre-commit")
    (hooks_of(scratch) / "post-merge").symlink_to("gone")
    before = fingerprint(scratch.path / ".git")
    found = read_installation(str(scratch.path))
    apply_steps(found, plan_install(found, "gitmig", "files")[:count])

    found = install(scratch.path)
    assert [hook.owner for hook in found.hooks] == ["gitmig"] * len(EVENTS)
    uninstall(scratch.path)
    assert fingerprint(scratch.path / ".git") == before


@pytest.mark.parametrize("count", range(1, 7))
def test_an_uninstallation_that_was_killed_is_finished_by_the_next(scratch: Scratch, count: int) -> None:
    write_hook(hooks_of(scratch) / "pre-commit")
    before = fingerprint(scratch.path / ".git")
    found = install(scratch.path)
    apply_steps(found, plan_uninstall(found)[:count])
    uninstall(scratch.path)
    assert fingerprint(scratch.path / ".git") == before


def test_two_installations_at_once_lose_nothing(scratch: Scratch) -> None:
    write_hook(hooks_of(scratch) / "pre-commit")
    before = fingerprint(scratch.path / ".git")
    first, second = read_installation(str(scratch.path)), read_installation(str(scratch.path))
    apply_steps(first, plan_install(first, "gitmig", "files"))
    with pytest.raises(EnvironmentProblem, match="File exists"):
        apply_steps(second, plan_install(second, "gitmig", "files"))
    uninstall(scratch.path)
    assert fingerprint(scratch.path / ".git") == before


# Places


def test_from_a_folder_inside_and_from_a_linked_worktree_the_same_hooks_are_meant(scratch: Scratch) -> None:
    scratch.commit("first", **{"inside/file": ""})
    scratch.git("worktree", "add", "--quiet", "../linked")
    install(scratch.path / "inside")
    assert plan_install(read_installation(str(scratch.path.parent / "linked")), "gitmig", "files") == ()


def test_a_submodule_gets_hooks_of_its_own(scratch: Scratch) -> None:
    other = Scratch(scratch.path.parent / "other")
    other.commit("first", file="")
    scratch.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(other.path), "sub")
    install(scratch.path / "sub")
    assert (scratch.path / ".git/modules/sub/hooks/pre-commit").is_file()
    assert not (hooks_of(scratch) / "pre-commit").exists()


def test_a_hooks_path_of_the_repository_is_respected(scratch: Scratch) -> None:
    scratch.git("config", "core.hooksPath", "../outside hooks")
    install(scratch.path, "/venv/bin/gitmig")
    assert "gitmig=/venv/bin/gitmig #" in (scratch.path.parent / "outside hooks/pre-commit").read_text()


def test_hooks_among_the_files_of_the_project_name_no_path_of_one_machine(scratch: Scratch) -> None:
    scratch.git("config", "core.hooksPath", ".githooks")
    install(scratch.path, "/venv/bin/gitmig")
    assert (scratch.path / ".githooks/pre-commit").read_text() == render_hook("pre-commit", "gitmig")


def test_a_hooks_path_for_all_repositories_is_left_alone(scratch: Scratch) -> None:
    theirs = write_hook(scratch.home / "hooks/pre-commit")
    scratch.git("config", "--global", "core.hooksPath", str(theirs.parent))
    with pytest.raises(Refused, match=r"core\.hooksPath is set for all repositories"):
        install(scratch.path)
    assert [path.name for path in theirs.parent.iterdir()] == ["pre-commit"]


def test_hooks_that_are_switched_off_stay_off(scratch: Scratch) -> None:
    scratch.git("config", "core.hooksPath", "/dev/null")
    with pytest.raises(Refused, match="switched off"):
        install(scratch.path)


def test_a_bare_repository_has_nobody_who_commits(scratch: Scratch, tmp_path: Path) -> None:
    scratch.git("init", "--quiet", "--bare", str(tmp_path / "bare.git"))
    with pytest.raises(UsageError, match="no work tree"):
        read_installation(str(tmp_path / "bare.git"))


def test_a_folder_without_a_repository_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    with pytest.raises(UsageError, match="not a Git repository"):
        read_installation(str(tmp_path))


# Managers


@pytest.mark.parametrize(
    ("text", "manager", "advice"),
    [
        ("#!/usr/bin/env bash\n# File generated by pre-commit: https://pre-commit.com\n", "pre-commit", "- id: gitmig"),
        ("#!/bin/sh\n# File generated by prek: https://github.com/j178/prek\n", "prek", "- id: gitmig"),
        ("#!/bin/sh\ncall_lefthook()\n{\n:\n}\n", "lefthook", "run: gitmig hook pre-commit"),
        ("#!/usr/bin/env ruby\nif ENV['OVERCOMMIT_DISABLE']\n", "overcommit", "enabled: true"),
        ('#!/bin/sh\n. "$(dirname -- "$0")/_/husky.sh"\n', "husky", ".husky/pre-commit"),
    ],
)
def test_the_hooks_of_a_manager_are_left_to_it(scratch: Scratch, text: str, manager: str, advice: str) -> None:
    write_hook(hooks_of(scratch) / "pre-commit", text)
    before = fingerprint(scratch.path / ".git")
    with pytest.raises(Refused, match=f"managed by {manager}") as refusal:
        install(scratch.path, method="auto")
    assert advice in "\n".join(refusal.value.help[0].commands)
    assert fingerprint(scratch.path / ".git") == before


def test_husky_is_known_by_its_folder_too(scratch: Scratch) -> None:
    write_hook(scratch.path / ".husky/_/pre-commit", '#!/usr/bin/env sh\n. "$(dirname "$0")/h"')
    scratch.git("config", "core.hooksPath", ".husky/_")
    with pytest.raises(Refused, match="managed by husky"):
        install(scratch.path, method="auto")


@pytest.mark.parametrize("program", ["pre-commit", "prek"])
def test_what_the_real_manager_writes_is_recognised(scratch: Scratch, program: str) -> None:
    scratch.write(".pre-commit-config.yaml", "repos: []\n")
    scratch.run(program, "install")
    with pytest.raises(Refused, match=f"managed by {program}"):
        install(scratch.path, method="auto")


def test_a_manager_is_chained_when_the_user_insists(scratch: Scratch) -> None:
    write_hook(hooks_of(scratch) / "pre-commit", "#!/bin/sh\n# File generated by pre-commit\n")
    found = install(scratch.path, method="files")
    assert (found.hooks[0].owner, found.hooks[0].chained) == ("gitmig", True)


# Config hooks: the plan is the same on every git, running them needs 2.54 or newer


def pretend(found: Installation, version: tuple[int, ...]) -> Installation:
    return found.replace(git_version=version)


def test_a_new_git_needs_no_file(scratch: Scratch) -> None:
    steps = plan_install(pretend(read_installation(str(scratch.path)), (2, 54, 0)), "gitmig")
    assert {(step.action, step.event) for step in steps} == {("set", event) for event in EVENTS}


@pytest.mark.parametrize(("version", "action"), [((2, 53, 9), "write"), ((2, 54), "set")])
def test_the_version_of_git_decides(scratch: Scratch, version: tuple[int, ...], action: str) -> None:
    steps = plan_install(pretend(read_installation(str(scratch.path)), version), "gitmig")
    assert {step.action for step in steps} == {action}


def test_config_hooks_go_in_once_and_out_without_a_trace(scratch: Scratch) -> None:
    before = scratch.git("config", "--local", "--list").stdout
    found = pretend(read_installation(str(scratch.path)), (2, 54))
    apply_steps(found, plan_install(found, "/venv/bin/gitmig"))

    installed = pretend(read_installation(str(scratch.path)), (2, 54))
    assert installed.configured["pre-push"] == render_command("pre-push", "/venv/bin/gitmig")
    assert plan_install(installed, "/venv/bin/gitmig") == ()

    uninstall(scratch.path)
    assert scratch.git("config", "--local", "--list").stdout == before


def test_files_give_way_to_config_hooks_and_the_other_way_round(scratch: Scratch) -> None:
    theirs = write_hook(hooks_of(scratch) / "pre-commit")
    install(scratch.path)
    found = pretend(read_installation(str(scratch.path)), (2, 54))
    apply_steps(found, plan_install(found, "gitmig"))
    assert theirs.read_text() == THEIRS
    assert len(read_installation(str(scratch.path)).configured) == len(EVENTS)

    found = install(scratch.path, method="files")
    assert found.configured == {}
    assert found.hooks[0].owner == "gitmig"


def test_config_hooks_are_refused_where_git_would_not_run_them(scratch: Scratch) -> None:
    with pytest.raises(UsageError, match=r"git 2\.53 runs no hooks from its configuration"):
        plan_install(pretend(read_installation(str(scratch.path)), (2, 53)), "gitmig", "config")


def test_a_failing_configuration_is_taken_back(scratch: Scratch, monkeypatch: pytest.MonkeyPatch) -> None:
    before = scratch.git("config", "--local", "--list").stdout
    set_hook, done = hook_install._set_config_hook, []

    def fail_at_the_third(git: object, event: str, command: str | None) -> None:
        done.append(event)
        if len(done) == 3:
            raise EnvironmentProblem("another program holds a lock")
        set_hook(git, event, command)  # type: ignore[arg-type]

    monkeypatch.setattr(hook_install, "_set_config_hook", fail_at_the_third)
    found = pretend(read_installation(str(scratch.path)), (2, 54))
    with pytest.raises(EnvironmentProblem, match="lock"):
        apply_steps(found, plan_install(found, "gitmig"))
    assert scratch.git("config", "--local", "--list").stdout == before
