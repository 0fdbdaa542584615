"""`gitmig check --exact`: what the project's own Python imports is what the check compares, or it is an error."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

import pytest
from support.alembic_projects import ENVIRONMENT, script
from support.checking import Run, runner
from support.scratch import Scratch

from gitmig.bundled import find_bundled
from gitmig.commands.check import Request, cache_of, local_config, run_check
from gitmig.commands.exact import ExactModels, with_second_opinion
from gitmig.errors import CannotDecide
from gitmig.interpreter.python import Interpreter
from gitmig.reading.comparison import alone
from gitmig.reading.facts import FactsReader
from gitmig.reading.reader import Reader
from gitmig.reading.tree_schemas import Seen, TreeSchemas
from gitmig.repo.repository import open_at
from gitmig.report.report import Report
from gitmig.schema.elements import Origin, Schema, Table

ENV = """from alembic import context

from shop.models import Base

target_metadata = Base.metadata

context.configure(target_metadata=target_metadata)
"""
MODELS = """from sqlalchemy import Column, Integer, String
from sqlalchemy.orm import declarative_base

Base = declarative_base()


class Book(Base):
    __tablename__ = "books"

    id = Column(Integer, primary_key=True)
"""
CREATE_BOOKS = 'op.create_table("books", sa.Column("id", sa.Integer(), primary_key=True))'
CREATE_EVENTS = 'op.create_table("events", sa.Column("id", sa.Integer(), primary_key=True))'
ADD_PLACE = 'op.add_column("events", sa.Column("place", sa.String(length=40)))'

# What nobody can read: the columns stand in a file that is no Python.
COMPUTED = """import json
import pathlib

from sqlalchemy import Column, Integer, MetaData, String, Table

KINDS = {"number": Integer(), "text": String(40)}
FIELDS = json.loads(pathlib.Path(__file__).with_name("fields.json").read_text())


class Base:
    metadata = MetaData()


