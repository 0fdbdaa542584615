"""The people who write the books."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from bookshop.models.base import Base

if TYPE_CHECKING:
    from bookshop.models.book import Book


class Author(Base):
    __tablename__ = "authors"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200), index=True)
    born: Mapped[int | None]

    books: Mapped[list[Book]] = relationship(back_populates="author")
