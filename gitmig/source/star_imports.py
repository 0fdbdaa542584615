"""What `from sqlalchemy import *` and its kin bring: the names that models and revisions use, by module."""

from __future__ import annotations

_CONSTRUCTS = """
    Column ForeignKey ForeignKeyConstraint UniqueConstraint PrimaryKeyConstraint CheckConstraint Index Table MetaData
    Sequence Computed Identity FetchedValue DefaultClause DDL
"""
_TYPES = """
    Integer BigInteger SmallInteger String Text Unicode UnicodeText Boolean Date DateTime Time Interval Float Double
    Numeric LargeBinary Enum JSON ARRAY Uuid UUID PickleType TypeDecorator BIGINT BINARY BLOB BOOLEAN CHAR CLOB DATE
    DATETIME DECIMAL DOUBLE DOUBLE_PRECISION FLOAT INT INTEGER NCHAR NUMERIC NVARCHAR REAL SMALLINT TEXT TIME TIMESTAMP
    VARBINARY VARCHAR TupleType
"""
_EXPRESSIONS = """
    text func and_ or_ not_ true false null cast type_coerce literal literal_column column table select insert update
    delete case extract desc asc nulls_first nulls_last nullsfirst nullslast collate bindparam event inspect
"""
_ORM = """
    DeclarativeBase DeclarativeBaseNoMeta DeclarativeMeta Mapped MappedAsDataclass MappedColumn DynamicMapped
    WriteOnlyMapped as_declarative declarative_base declared_attr declarative_mixin deferred mapped_column registry
    relationship column_property has_inherited_table query_expression synonym composite configure_mappers
"""
_DECLARATIVE = """
    AbstractConcreteBase ConcreteBase DeclarativeMeta DeferredReflection as_declarative declarative_base declared_attr
    has_inherited_table synonym_for
"""
_POSTGRESQL = """
    INTEGER BIGINT SMALLINT VARCHAR CHAR TEXT NUMERIC FLOAT REAL INET CIDR CITEXT UUID BIT MACADDR MACADDR8 MONEY OID
    REGCLASS REGCONFIG TSQUERY TSVECTOR DOUBLE_PRECISION TIMESTAMP TIME DATE BYTEA BOOLEAN INTERVAL ARRAY ENUM DOMAIN
    array HSTORE hstore INT4RANGE INT8RANGE NUMRANGE DATERANGE INT4MULTIRANGE INT8MULTIRANGE NUMMULTIRANGE
    DATEMULTIRANGE TSRANGE TSTZRANGE TSMULTIRANGE TSTZMULTIRANGE JSON JSONB JSONPATH ExcludeConstraint
"""
_MYSQL = """
    BIGINT BINARY BIT BLOB BOOLEAN CHAR DATE DATETIME DECIMAL DOUBLE ENUM FLOAT INTEGER JSON LONGBLOB LONGTEXT
    MEDIUMBLOB MEDIUMINT MEDIUMTEXT NCHAR NVARCHAR NUMERIC SET SMALLINT REAL TEXT TIME TIMESTAMP TINYBLOB TINYINT
    TINYTEXT VARBINARY VARCHAR YEAR
"""
_MODULES = {
    "sqlalchemy": _CONSTRUCTS + _TYPES + _EXPRESSIONS,
    "sqlalchemy.schema": _CONSTRUCTS,
    "sqlalchemy.types": _TYPES,
    "sqlalchemy.orm": _ORM,
    "sqlalchemy.ext.declarative": _DECLARATIVE,
    "sqlalchemy.dialects.postgresql": _POSTGRESQL,
    "sqlalchemy.dialects.mysql": _MYSQL,
}
NAMES = {module: frozenset(words.split()) for module, words in _MODULES.items()}
