"""Handing over: which office can be written to, the sheet, consent, sending, and the state of a case.

Nothing leaves before the person presses send; without the consent box, and for a foreigners' office without the second,
separate yes, there is no referral.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import segno
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.channels.message import Button, OutgoingMessage, Words, button, resolve, say, text, verbatim, word
from bot.conversation.clock import Clock
from bot.guidance.answers import AUTHORITIES, Answering, topic_title
from bot.guidance.directory import Office
from bot.guidance.facts import fact_word, profile_of
from bot.guidance.hours import BERLIN
from bot.guidance.load import Guidance
from bot.referrals.document import Addressee, Client, Consent, Place, Referral, without
from bot.referrals.lifecycle import State
from bot.referrals.repository import Case, Referrals
from bot.referrals.sheet import OPTIONAL_FIELDS, Contact, Sheet, Urgency

#: Where a case can go when the responsible office is not connected: those who help with everything.
GENERAL = ("kim_case_management", "migrationsberatung")
FOREIGNERS_OFFICE = frozenset({"auslaenderbehoerde", "zentrale_auslaenderbehoerde"})
SKIPPED = "skip"
_PHONE = re.compile(r"\+?[0-9][0-9 ()/.-]{4,24}")
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]+\.[^@\s]{2,}")


class SendSheet(BaseModel):
    """What the send button carries; ``fields`` are those still ticked (missing: all)."""

    model_config = ConfigDict(extra="forbid")

    draft: str = Field(pattern=r"^[0-9a-f]{32}$")
    fields: list[str] | None = Field(None, max_length=40)
    consent: bool = False
    consent_foreigners_office: bool = False


@dataclass(frozen=True, slots=True)
class Asking:
    """What the sheet starts from."""

    topic: str
    ags: str
    told: Mapping[str, str | None]
    steps_done: tuple[str, ...]
    question: str
    language: str


class Handover:
    """The conversation's way into ``referrals``."""

    def __init__(self, guidance: Guidance, referrals: Referrals, words: Words, clock: Clock, open_case_days: int, public_url: str) -> None:
        self._guidance = guidance
        self._referrals = referrals
        self._words = words
        self._clock = clock
        self._open_case = timedelta(days=open_case_days)
        self._public_url = public_url

    # --- filling in

    def start(self, conversation: int, asking: Asking) -> tuple[bool, list[OutgoingMessage]]:
        """Begin a sheet; ``False`` where no office is connected: then the person is told whom to turn to."""
        offices = self._offices(asking)
        connected = self._referrals.connected([office.id for office in offices])
        target = next((office for office in offices if office.id in connected), None)
        if target is None:
            return False, self._not_connected(asking)
        fields = self._guidance.responsibilities.fields(asking.topic)
        facts = {slot: value for slot, value in asking.told.items() if value and _needed(slot, fields) and fact_word(slot, value)}
        done = tuple(step for step in asking.steps_done if step.startswith(f"{asking.topic}/"))
        sheet = Sheet(
            topic=asking.topic,
            office=target.id,
            role=target.role,
            municipality=asking.ags or None,
            language=asking.language,
            first_question=asking.question,
            facts=facts,
            steps_done=done,
        )
        self._referrals.save_draft(conversation, sheet)
        return True, [say("handover.offer", office=target.name)]

    def fill(self, conversation: int, field: str, typed: str) -> OutgoingMessage | None:
        """Put one answer into the sheet; returns what to say if it does not fit, or if the sheet is gone."""
        found = self._referrals.draft(conversation)
        if found is None:
            return say("handover.sheet_gone")
        _, sheet = found
        value: Any = None if typed == SKIPPED else typed.strip()
        problem = _problem(field, value, sheet)
        if problem:
            return say(problem)
        if field == "interpreter" and value is not None:
            value = value == "yes"
        if field == "question" and value == "first":
            value = sheet.first_question
        setattr(sheet, field, value)
        self._referrals.save_draft(conversation, sheet)
        return None

    def contact(self, conversation: int) -> Contact | None:
        found = self._referrals.draft(conversation)
        return found[1].contact if found else None

    def first_question(self, conversation: int) -> str:
        found = self._referrals.draft(conversation)
        return found[1].first_question if found else ""

    def discard(self, conversation: int) -> OutgoingMessage:
        self._referrals.discard_draft(conversation)
        return say("handover.left")

    # --- looking at it and sending it

    def show(self, conversation: int, language: str) -> OutgoingMessage:
        """The sheet, in the person's language and in German side by side."""
        found = self._referrals.draft(conversation)
        if found is None:
            return say("handover.sheet_gone")
        draft, sheet = found
        sheet.language = language
        self._referrals.save_draft(conversation, sheet)
        rows = [self._row(name, LABELS[name], value, optional=False) for name, value in self._fixed(sheet).items()]
        rows += [self._row(name, LABELS[name], self._shown(name, value, sheet), optional=True) for name, value in sheet.given().items()]
        lines = [text("handover.line", label=row["label"], value=row["value"]) for row in rows]
        consents = self._consents(sheet)
        card = {
            "type": "sheet",
            "draft": draft,
            "title": word("handover.sheet_title", office=self._name(sheet)),
            "lead": [word("handover.sheet_ready")],
            "headings": {"yours": word("widget.your_language"), "german": word("widget.in_german")},
            "fields": rows,
            "consent": _both(consents[0]),
            "consent_foreigners_office": _both(consents[1]) if len(consents) > 1 else None,
            "send": word("handover.send"),
            "discard": word("handover.discard"),
        }
        return OutgoingMessage(
            paragraphs=(text("handover.sheet_ready"), *lines),
            buttons=(_send_button(draft), button("handover.discard", "sheet.discard")),
            card=card,
        )

    def send(self, conversation: int, known_case: str | None, payload: str, language: str) -> tuple[Case | None, list[OutgoingMessage]]:
        """Send the sheet if everything is agreed to. Sending it again gives the same case."""
        try:
            order = SendSheet.model_validate_json(payload)
        except ValidationError:
            return None, [say("handover.sheet_gone")]
        before = self._referrals.sent_from(order.draft)
        if before is not None:
            mine = before.id == known_case and before.code
            return None, [say("handover.already_sent", code=before.code) if mine else say("handover.sheet_gone")]
        found = self._referrals.draft(conversation)
        if found is None or found[0] != order.draft:
            return None, [say("handover.sheet_gone")]
        sheet = found[1]
        sheet.language = language
        missing = self._missing_consent(order, sheet)
        if missing:
            return None, [missing]
        referral = self._referral(sheet, order)
        case, _ = self._referrals.submit(conversation, order.draft, referral, language)
        return case, [self._sent(case)]

    def _missing_consent(self, order: SendSheet, sheet: Sheet) -> OutgoingMessage | None:
        consents = self._consents(sheet)
        if not order.consent:
            agreed = order.model_copy(update={"consent": True})
            return OutgoingMessage(
                paragraphs=(text("handover.consent_missing"), text(consents[0]["$text"], **consents[0]["parameters"])),
                buttons=(_agree_button(agreed), button("handover.discard", "sheet.discard")),
            )
        if len(consents) > 1 and not order.consent_foreigners_office:
            agreed = order.model_copy(update={"consent_foreigners_office": True})
            return OutgoingMessage(
                paragraphs=(text(consents[1]["$text"], **consents[1]["parameters"]),),
                buttons=(_agree_button(agreed), button("handover.discard", "sheet.discard")),
            )
        return None

    def _sent(self, case: Case) -> OutgoingMessage:
        name = self.office_name(case)
        code = case.code or ""
        card = {
            "type": "sent",
            "code": code,
            "lead": [word("handover.sent", office=name, code=code)],
            "qr": qr_svg(f"{self._public_url}/#code={code}"),
            "link": f"{self._public_url}/#code={code}",
        }
        buttons = (
            button("handover.check_status", "/referral_status"),
            button("case.write", "case.write"),
            button("handover.withdraw", "case.withdraw"),
        )
        return OutgoingMessage(paragraphs=(text("handover.sent", office=name, code=code),), buttons=buttons, card=card)

    # --- what became of it

    def status(self, referral_id: str | None) -> OutgoingMessage:
        """Where the case stands, in plain words."""
        if referral_id is None:
            return say("handover.no_case", button("dialogue.menu_human", "/talk_to_human"))
        case = self._referrals.case(referral_id)
        name = self.office_name(case)
        buttons: tuple[Button, ...] = ()
        if case.state not in (State.CLOSED, State.WITHDRAWN):
            buttons = (button("case.write", "case.write"), button("handover.withdraw", "case.withdraw"))
        return OutgoingMessage(
            paragraphs=(text(STATUS[case.state], office=name),),
            buttons=buttons,
            card={"type": "status", "state": case.state, "office": name},
        )

    def office_name(self, case: Case) -> str:
        office = self._guidance.directory.offices.get(case.office)
        return office.name if office else case.office

    # --- parts

    def _offices(self, asking: Asking) -> list[Office]:
        """Offices of the town that may get this case, best first: those responsible, then those who help with everything."""
        answering = Answering(self._guidance, self._clock())
        decided = [one.role for one in answering.decide(asking.topic, profile_of(asking.told), asking.ags)]
        roles = [*decided, *(role for role in GENERAL if role not in decided)]
        return [office for role in roles for office in self._guidance.directory.serving(role, asking.ags)] if asking.ags else []

    def _not_connected(self, asking: Asking) -> list[OutgoingMessage]:
        answering = Answering(self._guidance, self._clock())
        offices = answering.offices(asking.topic, profile_of(asking.told), asking.ags)
        number = {"type": "phone", "value": self._guidance.directory.hotlines[AUTHORITIES].number}
        return [say("handover.not_connected"), *offices, say("handover.hotline", number=number)]

    def _name(self, sheet: Sheet) -> str:
        return self._guidance.directory.offices[sheet.office].name

    def _town(self, sheet: Sheet) -> str | None:
        return self._guidance.directory.municipalities[sheet.municipality].name if sheet.municipality else None

    def _fixed(self, sheet: Sheet) -> dict[str, Any]:
        fixed = {"office": self._name(sheet), "topic": word(topic_title(sheet.topic)), "municipality": self._town(sheet)}
        return {name: value for name, value in fixed.items() if value}

    def _row(self, name: str, label: str, value: Any, *, optional: bool) -> dict[str, Any]:
        return {
            "id": name,
            "label": word(label),
            "label_de": _german(word(label)),
            "value": value,
            "value_de": _german(value),
            "optional": optional,
        }

    def _shown(self, name: str, value: Any, sheet: Sheet) -> Any:
        match name:
            case "contact":
                kind = word(CONTACTS[value])
                return word("handover.contact_with_value", kind=kind, value=sheet.contact_value) if sheet.contact_value else kind
            case "language":
                return word("handover.language_value", language={"type": "language", "value": value})
            case "interpreter":
                return word("handover.answer_yes" if value else "handover.answer_no")
            case "urgency":
                return word(URGENCIES[value])
            case "steps_done":
                return word(
                    "handover.list", items=[word(f"topic.{step.replace('/', '.step.')}.title") for step in value]
                )  # text-key: topic.*
            case "name" | "question":
                return value
        return fact_word(name, value)

    def _consents(self, sheet: Sheet) -> list[dict[str, Any]]:
        name = self._name(sheet)
        last_day = (self._clock() + self._open_case).astimezone(BERLIN).date()
        day = {"type": "date", "value": last_day.isoformat()}
        consents = [word("handover.consent", office=name, topic=word(topic_title(sheet.topic)), date=day)]
        if sheet.role in FOREIGNERS_OFFICE:
            consents.append(word("handover.consent_foreigners_office", office=name))
        return consents

    def _referral(self, sheet: Sheet, order: SendSheet) -> Referral:
        kept = frozenset(OPTIONAL_FIELDS if order.fields is None else order.fields)
        sent = without(sheet, kept)
        consents = self._consents(sheet)
        now = self._clock()
        title = self._in_german(word(topic_title(sheet.topic)))
        consent = Consent(
            text=self._say(consents[0], sheet.language),
            text_de=self._in_german(consents[0]),
            language=sheet.language,
            given_at=now,
            recipient=self._name(sheet),
            purpose=title,
            expires_on=(now + self._open_case).astimezone(BERLIN).date(),
            foreigners_office_text=self._say(consents[1], sheet.language) if len(consents) > 1 else None,
        )
        return Referral(
            id=secrets.token_hex(16),
            client=Client(
                name=sent.name,
                contact=sent.contact,
                contact_value=sent.contact_value,
                interpreter=sent.interpreter,
                language=sheet.language if "language" in kept else None,
            ),
            place=Place(ags=sheet.municipality, name=self._town(sheet)),
            topic=sheet.topic,
            topic_title=title,
            office=Addressee(id=sheet.office, role=sheet.role, name=self._name(sheet)),
            urgency=sent.urgency,
            facts=sent.facts,
            steps_done=list(sent.steps_done),
            question=sent.question,
            summary_de=self._summary(sent, kept),
            consent=consent,
            submitted_at=now,
        )

    def _summary(self, sent: Sheet, kept: frozenset[str]) -> str:
        """German sentences from the structured answers alone: no machine translation, nothing guessed."""
        rows = {
            **self._fixed(sent),
            **{name: self._shown(name, value, sent) for name, value in sent.given().items() if name != "question" and name in kept},
        }
        return "\n".join(f"{self._in_german(word(LABELS[name]))}: {self._in_german(value)}" for name, value in rows.items())

    def _say(self, ref: dict[str, Any], language: str) -> str:
        return str(resolve(ref, language, self._words))

    def _in_german(self, value: Any) -> str:
        return self._say(value, "de")


