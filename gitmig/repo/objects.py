"""What Git has stored: blobs, trees, commits, the index, and the differences between them."""

from __future__ import annotations

import os

from gitmig.errors import CannotDecide
from gitmig.findings import Help
from gitmig.frozen import Frozen
from gitmig.repo.digests import EMPTY_TREE
from gitmig.repo.store import Store, Unreadable, require_id
from gitmig.trees.entries import EXECUTABLE, FOLDER, LINK, REGULAR, SUBMODULE, Changed, Entry
from gitmig.trees.links import Resolved, prefixes, resolve

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from types import TracebackType

    from gitmig.repo.plumbing import Git
    from gitmig.repo.store import Found

DEFAULT_LIMIT = 1 << 20
_TREE_LIMIT = 64 << 20

_MODES = {
    b"100644": REGULAR,
    b"100755": EXECUTABLE,
    b"100664": REGULAR,  # written by git of 2005
    b"120000": LINK,
    b"160000": SUBMODULE,
    b"40000": FOLDER,
    b"040000": FOLDER,
}


class Commit(Frozen):
    """A commit: its tree and its parents, as written in it (a shallow clone may lack the parents)."""

    oid: str
    tree: str
    parents: tuple[str, ...]


class Staged(Frozen):
    """What the index changes against HEAD, or adds while HEAD is unborn; `unmerged` paths have no one entry."""

    changes: tuple[Changed, ...]
    unmerged: tuple[str, ...] = ()
    unborn: bool = False


