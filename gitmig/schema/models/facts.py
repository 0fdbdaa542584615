"""What one file says about models, as JSON that names no path and is kept by blob id.

Shape: that of `gitmig.source.outline`; "skipped" is true for a candidate that was not read further.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

DECLARES = (
    b"mapped_column",
    b"Column(",
    b"Table(",
    b"__tablename__",
    b"table=True",
    b"table = True",
    b"Mapped[",
    b"declared_attr",
    b"db.Model",
    b"Index(",
    b"__table__",
    b"Column,",
)


def may_declare_models(source: bytes) -> bool:
    """Whether a file could declare tables at all; False is certain for the spellings in use, True is not."""
    return any(word in source for word in DECLARES) or (b"Base" in source and _derives(source))


def _derives(source: bytes) -> bool:
    """Whether a class has a base that may map it, so that its mixins can bring every column."""
    import re

    pattern = rb"^class\s+\w+\s*\([^)]*\b(?:Base|SQLAlchemyBase\w+)\s*[,)[]"
    return re.search(pattern, source, re.MULTILINE) is not None


def extract(source: bytes) -> dict[str, Any]:
    """The facts of one file; bytes that do not parse give a problem."""
    from gitmig.source.outline import outline

    found = outline(source)
    found["models"] = may_declare_models(source) and (found["models"] or found["problem"] is not None)
    return found


def not_models() -> dict[str, Any]:
    """The facts of a candidate in which `may_declare_models` found nothing; it was not read further."""
    from gitmig.source.outline import empty

    return {**empty(), "skipped": True}
