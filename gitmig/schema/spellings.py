"""When two spellings mean the same to a database: types, server defaults, expressions, referential actions."""

from __future__ import annotations

from gitmig.schema.elements import Column, Type

# Families that a database stores alike; Alembic's own comparison has the same synonyms.
SAME_FAMILY: dict[str, str] = {
    spelling: group[0]
    for group in (
        ("string", "varchar", "unicode", "nvarchar", "autostring", "varchar2", "nvarchar2", "character_varying"),
        ("text", "unicodetext", "unicode_text", "clob", "nclob"),
        ("char", "nchar", "character", "bpchar"),
        ("integer", "int", "int4", "serial"),
        ("bigint", "biginteger", "big_integer", "int8", "bigserial"),
        ("smallint", "smallinteger", "small_integer", "int2", "smallserial"),
        ("numeric", "decimal"),
        ("float", "double", "double_precision", "real", "float8", "float4"),
        ("boolean", "bool"),
        ("datetime", "timestamp", "timestamptz"),
        ("binary", "largebinary", "large_binary", "blob", "bytea", "varbinary", "raw"),
        ("uuid", "guid", "uuidtype", "uniqueidentifier"),
        ("json", "jsontype"),
        ("interval",),
        ("ltree", "ltreetype"),
    )
    for spelling in group
}
# Types that a database has and SQLAlchemy spells once: the family is the lower-case name.
OWN_FAMILY = """
    REAL TINYINT MEDIUMINT YEAR TINYTEXT MEDIUMTEXT LONGTEXT TINYBLOB MEDIUMBLOB LONGBLOB SET BIT INET CIDR MACADDR
    MACADDR8 MONEY OID REGCLASS REGCONFIG TSVECTOR TSQUERY HSTORE CITEXT INT4RANGE INT8RANGE NUMRANGE DATERANGE TSRANGE
    TSTZRANGE INT4MULTIRANGE INT8MULTIRANGE NUMMULTIRANGE DATEMULTIRANGE TSMULTIRANGE TSTZMULTIRANGE XML ROWID RAW LONG
    UNIQUEIDENTIFIER DATETIME2 DATETIMEOFFSET SMALLDATETIME IMAGE SQL_VARIANT JSONPATH DOMAIN MatchType TupleType BFILE
    VECTOR
"""
# Families that say what a database stores; any other is a class of a package, which may stand for one of these.
STORED = (
    frozenset(SAME_FAMILY) | frozenset(OWN_FAMILY.lower().split()) | {"date", "time", "jsonb", "enum", "array", "null"}
)
CHARACTERS = frozenset({"string", "text", "char"})
# MySQL's only boolean, and the JSON of MariaDB.
ALIKE = frozenset({("boolean", "tinyint"), ("json", "longtext")})


def family_of(type_: Type) -> str:
    return SAME_FAMILY.get(type_.family, type_.family)


def same_type(old: Type, new: Type) -> bool | None:
    """Whether a database stores both alike; None when one of them could not be read."""
    if old == new:
        return True
    if not old.known or not new.known:
        return True if old.text and old.text == new.text else None
    if old.variants or new.variants:
        answers = [_same_plain(one, other) for one in _spread(old) for other in _spread(new)]
        return True if True in answers else None if None in answers else False
    return _same_plain(old, new)


def _spread(type_: Type) -> list[Type]:
    return [type_.replace(variants=()), *(variant for _dialect, variant in type_.variants)]


def _same_plain(old: Type, new: Type) -> bool | None:
    if not old.known or not new.known:
        return None
    if old.family == "enum" or new.family == "enum":
        return _same_enum(old, new)
    one, other = family_of(old), family_of(new)
    if one != other:
        if one not in STORED or other not in STORED:
            return None
        return (one, other) in ALIKE or (other, one) in ALIKE
    if one in ("string", "char", "text", "binary") and old.length != new.length:
        return False
    if one == "numeric" and (old.precision, old.scale or 0) != (new.precision, new.scale or 0):
        return False
    if bool(old.timezone) != bool(new.timezone):
        return False
    if one == "array":
        if (old.dimensions or 1) != (new.dimensions or 1):
            return False
        return same_type(old.item, new.item) if old.item and new.item else None
    if one not in KNOWN_PARAMETERS and (old.length, old.precision, old.scale) != (
        new.length,
        new.precision,
        new.scale,
    ):
        return _numbers(old) == _numbers(new)
    return not (old.dimensions and new.dimensions and old.dimensions != new.dimensions)


def _numbers(type_: Type) -> list[str]:
    """The arguments of a type that a package and SQL write differently: `VECTOR(dim=3)` is `vector(3)`."""
    import re

    return re.findall(r"\d+", type_.text.partition("(")[2])


# Families whose arguments are compared above, or mean nothing to a database.
KNOWN_PARAMETERS = frozenset(SAME_FAMILY.values()) | {"array"}


def _same_enum(old: Type, new: Type) -> bool | None:
    if old.family == new.family == "enum" and old.native == new.native:
        if not old.native:
            checked = new.create_constraint and _same_values(old.values, new.values) is False
            return False if checked else _fits(old, new)
        if old.enum_name and new.enum_name:
            return old.enum_name == new.enum_name
        return _same_values(old.values, new.values)
    plain, enum = (old, new) if new.family == "enum" else (new, old)
    if plain.family not in STORED:
        return None
    if plain.family == "enum":  # one is native, the other is not
        return False
    if enum.native or family_of(plain) not in CHARACTERS:
        return False
    return _fits(old, new)


