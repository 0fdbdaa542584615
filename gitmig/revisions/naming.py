"""Names of revisions: which ids are safe, which ones somebody typed instead of drawing them, and names of new files."""

from __future__ import annotations

import re
from itertools import pairwise

from gitmig.errors import UsageError
from gitmig.frozen import Frozen

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

LONGEST_ID = 32  # alembic_version.version_num is VARCHAR(32)
RESERVED = frozenset(("head", "heads", "base"))
DEFAULT_FILE_TEMPLATE = "%(rev)s_%(slug)s"
_PLAIN_ID = re.compile(r"[A-Za-z0-9_.]+\Z")
_DRAWN_ID = re.compile(r"[0-9a-f]{12}\Z")
_NUMBERED_ID = re.compile(r"(\D*)(\d+)\Z")
_TEMPLATE_FIELD = re.compile(r"%(?:\((\w+)\)[-#0 +]{0,4}\d{0,2}(?:\.\d{1,2})?[sdi]|%)")
_UP = [*map("".join, pairwise("0123456789abcdef")), "90", "fa", "f0"]
_WAYS = {
    **{digit * 2: "still" for digit in "0123456789abcdef"},
    **dict.fromkeys((pair[::-1] for pair in _UP), "down"),
    **dict.fromkeys(_UP, "up"),
}
_WORDS = ("dead", "beef", "cafe", "babe", "feed", "face", "c0de", "f00d", "fade", "bead", "ba5e", "1337")
_LONG_WORDS = ("c0ffee", "badc0de", "deadbeef", "147258", "159357")


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


def is_patterned(revision: str) -> bool:
    """Whether an id of 12 hexadecimal digits looks typed: `a1b2c3d4e5f6`, `0123456789ab`, `aaaaaaaaaaaa`.

    Such ids collide, since people and assistants type the same ones.  Fewer than 1 in 100,000 drawn ids look so.
    """
    if not _DRAWN_ID.match(revision):
        return False
    digits = [int(character, 16) for character in revision]
    return (
        len(set(digits)) <= 3
        or _is_repeated(revision)
        or _is_stepped(digits)
        or _in_order(revision) >= 8
        or _is_interleaved(revision)
        or _spells_words(revision)
    )


def fresh_id(random_bytes: bytes, taken: Collection[str] = ()) -> str:
    """A new id of 12 hexadecimal digits from the caller's random bytes: the first that is neither patterned nor taken.

    Needs 6 bytes, and should be given a few more; raises `ValueError` when none of them serve.
    """
    for start in range(len(random_bytes) - 5):
        revision = random_bytes[start : start + 6].hex()
        if not is_patterned(revision) and revision not in taken:
            return revision
    raise ValueError("not enough random bytes for a revision id")


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


def _is_repeated(revision: str) -> bool:
    """A block again and again, doubled digits, runs, or the same from both ends."""
    if any(revision == revision[:width] * (12 // width) for width in (1, 2, 3, 4, 6)):
        return True
    if revision == revision[::-1] or all(revision[index] == revision[index + 1] for index in range(0, 12, 2)):
        return True
    return sum(one == other for one, other in pairwise(revision)) >= 8


def _is_stepped(digits: list[int]) -> bool:
    """Digits that go up or down by the same step nearly everywhere."""
    steps = [(after - before) % 16 for before, after in pairwise(digits)]
    return any(steps.count(step) >= 8 for step in set(steps))


def _is_interleaved(revision: str) -> bool:
    """Two rows in turn, as in `a1b2c3d4e5f6`: each goes up, goes down or stays."""
    in_order = _in_order(revision[::2]) + _in_order(revision[1::2])
    if in_order >= 8:
        return True
    kinds = [character.isdigit() for character in revision]
    if any(one == other for one, other in pairwise(kinds)):
        return False
    # letter, digit, letter, digit: with all six letters, as in `a7c3e2b1d4f8`, nobody drew it
    letters = {character for character in revision if not character.isdigit()}
    return in_order >= 7 or (len(letters) == 6 and len(set(revision) - letters) >= 5)


def _in_order(row: str) -> int:
    """How many neighbours go on in one way, up, down or staying; letters and digits wrap around."""
    ways = [_WAYS.get(one + other, "") for one, other in pairwise(row)]
    return max(ways.count("up"), ways.count("down"), ways.count("still"))


def _spells_words(revision: str) -> bool:
    if any(word in revision for word in _LONG_WORDS):
        return True
    rest = revision
    for word in _WORDS:
        rest = rest.replace(word, "-")
    return rest.count("-") >= 2
