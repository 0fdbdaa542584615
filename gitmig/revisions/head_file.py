"""The head file: one small file per environment that names its head, so that Git itself stops when two branches add
revisions."""

from __future__ import annotations

from gitmig.frozen import Frozen

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gitmig.environments.environment import Environment
    from gitmig.revisions.graph import RevisionGraph

NAME = "head.txt"


class HeadFile(Frozen):
    """The head file of one tree; `blob` is "" and `text` None where it is missing or no file of text."""

    path: str
    blob: str = ""
    text: str | None = None


def head_file_path(environment: Environment) -> str:
    """Beside the revisions: in the first versions folder, which Alembic searches for `.py` only."""
    folder = environment.versions[0] if environment.versions else ""
    return f"{folder}/{NAME}" if folder else NAME


def render_head_file(graph: RevisionGraph) -> bytes:
    """One line for each head: its id, and the labels of its line where it has some."""
    lines = [" ".join((head, *sorted(graph.labels(head)))) for head in graph.heads]
    return "".join(f"{line}\n" for line in lines).encode("utf-8", "surrogateescape")


def heads_in(text: str) -> tuple[str, ...]:
    """The heads that a head file names, sorted; lines of a conflict name those of both sides."""
    words = (
        line.split() for line in text.splitlines() if not line.startswith(("<<<<<<<", "=======", ">>>>>>>", "|||"))
    )
    return tuple(sorted({word[0] for word in words if word}))