LABELS = {
    "office": "handover.label_office",
    "name": "handover.label_name",
    "contact": "handover.label_contact",
    "language": "handover.label_language",
    "interpreter": "handover.label_interpreter",
    "municipality": "handover.label_municipality",
    "topic": "handover.label_topic",
    "urgency": "handover.label_urgency",
    "age": "handover.label_age",
    "status": "handover.label_status",
    "benefit": "handover.label_benefit",
    "arrived": "handover.label_arrived",
    "works": "handover.label_works",
    "steps_done": "handover.label_steps_done",
    "question": "handover.label_question",
}
CONTACTS = {Contact.HERE: "handover.contact_here", Contact.PHONE: "handover.contact_phone", Contact.EMAIL: "handover.contact_email"}
URGENCIES = {Urgency.TODAY: "handover.urgency_today", Urgency.WEEK: "handover.urgency_week", Urgency.NORMAL: "handover.urgency_normal"}
STATUS = {
    State.SUBMITTED: "handover.status_submitted",
    State.RECEIVED: "handover.status_received",
    State.IN_PROGRESS: "handover.status_in_progress",
    State.WAITING_FOR_CLIENT: "handover.status_waiting_for_client",
    State.APPOINTMENT: "handover.status_appointment",
    State.CLOSED: "handover.status_closed",
    State.WITHDRAWN: "handover.status_withdrawn",
}


