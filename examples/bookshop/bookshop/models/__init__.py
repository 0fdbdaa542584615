"""The tables of the shop.  Importing this module registers them all on `Base.metadata`."""

from bookshop.models.author import Author
from bookshop.models.base import Base
from bookshop.models.book import Book
from bookshop.models.tag import Tag, book_tags

__all__ = ["Author", "Base", "Book", "Tag", "book_tags"]
