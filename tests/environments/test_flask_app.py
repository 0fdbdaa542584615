"""Where `flask db` would be run."""

from __future__ import annotations

import pytest

from gitmig.environments.flask_app import folder_of_application

FOLDERS = [
    ("an app.py beside the migrations", "migrations", "", "", ["app.py"], ""),
    ("a backend of a larger repository", "backend/migrations", "", "", ["backend/app.py"], "backend"),
    ("migrations within the package", "shop/migrations", "", "", ["wsgi.py", "shop/__init__.py"], ""),
    ("only .flaskenv names it", "src/shop/migrations", "", "", [".flaskenv", "src/shop/__init__.py"], ""),
    ("no sign of it", "backend/migrations", "", "", ["backend/shop.py"], "backend"),
    ("FLASK_APP as a module, from the top", "backend/migrations", "", "backend.shop", ["backend/shop.py"], ""),
    ("FLASK_APP as a package", "backend/migrations", "", "shop:create('x')", ["backend/shop/__init__.py"],
     "backend"),
    ("FLASK_APP as a path, from where one stands", "migrations", "web", "src/shop.py", ["web/src/shop.py"], "web"),
    ("from a folder in which FLASK_APP means nothing", "migrations", "docs", "shop", ["shop.py", "docs/x"], ""),
    ("FLASK_APP is installed elsewhere", "backend/migrations", "", "shop", ["backend/x.py"], "backend"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("location", "here", "named", "files", "folder"), [row[1:] for row in FOLDERS], ids=[row[0] for row in FOLDERS]
)
def test_the_folder(location: str, here: str, named: str, files: list[str], folder: str) -> None:
    assert folder_of_application(location, here, named, files.__contains__) == folder
