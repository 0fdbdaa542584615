"""Types of other packages whose form in the database is documented, in the words of SQLAlchemy."""

from __future__ import annotations

PACKAGED = {
    "sqlalchemy_utils.EmailType": "sqlalchemy.Unicode(255)",
    "sqlalchemy_utils.JSONType": "sqlalchemy.UnicodeText()",
    "sqlalchemy_utils.ArrowType": "sqlalchemy.DateTime()",
    "sqlalchemy_utils.URLType": "sqlalchemy.UnicodeText()",
    "sqlalchemy_utils.ScalarListType": "sqlalchemy.UnicodeText()",
    "sqlalchemy_utils.ColorType": "sqlalchemy.Unicode(20)",
    "sqlalchemy_utils.IPAddressType": "sqlalchemy.Unicode(50)",
    "sqlalchemy_utils.TSVectorType": "sqlalchemy.dialects.postgresql.TSVECTOR()",
    "fastapi_users_db_sqlalchemy.generics.GUID": "GUID",
    "fastapi_users_db_sqlalchemy.GUID": "GUID",
    "fastapi_users_db_sqlalchemy.generics.TIMESTAMPAware": "sqlalchemy.DateTime(timezone=True)",
    "fastapi_users_db_sqlalchemy.access_token.TIMESTAMPAware": "sqlalchemy.DateTime(timezone=True)",
    "fastapi_users_db_sqlalchemy.TIMESTAMPAware": "sqlalchemy.DateTime(timezone=True)",
    "oslo_db.sqlalchemy.types.JsonEncodedDict": "sqlalchemy.Text()",
    "oslo_db.sqlalchemy.types.JsonEncodedList": "sqlalchemy.Text()",
    "oslo_db.sqlalchemy.types.SoftDeleteInteger": "sqlalchemy.Integer()",
    "sqlmodel.sql.sqltypes.GUID": "sqlalchemy.Uuid()",
    "sqlalchemy_utils.StringEncryptedType": "sqlalchemy.String()",
    "sqlalchemy_utils.EncryptedType": "sqlalchemy.LargeBinary()",
    "sqlalchemy_utc.UtcDateTime": "sqlalchemy.DateTime(timezone=True)",
    "sqlalchemy_citext.CIText": "sqlalchemy.dialects.postgresql.CITEXT()",
    "citext.CIText": "sqlalchemy.dialects.postgresql.CITEXT()",
}
# By package and class: the modules between them change with the releases of a package.
_WORDS = {(name.partition(".")[0], name.rpartition(".")[2]): text for name, text in PACKAGED.items()}


def packaged_as(name: str) -> str | None:
    """A type of SQLAlchemy by the dotted name of another, "GUID" for that recipe; None where it is not known."""
    return _WORDS.get((name.partition(".")[0], name.rpartition(".")[2]))
