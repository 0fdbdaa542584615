"""Names of revisions: which ids are safe, the next one of a project that numbers, and names of new files."""

from __future__ import annotations

import re

from gitmig.errors import UsageError
from gitmig.frozen import Frozen

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

LONGEST_ID = 32  # alembic_version.version_num is VARCHAR(32)
RESERVED = frozenset(("head", "heads", "base"))
DEFAULT_FILE_TEMPLATE = "%(rev)s_%(slug)s"
_PLAIN_ID = re.compile(r"[A-Za-z0-9_.]+\Z")
_NUMBERED_ID = re.compile(r"(\D*)(\d+)\Z")
_TEMPLATE_FIELD = re.compile(r"%(?:\((\w+)\)[-#0 +]{0,4}\d{0,2}(?:\.\d{1,2})?[sdi]|%)")


class Moment(Frozen):
    """When a revision is made, as the caller's clock and time zone have it."""

    year: int
    month: int
    day: int
    hour: int = 0
    minute: int = 0
    second: int = 0
    epoch: int = 0


def id_problems(revision: str) -> tuple[str, ...]:
    """What is wrong with an id: empty, reserved, alembic-character, path, unsafe-character, too-long.

    Alembic refuses only its own characters (`@ - + :`), and lets an id lead out of the folder or into a terminal.
    """
    if not revision:
        return ("empty",)
    found = []
    if revision in RESERVED:
        found.append("reserved")
    if any(character in revision for character in "@-+:"):
        found.append("alembic-character")
    if "/" in revision or "\\" in revision or revision in (".", ".."):
        found.append("path")
    elif not _PLAIN_ID.match(re.sub("[@+:-]", "", revision) or "x"):
        found.append("unsafe-character")
    if len(revision) > LONGEST_ID:
        found.append("too-long")
    return tuple(found)


def next_sequential_id(revisions: Iterable[str]) -> str | None:
    """The next id of a project that numbers its revisions (`0007`, `v12`); None when it does not."""
    matches = [_NUMBERED_ID.match(revision) for revision in revisions]
    numbered = [match.groups() for match in matches if match]
    if len(numbered) < 2 or len(numbered) < len(matches) or len({prefix for prefix, _ in numbered}) > 1:
        return None
    numbers = [int(number) for _, number in numbered]
    padded = any(number[0] == "0" and len(number) > 1 for _, number in numbered)
    width = max(len(number) for _, number in numbered) if padded else 1
    # dates and hexadecimal ids that happen to be all digits are not dense
    if max(numbers) - min(numbers) >= 2 * len(numbers) + 2:
        return None
    return f"{numbered[0][0]}{max(numbers) + 1:0{width}d}"


def slug_of(message: str, longest: int = 40) -> str:
    """The part of a file name that Alembic makes of a message."""
    slug = "_".join(re.findall(r"\w+", message)).lower()
    if len(slug) > longest:
        slug = slug[:longest].rsplit("_", 1)[0] + "_"
    return slug


def render_file_name(template: str, revision: str, message: str, moment: Moment, longest_slug: int = 40) -> str:
    """The file name that a `file_template` gives, folders included; raises `UsageError` for one that cannot be used.

    Fails also where the name would lead out of the versions folder: template, id and message come from the repository.
    """
    unknown = _TEMPLATE_FIELD.sub("", template)
    if "%" in unknown:
        raise UsageError(
            f"file_template cannot be used: {template}", note="a % stands before something else than a field"
        )
    values: dict[str, object] = {
        "rev": revision,
        "slug": slug_of(message, longest_slug),
        **{name: getattr(moment, name) for name in Moment._fields},
    }
    for field in _TEMPLATE_FIELD.finditer(template):
        if field.group(1) is not None and field.group(1) not in values:
            raise UsageError(
                f"file_template cannot be used: {template}",
                note=f"it has no field {field.group(1)}; there are {', '.join(sorted(values))}",
            )
    try:
        name = template % values + ".py"
    except (TypeError, ValueError) as error:
        raise UsageError(f"file_template cannot be used: {template}", note=str(error)) from error
    if any(part in ("", ".", "..") for part in name.split("/")) or re.search(r"[\x00-\x1f\x7f\\:]", name):
        raise UsageError(f"file name leaves the versions folder: {name!r}", note=f"file_template is {template}")
    return name


def renamed_path(path: str, old: str, new: str) -> str:
    """A path whose file name has the new id where it had the old one as a word; else the path itself."""
    folder, slash, name = path.rpartition("/")
    pattern = rf"(?<![A-Za-z0-9]){re.escape(old)}(?![A-Za-z0-9])"
    return folder + slash + re.sub(pattern, lambda _: new, name, count=1)
