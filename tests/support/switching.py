"""Random pairs of Git branches with revisions on both sides, and a database that goes from one to the other."""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from support.databases import Shop, column, script, table
from support.killing import Place, SqlitePlace

from gitmig.db.running import Call, run
from gitmig.entry import main

KINDS = ("apart", "behind", "re-parented", "edited order", "joined")


class Pair(NamedTuple):
    """The revisions of the common base, and those that each branch adds or has in another form: {id: text}."""

    kind: str
    base: dict[str, str]
    left: dict[str, str]
    right: dict[str, str]
    tables: tuple[str, ...]


class Line:
    """Writes revisions one after the other, with operations that fit the schema so far."""

    def __init__(self, random: Random, prefix: str, parent: str | None, columns: dict[str, set[str]]) -> None:
        self.random, self.prefix, self.parent = random, prefix, parent
        self.columns = {name: set(known) for name, known in columns.items()}
        self.texts: dict[str, str] = {}
        self.steps: list[tuple[str, tuple[str, str]]] = []

    def grow(self, count: int) -> Line:
        for _ in range(count):
            name = f"{self.prefix}{len(self.steps)}{self.random.randrange(16**6):06x}"
            self.add(name, self.change(name))
        return self

    def change(self, name: str) -> tuple[str, str]:
        if not self.columns or self.random.random() < 0.4:
            self.columns[f"t_{name}"] = {"id"}
            return table(f"t_{name}", "value")
        target = self.random.choice(sorted(self.columns))
        self.columns[target].add(f"c_{name}")
        if self.random.random() < 0.3:
            up, down = column(target, f"c_{name}")
            index = f'op.create_index("i_{name}", "{target}", ["c_{name}"])'
            return f"{up}\n    {index}", f'op.drop_index("i_{name}", table_name="{target}")\n    {down}'
        return column(target, f"c_{name}")

    def add(self, name: str, change: tuple[str, str]) -> None:
        self.texts[name] = script(name, self.parent, *change)
        self.steps.append((name, change))
        self.parent = name


def make_pair(seed: int) -> Pair:
    random = Random(seed)
    base = Line(random, "b", None, {}).grow(random.randint(1, 4))
    base_columns = base.columns
    kind = KINDS[seed % len(KINDS)]
    left = Line(random, "l", base.parent, base_columns).grow(random.randint(1, 3))
    if kind == "behind":  # the other branch is where this one started
        return Pair(kind, base.texts, left.texts, {}, tuple(base_columns))
    right = Line(random, "r", base.parent, base_columns).grow(random.randint(1, 3))
    if kind == "re-parented":  # the same revisions, after those of the other branch
        for name, change in left.steps:
            right.add(name, change)
    if kind == "edited order":  # the first of the line went to its end
        moved = Line(random, "x", base.parent, base_columns)
        for name, change in independent(left):
            moved.add(name, change)
        right.texts = moved.texts
    if kind == "joined":
        name = f"j{random.randrange(16**6):06x}"
        right.texts[name] = script(name, f"{right.parent}, {left.parent}")
        right.texts.update(left.texts)
    return Pair(kind, base.texts, left.texts, right.texts, tuple(base_columns))


def independent(line: Line) -> list[tuple[str, tuple[str, str]]]:
    """The steps in another order, where none needs what another one made."""
    names = [name for name, _ in line.steps]
    apart = all(f"_{name}" not in change[0] or name == own for own, change in line.steps for name in names)
    return list(reversed(line.steps)) if apart else line.steps


def build(path: Path, pair: Pair) -> Shop:
    shop = Shop(path).start(pair.base)
    for branch, revisions in (("left", pair.left), ("right", pair.right)):
        shop.git("switch", "-qc", branch, "main")
        shop.add(revisions)
        shop.commit(branch)
    return shop


def gitmig(shop: Shop, *words: str) -> int:
    return main(["-C", str(shop.path), *words])


def switch_and_sync(shop: Shop, pair: Pair, there: str, here: str, places: tuple[Place, Place] | None = None) -> str:
    """ "" when the database that ran `there` equals a fresh upgrade of `here`, with its rows kept.

    `places` are the database that DATABASE_URL names and one for the fresh upgrade; SQLite files where there are none.
    """
    place, fresh = places or (SqlitePlace(shop.database), SqlitePlace(shop.home / "fresh.db"))
    shop.git("switch", "-q", there)
    if gitmig(shop, "upgrade", "heads"):
        return f"upgrade of {there}"
    for number, name in enumerate(pair.tables):
        place.execute(f"INSERT INTO {name} (id) VALUES ({number}), (100)")
    rows = rows_of(place, pair)
    shop.git("switch", "-q", here)
    if gitmig(shop, "sync"):
        return f"sync to {here}"
    run(shop.project(url=fresh.url), [Call("upgrade", ("heads",))], capture=True)
    found, expected = described(place), described(fresh)
    if found != expected:
        return f"{found} is not {expected}"
    kept = rows_of(place, pair)
    return "" if kept == rows else f"rows {kept} are not {rows}"


def described(place: Place) -> dict[str, Any]:
    """Recorded heads, columns and indexes; a column that was added later stands later, which is no difference."""
    heads, shape = place.state()
    columns = {name: sorted(columns) for name, columns in shape.items()}
    return {"heads": heads, "tables": columns, "indexes": place.indexes()}


def rows_of(place: Place, pair: Pair) -> dict[str, list[Any]]:
    return {name: place.execute(f"SELECT id FROM {name} ORDER BY id") for name in pair.tables}
