"""The database: one engine, short transactions, migrations on start."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, OperationalError
from sqlalchemy.orm import Session

from bot.errors import ClearError

_MIGRATIONS = Path(__file__).with_name("migrations")


class DatabaseUnreachable(ClearError):
    """Raised when the database cannot be opened; the message holds no password."""


class Database:
    """Hands out transactions: ``read()`` and ``write()``; both roll back unless they end well."""

    def __init__(self, url: str) -> None:
        try:
            parsed = make_url(url)
        except ArgumentError:
            raise DatabaseUnreachable("LOTSE_DATABASE_URL is not an SQLAlchemy address.") from None
        self._url = parsed
        self._sqlite = parsed.get_backend_name() == "sqlite"
        if self._sqlite and parsed.database:
            Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
        self.engine: Engine = create_engine(parsed, pool_pre_ping=not self._sqlite)
        if self._sqlite:
            event.listen(self.engine, "connect", _configure_sqlite)

    def migrate(self) -> None:
        """Bring the tables up to date; raises ``DatabaseUnreachable``."""
        config = Config()
        config.set_main_option("script_location", str(_MIGRATIONS))
        try:
            with self.engine.begin() as connection:
                if self._sqlite:
                    connection.exec_driver_sql("BEGIN IMMEDIATE")
                config.attributes["connection"] = connection
                command.upgrade(config, "head")
        except OperationalError as error:
            where = self._url.render_as_string(hide_password=True)
            raise DatabaseUnreachable(f"The database {where} cannot be opened: {error.orig.__class__.__name__}.") from error

    @contextmanager
    def read(self) -> Iterator[Session]:
        with Session(self.engine, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """One transaction; on SQLite it takes the write lock at once, so that two writers queue instead of failing."""
        with Session(self.engine, expire_on_commit=False) as session, session.begin():
            if self._sqlite:
                session.connection().exec_driver_sql("BEGIN IMMEDIATE")
            yield session

    def close(self) -> None:
        self.engine.dispose()


def _configure_sqlite(connection: Any, _record: Any) -> None:
    # Python's driver begins transactions by itself and too late; with None it leaves that to us.
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=10000", "secure_delete=ON"):
        connection.execute(f"PRAGMA {pragma}")
