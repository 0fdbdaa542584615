"""The ledger: what text each revision of a database ran as, in a table beside Alembic's own.

`record` is called by Alembic in the transaction that also changes the version table, so that both say the same.
Runs in the project's Python, of any environment that names it in env.py, with or without gitmig around it.
"""

from __future__ import annotations

import json
import os
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from typing import Any

TABLE = "gitmig_ledger"
COLUMNS = (
    *("id", "version_table", "revision", "parents", "direction", "fingerprint", "text", "blob", "commit_id"),
    *("gitmig_version", "alembic_version", "applied_at", "duration"),
)
_STARTED, _READY, _COMMITTED = "_gitmig_started", "_gitmig_ledger", "_gitmig_committed"


def include_name(name: str | None, type_: str, parent_names: Any) -> bool:
    """For `context.configure(include_name=...)`: autogenerate leaves the ledger alone."""
    return not (type_ == "table" and name == TABLE)


def hiding_ledger(other: Callable[[str | None, str, Any], bool]) -> Callable[[str | None, str, Any], bool]:
    """The same for an env.py that has an include_name of its own."""
    return lambda name, type_, parents: include_name(name, type_, parents) and other(name, type_, parents)


def with_ledger(options: Mapping[str, Any]) -> dict[str, Any]:
    """Both for an env.py that unpacks its options: what these have of its own is kept."""
    own = options.get("include_name")
    callbacks = options.get("on_version_apply") or ()
    return {
        **options,
        "include_name": hiding_ledger(own) if own else include_name,
        "on_version_apply": (*([callbacks] if callable(callbacks) else callbacks), record),
    }


def record(*, ctx: Any, step: Any, heads: Collection[Any], run_args: Any) -> None:
    """For `context.configure(on_version_apply=record)`: one row for each revision that ran, or was stamped.

    A ledger that cannot be written is said and holds no migration up; `gitmig ledger verify` shows the gap.
    """
    if ctx.as_sql:
        return
    connection = ctx.connection
    try:
        with connection.begin_nested():
            table = table_of(ctx)
            if not hasattr(ctx, _READY):
                table.create(connection, checkfirst=True)
            connection.execute(table.insert(), rows_for(ctx, step))
        setattr(ctx, _READY, True)
    except Exception as error:
        if connection.invalidated:
            raise  # nothing can be written any more: what comes next would fail over something else
        import warnings

        # Of SQLAlchemy's errors what the driver said: the rest is the statement with the whole text of the revision.
        warnings.warn(f"gitmig: the ledger was not written: {getattr(error, 'orig', None) or error}", stacklevel=2)
    setattr(ctx, _STARTED, time.monotonic())


def start_clock(ctx: Any) -> None:
    """A step begins now; without gitmig's commands the time of the first one stays unknown."""
    setattr(ctx, _STARTED, time.monotonic())


