"""One `git cat-file --batch` that answers for every object.

It gets object ids only: a path with a newline would be two requests, and a name could mean something else tomorrow.
"""

from __future__ import annotations

from gitmig.frozen import Frozen
from gitmig.repo.digests import format_of, hash_bytes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gitmig.repo.plumbing import Conversation, Git

    Found = tuple[str, bytes, str]  # kind, content, object id

_PIPE = 4096  # what every system's pipe takes without blocking
_MOST_ATTEMPTS = 12
# Lists what is here, never fetches, and passes over what is not.
_PRESENT = ("rev-list", "--objects", "--no-object-names", "--missing=print", "--ignore-missing", "--stdin")


class Unreadable(Frozen):
    """An object whose text cannot be had.

    `reason` is "missing" (shallow or partial clone, damage), "oversize" (`size` says how much), "damaged" (the bytes
    are not those that the id names), or the kind of an object that is no blob: "tree", "commit", "tag".
    """

    oid: str
    reason: str
    size: int = 0


class Store:
    """Objects by their id.  `verify` hashes what is served: git hands out a swapped loose object as it is."""

    def __init__(self, git: Git, *, verify: bool = False) -> None:
        self.git = git
        self.verify = verify
        self._batch: Conversation | None = None

    def close(self) -> None:
        """End the process; the next question starts a new one."""
        batch, self._batch = self._batch, None
        if batch is not None:
            batch.end()

    def fetch(self, names: Sequence[str], limit: int) -> dict[str, Found | Unreadable]:
        """Kind and content of each object; the process is started when first needed, and again when it ended early."""
        if self.verify and len(names) > 200:
            import hashlib  # noqa: F401  (worth its 4 ms now, see digests)
        for name in names:
            require_id(name)
        found: dict[str, Found | Unreadable] = {}
        rest = list(dict.fromkeys(names))
        for attempt in range(_MOST_ATTEMPTS):
            if not rest:
                break
            stopped = self._ask(rest, limit, found)
            if not stopped:
                break
            if stopped == "died" and attempt:  # it was here, and git ends at it nevertheless
                first = next(name for name in rest if name not in found)
                found[first] = Unreadable(first, "damaged")
            rest = [name for name in rest if name not in found]
            rest = rest and self._sieve(rest, limit, stopped, found)
        for name in names:
            if name not in found:
                found[name] = Unreadable(name, "missing")
        return found

    def _ask(self, names: Sequence[str], limit: int, found: dict[str, Found | Unreadable]) -> str:
        """Ask for all, in portions that a pipe holds; says why it stopped early: "oversize", "died" or ""."""
        batch = self._batch = self._batch or self.git.converse("cat-file", "--batch")
        portion = _PIPE // (len(max(names, key=len)) + 1)
        for start in range(0, len(names), portion):
            asked = names[start : start + portion]
            if not batch.send(_requests(asked)):
                return self._died()
            for name in asked:
                stopped = self._take(batch, name, limit, found)
                if stopped:
                    return stopped
        return ""

    def _take(self, batch: Conversation, name: str, limit: int, found: dict[str, Found | Unreadable]) -> str:
        """Read one answer."""
        header = batch.answers.readline().decode("ascii").split()
        if len(header) == 2:  # "<name> missing"
            found[name] = Unreadable(name, "missing")
            return ""
        if len(header) != 3:
            return self._died()
        oid, kind, size = header[0], header[1], int(header[2])
        if size > limit:
            found[name] = Unreadable(name, "oversize", size)
            self.close()
            return "oversize"
        content = batch.answers.read(size + 1)
        if len(content) <= size:
            return self._died()
        content = content[:-1]
        if self.verify and hash_bytes(content, kind, format_of(oid)) != oid:
            found[name] = Unreadable(name, "damaged", size)
        else:
            found[name] = (kind, content, oid)
        return ""

    def _died(self) -> str:
        """Git ended at one object (promised and not to be fetched, or damaged), or the repository is the reason."""
        self.close()
        self.git.run("rev-parse", "--git-dir")
        return "died"

    def _sieve(self, names: list[str], limit: int, stopped: str, found: dict[str, Found | Unreadable]) -> list[str]:
        """Those that are here and fit; found out without reading them."""
        if stopped == "died":
            names = self._present(names)
        answer = self.git.ask("cat-file", "--batch-check", input=_requests(names))
        if answer.status != 0 and stopped != "died":
            names = self._present(names)
            answer = self.git.ask("cat-file", "--batch-check", input=_requests(names))
        lines = answer.output.decode("ascii").splitlines()
        fitting = names[len(lines) :]
        for name, line in zip(names, lines, strict=False):
            header = line.split()
            if len(header) == 3 and int(header[2]) > limit:
                found[name] = Unreadable(name, "oversize", int(header[2]))
            elif len(header) == 3:
                fitting.append(name)
        return fitting

    def _present(self, names: list[str]) -> list[str]:
        """Those that are here; git that may not fetch dies at a promised object in every other command."""
        answer = self.git.ask(*_PRESENT, input=_requests(names))
        if answer.status != 0:
            return names
        listed = frozenset(answer.output.decode("ascii").split())
        return [name for name in names if name in listed]


def require_id(name: str) -> str:
    """An object id or "HEAD"; anything else that reached git could be an option, a path or two requests."""
    if name != "HEAD" and not (len(name) in (40, 64) and name.isalnum()):
        raise ValueError(f"not an object id: {name!r}")
    return name


def _requests(names: Iterable[str]) -> bytes:
    return "".join(name + "\n" for name in names).encode("ascii")
