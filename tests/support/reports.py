"""Reports that the tests of every format share."""

from __future__ import annotations

from gitmig.change.waivers import Waiver
from gitmig.environments.environment import Problem
from gitmig.findings import Finding, Help, Location, Place
from gitmig.report.report import (
    DriftReport,
    EnvironmentReport,
    Excerpt,
    Located,
    LocatedRelated,
    Report,
    Side,
    Skipped,
    Unknown,
)

HEADS = Located(
    Finding(
        "GM101",
        "multiple-heads",
        "error",
        "migrations",
        "multiple heads: 27c6a30d7c24 and ae1027a6acf both revise 1975ea83b712",
        place=Place(
            "migrations/versions/27c6a30d7c24_add_shopping_cart_table.py",
            label="local; origin/main already has ae1027a6acf here",
        ),
        note="with two heads, `alembic upgrade head` stops and nothing can be deployed",
        help=(
            Help("put the local revision after the upstream one", ("gitmig resolve --reparent",)),
            Help("or keep both lines and join them:", ("gitmig resolve --merge",)),
        ),
        revisions=("27c6a30d7c24", "ae1027a6acf"),
    ),
    Location("migrations/versions/27c6a30d7c24_add_shopping_cart_table.py", 12, 17, 12, 31),
    Excerpt(12, ('down_revision = "1975ea83b712"',)),
    (
        LocatedRelated(
            Location("migrations/versions/ae1027a6acf_add_wish_list.py", 9, 17, 9, 31),
            "on origin/main",
            Excerpt(9, ('down_revision = "1975ea83b712"',)),
        ),
    ),
)

EDITED = Located(
    Finding(
        "GM201",
        "edited-published-revision",
        "error",
        "migrations",
        "edited published revision: 1975ea83b712 no longer matches origin/main",
        place=Place(
            "migrations/versions/1975ea83b712_create_account_table.py", label="published as sa.String(255) in 4be1c07"
        ),
        note="databases that already applied 1975ea83b712 will never run this edit",
        help=(
            Help(
                "restore the published text, then write the change as a new revision:",
                ("git restore --source=origin/main -- migrations/versions/1975ea83b712_create_account_table.py",),
            ),
        ),
        revisions=("1975ea83b712",),
    ),
    Location("migrations/versions/1975ea83b712_create_account_table.py", 24, 28, 24, 42),
    Excerpt(24, ('        sa.Column("email", sa.String(320), nullable=False),',)),
    fingerprint="1:9f2c4e",
)

UNREADABLE = Located(
    Finding(
        "GM306",
        "undecided-model-change",
        "warning",
        "migrations",
        "cannot tell whether book.price changed",
        place=Place("shop/models.py"),
        objects=("book.price",),
        undecided=True,
    ),
    Location("shop/models.py", 3),
)

NOWHERE = Located(Finding("GM104", "duplicate-revision-id", "note", "migrations", "nothing to point at"))

WAIVER = Waiver(
    ".gitmig/waivers/GM202-1975ea83b712.waiver", "GM202", "squashed into 4be1c07", ("1975ea83b712",), until="2027-01-31"
)
DELETED = Located(
    Finding(
        "GM202",
        "deleted-published-revision",
        "error",
        "migrations",
        "deleted published revision: 1975ea83b712 is on origin/main and no longer here",
        revisions=("1975ea83b712",),
    ),
    Location("migrations/versions/1975ea83b712_create_account_table.py"),
)

ENVIRONMENT = EnvironmentReport(
    "migrations",
    ("migrations/versions",),
    ("27c6a30d7c24", "ae1027a6acf"),
    ("ae1027a6acf",),
    ("27c6a30d7c24", "ae1027a6acf"),
    DriftReport(
        "uncovered",
        missing=({"op": "add_column", "table": "book", "name": "subtitle", "detail": {}, "source": None},),
        unknown=(Unknown("book.price", "its type is computed", Location("shop/models.py", 3)),),
    ),
)

TARGET = Side("commit", "b" * 40, "refs/remotes/origin/main")

FULL = Report(
    "findings",
    "rev",
    Side("commit", "a" * 40),
    ("c" * 40,),
    TARGET,
    (ENVIRONMENT,),
    (HEADS, EDITED, UNREADABLE, NOWHERE),
    (DELETED,),
    ((DELETED, WAIVER),),
    ("cannot tell whether book.price changed", "this clone is shallow"),
    (Skipped("GM206", "the imports of a published revision cannot be followed"),),
    (Problem("waiver of GM201 for a1 matches nothing any more", ".gitmig/waivers/a1.waiver", note="delete the file"),),
    status=1,
)

CLEAN = Report(
    "clean",
    "staged",
    Side("staged"),
    ("c" * 40,),
    TARGET,
    (EnvironmentReport("migrations", ("migrations/versions",), ("ae1027a6acf",)),),
)

NOTHING = Report("clean", "staged", Side("staged"), nothing="nothing relevant is staged (3 paths)")