def _fits(old: Type, new: Type) -> bool | None:
    """A VARCHAR that holds an enum must not become too short for its values."""
    room, needed = _width(old), _width(new)
    if room is None or needed is None:
        return (
            None if (old.family == "enum" and old.values is None) or (new.family == "enum" and not new.values) else True
        )
    return room >= needed


def _width(type_: Type) -> int | None:
    if type_.length is not None:
        return type_.length
    return max(map(len, type_.values), default=0) if type_.values else None


def _same_values(old: tuple[str, ...] | None, new: tuple[str, ...] | None) -> bool | None:
    if old is None or new is None:
        return None
    return set(old) == set(new)


NOW = frozenset(
    {"now()", "current_timestamp", "current_timestamp()", "statement_timestamp()", "localtimestamp", "sysdate", "now"}
)
TRUE = frozenset({"true", "1", "t", "yes"})
FALSE = frozenset({"false", "0", "f", "no"})


def same_default(old: Column, new: Column) -> bool:
    """Whether two columns get the same value where none is given; a default that only `old` has is a usual backfill."""
    if new.server_default is None:
        return True
    if old.server_default is None:
        return normal_sql(new.server_default) == "null"
    if old.server_default == new.server_default:
        return True
    one, other = normal_default(old.server_default), normal_default(new.server_default)
    if one == other:
        return True
    if family_of(new.type) in ("boolean", "tinyint"):
        return (one in TRUE and other in TRUE) or (one in FALSE and other in FALSE)
    if family_of(new.type) in ("numeric", "float", "integer", "bigint", "smallint"):
        return _as_number(one) is not None and _as_number(one) == _as_number(other)
    return False


def _as_number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def normal_default(text: str) -> str:
    normal = normal_sql(text)
    if normal in NOW or (normal.startswith(("strftime(", "datetime(", "date(")) and "'now'" in normal):
        return "now()"
    if len(normal) > 1 and normal[0] == normal[-1] == "'":
        return normal[1:-1]
    return normal


def normal_sql(text: str) -> str:
    """SQL text without casts, quotes and tables of names, outer brackets and spacing; strings keep their case."""
    import re

    parts = re.split(r"('(?:[^']|'')*')", text.strip())
    for position in range(0, len(parts), 2):
        part = parts[position].lower()
        part = re.sub(
            r"::\s*[a-z_][\w.]*(?: varying| precision| with(?:out)? time zone)?(?:\(\d+(?:,\s*\d+)?\))?(?:\[\])?",
            "",
            part,
        )
        part = re.sub(r'["`\[\]]', "", part)
        part = re.sub(r"\b[a-z_]\w*\.(?=[a-z_])", "", part)
        part = re.sub(r"\s+", " ", part)
        parts[position] = re.sub(r"\s*([(),=<>!+*/|-]+)\s*", r"\1", part)
    normal = re.sub(r"\((\([^()]*\))\)", r"\1", "".join(parts).strip())
    while normal.startswith("(") and normal.endswith(")") and _outer(normal):
        normal = normal[1:-1].strip()
    return normal


def _outer(text: str) -> bool:
    depth = 0
    for position, letter in enumerate(text):
        depth += {"(": 1, ")": -1}.get(letter, 0)
        if depth == 0:
            return position == len(text) - 1
    return False


def same_condition(old: str | None, new: str | None) -> bool:
    """Whether two conditions of an index have the same words, numbers, strings and operators."""
    if old is None or new is None:
        return old is new
    return condition_terms(old) == condition_terms(new)


def condition_terms(text: str) -> list[str]:
    """What a condition is made of, in one order; PostgreSQL writes `x IN (...)` as `x = ANY (ARRAY[...])`."""
    import re

    normal = normal_sql(text).replace("<>", "!=")
    normal = re.sub(r"=any\(+array\b", " in ", normal)
    normal = re.sub(r"(?<!is )\bnot (?!null\b|in\b|like\b|exists\b)([a-z_][\w.]*)(?![\w.(])", r"\1=false", normal)
    normal = re.sub(r" is false\b", "=false", re.sub(r" is true\b|=true\b", "", normal))
    found = re.findall(r"'(?:[^']|'')*'|[\w.]+|[=<>!]+|[-+*/%|]", normal)
    return sorted(term if term[0] in "'0123456789" else term.rpartition(".")[2] for term in found)


# Words of SQL and of SQLAlchemy that say nothing about what is indexed.
NOT_NAMES = frozenset({"asc", "nulls", "last", "first", "text", "func", "column", "sa"})


def words(text: str) -> frozenset[str]:
    """The identifiers of an SQL expression, lower-case: enough to tell two index expressions apart."""
    import re

    return frozenset(re.findall(r"[a-z_]\w*", normal_sql(text))) - NOT_NAMES


def same_action(old: str | None, new: str | None) -> bool:
    """ON DELETE and ON UPDATE; to write NO ACTION is to write nothing."""
    return normal_action(old) == normal_action(new)


def normal_action(text: str | None) -> str:
    normal = " ".join((text or "").upper().split())
    return "" if normal == "NO ACTION" else normal
