"""The direction of imports, as one table: a package imports itself and what its row names."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import gitmig

ROOT = Path(gitmig.__file__).parent

DATA = {"", "errors", "findings", "frozen", "hashing", "quoting", "toml"}
SOURCE = DATA | {"source", "trees"}
ENVIRONMENTS = SOURCE | {"environments", "config"}
REVISIONS = ENVIRONMENTS | {"revisions", "plan"}
CHANGE = REVISIONS | {"schema", "change"}
CORE = CHANGE | {"policy", "rules", "resolve", "forecast", "audit", "ci", "setup"}
SHELL = CORE | {"repo", "report", "reading", "apply", "interpreter", "terminal", "bundled", "db"}
ALLOWED = {
    "": DATA,
    "errors": DATA,
    "findings": DATA,
    "frozen": {""},
    "hashing": {""},
    "quoting": DATA,
    "toml": DATA,
    "plan": DATA | {"trees"},
    "trees": SOURCE,
    "source": SOURCE,
    "environments": ENVIRONMENTS,
    "config": ENVIRONMENTS,
    "revisions": REVISIONS,
    "schema": REVISIONS | {"schema"},
    "change": CHANGE,
    "policy": CHANGE | {"policy"},
    "rules": CHANGE | {"rules"},
    "resolve": CHANGE | {"policy", "resolve"},
    "forecast": CHANGE | {"policy", "resolve", "forecast"},
    "audit": CHANGE | {"audit"},
    "ci": DATA | {"ci"},
    "setup": CHANGE | {"setup"},
    "report": CORE | {"bundled", "report"},
    "terminal": CORE | {"terminal"},
    "bundled": {""},
    "repo": DATA | {"trees", "config", "bundled", "repo"},
    "reading": CORE | {"repo", "report", "reading"},
    "apply": CORE | {"repo", "report", "apply", "terminal"},
    "interpreter": CORE | {"repo", "interpreter"},
    "db": CORE | {"interpreter", "repo", "db", "ledger"},
    "ledger": {"db"},
    "commands": SHELL | {"commands"},
    "cli": SHELL | {"commands", "cli"},
    "entry": SHELL | {"commands", "cli", "entry"},
    "__main__": {"entry"},
}
CORE_FILES = sorted(path for path in ROOT.rglob("*.py") if path.relative_to(ROOT).parts[0].removesuffix(".py") in CORE)

# What would give the core a file, a process, the environment, a clock, chance, or the network.
OUTSIDE = {
    *("os", "io", "pathlib", "shutil", "tempfile", "glob", "fileinput", "mmap", "linecache"),
    *("subprocess", "socket", "urllib", "http", "ssl", "asyncio", "threading", "multiprocessing", "signal"),
    *("time", "random", "secrets", "uuid", "getpass", "platform", "locale", "sqlite3", "importlib", "runpy"),
    *("git", "click", "rich", "rich_click", "sqlalchemy", "alembic", "mako"),
}
# The list of rules is the folder of rule files, which are part of the program; a CI system is a module of `ci`.
EXCUSED = {("rules/registry.py", "os"), ("rules/registry.py", "__import__"), ("ci/detect.py", "importlib")}
BUILTINS = {"open", "print", "input", "exec", "eval", "__import__", "breakpoint"}


def part_of(path: Path) -> str:
    """The row of a file: the package or the module right beneath gitmig; "" for gitmig itself."""
    return "" if path == ROOT / "__init__.py" else path.relative_to(ROOT).parts[0].removesuffix(".py")


def imports(tree: ast.AST) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            found |= (
                {f"{node.module}.{alias.name}" for alias in node.names}
                if node.module == "gitmig"
                else {node.module or ""}
            )
    return found


def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_bytes())


@pytest.mark.parametrize("part", sorted({part_of(path) for path in ROOT.rglob("*.py")}))
def test_a_package_imports_what_its_row_names(part: str) -> None:
    wrong = {
        f"{path.relative_to(ROOT)} imports {name}"
        for path in ROOT.rglob("*.py")
        if part_of(path) == part
        for name in imports(parsed(path))
        if name == "gitmig" or name.startswith("gitmig.")
        if [*name.split("."), "", ""][1] not in ALLOWED[part] | {part, "__version__"}
    }
    assert not wrong


def test_every_row_is_a_package() -> None:
    assert {row for row in ALLOWED if row and not (ROOT / row).is_dir() and not (ROOT / f"{row}.py").is_file()} == set()


@pytest.mark.parametrize("path", CORE_FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_core_reaches_nothing_outside(path: Path) -> None:
    tree, name = parsed(path), str(path.relative_to(ROOT))
    # What only a type checker or `python -m` sees is no part of the running program.
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) in ("TYPE_CHECKING", "__name__ == '__main__'"):
            node.body = []
    reached = {one.partition(".")[0] for one in imports(tree)} & OUTSIDE
    assert {one for one in reached if (name, one) not in EXCUSED} == set()
    called = {node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
    assert {one for one in called & BUILTINS if (name, one) not in EXCUSED} == set()


@pytest.mark.parametrize("path", sorted(ROOT.rglob("*.py")), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_text_is_compiled_to_a_tree_only(path: Path) -> None:
    """`compile` makes code unless it is told not to; nothing that was compiled is ever run."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id not in ("exec", "eval")
            if node.func.id == "compile":
                assert "PyCF_ONLY_AST" in ast.unparse(node)


def test_no_file_is_a_heap() -> None:
    """Over 600 lines a file is usually two."""
    long = {str(path.relative_to(ROOT)) for path in ROOT.rglob("*.py") if len(path.read_text().splitlines()) > 700}
    assert long == set()
