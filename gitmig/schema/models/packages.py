"""Mixins of widely used packages, as the columns that their documentation gives them.

Kept short on purpose.  Where releases differ in a type it is either of both; that the user table of fastapi-users had
its `id` before 4.0 is left out, and said by the missing primary key.  Any other base outside the tree is an unknown.
"""

from __future__ import annotations

FASTAPI_USERS = """
from sqlalchemy import CHAR, Boolean, ForeignKey, Integer, String, TIMESTAMP
from sqlalchemy.orm import Mapped, declared_attr, mapped_column
from sqlalchemy.types import TypeDecorator
from sqlalchemy.dialects.postgresql import UUID


class GUID(TypeDecorator):
    impl = CHAR

    def load_dialect_impl(self, dialect):
        if dialect.name == "postgresql":
            return dialect.type_descriptor(UUID())
        return dialect.type_descriptor(CHAR(36))


class TIMESTAMPAware(TypeDecorator):
    impl = TIMESTAMP


class SQLAlchemyBaseUserTable:
    __tablename__ = "user"
    email: Mapped[str] = mapped_column(String(length=320), unique=True, index=True, nullable=False)
    hashed_password: Mapped[str] = mapped_column(String(length=1024) if RECENT else String(length=72), nullable=False)
    is_active: Mapped[bool] = mapped_column(Boolean, nullable=False)
    is_superuser: Mapped[bool] = mapped_column(Boolean, nullable=False)
    is_verified: Mapped[bool] = mapped_column(Boolean, nullable=False)


class SQLAlchemyBaseUserTableUUID(SQLAlchemyBaseUserTable):
    id: Mapped[GUID] = mapped_column(GUID, primary_key=True)


class SQLAlchemyBaseOAuthAccountTable:
    __tablename__ = "oauth_account"
    oauth_name: Mapped[str] = mapped_column(String(length=100), index=True, nullable=False)
    access_token: Mapped[str] = mapped_column(String(length=1024), nullable=False)
    expires_at: Mapped[int] = mapped_column(Integer, nullable=True)
    refresh_token: Mapped[str] = mapped_column(String(length=1024), nullable=True)
    account_id: Mapped[str] = mapped_column(String(length=320), index=True, nullable=False)
    account_email: Mapped[str] = mapped_column(String(length=320), nullable=False)


class SQLAlchemyBaseOAuthAccountTableUUID(SQLAlchemyBaseOAuthAccountTable):
    id: Mapped[GUID] = mapped_column(GUID, primary_key=True)

    @declared_attr
    def user_id(cls) -> Mapped[GUID]:
        return mapped_column(GUID, ForeignKey("user.id", ondelete="cascade"), nullable=False)


class SQLAlchemyBaseAccessTokenTable:
    __tablename__ = "accesstoken"
    token: Mapped[str] = mapped_column(String(length=43), primary_key=True)
    created_at: Mapped[str] = mapped_column(TIMESTAMPAware(timezone=True), index=True, nullable=False)


class SQLAlchemyBaseAccessTokenTableUUID(SQLAlchemyBaseAccessTokenTable):
    @declared_attr
    def user_id(cls) -> Mapped[GUID]:
        return mapped_column(GUID, ForeignKey("user.id", ondelete="cascade"), nullable=False)
"""

OSLO_DB = """
from sqlalchemy import Column, DateTime, Integer


class ModelBase:
    pass


class TimestampMixin:
    created_at = Column(DateTime)
    updated_at = Column(DateTime)


class SoftDeleteMixin:
    deleted_at = Column(DateTime)
    deleted = Column(Integer)


class ModelIterator:
    pass
"""

SOURCES = {
    "fastapi_users_db_sqlalchemy": FASTAPI_USERS,
    "fastapi_users_db_sqlalchemy.access_token": FASTAPI_USERS,
    "fastapi_users_db_sqlalchemy.generics": FASTAPI_USERS,
    "fastapi_users.db": FASTAPI_USERS,
    "oslo_db.sqlalchemy.models": OSLO_DB,
}
