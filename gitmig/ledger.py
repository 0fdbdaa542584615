"""What an env.py names: `context.configure(on_version_apply=record, include_name=include_name)`."""

from __future__ import annotations

from gitmig.db.ledger import hiding_ledger, include_name, record, with_ledger

__all__ = ["hiding_ledger", "include_name", "record", "with_ledger"]