def ask(field: str, contact: Contact | None, first_question: str) -> OutgoingMessage:
    """The question for one field of the sheet, with buttons where the answer is a choice."""
    skip = button("handover.skip", _choice(field, SKIPPED))
    match field:
        case "name":
            return say("handover.ask_name", skip)
        case "contact":
            return say("handover.ask_contact", *(button(key, _choice(field, value)) for value, key in CONTACTS.items()))
        case "contact_value":
            key = "handover.ask_contact_value_phone" if contact is Contact.PHONE else "handover.ask_contact_value_email"
            return say(key, skip)
        case "interpreter":
            return say(
                "handover.ask_interpreter",
                button("handover.interpreter_yes", _choice(field, "yes")),
                button("handover.interpreter_no", _choice(field, "no")),
            )
        case "urgency":
            return say("handover.ask_urgency", *(button(key, _choice(field, value)) for value, key in URGENCIES.items()))
    first = (button("handover.use_first_question", _choice(field, "first")),) if first_question else ()
    quoted = (verbatim(first_question),) if first_question else ()
    return OutgoingMessage(paragraphs=(text("handover.ask_question"), *quoted), buttons=(*first, skip))


def qr_svg(content: str) -> str:
    """A QR code as an SVG data address."""
    return segno.make(content, error="m", micro=False).svg_data_uri(scale=4, border=4, dark="#000", light="#fff")


