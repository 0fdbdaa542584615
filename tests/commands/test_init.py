"""`gitmig init` sets a project up, shows what it does, keeps what people wrote, and does nothing twice."""

from __future__ import annotations

import shutil
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from support.scratch import PROGRAMS, Scratch
from support.terminals import at_terminal

from gitmig.bundled import find_bundled
from gitmig.commands.init import init
from gitmig.commands.scaffold import Asked
from gitmig.errors import Refused, UsageError

BASE = "from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column\n\n\nclass Base(DeclarativeBase):\n    pass\n"
BOOK = (
    "\n\nclass {name}(Base):\n    __tablename__ = '{name}s'\n\n    id: Mapped[int] = mapped_column(primary_key=True)\n"
)
MODELS = BASE + BOOK.format(name="Book")
ENVIRONMENT = {"alembic.ini", "migrations/README", "migrations/env.py", "migrations/script.py.mako"} | {
    "migrations/versions/.gitkeep"
}

Init = Callable[..., int]


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Scratch:
    monkeypatch.setenv("GIT_TERMINAL_PROMPT", "0")
    return Scratch(tmp_path / "shop")


@pytest.fixture
def run(work: Scratch) -> Init:
    def run(folder: str = "", *, yes: bool = False, dry_run: bool = False, **asked: object) -> int:
        return init(str(work.path / folder), Asked(**{"hooks": False, **asked}), yes=yes, dry_run=dry_run)

    return run


def written(work: Scratch) -> set[str]:
    return set(work.git("ls-files", "--others", "--exclude-standard").stdout.split())


def alembic(work: Scratch, *words: str) -> str:
    done = work.run(sys.executable, "-m", "alembic", *words)
    return done.stdout + done.stderr


class TestAProjectWithoutAlembic:
    def test_everything_is_there_and_alembic_runs_it(self, work: Scratch, run: Init) -> None:
        shutil.copytree(find_bundled("bookshop") / "bookshop", work.path / "bookshop")
        work.commit("models")
        assert run() == 0
        assert written(work) == ENVIRONMENT | {".gitignore", "gitmig.toml"}
        alembic(work, "revision", "--autogenerate", "-m", "first")
        alembic(work, "upgrade", "head")
        assert "No new upgrade operations" in alembic(work, "check")
        with closing(sqlite3.connect(work.path / "shop.db")) as connection:
            assert connection.execute("SELECT count(*) FROM gitmig_ledger").fetchone() == (1,)
        assert "shop.db" not in work.git("status", "--short").stdout

    def test_gitmig_sees_the_models_through_it(self, work: Scratch, run: Init) -> None:
        work.commit("models", **{"models.py": MODELS})
        run()
        work.git("add", "--all")
        said = work.run(str(PROGRAMS / "gitmig"), "doctor").stdout
        assert "models: 1 table in " in said

    def test_twice_changes_nothing_and_says_so(
        self, work: Scratch, run: Init, capsys: pytest.CaptureFixture[str]
    ) -> None:
        work.commit("models", **{"models.py": MODELS, "pyproject.toml": "[project]\nname = 'shop'\n"})
        run()
        work.commit("set up")
        capsys.readouterr()
        assert run() == 0
        assert capsys.readouterr().err.endswith("everything is set up already; nothing to do\n")
        assert work.git("status", "--short").stdout == ""

    def test_a_dry_run_shows_the_same_and_writes_nothing(
        self, work: Scratch, run: Init, capsys: pytest.CaptureFixture[str]
    ) -> None:
        work.commit("models", **{"models.py": MODELS})
        assert run(dry_run=True) == 0
        shown = capsys.readouterr().out
        assert "+target_metadata = Base.metadata\n" in shown
        assert written(work) == set()
        run()
        assert capsys.readouterr().out == shown

    def test_undo_takes_it_back(self, work: Scratch, run: Init) -> None:
        work.commit("models", **{"models.py": MODELS, "pyproject.toml": "[project]\nname = 'shop'\n"})
        run()
        work.run(str(PROGRAMS / "gitmig"), "undo")
        assert work.git("status", "--short", "--ignored").stdout == ""

    @pytest.mark.parametrize("template", ["async", "pyproject", "pyproject_async"])
    def test_the_other_templates(self, template: str, work: Scratch, run: Init) -> None:
        work.commit("models", **{"models.py": MODELS, "pyproject.toml": "[project]\nname = 'shop'\n"})
        run(template=template)
        driver = "sqlite+aiosqlite" if "async" in template else "sqlite"
        assert f"sqlalchemy.url = {driver}:///shop.db" in (work.path / "alembic.ini").read_text()
        assert ("[tool.alembic]" in (work.path / "pyproject.toml").read_text()) == template.startswith("pyproject")
        assert alembic(work, "heads") == ""

    def test_a_server_has_no_batch_mode_and_no_file_to_ignore(self, work: Scratch, run: Init) -> None:
        work.commit("models", **{"models.py": MODELS})
        run(url="postgresql+psycopg://localhost/shop")
        assert "render_as_batch" not in (work.path / "migrations/env.py").read_text()
        assert not (work.path / ".gitignore").exists()

    def test_src_is_put_on_the_path(self, work: Scratch, run: Init) -> None:
        work.commit("models", **{"src/shop/__init__.py": "", "src/shop/models.py": MODELS})
        run()
        alembic(work, "revision", "--autogenerate", "-m", "first")
        (made,) = (work.path / "migrations/versions").glob("*.py")
        assert "create_table('Books'" in made.read_text()

    def test_a_folder_of_a_larger_repository(self, work: Scratch, run: Init) -> None:
        work.commit("models", **{"api/models.py": MODELS, "web/models.py": MODELS})
        run("api")
        assert written(work) == {f"api/{name}" for name in ENVIRONMENT} | {".gitignore", "gitmig.toml"}
        assert (work.path / ".gitignore").read_text() == "/api/api.db\n/api/api.db-*\n"

    def test_no_models_yet(self, work: Scratch, run: Init, capsys: pytest.CaptureFixture[str]) -> None:
        work.commit("empty")
        assert run() == 0
        assert "target_metadata = None" in (work.path / "migrations/env.py").read_text()
        assert "no models were found" in capsys.readouterr().err

    def test_a_base_without_a_naming_convention_is_told(
        self, work: Scratch, run: Init, capsys: pytest.CaptureFixture[str]
    ) -> None:
        work.commit("models", **{"models.py": MODELS})
        run()
        assert "Base.metadata (models.py:4) has no naming convention" in capsys.readouterr().err


