"""Drafts, referrals and their events in the database. Every change is one transaction: state, event and content together."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Select, delete, exists, func, select, update
from sqlalchemy.orm import Session

from bot.referrals.codes import clean_code, new_code
from bot.referrals.document import Referral
from bot.referrals.lifecycle import OPEN, Actor, EventKind, NotAllowed, State, next_state
from bot.referrals.sheet import Sheet
from bot.storage.database import Database
from bot.storage.tables import AuditRow, DraftRow, EventRow, ReferralRow, UserOfficeRow, UserRow
from bot.storage.vault import Vault


class NoSuchReferral(LookupError):
    """Raised when a referral does not exist, or not for whoever asks: the two look the same."""


class AlreadyClaimed(Exception):
    """Raised when somebody else was faster; ``holder`` is their name."""

    def __init__(self, holder: str) -> None:
        super().__init__(holder)
        self.holder = holder


@dataclass(frozen=True, slots=True)
class Case:
    """A referral as both sides see it; ``document`` and ``code`` are ``None`` once withdrawn."""

    id: str
    office: str
    role: str
    municipality: str | None
    topic: str
    language: str
    urgency: str
    state: State
    outcome: str | None
    assignee: str | None
    assignee_id: int | None
    submitted_at: datetime
    expires_at: datetime
    document: Referral | None
    code: str | None


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a case; ``body`` depends on the kind (``blocks.py``)."""

    id: int
    kind: EventKind
    actor: Actor
    user: str | None
    to_state: State
    body: dict[str, Any]
    at: datetime


@dataclass(frozen=True, slots=True)
class Retention:
    """How long things are kept."""

    draft: timedelta
    open_case: timedelta
    closed_case: timedelta