def _choice(field: str, value: str) -> str:
    return f'/choose{{"sheet_{field}": "{value}"}}'


def _needed(slot: str, fields: frozenset[str]) -> bool:
    return {"benefit": "receives"}.get(slot, slot) in fields


def _problem(field: str, value: str | None, sheet: Sheet) -> str | None:
    """The text that says what is wrong with an answer, or ``None``."""
    if value is None:
        return None
    match field:
        case "contact" if value not in set(Contact):
            return "dialogue.please_choose"
        case "urgency" if value not in set(Urgency):
            return "dialogue.please_choose"
        case "interpreter" if value not in ("yes", "no"):
            return "dialogue.please_choose"
        case "contact_value" if sheet.contact is Contact.PHONE and not _PHONE.fullmatch(value):
            return "handover.bad_phone"
        case "contact_value" if sheet.contact is Contact.EMAIL and not (_EMAIL.fullmatch(value) and len(value) <= 120):
            return "handover.bad_email"
        case "name" if len(value) > 80:
            return "handover.bad_text"
        case "question" if len(value) > 2000:
            return "handover.bad_text"
    return None


def _both(ref: dict[str, Any]) -> dict[str, Any]:
    return {"text": ref, "german": _german(ref)}


def _german(value: Any) -> Any:
    """The same value, always in German."""
    return {**value, "language": "de"} if isinstance(value, dict) and "$text" in value else value


def _send_button(draft: str) -> Button:
    return button("handover.send", f"sheet.send {SendSheet(draft=draft).model_dump_json(exclude_defaults=True)}")


def _agree_button(order: SendSheet) -> Button:
    return button("handover.agree_and_send", f"sheet.send {order.model_dump_json(exclude_defaults=True)}")
