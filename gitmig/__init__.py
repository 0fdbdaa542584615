"""Keep SQLAlchemy models, Alembic revisions and Git branches together."""

__version__ = "0.1.0"
