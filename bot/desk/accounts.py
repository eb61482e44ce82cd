"""Local accounts: argon2id passwords, lock-out after failures, sessions of which only a hash is stored."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from sqlalchemy import delete, select

from bot.errors import ClearError
from bot.storage.database import Database
from bot.storage.tables import AuditRow, DeskSessionRow, UserOfficeRow, UserRow

_SHORTEST = 12
_TRIES = 5
_LOCKED = timedelta(minutes=15)


class BadAccount(ClearError, ValueError):
    """Raised when an account cannot be made; the message says why."""


class SignInFailed(Exception):
    """Raised when name or password are wrong, or the account is locked: the three look the same."""


@dataclass(frozen=True, slots=True)
class User:
    """Somebody who is signed in."""

    id: int
    login: str
    name: str
    offices: tuple[str, ...]


class Accounts:
    """Users and their sessions."""

    def __init__(self, database: Database, session: timedelta, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._database = database
        self._session = session
        self._clock = clock
        self._hasher = PasswordHasher()
        # Checked when a name is unknown, so that the answer takes as long as for a wrong password.
        self._nobody = self._hasher.hash(secrets.token_hex(16))

    def add(self, login: str, name: str, password: str, offices: list[str]) -> int:
        """A new user; raises ``BadAccount``. ``offices`` are ids of the directory, checked by the caller."""
        if not login.strip() or len(login) > 80:
            raise BadAccount("A login has 1 to 80 characters.")
        if len(password) < _SHORTEST:
            raise BadAccount(f"A password has at least {_SHORTEST} characters.")
        with self._database.write() as session:
            if session.scalar(select(UserRow.id).where(UserRow.login == login)):
                raise BadAccount(f"There is a user {login} already.")
            row = UserRow(login=login, name=name, password_hash=self._hasher.hash(password), created_at=self._clock())
            session.add(row)
            session.flush()
            session.add_all(UserOfficeRow(user_id=row.id, office=office) for office in dict.fromkeys(offices))
            session.add(AuditRow(user_id=row.id, action="account_added", referral_id=None, at=self._clock()))
            return row.id

    def sign_in(self, login: str, password: str) -> str:
        """Returns a session token; raises ``SignInFailed``."""
        # The slow check comes before the transaction: others can write meanwhile.
        with self._database.read() as session:
            stored = session.scalar(select(UserRow.password_hash).where(UserRow.login == login, UserRow.active))
        right = self._verify(stored or self._nobody, password)
        with self._database.write() as session:
            row = session.scalar(select(UserRow).where(UserRow.login == login, UserRow.active))
            if row is None:
                raise SignInFailed
            locked = row.locked_until is not None and row.locked_until > self._clock()
            if locked or not right:
                self._count_failure(row)
                session.commit()
                raise SignInFailed
            row.failed_logins, row.locked_until = 0, None
            token = secrets.token_urlsafe(32)
            session.add(DeskSessionRow(token_hash=_hash(token), user_id=row.id, expires_at=self._clock() + self._session))
            session.add(AuditRow(user_id=row.id, action="signed_in", referral_id=None, at=self._clock()))
            return token

    def user(self, token: str) -> User | None:
        """Who a session belongs to; ``None`` once it has expired or the account is closed."""
        with self._database.read() as session:
            row = session.scalar(
                select(UserRow)
                .join(DeskSessionRow, DeskSessionRow.user_id == UserRow.id)
                .where(DeskSessionRow.token_hash == _hash(token), DeskSessionRow.expires_at > self._clock(), UserRow.active)
            )
            if row is None:
                return None
            offices = session.scalars(select(UserOfficeRow.office).where(UserOfficeRow.user_id == row.id).order_by(UserOfficeRow.office))
            return User(row.id, row.login, row.name, tuple(offices))

    def sign_out(self, token: str) -> None:
        with self._database.write() as session:
            session.execute(delete(DeskSessionRow).where(DeskSessionRow.token_hash == _hash(token)))

    def expire(self) -> int:
        """Delete sessions past their time; returns how many."""
        with self._database.write() as session:
            return len(
                session.execute(
                    delete(DeskSessionRow).where(DeskSessionRow.expires_at <= self._clock()).returning(DeskSessionRow.token_hash)
                ).all()
            )

    def _verify(self, password_hash: str, password: str) -> bool:
        try:
            return self._hasher.verify(password_hash, password)
        except VerificationError:
            return False

    def _count_failure(self, row: UserRow) -> None:
        row.failed_logins += 1
        if row.failed_logins >= _TRIES:
            row.locked_until = self._clock() + _LOCKED


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