events = Table(
    "events",
    Base.metadata,
    Column("id", Integer, primary_key=True),
    *[Column(name, KINDS[kind]) for name, kind in sorted(FIELDS.items())],
)
"""


class Project(Scratch):
    """A project of one environment whose models are shop/models.py."""

    def start(self, files: dict[str, str]) -> Project:
        for path, text in {**ENVIRONMENT, "migrations/env.py": ENV, "shop/__init__.py": "", **files}.items():
            self.write(path, text)
        self.commit("start")
        return self

    def stage(self, files: dict[str, str]) -> None:
        for path, text in files.items():
            self.write(path, text)
        self.git("add", "--all")

    def check(self, **asked: Any) -> Report:
        return run_check(Request(directory=str(self.path), exact=True, **asked))


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path / "shop")


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Callable[..., Run]:
    return runner(capsys)


def revision(name: str, parent: str | None, up: str) -> dict[str, str]:
    return {f"migrations/versions/{name}.py": script(name, parent, up)}


def books(models: str = MODELS, **more: str) -> dict[str, str]:
    return {"shop/models.py": models, **revision("a1", None, CREATE_BOOKS), **more}


def codes(report: Report) -> list[str]:
    return sorted(one.finding.code for one in report.findings if one.finding.severity == "error")


def both(path: Path) -> tuple[Schema, Schema]:
    """The models of the index, read and imported."""
    repository = open_at(str(path))
    with repository.objects as objects:
        config = local_config(repository, None)
        facts = FactsReader(objects, cache_of(Request(use_cache=False), repository.layout.common_dir))
        comparison = alone(repository, None)
        (change,) = Reader(comparison, config, facts, ("graph",)).changes()
        trees = TreeSchemas(config, facts)
        seen = Seen(comparison.local, change.local, change.local.environment)
        read = trees.static_models(seen)
        exact = ExactModels(config, Interpreter(sys.executable, "test"), str(path))
        return read.schema, exact.models(trees, seen, read).schema


class TestTheSameSchema:
    def test_the_bookshop(self, project: Project) -> None:
        shutil.copytree(find_bundled("bookshop"), project.path, dirs_exist_ok=True)
        project.commit("bookshop")
        read, imported = both(project.path)
        assert len(imported.tables) == 4
        assert imported == read

    COLUMNS = """
        sa.Column("x", sa.String(50))
        sa.Column("x", sa.Unicode(5), nullable=False, unique=True)
        sa.Column("x", sa.Text, comment="said")
        sa.Column("x", sa.Numeric(10, 2), server_default="0")
        sa.Column("x", sa.Float(53))
        sa.Column("x", sa.Double)
        sa.Column("x", sa.DateTime(timezone=True), server_default=sa.func.now())
        sa.Column("x", sa.Boolean, server_default=sa.true())
        sa.Column("x", sa.Interval)
        sa.Column("x", sa.PickleType)
        sa.Column("x", sa.LargeBinary(16))
        sa.Column("x", sa.Uuid)
        sa.Column("x", sa.Uuid(native_uuid=False))
        sa.Column("x", sa.JSON)
        sa.Column("x", sa.Enum("a", "bc", name="kind"))
        sa.Column("x", sa.Enum("a", "bc", name="kind", schema="far"))
        sa.Column("x", sa.Enum("a", "bc", name="kind", native_enum=False, create_constraint=True))
        sa.Column("x", sa.Enum(Color))
        sa.Column("x", postgresql.ENUM("a", "b", name="kind", create_type=False))
        sa.Column("x", postgresql.JSONB, server_default=sa.text("'{}'::jsonb"))
        sa.Column("x", postgresql.ARRAY(sa.String(10), dimensions=2))
        sa.Column("x", postgresql.TIMESTAMP(timezone=True, precision=3))
        sa.Column("x", postgresql.INET)
        sa.Column("x", sa.UUID(as_uuid=True))
        sa.Column("x", mysql.LONGTEXT)
        sa.Column("x", sa.BigInteger().with_variant(sa.Integer, "sqlite"))
        sa.Column("x", Short)
        sa.Column("x", Counted(7))
        sa.Column("x", Spelled)
        sa.Column("x", sa.Integer, sa.Computed("id + 1", persisted=True))
        sa.Column("x", sa.Integer, sa.Identity(always=True, start=5))
        sa.Column("x", sa.ForeignKey("t.id", ondelete="cascade"))
        sa.Column("x", sa.ForeignKey("elsewhere.t.id", name="far", use_alter=True, deferrable=True))
        sa.Column("x", sa.String(5), index=True)
        sa.Column("x", sa.String(5), index=True, unique=True)
        sa.Column("x", sa.Integer), sa.UniqueConstraint("x", "id", name="both", deferrable=True)
        sa.Column("x", sa.Integer), sa.CheckConstraint("x  > 0", name="positive")
        sa.Column("x", sa.Integer), sa.Index("ix", sa.text("lower(x)"), postgresql_where=sa.text("x IS NOT NULL"))
        sa.Column("x", sa.Integer), sa.Index("ix", sa.desc("x"), "id", unique=True)
        sa.Column("x", sa.Integer), sa.Index("ix", "x", postgresql_using="gin", postgresql_ops={"x": "gin_trgm_ops"})
        sa.Column("x", sa.Integer), sa.ForeignKeyConstraint(["x"], ["t.id"], onupdate="set null", initially="deferred")
    """

    @pytest.mark.parametrize("column", [line.strip() for line in COLUMNS.strip().splitlines()])
    def test_every_spelling(self, column: str, every_spelling: tuple[Schema, Schema]) -> None:
        number = [line.strip() for line in self.COLUMNS.strip().splitlines()].index(column)
        read, imported = (side.tables[f"t{number}"] for side in every_spelling)
        assert imported == read

    def test_the_enums_of_the_database(self, every_spelling: tuple[Schema, Schema]) -> None:
        read, imported = every_spelling
        assert set(imported.enums) == {"color", "kind", "far.kind"}
        assert imported.enums == read.enums


HEADER = """import enum

import sqlalchemy as sa
from sqlalchemy.dialects import mysql, postgresql
from sqlalchemy.orm import declarative_base

Base = declarative_base()


