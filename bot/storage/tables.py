"""The tables. Columns named ``sealed_…`` are encrypted (``vault.py``); times are UTC.

What is not sealed is what queues, retention and statistics need: places, topics, languages, states, times.
"""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, Index, LargeBinary, MetaData, String, TypeDecorator, UniqueConstraint
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from bot.referrals.lifecycle import Actor, EventKind, State


class UtcTime(TypeDecorator[datetime]):
    """An aware datetime; naive ones are refused, SQLite's come back as UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a time zone cannot be stored")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value.replace(tzinfo=UTC) if value is not None and value.tzinfo is None else value


class Base(DeclarativeBase):
    """Names constraints, so that a migration can speak of them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


def _one_of(column: str, values: type[State] | type[Actor] | type[EventKind]) -> CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=f"{column}_known")


class ConversationRow(Base):
    """One chat. Found by the hash of its token; dialogue state lives here, not in the engine."""

    __tablename__ = "conversations"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    channel: Mapped[str] = mapped_column(String(16))
    municipality: Mapped[str | None] = mapped_column(String(8))
    language: Mapped[str] = mapped_column(String(12))
    #: chosen by the person: beats what is detected
    language_chosen: Mapped[bool] = mapped_column(default=False)
    sealed_state: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(UtcTime)
    expires_at: Mapped[datetime] = mapped_column(UtcTime, index=True)


class MessageRow(Base):
    """One line of a chat; what Lotse said is kept as keys and parameters."""

    __tablename__ = "messages"
    __table_args__ = (
        UniqueConstraint("conversation_id", "client_id", name="uq_messages_client_id"),
        # "answers whose question is …": a repeated request gets the same answer
        Index("ix_messages_conversation", "conversation_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"))
    author: Mapped[str] = mapped_column(String(8))
    #: chosen by the sender, so that a repeated request has no second effect
    client_id: Mapped[str | None] = mapped_column(String(64))
    answers: Mapped[int | None] = mapped_column()
    language: Mapped[str] = mapped_column(String(12))
    sealed_body: Mapped[bytes] = mapped_column(LargeBinary)
    at: Mapped[datetime] = mapped_column(UtcTime)


class DraftRow(Base):
    """A handover sheet that is not sent yet; one per conversation."""

    __tablename__ = "drafts"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"), unique=True)
    sealed_sheet: Mapped[bytes] = mapped_column(LargeBinary)
    expires_at: Mapped[datetime] = mapped_column(UtcTime, index=True)


class ReferralRow(Base):
    """A referral that was sent. It outlives its chat; the person comes back with the code."""

    __tablename__ = "referrals"
    __table_args__ = (_one_of("state", State), Index("ix_referrals_queue", "office", "state", "submitted_at"))

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    #: the draft it came from: sending the same draft twice gives the same referral
    draft_id: Mapped[str] = mapped_column(String(32), unique=True)
    code_hash: Mapped[str] = mapped_column(String(64), unique=True)
    office: Mapped[str] = mapped_column(String(120))
    role: Mapped[str] = mapped_column(String(60))
    municipality: Mapped[str | None] = mapped_column(String(8))
    topic: Mapped[str] = mapped_column(String(60))
    language: Mapped[str] = mapped_column(String(12))
    urgency: Mapped[str] = mapped_column(String(12))
    state: Mapped[str] = mapped_column(String(24))
    outcome: Mapped[str | None] = mapped_column(String(24))
    assignee_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    #: the document of ``referrals/document.py`` and the return code; emptied when the person withdraws
    sealed_document: Mapped[bytes | None] = mapped_column(LargeBinary)
    sealed_code: Mapped[bytes | None] = mapped_column(LargeBinary)
    submitted_at: Mapped[datetime] = mapped_column(UtcTime)
    expires_at: Mapped[datetime] = mapped_column(UtcTime, index=True)


class EventRow(Base):
    """One thing that happened to a referral: who, when, what. The line between the two is made of these."""

    __tablename__ = "referral_events"
    __table_args__ = (
        _one_of("kind", EventKind),
        _one_of("actor", Actor),
        UniqueConstraint("referral_id", "idempotency_key", name="uq_referral_events_idempotency_key"),
        Index("ix_referral_events_referral", "referral_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    referral_id: Mapped[str] = mapped_column(ForeignKey("referrals.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(32))
    actor: Mapped[str] = mapped_column(String(12))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    from_state: Mapped[str | None] = mapped_column(String(24))
    to_state: Mapped[str] = mapped_column(String(24))
    idempotency_key: Mapped[str] = mapped_column(String(64))
    sealed_body: Mapped[bytes] = mapped_column(LargeBinary)
    at: Mapped[datetime] = mapped_column(UtcTime)


class UserRow(Base):
    """Somebody who works at the desk."""

    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    login: Mapped[str] = mapped_column(String(80), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    password_hash: Mapped[str] = mapped_column(String(200))
    active: Mapped[bool] = mapped_column(default=True)
    failed_logins: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None] = mapped_column(UtcTime)
    created_at: Mapped[datetime] = mapped_column(UtcTime)


class UserOfficeRow(Base):
    """Which office's referrals a user may see; an office with an active user is connected."""

    __tablename__ = "user_offices"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    office: Mapped[str] = mapped_column(String(120), primary_key=True, index=True)


class DeskSessionRow(Base):
    """A signed-in browser."""

    __tablename__ = "desk_sessions"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    expires_at: Mapped[datetime] = mapped_column(UtcTime, index=True)


class AuditRow(Base):
    """Who read or changed which case; only ever added to. Holds no personal data of clients."""

    __tablename__ = "audit_log"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    action: Mapped[str] = mapped_column(String(40))
    referral_id: Mapped[str | None] = mapped_column(String(32), index=True)
    at: Mapped[datetime] = mapped_column(UtcTime)