class Referrals:
    """Everything that is stored about handing over."""

    def __init__(
        self, database: Database, vault: Vault, retention: Retention, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._database = database
        self._vault = vault
        self._retention = retention
        self._clock = clock

    # --- drafts

    def save_draft(self, conversation_id: int, sheet: Sheet) -> str:
        """Keep the sheet; a conversation has at most one. Returns the draft's id, which stays the same while it is changed."""
        sealed = self._vault.seal(sheet.model_dump(mode="json"))
        expires = self._clock() + self._retention.draft
        with self._database.write() as session:
            row = session.scalar(select(DraftRow).where(DraftRow.conversation_id == conversation_id))
            if row is None:
                row = DraftRow(id=secrets.token_hex(16), conversation_id=conversation_id, sealed_sheet=sealed, expires_at=expires)
                session.add(row)
            row.sealed_sheet, row.expires_at = sealed, expires
            return row.id

    def draft(self, conversation_id: int) -> tuple[str, Sheet] | None:
        with self._database.read() as session:
            row = session.scalar(select(DraftRow).where(DraftRow.conversation_id == conversation_id, DraftRow.expires_at > self._clock()))
            return (row.id, Sheet.model_validate(self._vault.open(row.sealed_sheet))) if row else None

    def discard_draft(self, conversation_id: int) -> None:
        with self._database.write() as session:
            session.execute(delete(DraftRow).where(DraftRow.conversation_id == conversation_id))

    def submit(self, conversation_id: int, draft_id: str, referral: Referral, language: str) -> tuple[Case, bool]:
        """Turn a draft into a referral; ``False`` if this draft had been sent before: it gives the same case again."""
        with self._database.write() as session:
            sent = session.scalar(select(ReferralRow).where(ReferralRow.draft_id == draft_id))
            if sent is not None:
                return self._case(session, sent), False
            code, now = new_code(), self._clock()
            row = ReferralRow(
                id=referral.id,
                draft_id=draft_id,
                code_hash=self._vault.fingerprint(code),
                office=referral.office.id,
                role=referral.office.role,
                municipality=referral.place.ags,
                topic=referral.topic,
                language=language,
                urgency=referral.urgency or "normal",
                state=State.SUBMITTED,
                sealed_document=self._vault.seal(referral.model_dump(mode="json")),
                sealed_code=self._vault.seal(code),
                submitted_at=now,
                expires_at=now + self._retention.open_case,
            )
            session.add(row)
            session.flush()
            self._record(session, row, None, Actor.CLIENT, EventKind.SUBMITTED, {}, key="submit")
            session.execute(delete(DraftRow).where(DraftRow.conversation_id == conversation_id))
            return self._case(session, row), True

    def sent_from(self, draft_id: str) -> Case | None:
        """The referral that was made of this draft."""
        with self._database.read() as session:
            row = session.scalar(select(ReferralRow).where(ReferralRow.draft_id == draft_id))
            return self._case(session, row) if row else None

    # --- the person's side

    def by_code(self, typed: str) -> Case | None:
        code = clean_code(typed)
        if code is None:
            return None
        with self._database.read() as session:
            row = session.scalar(select(ReferralRow).where(ReferralRow.code_hash == self._vault.fingerprint(code)))
            return self._case(session, row) if row and row.state != State.WITHDRAWN else None

    def case(self, referral_id: str) -> Case:
        """By id, for a conversation that holds it; raises ``NoSuchReferral``."""
        with self._database.read() as session:
            return self._case(session, self._row(session, referral_id))

    def events(self, referral_id: str, after: int = 0) -> list[Event]:
        """Events in their order, those with a greater id than ``after``."""
        with self._database.read() as session:
            rows = session.execute(
                select(EventRow, UserRow.name)
                .outerjoin(UserRow, UserRow.id == EventRow.user_id)
                .where(EventRow.referral_id == referral_id, EventRow.id > after)
                .order_by(EventRow.id)
            ).all()
            return [
                Event(row.id, EventKind(row.kind), Actor(row.actor), name, State(row.to_state), self._vault.open(row.sealed_body), row.at)
                for row, name in rows
            ]

    def client_event(self, referral_id: str, kind: EventKind, body: dict[str, Any], key: str) -> Case:
        """Something the person does; the same ``key`` twice has one effect. Raises ``NotAllowed``, ``NoSuchReferral``."""
        with self._database.write() as session:
            row = self._row(session, referral_id)
            if not self._seen(session, referral_id, key):
                self._record(session, row, None, Actor.CLIENT, kind, body, key)
            return self._case(session, row)

    def withdraw(self, referral_id: str) -> None:
        """The person takes everything back: content, messages and code are deleted; that it existed remains."""
        with self._database.write() as session:
            row = self._row(session, referral_id)
            if row.state == State.WITHDRAWN:
                return
            self._record(session, row, None, Actor.CLIENT, EventKind.WITHDRAWN, {}, "withdraw")
            row.sealed_document = row.sealed_code = None
            row.code_hash = secrets.token_hex(32)
            session.execute(update(EventRow).where(EventRow.referral_id == referral_id).values(sealed_body=self._vault.seal({})))

    # --- the desk's side: what a user may see is decided in the query

    def queue(self, user_id: int, *, closed: bool = False) -> list[Case]:
        """Open (or closed) referrals of the user's offices: most urgent first, then oldest."""
        states = [State.CLOSED] if closed else sorted(OPEN)
        with self._database.read() as session:
            rows = session.scalars(
                _visible(user_id).where(ReferralRow.state.in_(states)).order_by(ReferralRow.submitted_at).limit(500)
            ).all()
            cases = [self._case(session, row) for row in rows]
        rank = {"today": 0, "week": 1, "normal": 2}
        return sorted(cases, key=lambda case: (rank[case.urgency], case.submitted_at))

    def open_case(self, user_id: int, referral_id: str) -> Case:
        """Read a case at the desk: logged, and a new one becomes *received*. Raises ``NoSuchReferral``."""
        with self._database.write() as session:
            row = self._visible_row(session, user_id, referral_id)
            session.add(AuditRow(user_id=user_id, action="read", referral_id=referral_id, at=self._clock()))
            if row.state == State.SUBMITTED:
                self._record(session, row, user_id, Actor.CASEWORKER, EventKind.OPENED, {}, "opened")
            return self._case(session, row)

    def glance(self, user_id: int, referral_id: str) -> tuple[State, int]:
        """State and number of the last event, also of a withdrawn case: no content, so it is not logged. Raises ``NoSuchReferral``."""
        with self._database.read() as session:
            row = session.scalar(_visible(user_id).where(ReferralRow.id == referral_id))
            if row is None:
                raise NoSuchReferral
            return State(row.state), session.scalar(select(func.max(EventRow.id)).where(EventRow.referral_id == referral_id)) or 0

    def claim(self, user_id: int, referral_id: str) -> Case:
        """Take a case; raises ``AlreadyClaimed`` with the holder's name, ``NoSuchReferral``, ``NotAllowed``."""
        with self._database.write() as session:
            row = self._visible_row(session, user_id, referral_id)
            if row.assignee_id is not None and row.assignee_id != user_id:
                raise AlreadyClaimed(session.get_one(UserRow, row.assignee_id).name)
            if row.assignee_id is None:
                self._record(session, row, user_id, Actor.CASEWORKER, EventKind.CLAIMED, {}, "claimed")
                row.assignee_id = user_id
            return self._case(session, row)

    def desk_event(self, user_id: int, referral_id: str, kind: EventKind, body: dict[str, Any], key: str) -> Case:
        """A building block or text by the caseworker who holds the case; the same ``key`` twice has one effect."""
        with self._database.write() as session:
            row = self._visible_row(session, user_id, referral_id)
            if self._seen(session, referral_id, key):
                return self._case(session, row)
            if row.assignee_id != user_id:
                raise NotAllowed("only the caseworker who claimed the case can answer")
            self._record(session, row, user_id, Actor.CASEWORKER, kind, body, key)
            if kind is EventKind.CLOSED:
                row.outcome = body["outcome"]
                # never later than the day the person was promised
                row.expires_at = min(row.expires_at, self._clock() + self._retention.closed_case)
            return self._case(session, row)

    def connected(self, offices: list[str]) -> set[str]:
        """Those of the offices that have somebody at the desk."""
        with self._database.read() as session:
            return set(
                session.scalars(
                    select(UserOfficeRow.office)
                    .join(UserRow, UserRow.id == UserOfficeRow.user_id)
                    .where(UserRow.active, UserOfficeRow.office.in_(offices))
                )
            )

    def expire(self) -> int:
        """Delete what is past its time; returns how many drafts and referrals went."""
        now = self._clock()
        with self._database.write() as session:
            drafts = session.execute(delete(DraftRow).where(DraftRow.expires_at <= now).returning(DraftRow.id)).all()
            cases = session.execute(delete(ReferralRow).where(ReferralRow.expires_at <= now).returning(ReferralRow.id)).all()
            return len(drafts) + len(cases)

    # --- inside a transaction

    def _record(
        self, session: Session, row: ReferralRow, user_id: int | None, actor: Actor, kind: EventKind, body: dict[str, Any], key: str
    ) -> None:
        before = State(row.state)
        after = before if kind is EventKind.SUBMITTED else next_state(before, actor, kind)
        row.state = after
        session.add(
            EventRow(
                referral_id=row.id,
                kind=kind,
                actor=actor,
                user_id=user_id,
                from_state=None if kind is EventKind.SUBMITTED else before,
                to_state=after,
                idempotency_key=key,
                sealed_body=self._vault.seal(body),
                at=self._clock(),
            )
        )
        if user_id is not None:
            session.add(AuditRow(user_id=user_id, action=kind, referral_id=row.id, at=self._clock()))
        session.flush()

    def _seen(self, session: Session, referral_id: str, key: str) -> bool:
        return bool(session.scalar(select(func.count()).where(EventRow.referral_id == referral_id, EventRow.idempotency_key == key)))

    def _row(self, session: Session, referral_id: str) -> ReferralRow:
        row = session.get(ReferralRow, referral_id)
        if row is None:
            raise NoSuchReferral
        return row

    def _visible_row(self, session: Session, user_id: int, referral_id: str) -> ReferralRow:
        row = session.scalar(_visible(user_id).where(ReferralRow.id == referral_id, ReferralRow.state != State.WITHDRAWN))
        if row is None:
            raise NoSuchReferral
        return row

    def _case(self, session: Session, row: ReferralRow) -> Case:
        holder = session.get(UserRow, row.assignee_id) if row.assignee_id else None
        document = Referral.model_validate(self._vault.open(row.sealed_document)) if row.sealed_document else None
        return Case(
            id=row.id,
            office=row.office,
            role=row.role,
            municipality=row.municipality,
            topic=row.topic,
            language=row.language,
            urgency=row.urgency,
            state=State(row.state),
            outcome=row.outcome,
            assignee=holder.name if holder else None,
            assignee_id=row.assignee_id,
            submitted_at=row.submitted_at,
            expires_at=row.expires_at,
            document=document,
            code=self._vault.open(row.sealed_code) if row.sealed_code else None,
        )


def _visible(user_id: int) -> Select[ReferralRow]:
    mine = exists().where(UserOfficeRow.user_id == user_id, UserOfficeRow.office == ReferralRow.office)
    return select(ReferralRow).where(mine)