class Objects:
    """Reads one repository.  Nothing here writes, fetches or waits for a lock.

    `limit` is the largest blob in bytes.  `verify` hashes what is served, see `Store`.
    """

    def __init__(self, git: Git, *, limit: int = DEFAULT_LIMIT, verify: bool = False) -> None:
        self.git = git
        self.limit = limit
        self._store = Store(git, verify=verify)
        self._folders: dict[str, Folder] = {}
        self._commits: dict[str, Commit | None] = {}
        self._staged: Staged | None = None
        self._whole: dict[str, dict[str, Entry]] = {}

    def __enter__(self) -> Objects:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the process that answers; a later call starts a new one."""
        self._store.close()

    # Blobs

    def read(self, oids: Iterable[str]) -> dict[str, bytes | Unreadable]:
        """The text of each blob, or why there is none."""
        found = self._store.fetch(list(dict.fromkeys(oids)), self.limit)
        return {oid: _blob(oid, answer) for oid, answer in found.items()}

    # Commits and trees

    def commit(self, name: str) -> Commit | None:
        """The commit with this object id, or "HEAD"; None where there is none (unborn branch, cut-off history).

        A tag object is no commit: `refs.resolve` peels.
        """
        if name not in self._commits:
            answer = self._store.fetch([name], _TREE_LIMIT)[name]
            self._commits[name] = None if isinstance(answer, Unreadable) else _parse_commit(answer)
        return self._commits[name]

    def entries(self, treeish: str, paths: Iterable[str]) -> dict[str, Entry]:
        """What lies at exactly these paths of a commit or tree (an object id, or "HEAD").

        A folder is an entry with the id of its tree; `""` is the top.
        """
        wanted = sorted(set(paths))
        root = self._tree_id(treeish)
        self._load_folders_above(root, wanted)
        found = {path: self._entry(root, path) for path in wanted}
        return {path: entry for path, entry in found.items() if entry is not None}

    def tree(self, treeish: str, paths: Sequence[str] = ()) -> dict[str, Entry]:
        """All files beneath the folders named (or the files named), of a commit or tree; without names, all files.

        Submodules and links are entries; they are not entered.
        """
        if not paths:
            return self._whole_tree(treeish)
        found: dict[str, Entry] = {}
        level: list[tuple[str, str]] = []
        for path, entry in self.entries(treeish, paths).items():
            if entry.is_folder:
                level.append((path + "/" if path else "", entry.oid))
            else:
                found[path] = entry
        while level:
            self._load([oid for _prefix, oid in level])
            deeper = []
            for prefix, oid in level:
                for name, entry in self._folders[oid].items():
                    if entry[0] == FOLDER:
                        deeper.append((prefix + name + "/", entry[1]))
                    else:
                        found[prefix + name] = entry
            level = deeper
        return found

    def follow(self, path: str, treeish: str | None = None) -> Resolved:
        """Where `path` leads when its links are followed inside a commit or tree, or (None) inside the index."""
        look = self._looking_into(treeish)
        asked = set(prefixes(path))
        known = look(asked)
        targets: dict[str, str] = {}
        while True:
            resolved = resolve(path, known, targets)
            if resolved.wanted:
                text = self.read([resolved.wanted])[resolved.wanted]
                if isinstance(text, Unreadable):
                    return Resolved(resolved.path, "missing")
                targets[resolved.wanted] = text.decode("utf-8", "surrogateescape")
            elif resolved.problem == "missing" and resolved.path not in asked:
                asked.add(resolved.path)
                known.update(look([resolved.path]))
            else:
                return resolved

    # The index

    def staged(self) -> Staged:
        """The index named by GIT_INDEX_FILE against HEAD; intent-to-add entries are not in the commit and not here."""
        if self._staged is None:
            self._staged = self._read_staged()
        return self._staged

    def index(self, paths: Sequence[str] = ()) -> tuple[dict[str, Entry], list[str]]:
        """Files of the index beneath these folders (or at these paths), and the unmerged paths among them.

        It is HEAD with `staged` put on it, which costs no process and leaves out what is intended to be added.
        """
        staged = self.staged()
        found = {} if staged.unborn else self.tree("HEAD", paths)
        chosen = _Chosen(paths)
        for path, _old, new in staged.changes:
            if new is None:
                found.pop(path, None)
            elif chosen(path):
                found[path] = new
        unmerged = [path for path in staged.unmerged if chosen(path)]
        for path in unmerged:
            found.pop(path, None)
        return found, unmerged

    def index_entries(self, paths: Iterable[str]) -> dict[str, Entry]:
        """What the index has at exactly these paths; a folder in which something is staged has no tree id: ""."""
        staged = self.staged()
        wanted = set(paths)
        found = {} if staged.unborn else self.entries("HEAD", wanted)
        touched: set[str] = set()
        for path, _old, new in staged.changes:
            touched.update(wanted.intersection(_above(path)))
            if path in wanted:
                found.pop(path, None)
                if new is not None:
                    found[path] = new
        for path in staged.unmerged:
            touched.update(wanted.intersection(_above(path)))
            found.pop(path, None)
        for path in touched:
            files, unmerged = self.index([path])
            if files or unmerged:
                found.setdefault(path, _FOLDER)
                found[path] = _FOLDER if found[path].is_folder else found[path]
            else:
                found.pop(path, None)
        return found

    def unmerged(self, paths: Sequence[str] = ()) -> dict[str, dict[int, Entry]]:
        """Stages of the unmerged paths: 1 before, 2 the side of HEAD, 3 the other.  Git must stand at the top."""
        output = self.git.run("ls-files", "-u", "-z", "--full-name", "--", *paths)
        found: dict[str, dict[int, Entry]] = {}
        for line in _lines(output):
            head, _, path = line.partition("\t")
            mode, oid, stage = head.split(" ")
            found.setdefault(path, {})[int(stage)] = Entry(mode, oid)
        return found

    # Differences

    def diff_trees(self, old: str | None, new: str | None) -> list[Changed]:
        """Two commits or trees (object ids; None for the empty tree), without rename detection, sorted by path.

        Only folders that differ are read, by the process that answers for all objects: a `git diff-tree` of its own
        would unpack the same folders again.
        """
        found: list[Changed] = []
        level = [("", self._tree_id(old) if old else "", self._tree_id(new) if new else "")]
        while level:
            self._load([tree for _prefix, *sides in level for tree in sides if tree])
            deeper = []
            for prefix, *sides in level:
                before, after = (self._folders[tree] if tree else _NOTHING for tree in sides)
                for name, was, now in before.differing(after):
                    path = prefix + name
                    (old_file, old_folder), (new_file, new_folder) = _apart(was), _apart(now)
                    if old_folder or new_folder:
                        deeper.append((f"{path}/", old_folder, new_folder))
                    if old_file != new_file:
                        found.append(Changed(path, old_file, new_file))
            level = deeper
        return sorted(found, key=lambda change: change.path)

    # How it is done

    def _looking_into(self, treeish: str | None) -> Callable[[Iterable[str]], dict[str, Entry]]:
        if treeish is None:
            return self.index_entries
        return lambda paths: self.entries(treeish, paths)

    def _tree_id(self, treeish: str) -> str:
        if treeish in self._folders:
            return treeish
        commit = self._commits.get(treeish)
        if commit is not None:
            return commit.tree
        found = self._store.fetch([treeish], _TREE_LIMIT)[treeish]
        if isinstance(found, Unreadable):
            raise _no_tree(treeish, found.reason)
        kind, content, oid = found
        if kind == "tree":
            self._folders[oid] = Folder(content, len(oid) // 2)
            return oid
        commit = self._commits[treeish] = _parse_commit(found)
        if commit is None:
            raise _no_tree(treeish, f"it is a {kind}")
        return commit.tree

    def _load(self, trees: Sequence[str]) -> None:
        """Read the trees that are not known yet."""
        absent = [oid for oid in dict.fromkeys(trees) if oid not in self._folders]
        for oid, found in self._store.fetch(absent, _TREE_LIMIT).items():
            if isinstance(found, Unreadable) or found[0] != "tree":
                raise _no_tree(oid, found.reason if isinstance(found, Unreadable) else f"it is a {found[0]}")
            self._folders[oid] = Folder(found[1], len(oid) // 2)

    def _load_folders_above(self, root: str, paths: Sequence[str]) -> None:
        """One round for each level of depth, not one for each path."""
        level = {(root, tuple(path.split("/"))) for path in paths if path}
        while level:
            self._load([oid for oid, _parts in level])
            deeper = set()
            for oid, parts in level:
                entry = self._folders[oid].get(parts[0])
                if entry is not None and entry.is_folder and len(parts) > 1:
                    deeper.add((entry.oid, parts[1:]))
            level = deeper

    def _entry(self, root: str, path: str) -> Entry | None:
        entry: Entry | None = Entry(FOLDER, root)
        for part in path.split("/") if path else ():
            if entry is None or not entry.is_folder:
                return None
            entry = self._folders[entry.oid].get(part)
        return entry

    def _whole_tree(self, treeish: str) -> dict[str, Entry]:
        """Several states of one check are the same commit: it is listed once.  Callers change their copy."""
        if treeish not in self._whole:
            self._whole[treeish] = self._list(treeish)
        return dict(self._whole[treeish])

    def _list(self, treeish: str) -> dict[str, Entry]:
        output = self.git.run("ls-tree", "-r", "-z", "--full-tree", require_id(treeish), "--")
        found = {}
        for line in _lines(output):
            head, _, path = line.partition("\t")
            found[path] = Entry(head[:6], head[head.rindex(" ") + 1 :])
        return found

    def _empty_tree(self) -> str:
        return EMPTY_TREE[self.git.run("rev-parse", "--show-object-format").decode("ascii").strip()]

    def _read_staged(self) -> Staged:
        answer = self.git.ask(*_DIFF_INDEX, "HEAD", "--")
        if answer.status == 0:
            changes, unmerged = parse_raw(answer.output)
            self._refuse_an_index_that_is_not_there(changes)
            return Staged(tuple(changes), tuple(unmerged))
        if self.git.ask("rev-parse", "--verify", "--quiet", "HEAD").status != 1:
            from gitmig.repo.failures import explain

            raise explain(_DIFF_INDEX, answer.status, answer.errors, self.git)
        changes, unmerged = parse_raw(self.git.run(*_DIFF_INDEX, self._empty_tree(), "--"))
        return Staged(tuple(changes), tuple(unmerged), unborn=True)

    def _refuse_an_index_that_is_not_there(self, changes: Sequence[Changed]) -> None:
        """Git takes an index file that does not exist for an empty one: everything would count as deleted."""
        if not changes or any(change.new is not None for change in changes):
            return
        named = self.git.environment.get("GIT_INDEX_FILE")
        if named is None:
            named = os.fsdecode(self.git.run("rev-parse", "--git-path", "index")[:-1])
        if os.path.exists(os.path.join(self.git.directory or "", named)):
            return
        raise CannotDecide(
            f"there is no index: {named} does not exist, although HEAD has files",
            note="an index that is lost, or a bare repository, is not the deletion of everything",
            help=(Help("name the commit to check", ("gitmig check --rev HEAD --base BASE",)),),
        )


_RAW = ("-z", "--raw", "--no-renames", "--no-abbrev", "--no-ext-diff", "--no-textconv")
_DIFF_INDEX = ("diff-index", "--cached", "--ita-invisible-in-index", "--ignore-submodules=none", *_RAW)
_FOLDER = Entry(FOLDER, "")
_LARGE = 16 * 1024
_SURELY_A_NAME = 12


class Folder:
    """A tree object, parsed when all of it is asked for; a few of ten thousand files are found by their names."""

    def __init__(self, content: bytes, width: int) -> None:
        self._content = content
        self._width = width
        self._whole: dict[str, Entry] | None = None

    def items(self) -> Iterable[tuple[str, Entry]]:
        if self._whole is None:
            self._whole = parse_tree(self._content, self._width)
        return self._whole.items()

    def get(self, name: str) -> Entry | None:
        wanted = name.encode("utf-8", "surrogateescape")
        # The raw ids of the other entries are random bytes: only a short name could stand in them by chance.
        if self._whole is None and len(wanted) >= _SURELY_A_NAME and len(self._content) > _LARGE:
            at = self._content.find(b" " + wanted + b"\0")
            if at < 0:
                return None
            mode = self._content[at - 6 : at] if self._content[at - 6 : at] in _MODES else self._content[at - 5 : at]
            start = at + len(wanted) + 2
            return Entry(_MODES[mode], self._content[start : start + self._width].hex()) if mode in _MODES else None
        self.items()
        return (self._whole or {}).get(name)

    def differing(self, other: Folder) -> Iterable[tuple[str, Entry | None, Entry | None]]:
        """Names that `other` has with another entry, or that only one has: (name, here, there)."""
        here, there = (set(_split(folder._content, folder._width)) for folder in (self, other))
        old, new = _entries(here - there), _entries(there - here)
        for name in old.keys() | new.keys():
            yield name, old.get(name), new.get(name)


_NOTHING = Folder(b"", 20)


def parse_tree(content: bytes, width: int) -> dict[str, Entry]:
    """A tree object: names and entries; `width` is the length of a raw object id, 20 or 32."""
    return _entries(_split(content, width))


def _split(content: bytes, width: int) -> list[tuple[bytes, bytes, bytes]]:
    """(mode, name, raw object id) of each entry."""
    import re

    return re.findall(b"([0-7]+) ([^\0]+)\0(.{%d})" % width, content, re.DOTALL)


def _entries(found: Iterable[tuple[bytes, bytes, bytes]]) -> dict[str, Entry]:
    new, modes = tuple.__new__, _MODES
    return {name.decode("utf-8", "surrogateescape"): new(Entry, (modes[mode], oid.hex())) for mode, name, oid in found}


def parse_raw(output: bytes) -> tuple[list[Changed], list[str]]:
    """`git diff-* -z --raw`: the changes, and the unmerged paths."""
    return parse_raw_fields(output.decode("utf-8", "surrogateescape").split("\0"))


def parse_raw_fields(fields: Iterable[str]) -> tuple[list[Changed], list[str]]:
    """The same, from what stands between the null bytes."""
    changes: list[Changed] = []
    unmerged: list[str] = []
    fields = iter(fields)
    for head in fields:
        if not head:
            continue
        old_mode, new_mode, old_oid, new_oid, status = head[1:].split(" ")
        path = next(fields)
        if status == "U":
            unmerged.append(path)
            continue
        changes.append(Changed(path, _entry(old_mode, old_oid), _entry(new_mode, new_oid)))
    return changes, unmerged


def _entry(mode: str, oid: str) -> Entry | None:
    return None if mode == "000000" else Entry(mode, oid)


def _parse_commit(found: Found) -> Commit | None:
    kind, content, oid = found
    if kind != "commit":
        return None
    tree, parents = "", []
    for line in content.split(b"\n"):
        if line.startswith(b"tree "):
            tree = line[5:].decode("ascii")
        elif line.startswith(b"parent "):
            parents.append(line[7:].decode("ascii"))
        else:
            break
    return Commit(oid, tree, tuple(parents))


def _blob(oid: str, answer: Found | Unreadable) -> bytes | Unreadable:
    if isinstance(answer, Unreadable):
        return answer
    kind, content, _oid = answer
    return content if kind == "blob" else Unreadable(oid, kind)


def _apart(entry: Entry | None) -> tuple[Entry | None, str]:
    """The entry if it is a file of any kind, and the tree id if it is a folder."""
    return (None, entry.oid) if entry is not None and entry.is_folder else (entry, "")


def _above(path: str) -> list[str]:
    """The folders above a path; the top is ""."""
    return ["", *prefixes(path)[:-1]]


class _Chosen:
    """Is a path one of these, or beneath one of these folders?  Everything is, when none is named."""

    def __init__(self, paths: Sequence[str]) -> None:
        self.everything = not paths or "" in paths
        self.exact = frozenset(paths)
        self.beneath = tuple(path + "/" for path in paths)

    def __call__(self, path: str) -> bool:
        return self.everything or path in self.exact or path.startswith(self.beneath)


def _lines(output: bytes) -> list[str]:
    return [line for line in output.decode("utf-8", "surrogateescape").split("\0") if line]


def _no_tree(oid: str, why: str) -> CannotDecide:
    return CannotDecide(
        f"cannot read the tree of {oid}: {why}",
        note="a shallow or partial clone, or a damaged repository; gitmig never fetches on its own",
        help=(Help("look for damage", ("git fsck",)),),
    )
