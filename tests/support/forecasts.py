"""A forecast with one of everything, for reports."""

from __future__ import annotations

from support.branches import branch, foretell, revision, target

from gitmig.forecast.forecast import Forecast, LeftOut

BASE = {"a1": "", "b2": "a1", "c3": "b2"}
DROP_ISBN = ("drop_column", "book", "isbn")


def full(name: str = "feature/cart", *, queue: bool = False) -> Forecast:
    """
    main   a1 --- b2 --- c3
    clean, conflicting, commuting, stacked, the same id twice, a Git conflict, undecided
    """
    base = target(BASE)
    cart = revision("d4", "c3", blob="cart")
    branches = {
        f"refs/heads/{name}": branch(base, {"d4": cart}, "cart"),
        "refs/heads/feature/cart-more": branch(base, {"d4": cart, "e5": "d4"}, "more"),
        "refs/heads/isbn": branch(base, {"f6": "b2"}, "isbn"),
        "refs/heads/pages": branch(base, {"f7": "b2"}, "pages"),
        "refs/heads/rows": branch(base, {"f8": "b2"}, "rows"),
        "refs/heads/copy": branch(base, {"f6": revision("f6", "b2", path="versions/copied.py")}, "copy"),
        "refs/heads/torn": branch(base, {}, "torn", conflicts=("versions/b2.py",)),
        "refs/heads/edits": branch(base, {"a1": revision("a1", "", blob="edited")}, "edits"),
    }
    found = foretell(
        base,
        branches,
        queue=list(branches) if queue else (),
        undecided=["refs/remotes/origin/lost"],
        d4=[DROP_ISBN],
        f6=[DROP_ISBN],
        f7=[("drop_column", "book", "pages")],
        f8=[("data", "book", "")],
        c3=[("drop_column", "book", "cover")],
    )
    return found.replace(left_out=LeftOut(merged=3, without_revisions=1200, older=1, twins=2, shared=1))


def hostile(text: str) -> Forecast:
    """Every place where a report says what a repository calls its things."""
    base = target({"a": "", text or "b": "a"})
    one = branch(base, {f"x{text}": text or "b"}, "one")
    other = branch(base, {f"y{text}": revision(f"y{text}", "a", path=f"versions/{text}.py")}, "other")
    table = [("drop_column", text or "book", text)]
    found = foretell(
        base, {f"refs/heads/{text}": one, f"refs/heads/2{text}": other}, undecided=[text],
        **{f"x{text}": table, f"y{text}": table},
    )  # fmt: skip
    return found.replace(unread=(text,))
