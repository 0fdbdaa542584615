"""Changes of a small project made from texts alone: models as class bodies, revisions as lines of their functions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import sha1
from textwrap import dedent, indent
from typing import Any

from gitmig.change.additions import Import, Script, replay_scripts
from gitmig.change.change import Change
from gitmig.change.state import EnvironmentState
from gitmig.environments.env_file import extract as extract_env
from gitmig.environments.environment import Environment
from gitmig.findings import Finding
from gitmig.revisions.graph import RevisionGraph
from gitmig.revisions.parsing import parse_revision
from gitmig.rules.registry import findings_of, load
from gitmig.schema.drift import Side, new_drift
from gitmig.schema.elements import Schema
from gitmig.schema.models.facts import extract as extract_models
from gitmig.schema.models.linking import link
from gitmig.schema.scripts.facts import extract as extract_script
from gitmig.source.modules import Modules
from gitmig.trees.entries import Changed

MODELS, ENV, VERSIONS = "shop/models.py", "migrations/env.py", "migrations/versions"
HEAD = """
from sqlalchemy import *
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

class Base(DeclarativeBase):
    pass
"""
BOOK = """
class Book(Base):
    __tablename__ = "books"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(200))
"""
CREATE_BOOKS = """
op.create_table(
    "books",
    sa.Column("id", sa.Integer(), primary_key=True),
    sa.Column("title", sa.String(200), nullable=False),
)
"""
DROP_BOOKS = 'op.drop_table("books")'


def with_column(line: str) -> str:
    """The book with one more column."""
    return f"{BOOK}    {line}\n"


def revision(name: str, parent: str | None, upgrade: str = "", downgrade: str = "", *, top: str = "") -> str:
    """The text of a revision file."""
    return (
        f"{top}\nfrom alembic import op\nimport sqlalchemy as sa\n\n"
        f"revision = {name!r}\ndown_revision = {parent!r}\n\n\n"
        f"def upgrade():\n{body(upgrade)}\n\n\ndef downgrade():\n{body(downgrade)}\n"
    )


def body(lines: str) -> str:
    return indent(dedent(lines).strip() or "pass", "    ")


FIRST = revision("aaa111", None, CREATE_BOOKS, DROP_BOOKS)


@dataclass
class Tree:
    """One tree: the text of the models, and the texts of the revisions."""

    models: str = BOOK
    revisions: Iterable[str] = (FIRST,)
    files: Mapping[str, str] = field(default_factory=dict)

    def state(self) -> EnvironmentState:
        parsed = [parse_revision(text.encode(), blob=blob_of(text)) for text in self.revisions]
        files = {path_of(one.id): one.replace(path=path_of(one.id)) for one in parsed}
        graph = RevisionGraph([one.node for one in files.values()])
        environment = Environment("migrations", "migrations", (VERSIONS,), env=ENV)
        return EnvironmentState(environment, graph, files)

    def scripts(self) -> list[Script]:
        texts = {blob_of(text): text for text in self.revisions}
        state = self.state()
        ordered = [state.revision(name) for name in state.graph.upgrade_order()]
        return [Script(one.id, one.path, one.blob, extract_script(texts[one.blob].encode())) for one in ordered if one]

    def schema(self) -> Schema:
        text = HEAD + self.models
        facts: dict[str, Any] = {MODELS: extract_models(text.encode())}
        env = extract_env(b"from shop.models import Base\ntarget_metadata = Base.metadata\n")
        return link(facts, Modules([MODELS, ENV]), env, env_path=ENV, blobs={MODELS: blob_of(text)})


def path_of(name: str) -> str:
    return f"{VERSIONS}/{name}_x.py"


def blob_of(text: str) -> str:
    return sha1(text.encode()).hexdigest()


def change(local: Tree, before: Tree | None = None, *, target: Tree | None = None, mode: str = "staged") -> Change:
    """What the reader would make of it: drift, additions; of the whole tree in mode "all"."""
    befores = [] if mode == "all" else [before or Tree()]
    sides = [Side(replay_scripts(Schema(), one.scripts(), ())[0], one.schema()) for one in befores]
    old = {script.revision for one in befores for script in one.scripts()}
    new = {script.revision for script in local.scripts()} - old
    state = local.state()
    joins = {name for name in new if len(state.graph.down_revisions(name)) > 1}
    chain, additions = replay_scripts(Schema(), local.scripts(), new, joins)
    imports = {script.revision: tuple(imports_of(script)) for script in local.scripts()}
    operations = [operation for addition in additions for operation in addition.operations]
    return Change(
        "migrations",
        mode,
        state,
        tuple(one.state() for one in befores),
        target.state() if target is not None else None,
        paths=(Changed(MODELS, None, None),),
        drift=new_drift(Side(chain, local.schema()), sides, operations),
        additions=tuple(one.replace(imports=imports[one.revision]) for one in additions),
    )


def imports_of(script: Script) -> Iterable[Import]:
    """Modules of the shop are of the tree; those named models have models."""
    for each in script.facts["imports"]:
        if each["module"].startswith("shop"):
            path = each["module"].replace(".", "/") + ".py"
            yield Import(each["module"], each["line"], path, "models" in each["module"])


def findings(code: str, one: Change) -> list[Finding]:
    """What one rule says of a change."""
    told = list(load(code).findings(one))
    assert list(findings_of(code, one)) == told, f"{code} speaks without its occasion"
    return told


def found(code: str, one: Change) -> list[str]:
    """The objects or revisions that one rule names, sorted."""
    return sorted(name for finding in findings(code, one) for name in finding.objects or finding.revisions)
