"""Which of the MetaData of a tree an environment migrates, as its env.py or the configuration says."""

from __future__ import annotations

import ast

from gitmig.schema.elements import Unknown
from gitmig.schema.models.bases import listed_metadata
from gitmig.schema.models.exclusion import Exclusion
from gitmig.schema.models.project import parsed_scope
from gitmig.source.scopes import Scope
from gitmig.source.values import entries

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from typing import Any, Protocol

    from gitmig.schema.models.bases import Metadata
    from gitmig.schema.models.project import Project

    class Declared(Protocol):
        """A table: its MetaData, the keys of all that it may belong to, and its bind key."""

        metadata: Metadata
        keys: set[str]
        bind: str | None


class Choice:
    """`drafts` are all tables of the tree, `styles` the MetaData that are not plain; `unknown` is what nobody says."""

    def __init__(self, project: Project, drafts: Collection[Declared], styles: Mapping[str, str]) -> None:
        self.project = project
        self.drafts = drafts
        self.styles = styles
        self.unknown: list[Unknown] = []

    def choose(self, env: dict[str, Any] | None, env_path: str, metadata: str) -> set[str] | None:
        """The keys of the MetaData that the environment migrates; None for all of them."""
        present = {draft.metadata.key for draft in self.drafts}
        reachable = {key for draft in self.drafts for key in draft.keys}
        if metadata:
            found = self._named(source_of(metadata), env_path, "target")
            return found if found is not None else self._undecided(present, metadata)
        if env is None or not env["targets"]:
            return self._only(present, env)
        scope = self._env_scope(env, env_path)
        found = set()
        for text, _ in env["targets"]:
            listed = listed_metadata(ast.parse(text, mode="eval").body, scope)
            if listed is None:
                return self._only(present, env)
            found |= {each.key for each in listed}
        if found & reachable or not present or all(self._is_of_models(key, env_path) for key in found):
            return found
        return self._only(present, env)

    def divided(
        self, env: dict[str, Any] | None, env_path: str, metadata: str, databases: Sequence[str]
    ) -> dict[str, tuple[set[str] | None, str | None]] | None:
        """For each database the keys of its MetaData, and its bind key; None when nobody says what is whose."""
        found = self._mapped(env, env_path, metadata)
        if found is not None:
            return {name: (found.get(name, set()), None) for name in databases or found}
        flask = {draft.metadata.key for draft in self.drafts if self.styles.get(draft.metadata.key) == "flask"}
        if env is not None and flask and any(word in env["source"] for word in ("bind_key", "metadatas")):
            binds = {draft.bind or "" for draft in self.drafts if draft.metadata.key in flask}
            return {name: (flask, name or None) for name in databases or sorted({"", *binds})}
        if env is not None and env["shares"] and databases:
            chosen = self.choose(env, env_path, metadata)
            return dict.fromkeys(databases, (chosen, None))
        self.unknown.append(Unknown("target_metadata", "it is not known which models are those of which database"))
        return None

    def _mapped(self, env: dict[str, Any] | None, env_path: str, metadata: str) -> dict[str, set[str]] | None:
        """The keys of the MetaData of each database, where target_metadata is a mapping."""
        node: ast.expr = ast.Name(id="target", ctx=ast.Load())
        scope: Scope | None
        if metadata:
            scope = parsed_scope(source_of(metadata), env_path, self.project._importer(env_path))
        elif env is not None and len(env["targets"]) == 1:
            node, scope = ast.parse(env["targets"][0][0], mode="eval").body, self._env_scope(env, env_path)
        else:
            return None
        mapping = entries(node, scope) if scope is not None else None
        if not mapping:
            return None
        found = {name: listed_metadata(part.node, part.scope) for name, part in mapping.items()}
        if any(each is None for each in found.values()):
            return None
        return {name: {one.key for one in each or ()} for name, each in found.items()}

    def _is_of_models(self, metadata: str, env_path: str) -> bool:
        """Whether a MetaData is made by a file of the models: one without tables then has none, and no others."""
        path = metadata.rsplit(":", 2)[0]
        return path in self.project.files and path != env_path

    def _env_scope(self, env: dict[str, Any], env_path: str) -> Scope:
        scope = parsed_scope(env["source"], env_path, self.project._importer(env_path))
        return scope if scope is not None else Scope()

    def _named(self, source: str, env_path: str, name: str) -> set[str] | None:
        scope = parsed_scope(source, env_path, self.project._importer(env_path))
        listed = listed_metadata(ast.Name(id=name, ctx=ast.Load()), scope) if scope is not None else None
        return {each.key for each in listed} if listed is not None else None

    def _only(self, present: set[str], env: dict[str, Any] | None) -> set[str] | None:
        """Without a readable target: Flask-SQLAlchemy's MetaData for an env.py of Flask-Migrate, or the only one."""
        flask = {key for key in present if self.styles.get(key) == "flask"}
        if env is not None and flask and "current_app" in env["source"]:
            return flask
        return None if len(present) <= 1 else self._undecided(present, "target_metadata")

    def _undecided(self, present: set[str], what: str) -> set[str] | None:
        why = f"it is not known which of {len(present)} MetaData this environment migrates"
        self.unknown.append(Unknown(what, why))
        return None

    def exclusion(self, env: dict[str, Any] | None, env_path: str, *, alone: bool) -> Exclusion:
        if env is None:
            return Exclusion({}, Scope())
        return Exclusion(env["options"], self._env_scope(env, env_path), alone=alone)


def source_of(metadata: str) -> str:
    """Source that binds what the configuration calls "package.module:name" to `target`."""
    module, _, name = metadata.partition(":")
    return f"from {module} import {name.partition('.')[0]}\ntarget = {name}"