class TestSeveralMetadata:
    FILES = {"a.py": MODELS, "b.py": BASE + BOOK.format(name="Tag") + BOOK.format(name="Box")}  # noqa: RUF012

    def test_without_a_person_it_is_refused_and_lists_them(self, work: Scratch, run: Init) -> None:
        work.commit("models", **self.FILES)
        with pytest.raises(Refused) as refused:
            run()
        assert refused.value.help[0].commands == (
            "gitmig init --metadata b:Base.metadata",
            "gitmig init --metadata a:Base.metadata",
        )
        assert written(work) == set()

    @pytest.mark.parametrize(
        ("asked", "module"), [({"metadata": "a:Base.metadata"}, "a"), ({"yes": True}, "b")], ids=["named", "--yes"]
    )
    def test_a_choice_is_taken(self, asked: dict[str, object], module: str, work: Scratch, run: Init) -> None:
        work.commit("models", **self.FILES)
        assert run(**asked) == 0
        assert f"from {module} import Base\n" in (work.path / "migrations/env.py").read_text()

    def test_a_person_is_asked(self, work: Scratch) -> None:
        work.commit("models", **self.FILES)
        status, shown = at_terminal(
            [str(PROGRAMS / "gitmig"), "init", "--no-hooks"],
            cwd=work.path,
            environment={**work.environment, "TERM": "xterm"},
            answers={"Enter for 1]": "2\n", "[Y/n]": "\n"},
        )
        assert (status, "from a import Base\n" in (work.path / "migrations/env.py").read_text()) == (0, True), shown

    def test_a_person_who_says_no(self, work: Scratch) -> None:
        work.commit("models", **{"a.py": MODELS})
        status, shown = at_terminal(
            [str(PROGRAMS / "gitmig"), "init", "--no-hooks"],
            cwd=work.path,
            environment={**work.environment, "TERM": "xterm"},
            answers={"[Y/n]": "n\n"},
        )
        assert (status, written(work)) == (1, set()), shown

    def test_a_name_that_is_none(self, work: Scratch, run: Init) -> None:
        work.commit("models", **self.FILES)
        with pytest.raises(UsageError, match="no module:name"):
            run(metadata="a.Base.metadata")

    def test_a_name_that_its_module_has_not(self, work: Scratch, run: Init) -> None:
        work.commit("models", **self.FILES)
        with pytest.raises(UsageError, match=r"a\.py has no Other"):
            run(metadata="a:Other.metadata")
        assert written(work) == set()
        assert run(metadata="installed:Other.metadata") == 0


