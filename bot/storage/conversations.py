"""Conversations and their messages in the database; everything a person wrote is sealed."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import delete, select

from bot.channels.message import OutgoingMessage
from bot.storage.database import Database
from bot.storage.tables import ConversationRow, DraftRow, MessageRow
from bot.storage.vault import Vault


class DialogueState(BaseModel):
    """What the engine is sent with each message and returns with each answer (``engine/turn_channel.py``)."""

    model_config = ConfigDict(extra="forbid")

    slots: dict[str, Any] = Field(default_factory=dict)
    form: str | None = None
    asked: str | None = None


class ConversationState(BaseModel):
    """What a conversation remembers."""

    model_config = ConfigDict(extra="forbid")

    dialogue: DialogueState = Field(default_factory=DialogueState)
    #: "human" while what the person types goes to the caseworker
    talking_to: str = "bot"
    case: str | None = None
    #: last event of the case that is already in this chat
    case_seen: int = 0
    #: whether the person has typed something yet: their first message sets the language
    written: bool = False
    #: the question the person came with, for the sheet
    question: str = ""


@dataclass(slots=True)
class Conversation:
    """A loaded conversation; ``Conversations.save`` writes it back."""

    id: int
    channel: str
    municipality: str | None
    language: str
    language_chosen: bool
    state: ConversationState
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Line:
    """One stored line: what the person wrote, or what Lotse said as keys."""

    id: int
    author: str
    language: str
    text: str | None
    message: OutgoingMessage | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Stored:
    """What one turn adds."""

    text: str | None
    client_id: str | None
    answers: list[OutgoingMessage] = field(default_factory=list)


class Conversations:
    """The table of chats."""

    def __init__(
        self, database: Database, vault: Vault, keep: timedelta, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._database = database
        self._vault = vault
        self._keep = keep
        self._clock = clock

    def open(self, channel: str, municipality: str | None, language: str, *, chosen: bool) -> str:
        """A new conversation; returns its secret token (43 characters), of which only a hash is stored."""
        token, now = secrets.token_urlsafe(32), self._clock()
        state = ConversationState()
        if municipality:
            state.dialogue.slots["municipality"] = municipality
        with self._database.write() as session:
            session.add(
                ConversationRow(
                    token_hash=_hash(token),
                    channel=channel,
                    municipality=municipality,
                    language=language,
                    language_chosen=chosen,
                    sealed_state=self._vault.seal(state.model_dump(mode="json")),
                    created_at=now,
                    expires_at=now + self._keep,
                )
            )
        return token

    def find(self, token: str) -> Conversation | None:
        """By token; ``None`` for a forged, deleted or expired one."""
        with self._database.read() as session:
            row = session.scalar(
                select(ConversationRow).where(ConversationRow.token_hash == _hash(token), ConversationRow.expires_at > self._clock())
            )
            if row is None:
                return None
            state = ConversationState.model_validate(self._vault.open(row.sealed_state))
            return Conversation(row.id, row.channel, row.municipality, row.language, row.language_chosen, state, row.expires_at)

    def question(self, conversation_id: int) -> str:
        with self._database.read() as session:
            sealed = session.scalar(select(ConversationRow.sealed_state).where(ConversationRow.id == conversation_id))
            return ConversationState.model_validate(self._vault.open(sealed)).question if sealed else ""

    def answered(self, conversation: Conversation, client_id: str) -> list[Line] | None:
        """The answers to a message that was received before; ``None`` if it is new."""
        with self._database.read() as session:
            asked = session.scalar(
                select(MessageRow.id).where(MessageRow.conversation_id == conversation.id, MessageRow.client_id == client_id)
            )
            if asked is None:
                return None
            rows = session.scalars(
                select(MessageRow).where(MessageRow.answers == asked, MessageRow.conversation_id == conversation.id).order_by(MessageRow.id)
            )
            return [self._line(row) for row in rows]

    def save(self, conversation: Conversation, stored: Stored) -> int:
        """One transaction: the new state, what the person wrote, and the answers. Returns the number of the last line."""
        now = self._clock()
        with self._database.write() as session:
            row = session.get(ConversationRow, conversation.id)
            if row is None:  # deleted meanwhile by the person: nothing may come back to life
                return 0
            row.language, row.language_chosen = conversation.language, conversation.language_chosen
            row.sealed_state = self._vault.seal(conversation.state.model_dump(mode="json"))
            row.expires_at = now + self._keep
            asked = None
            if stored.text is not None:
                question = MessageRow(
                    conversation_id=row.id,
                    author="person",
                    client_id=stored.client_id,
                    language=conversation.language,
                    sealed_body=self._vault.seal({"text": stored.text}),
                    at=now,
                )
                session.add(question)
                session.flush()
                asked = question.id
            last = asked or 0
            for answer in stored.answers:
                line = MessageRow(
                    conversation_id=row.id,
                    author="lotse",
                    answers=asked,
                    language=conversation.language,
                    sealed_body=self._vault.seal({"message": answer.model_dump(mode="json")}),
                    at=now,
                )
                session.add(line)
                session.flush()
                last = line.id
            return last

    def lines(self, conversation: Conversation, after: int) -> list[Line]:
        with self._database.read() as session:
            rows = session.scalars(
                select(MessageRow)
                .where(MessageRow.conversation_id == conversation.id, MessageRow.id > after)
                .order_by(MessageRow.id)
                .limit(500)
            )
            return [self._line(row) for row in rows]

    def forget(self, conversation: Conversation) -> None:
        """Delete a conversation with everything in it."""
        with self._database.write() as session:
            self._delete(session, [conversation.id])

    def expire(self) -> int:
        """Delete conversations past their time; returns how many."""
        with self._database.write() as session:
            old = list(session.scalars(select(ConversationRow.id).where(ConversationRow.expires_at <= self._clock()).limit(1000)))
            self._delete(session, old)
            return len(old)

    @staticmethod
    def _delete(session: Any, ids: list[int]) -> None:
        for table in (MessageRow, DraftRow):
            session.execute(delete(table).where(table.conversation_id.in_(ids)))
        session.execute(delete(ConversationRow).where(ConversationRow.id.in_(ids)))

    def _line(self, row: MessageRow) -> Line:
        body = self._vault.open(row.sealed_body)
        message = OutgoingMessage.model_validate(body["message"]) if "message" in body else None
        return Line(row.id, row.author, row.language, body.get("text"), message, row.at)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