class Color(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Short(sa.types.TypeDecorator):
    impl = sa.String(20)
    cache_ok = True


class Counted(sa.types.TypeDecorator):
    impl = sa.String
    cache_ok = True


class Spelled(sa.types.UserDefinedType):
    def get_col_spec(self, **options):
        return "POINT"

"""


@pytest.fixture(scope="module")
def every_spelling(tmp_path_factory: pytest.TempPathFactory) -> tuple[Schema, Schema]:
    """One table for each line, so that one import answers for all."""
    lines = [line.strip() for line in TestTheSameSchema.COLUMNS.strip().splitlines()]
    tables = [
        f'sa.Table("{name}", Base.metadata, sa.Column("id", sa.Integer, primary_key=True), {line})'
        for name, line in [("t", ""), *((f"t{number}", line) for number, line in enumerate(lines))]
    ]
    project = Project(tmp_path_factory.mktemp("every") / "shop")
    project.start({"shop/models.py": "\n".join([HEADER, *tables]), **revision("a1", None, "pass")})
    return both(project.path)


class TestWhatCannotBeRead:
    """The columns of `events` stand in a JSON file."""

    FILES: ClassVar = {"shop/models.py": COMPUTED, "shop/fields.json": "{}", **revision("a1", None, CREATE_EVENTS)}
    WITH_PLACE = json.dumps({"place": "text"})

    def test_reading_leaves_it_open(self, project: Project) -> None:
        project.start(self.FILES)
        read, imported = both(project.path)
        assert read.tables["events"].unknown
        assert (imported.tables["events"].unknown, imported.unknown) == ((), ())

    def test_a_column_without_a_revision_is_found(self, project: Project) -> None:
        project.start(self.FILES)
        project.stage({"shop/fields.json": self.WITH_PLACE, "shop/models.py": COMPUTED + "\n"})
        report = project.check()
        assert (codes(report), report.status) == (["GM301"], 1)
        assert "events.place" in report.findings[0].finding.message

    def test_with_its_revision_it_is_fine(self, project: Project) -> None:
        project.start(self.FILES)
        project.stage({"shop/fields.json": self.WITH_PLACE, **revision("b2", "a1", ADD_PLACE)})
        report = project.check()
        assert (codes(report), report.status, report.verdict) == ([], 0, "clean")

    def test_the_report_says_who_was_asked(self, project: Project) -> None:
        project.start(self.FILES)
        project.stage(revision("b2", "a1", ADD_PLACE))
        said = project.check().remarks[0].message
        assert sys.executable.rpartition(os.sep)[0] in said
        assert "Python 3." in said and "SQLAlchemy" in said


class TestFailures:
    """A partial import is an error, with the place and the exception's last line; nothing is compared."""

    BROKEN: ClassVar = {
        "a package that is not there": ("import nowhere_to_be_found\n", "No module named 'nowhere_to_be_found'"),
        "an exception": ("raise RuntimeError('first line\\nno settings')\n", "no settings"),
        "a syntax error": ("def (:\n", "SyntaxError"),
        "the end of the program": ("raise SystemExit(0)\n", "SystemExit: 0"),
        "a process that dies": ("import os\nos._exit(0)\n", "ended with status 0"),
        "a database": ("import sqlite3\nsqlite3.connect('x.db')\n", "sqlite3.connect"),
        "an engine": ("import sqlalchemy\nsqlalchemy.create_engine('sqlite://').connect()\n", "nothing may be opened"),
        "the network": ("import socket\nsocket.create_connection(('127.0.0.1', 9))\n", "nothing may be opened"),
    }

    @pytest.mark.parametrize(("line", "said"), [pytest.param(*row, id=name) for name, row in BROKEN.items()])
    def test_after_the_first_models(self, project: Project, line: str, said: str) -> None:
        project.start(books())
        project.stage({"shop/models.py": f"{MODELS}\nimport shop.more\n", "shop/more.py": f"\n{line}"})
        with pytest.raises(CannotDecide) as caught:
            project.check()
        assert said in caught.value.what
        assert "ended with" in said or "cannot import shop/more.py:" in caught.value.what
        assert caught.value.status == 3

    def test_the_command_says_so_too(self, project: Project, run: Callable[..., Run]) -> None:
        project.start(books())
        project.stage({"shop/models.py": f"{MODELS}\nimport nowhere_to_be_found\n"})
        done = run(project.path, "check", "--exact")
        assert (done.status, done.output) == (3, "")
        assert "cannot import shop/models.py:12 of the staged tree: ModuleNotFoundError" in done.said

    def test_an_import_that_hangs(self, project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
        project.start(books())
        project.stage({"shop/models.py": f"{MODELS}\nimport time\ntime.sleep(600)\n"})
        monkeypatch.setenv("GITMIG_TIME_LIMIT", "3")
        with pytest.raises(CannotDecide, match="did not end within 3 seconds"):
            project.check()

    def test_a_child_that_stays_does_not_hold_it_up(self, project: Project) -> None:
        child = 'import subprocess, sys\nsubprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])\n'
        project.start(books(f"{MODELS}\n{child}"))
        project.stage({"shop/other.py": "x = 1\n"})
        assert project.check().verdict == "clean"

    def test_a_file_with_models_that_nothing_imports(self, project: Project) -> None:
        project.start(books())
        review = MODELS.replace("books", "reviews").replace("Base = declarative_base()", "from shop.models import Base")
        project.stage({"shop/review.py": review})
        with pytest.raises(CannotDecide, match=r"shop/review.py .* declares reviews, and nothing imports that file"):
            project.check()

    def test_the_same_file_imported_by_env(self, project: Project) -> None:
        project.start(books())
        review = MODELS.replace("books", "reviews").replace("Base = declarative_base()", "from shop.models import Base")
        project.stage({"shop/review.py": review, "migrations/env.py": "import shop.review\n" + ENV})
        assert codes(project.check()) == ["GM301"]


class TestEnvPy:
    """Only what makes target_metadata runs: no connection is made, no migration started."""

    LIVE = """import os
import sys
from alembic import context
from sqlalchemy import create_engine

sys.path.append(os.path.dirname(__file__))
from shop.models import Base
import shop.side_effects  # registers more
import naming

config = context.config
engine = create_engine("sqlite:///{canary}")
connection = engine.connect()
target_metadata = naming.chosen(Base)


def run_migrations():
    context.configure(connection=connection, target_metadata=target_metadata)
    context.run_migrations()


run_migrations()
"""

    def test_it_does_not_run(self, project: Project, tmp_path: Path) -> None:
        canary = tmp_path / "canary.db"
        files = {
            "migrations/env.py": self.LIVE.format(canary=canary),
            "migrations/naming.py": "def chosen(base):\n    return base.metadata\n",
            "shop/side_effects.py": "from sqlalchemy import Column, Integer, Table\nfrom shop.models import Base\n"
            'Table("extra", Base.metadata, Column("id", Integer, primary_key=True))\n',
        }
        project.start(books(**files))
        _, imported = both(project.path)
        assert sorted(imported.tables) == ["books", "extra"]
        assert not canary.exists()

    def test_a_target_that_only_alembic_knows_is_an_error(self, project: Project) -> None:
        project.start(books(**{"migrations/env.py": ENV.replace("Base.metadata", "context.config.attributes['m']")}))
        with pytest.raises(CannotDecide, match="needs context, which exists only while Alembic runs"):
            both(project.path)

    TARGETS: ClassVar = {
        "as it is": "target_metadata = Base.metadata",
        "in a list": "target_metadata = [Base.metadata]",
        "by database": "target_metadata = {'one': Base.metadata}",
        "annotated": "target_metadata: object = Base.metadata",
        "copied": "import sqlalchemy\ntarget_metadata = sqlalchemy.MetaData()\n"
        "for table in Base.metadata.tables.values():\n    table.to_metadata(target_metadata)",
        "chosen": "if True:\n    target_metadata = Base.metadata\nelse:\n    target_metadata = None",
        "in the call": "target_metadata = None\ncontext.configure(target_metadata=Base.metadata)",
        "an option": "config = context.config\ntarget_metadata = getattr(Base, config.get_main_option('attribute'))",
    }

    @pytest.mark.parametrize("target", [pytest.param(text, id=name) for name, text in TARGETS.items()])
    def test_every_way_to_say_it(self, project: Project, target: str) -> None:
        ini = ENVIRONMENT["alembic.ini"] + "attribute = metadata\n"
        env = f"from alembic import context\nfrom shop.models import Base\n{target}\ncontext.run_migrations()\n"
        project.start(books(**{"migrations/env.py": env, "alembic.ini": ini}))
        assert sorted(both(project.path)[1].tables) == ["books"]

    def test_the_configuration_names_it_instead(self, project: Project) -> None:
        env = ENV.replace("Base.metadata", "context.config.attributes['m']")
        setting = '[environments.main]\nversions = ["migrations/versions"]\nmetadata = "shop.models:Base.metadata"\n'
        project.start(books(**{"migrations/env.py": env, "gitmig.toml": setting}))
        assert sorted(both(project.path)[1].tables) == ["books"]

    def test_what_it_leaves_out_is_left_out(self, project: Project) -> None:
        more = (
            MODELS
            + '\n\nclass Old(Base):\n    __tablename__ = "old_books"\n    id = Column(Integer, primary_key=True)\n'
        )
        env = ENV.replace(
            "target_metadata)",
            "target_metadata, include_object=lambda it, name, *rest: not name.startswith('old_'))",
        )
        project.start(books(more, **{"migrations/env.py": env}))
        assert [sorted(side.tables) for side in both(project.path)] == [["books"], ["books"]]


class TestWhichTree:
    def test_what_lies_in_the_worktree_does_not_count(self, project: Project) -> None:
        project.start(books())
        project.stage({"shop/other.py": "x = 1\n"})
        project.write("shop/models.py", "raise RuntimeError('this is not staged')\n")
        assert project.check().verdict == "clean"

    def test_a_package_beneath_src(self, project: Project) -> None:
        files = {path.replace("shop/", "src/shop/"): text for path, text in books().items()}
        project.start({**files, "src/shop/__init__.py": ""})
        shutil.rmtree(project.path / "shop")
        project.commit("only src")
        assert sorted(both(project.path)[1].tables) == ["books"]

    def test_a_module_that_only_the_worktree_has_is_refused(self, project: Project, tmp_path: Path) -> None:
        project.start(books(f"import sys\nsys.path.append({str(project.path)!r})\nimport loose\n{MODELS}"))
        project.write("loose.py", "x = 1\n")
        with pytest.raises(CannotDecide, match="module loose was imported from the worktree"):
            both(project.path)

    def test_nothing_is_written_into_the_worktree(self, project: Project) -> None:
        project.start(books())
        both(project.path)
        assert project.git("status", "--porcelain", "--ignored").stdout in ("", b"")


class TestWhatTheProjectSees:
    def test_no_secrets_and_no_home(self, project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("DATABASE_URL", "postgresql://u:p@example.org/x")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
        line = "import os\nraise RuntimeError(sorted(set(os.environ) - {'LC_CTYPE'}), os.environ['HOME'])\n"
        project.start(books(line + MODELS))
        with pytest.raises(CannotDecide) as caught:
            both(project.path)
        assert "PATH" in caught.value.what and "gitmig-exact-" in caught.value.what
        assert "DATABASE" not in caught.value.what and "SECRET" not in caught.value.what

    def test_nothing_runs_unless_asked(self, project: Project, tmp_path: Path) -> None:
        canary = tmp_path / "canary"
        project.start(books())
        project.stage({"shop/models.py": f"{MODELS}\nopen({str(canary)!r}, 'w').close()\n"})
        run_check(Request(directory=str(project.path)))
        assert not canary.exists()
        project.check()
        assert canary.exists()


class TestSecondOpinion:
    """Alembic's own comparison of the two states, in the same run."""

    def test_it_is_asked(self, project: Project) -> None:
        project.start(books())
        project.stage({"shop/models.py": MODELS + "    title = Column(String(9))\n"})
        report = project.check()
        assert report.remarks[0].note.startswith("Alembic ")
        assert report.remarks[0].note.endswith(" compared them, too")
        assert codes(report) == ["GM301"]
        assert not report.undecided

    def test_what_only_it_sees_is_unknown(self) -> None:
        before = Schema({"books": Table("books")})
        told = {"": "op.add_column('books', sa.Column('title', sa.String(9)))"}
        found = with_second_opinion(before, before, told, Origin("migrations/env.py", 1)).unknown
        assert [(one.what, one.objects) for one in found] == [("add_column", ("books.title",))]
        assert with_second_opinion(before, before, {"": "pass"}, Origin()).unknown == ()

    def test_its_failure_is_told_and_none_of_the_models(self, project: Project) -> None:
        """A Python without Alembic, or with one that fails."""
        broken = MODELS.replace("Base =", "import sys\nsys.modules['alembic.autogenerate'] = None\nBase =")
        project.start(books(broken))
        project.stage({"shop/models.py": broken + "    title = Column(String(9))\n"})
        report = project.check()
        assert "Alembic's own comparison gave no answer" in report.remarks[0].note
        assert codes(report) == ["GM301"]