class TestWhatPeopleWrote:
    def test_an_environment_stays_as_it_is(self, work: Scratch, run: Init, capsys: pytest.CaptureFixture[str]) -> None:
        shutil.copytree(find_bundled("bookshop"), work.path, dirs_exist_ok=True)
        work.commit("bookshop")
        assert run() == 0
        assert written(work) == {"gitmig.toml"}
        assert work.git("diff", "--name-only").stdout == ""
        assert "Alembic is set up in migrations; nothing else of it is changed" in capsys.readouterr().err

    def test_an_environment_without_a_target_is_told_of_the_models(
        self, work: Scratch, run: Init, capsys: pytest.CaptureFixture[str]
    ) -> None:
        run()
        work.write("models.py", MODELS)
        assert run() == 0
        assert "migrations/env.py has no target_metadata; there is models:Base.metadata" in capsys.readouterr().err
        env = (work.path / "migrations/env.py").read_text()
        env = env.replace("target_metadata = None", "from models import Base\ntarget_metadata = Base.metadata")
        work.write("migrations/env.py", env)
        run()
        assert "no target_metadata" not in capsys.readouterr().err

    def test_the_ledger_is_put_into_it_when_asked_for(self, work: Scratch, run: Init) -> None:
        shutil.copytree(find_bundled("bookshop"), work.path, dirs_exist_ok=True)
        work.commit("bookshop")
        assert run(ledger=True) == 0
        alembic(work, "upgrade", "head")
        assert "No new upgrade operations" in alembic(work, "check")
        with closing(sqlite3.connect(work.path / "bookshop.db")) as connection:
            assert connection.execute("SELECT count(*) FROM gitmig_ledger").fetchone() == (4,)

    def test_a_filter_of_their_own_is_not_replaced(self, work: Scratch, run: Init) -> None:
        shutil.copytree(find_bundled("bookshop"), work.path, dirs_exist_ok=True)
        env = work.path / "migrations/env.py"
        env.write_text(env.read_text().replace("connection=connection,", "connection=connection, include_name=mine,"))
        work.commit("bookshop")
        with pytest.raises(Refused, match="it gives include_name already"):
            run(ledger=True)

    def test_options_that_are_unpacked_are_completed(self, work: Scratch, run: Init) -> None:
        shutil.copytree(find_bundled("bookshop"), work.path, dirs_exist_ok=True)
        env = work.path / "migrations/env.py"
        env.write_text(env.read_text().replace("connection=connection,", "connection=connection, **{},"))
        work.commit("bookshop")
        assert run(ledger=True) == 0
        alembic(work, "upgrade", "head")
        assert "No new upgrade operations" in alembic(work, "check")
        with closing(sqlite3.connect(work.path / "bookshop.db")) as connection:
            assert connection.execute("SELECT count(*) FROM gitmig_ledger").fetchone() == (4,)

    def test_an_option_for_a_new_environment_is_refused_then(self, work: Scratch, run: Init) -> None:
        shutil.copytree(find_bundled("bookshop"), work.path, dirs_exist_ok=True)
        work.commit("bookshop")
        with pytest.raises(UsageError, match="--url is for a new Alembic environment"):
            run(url="sqlite:///other.db")

    @pytest.mark.parametrize("path", ["migrations/notes.txt", "alembic.ini"])
    def test_what_is_in_the_way_is_refused(self, path: str, work: Scratch, run: Init) -> None:
        work.commit("models", **{"models.py": MODELS, path: "mine\n"})
        with pytest.raises(Refused):
            run()
        assert (written(work), (work.path / path).read_text()) == (set(), "mine\n")

    def test_settings_that_are_there_stay(self, work: Scratch, run: Init) -> None:
        work.commit("models", **{"models.py": MODELS, "gitmig.toml": "ignore = ['GM106']\n"})
        run()
        assert written(work) == ENVIRONMENT | {".gitignore"}

    def test_a_pattern_that_ignores_the_database_is_enough(self, work: Scratch, run: Init) -> None:
        work.commit("models", **{"models.py": MODELS, ".gitignore": "*.db\n"})
        run()
        assert (work.path / ".gitignore").read_text() == "*.db\n"

    def test_the_shared_branch_is_written_down(self, work: Scratch, run: Init) -> None:
        work.commit("models", **{"models.py": MODELS})
        work.git("init", "-q", "--bare", "--initial-branch=trunk", "../origin.git")
        work.git("remote", "add", "origin", "../origin.git")
        work.git("push", "-q", "origin", "HEAD:trunk")
        work.git("remote", "set-head", "origin", "trunk")
        run()
        assert (work.path / "gitmig.toml").read_text().startswith('shared = ["origin/trunk"]')


class TestHooks:
    def test_git_hooks_are_installed(self, work: Scratch, run: Init, capsys: pytest.CaptureFixture[str]) -> None:
        work.commit("models", **{"models.py": MODELS})
        run(hooks=True)
        assert (work.path / ".git/hooks/pre-commit").exists()
        assert "install Git hooks: pre-commit, " in capsys.readouterr().out

    def test_pre_commit_gets_its_entry_instead(self, work: Scratch, run: Init) -> None:
        work.commit("models", **{"models.py": MODELS, ".pre-commit-config.yaml": "repos: []\n"})
        run(hooks=True)
        assert "- id: gitmig" in (work.path / ".pre-commit-config.yaml").read_text()
        assert not (work.path / ".git/hooks/pre-commit").exists()

    def test_another_manager_is_told_about(self, work: Scratch, run: Init, capsys: pytest.CaptureFixture[str]) -> None:
        work.commit("models", **{"models.py": MODELS})
        work.write(".git/hooks/pre-commit", "#!/bin/sh\ncall_lefthook run\n")
        assert run(hooks=True) == 0
        assert "run: gitmig hook pre-commit" in capsys.readouterr().err
        assert (work.path / "migrations/env.py").exists()