def table_of(ctx: Any) -> Any:
    import sqlalchemy as sa

    return sa.Table(
        TABLE,
        sa.MetaData(),
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("version_table", sa.String(255), nullable=False),
        sa.Column("revision", sa.String(255), nullable=False),
        sa.Column("parents", sa.Text, nullable=False),
        sa.Column("direction", sa.String(10), nullable=False),
        sa.Column("fingerprint", sa.String(80), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("blob", sa.String(64), nullable=False),
        sa.Column("commit_id", sa.String(80), nullable=False),
        sa.Column("gitmig_version", sa.String(40), nullable=False),
        sa.Column("alembic_version", sa.String(40), nullable=False),
        sa.Column("applied_at", sa.String(40), nullable=False),
        sa.Column("duration", sa.Float, nullable=True),
        schema=ctx.version_table_schema,
    )


def rows_for(ctx: Any, step: Any) -> list[dict[str, Any]]:
    """The values of the rows that a step adds; `step` is Alembic's MigrationInfo."""
    import alembic

    from gitmig import __version__

    started = getattr(ctx, _STARTED, None)
    common = {
        "version_table": ctx.version_table,
        "gitmig_version": __version__,
        "alembic_version": alembic.__version__,
        "applied_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "duration": None if started is None else round(time.monotonic() - started, 6),
    }
    if step.is_stamp:
        nothing = {"parents": "[]", "direction": "stamp", "fingerprint": "", "text": "", "blob": "", "commit_id": ""}
        return [{**common, **nothing, "revision": one} for one in step.destination_revision_ids or ("",)]
    script = step.up_revision
    parents = script.down_revision
    listed = [] if parents is None else [parents] if isinstance(parents, str) else list(parents)
    source, blob = read_source(script.path)
    row = {
        "revision": script.revision,
        "parents": json.dumps(listed),
        "direction": "upgrade" if step.is_upgrade else "downgrade",
        "fingerprint": fingerprint_of(source),
        "text": as_text(source),
        "blob": blob,
        "commit_id": commit_of(ctx, script.path, blob),
    }
    return [{**common, **row}]


def read_source(path: str) -> tuple[bytes, str]:
    """The file that ran and the id of its blob, or b"" and "" where it cannot be read any more."""
    from gitmig.repo.digests import hash_bytes

    try:
        with open(path, "rb") as file:
            source = file.read()
    except OSError:
        return b"", ""
    return source, hash_bytes(source)


def as_text(source: bytes) -> str:
    """What a text column can hold: for a file in another encoding the blob id must do."""
    try:
        text = source.decode("utf-8")
    except UnicodeDecodeError:
        return ""
    return "" if "\0" in text else text


def fingerprint_of(source: bytes) -> str:
    """ "" where this Python cannot parse what ran; `gitmig ledger verify` works it out from the text."""
    from gitmig.revisions.fingerprint import fingerprint, identity

    try:
        return identity(fingerprint(source))
    except Exception:
        return ""


def commit_of(ctx: Any, path: str, blob: str) -> str:
    """HEAD, with a "+" behind it when HEAD has another text of this file; "" outside of a repository."""
    known: dict[str, tuple[str, dict[str, str]]] = ctx.__dict__.setdefault(_COMMITTED, {})
    folder, name = os.path.split(os.path.abspath(path))
    if folder not in known:
        known[folder] = read_head(folder)
    commit, blobs = known[folder]
    return commit if not commit or blobs.get(name) == blob else f"{commit}+"


def read_head(folder: str) -> tuple[str, dict[str, str]]:
    """The commit of HEAD and the blobs that it has in this folder."""
    from gitmig.repo.plumbing import Git

    try:
        git = Git(folder)
        head = git.ask("rev-parse", "--quiet", "--verify", "HEAD^{commit}")
        listed = git.ask("ls-tree", "-z", "HEAD", "./")
    except Exception:
        return "", {}
    if head.status or listed.status:
        return "", {}
    blobs = {}
    for line in listed.output.decode("utf-8", "surrogateescape").split("\0"):
        facts, _, name = line.partition("\t")
        blobs[name] = facts.rpartition(" ")[2]
    return head.output.decode("ascii", "replace").strip(), blobs


def read_rows(ctx: Any) -> list[dict[str, Any]] | None:
    """All rows of this version table, the oldest first; None where there is no ledger."""
    import sqlalchemy as sa

    table = table_of(ctx)
    if not sa.inspect(ctx.connection).has_table(TABLE, schema=ctx.version_table_schema):
        return None
    chosen = sa.select(table).where(table.c.version_table == ctx.version_table).order_by(table.c.id)
    return [dict(zip(COLUMNS, tuple(row), strict=True)) for row in ctx.connection.execute(chosen)]


def rows_if_readable(ctx: Any) -> list[dict[str, Any]] | None:
    """The same for a command that must not fail over its ledger: None where it cannot be read, too."""
    try:
        with ctx.connection.begin_nested():
            return read_rows(ctx)
    except Exception:
        return None
