"""One tree to read: a commit's tree with changes laid over it, listed no further than asked."""

from __future__ import annotations

from gitmig.repo.store import Unreadable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gitmig.repo.objects import Objects
    from gitmig.trees.entries import Entry


class Snapshot:
    """The tree of `treeish` (None: empty) in which `overlay` replaces or, with None, removes paths."""

    def __init__(
        self,
        objects: Objects,
        treeish: str | None,
        overlay: Mapping[str, Entry | None] | None = None,
        side: str = "local",
    ) -> None:
        self.objects = objects
        self.treeish = treeish
        self.overlay = dict(overlay or {})
        self.side = side
        self._whole: dict[str, Entry] | None = None

    def entries(self) -> dict[str, Entry]:
        """Every path of the tree."""
        if self._whole is None:
            listed = self.objects.tree(self.treeish) if self.treeish else {}
            self._whole = self._laid_over(listed)
        return self._whole

    def under(self, folders: Iterable[str]) -> dict[str, Entry]:
        """Every path beneath the folders ("" is the top level)."""
        folders = tuple(folders)
        if "" in folders:
            return self.entries()
        if self._whole is not None:
            starts = tuple(f"{folder}/" for folder in folders)
            return {path: entry for path, entry in self._whole.items() if path.startswith(starts)}
        listed = self.objects.tree(self.treeish, folders) if self.treeish and folders else {}
        return self._laid_over(listed, tuple(f"{folder}/" for folder in folders))

    def at(self, paths: Iterable[str]) -> dict[str, Entry]:
        """The entries at exactly these paths."""
        wanted = tuple(paths)
        if self._whole is not None:
            return {path: self._whole[path] for path in wanted if path in self._whole}
        plain = [path for path in wanted if path not in self.overlay]
        found = self.objects.entries(self.treeish, plain) if self.treeish and plain else {}
        found.update({path: entry for path in wanted if (entry := self.overlay.get(path)) is not None})
        return {path: entry for path, entry in found.items() if not entry.is_folder}

    def folder_id(self, folder: str) -> str:
        """Tree id of a folder of `treeish`, before the overlay; "" when there is none."""
        if not self.treeish:
            return ""
        entry = self.objects.entries(self.treeish, (folder,)).get(folder)
        return entry.oid if entry is not None and entry.is_folder else ""

    def has_folder(self, folder: str) -> bool:
        """Whether anything lies beneath the folder."""
        start = f"{folder}/" if folder else ""
        if any(entry is not None and path.startswith(start) for path, entry in self.overlay.items()):
            return True
        if self._whole is not None:
            return any(path.startswith(start) for path in self._whole)
        return bool(self.folder_id(folder))

    def read(self, paths: Iterable[str]) -> dict[str, bytes]:
        """Content of the regular files among these paths; what cannot be read is left out."""
        files = {path: entry.oid for path, entry in self.at(paths).items() if entry.is_file}
        contents = self.objects.read(list(files.values()))
        return {path: content for path, oid in files.items() if not isinstance(content := contents[oid], Unreadable)}

    def _laid_over(self, listed: Mapping[str, Entry], starts: tuple[str, ...] = ("",)) -> dict[str, Entry]:
        laid = dict(listed)
        for path, entry in self.overlay.items():
            if path.startswith(starts):
                if entry is None:
                    laid.pop(path, None)
                else:
                    laid[path] = entry
        return laid
