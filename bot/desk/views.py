"""What the pages show, in German: a line of the queue, and a case with its sheet, consent, course and forms."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from bot.channels.message import resolve
from bot.conversation.handover import CONTACTS, LABELS, URGENCIES
from bot.desk.accounts import User
from bot.desk.parts import DeskParts
from bot.desk.timeline import Entry, Timeline
from bot.desk.words import OUTCOMES, STATES, language_name, since
from bot.guidance.directory import Office, plain
from bot.guidance.facts import fact_word
from bot.referrals.blocks import CLOSING
from bot.referrals.document import Referral
from bot.referrals.lifecycle import OPEN, Outcome
from bot.referrals.repository import Case, Event
from bot.referrals.sheet import OPTIONAL_FIELDS, Contact

NAMELESS = "ohne Namen"
_FACTS = ("age", "status", "benefit", "arrived", "works")


@dataclass(frozen=True, slots=True)
class QueueLine:
    """One case in the queue."""

    id: str
    topic: str
    office: str
    name: str
    language: str
    interpreter: bool
    urgency: str
    urgency_word: str
    state: str
    state_word: str
    outcome: str | None
    submitted_at: datetime
    since: str
    holder: str | None
    mine: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the sheet; ``value`` is ``None`` where nothing was said."""

    label: str
    value: str | None
    link: str | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """One entry of a list."""

    value: str
    name: str
    hint: str


@dataclass(frozen=True, slots=True)
class CaseView:
    """One case as its page shows it."""

    case: Case
    document: Referral
    line: QueueLine
    rows: list[Row]
    entries: list[Entry]
    latest: int
    question_language: str
    consent_language: str
    #: open and held by the reader: only then are there forms
    answerable: bool
    claimable: bool
    topic_documents: list[Choice]
    documents: list[Choice]
    outcomes: list[Choice]
    address: str


class Views:
    """Turns cases into what is shown."""

    def __init__(self, parts: DeskParts) -> None:
        self._parts = parts
        self._timeline = Timeline(parts.guidance, parts.texts)

    def line(self, case: Case, user: User) -> QueueLine:
        client = case.document.client if case.document else None
        urgency = case.document.urgency if case.document else None
        return QueueLine(
            id=case.id,
            topic=self.topic(case),
            office=self.office(case.office),
            name=client.name if client and client.name else NAMELESS,
            language=language_name(client.language) if client and client.language else "nicht angegeben",
            interpreter=bool(client and client.interpreter),
            urgency=urgency or "none",
            urgency_word=self._german(URGENCIES[urgency]) if urgency else "nicht angegeben",
            state=case.state,
            state_word=STATES[case.state],
            outcome=OUTCOMES[Outcome(case.outcome)] if case.outcome else None,
            submitted_at=case.submitted_at,
            since=since(case.submitted_at, self._parts.clock()),
            holder=case.assignee,
            mine=case.assignee_id == user.id,
        )

    def case(self, case: Case, document: Referral, events: list[Event], user: User) -> CaseView:
        line = self.line(case, user)
        person = "Die Person" if line.name == NAMELESS else line.name
        usual = self._usual_documents(case.topic)
        choices = [Choice(key, one.name, one.explain) for key, one in self._parts.guidance.documents.items()]
        choices.sort(key=lambda choice: plain(choice.name))
        office = self._parts.guidance.directory.offices.get(case.office)
        return CaseView(
            case=case,
            document=document,
            line=line,
            rows=self._sheet(document),
            entries=self._timeline.entries(case, events, person),
            latest=max((event.id for event in events), default=0),
            question_language=language_name(case.language),
            consent_language=language_name(document.consent.language),
            answerable=line.mine and case.state in OPEN,
            claimable=case.assignee_id is None and case.state in OPEN,
            topic_documents=[choice for choice in choices if choice.value in usual],
            documents=[choice for choice in choices if choice.value not in usual],
            outcomes=[Choice(outcome, name, self._german(CLOSING[outcome])) for outcome, name in OUTCOMES.items()],
            address=_address(office) if office else "",
        )

    def topic(self, case: Case) -> str:
        topic = self._parts.guidance.topics.get(case.topic)
        return topic.title if topic else case.topic

    def office(self, office_id: str) -> str:
        office = self._parts.guidance.directory.offices.get(office_id)
        return office.name if office else office_id

    def _usual_documents(self, topic_id: str) -> set[str]:
        topic = self._parts.guidance.topics.get(topic_id)
        return {*topic.documents, *(name for step in topic.steps for name in step.documents)} if topic else set()

    def _sheet(self, document: Referral) -> list[Row]:
        """Every field of the sheet in its order; facts only where the person gave them."""
        values: dict[str, str | None] = {name: self._value(name, document) for name in OPTIONAL_FIELDS if name != "question"}
        rows = [
            Row(self._german(LABELS["office"]), document.office.name),
            Row(self._german(LABELS["topic"]), document.topic_title),
            Row(self._german(LABELS["municipality"]), document.place.name),
        ]
        for name, value in values.items():
            if value is not None or name not in (*_FACTS, "steps_done"):
                rows.append(Row(self._german(LABELS[name]), value, _link(document) if name == "contact" else None))
        return rows

    def _value(self, name: str, document: Referral) -> str | None:
        client = document.client
        match name:
            case "name":
                return client.name
            case "contact":
                return (client.contact_value or self._german(CONTACTS[client.contact])) if client.contact else None
            case "language":
                return language_name(client.language) if client.language else None
            case "interpreter":
                return None if client.interpreter is None else ("ja" if client.interpreter else "nein")
            case "urgency":
                return self._german(URGENCIES[document.urgency]) if document.urgency else None
            case "steps_done":
                return ", ".join(map(self._step, document.steps_done)) or None
        fact = fact_word(name, document.facts[name]) if name in document.facts else None
        return str(resolve(fact, "de", self._parts.texts)) if fact else document.facts.get(name)

    def _step(self, step_id: str) -> str:
        topic_id, _, step = step_id.partition("/")
        topic = self._parts.guidance.topics.get(topic_id)
        return next((one.title for one in topic.steps if one.id == step), step_id) if topic else step_id

    def _german(self, key: str) -> str:
        return self._parts.texts(key, "de")


def _link(document: Referral) -> str | None:
    value = document.client.contact_value
    match document.client.contact:
        case Contact.PHONE if value:
            return f"tel:{re.sub(r'[^0-9+]', '', value)}"
        case Contact.EMAIL if value:
            return f"mailto:{quote(value, safe='@')}"
    return None


def _address(office: Office) -> str:
    if office.address is None:
        return ""
    town = " ".join(part for part in (office.address.postal_code, office.address.city) if part)
    return ", ".join(part for part in (office.address.street, town) if part)
