"""Facts of blobs: from the cache, else read from Git in one batch and extracted."""

from __future__ import annotations

from gitmig.repo.store import Unreadable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from gitmig.reading.cache import Cache
    from gitmig.repo.objects import Objects


# Texts that are in memory at a time.
PART = 500


def extractor_of(kind: str) -> Callable[[bytes], Any]:
    """The pure function that turns a source into facts of this kind."""
    if kind == "header":
        from gitmig.revisions.parsing import parse_header

        return parse_header
    if kind == "whole":
        from gitmig.revisions.parsing import parse_header

        return lambda source: parse_header(source, thorough=True)
    if kind == "fingerprint":
        from gitmig.revisions.fingerprint import fingerprint

        return fingerprint
    if kind == "script":
        from gitmig.schema.scripts.facts import extract as extract_script

        return extract_script
    if kind == "model":
        from gitmig.schema.models.facts import extract as extract_models

        return extract_models
    if kind == "candidate":
        from gitmig.schema.models.facts import extract as extract_models
        from gitmig.schema.models.facts import may_declare_models, not_models

        return lambda source: extract_models(source) if may_declare_models(source) else not_models()
    if kind == "env":
        from gitmig.environments.env_file import extract as extract_env

        return extract_env
    raise KeyError(kind)


class FactsReader:
    """Answers for blobs of one repository."""

    def __init__(self, objects: Objects, cache: Cache) -> None:
        self.objects = objects
        self.cache = cache
        self.unreadable: dict[str, Unreadable] = {}

    def of(self, kind: str, oids: Iterable[str]) -> dict[str, Any]:
        """Facts by blob; blobs that Git cannot give are absent and noted in `unreadable`."""
        wanted = list(dict.fromkeys(oids))
        known = self.cache.facts(kind, wanted)
        missing = [oid for oid in wanted if oid not in known]
        if not missing:
            return known
        made = self.fresh(kind, missing)
        self.cache.add_facts(kind, made)
        known.update(made)
        return known

    def fresh(self, kind: str, oids: Iterable[str]) -> dict[str, Any]:
        """The same, read from Git and kept nowhere: for whole folders, of which the shelf keeps what matters."""
        extract = extractor_of(kind)
        made, wanted = {}, list(oids)
        for start in range(0, len(wanted), PART):
            for oid, content in self.objects.read(wanted[start : start + PART]).items():
                if isinstance(content, Unreadable):
                    self.unreadable[oid] = content
                else:
                    made[oid] = extract(content)
        return made
