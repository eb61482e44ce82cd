"""What Lotse answers about a topic: pure functions from data to text keys, buttons and cards."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import quote_plus

from bot.channels.message import Button, OutgoingMessage, TextRef, button, say, text, verbatim, word
from bot.guidance.directory import Directory, Municipality, Office, UnknownMunicipality
from bot.guidance.facts import AGES, ARRIVED, BENEFITS, DECLINED, STATUSES, TURN_DAY, WORKS
from bot.guidance.hours import BERLIN, is_open, opens_next
from bot.guidance.load import Guidance
from bot.guidance.profile import Profile
from bot.guidance.responsibilities import Responsibility
from bot.guidance.topics import Fact, Sentence, Step, Topic

#: Where no office is recorded: the authorities' number and free counselling.
AUTHORITIES = "authorities"
COUNSELLING = ("migrationsberatung", "kim_case_management")


@dataclass(frozen=True, slots=True)
class Answering:
    """The data and the moment an answer is given for."""

    guidance: Guidance
    now: datetime

    @property
    def today(self) -> date:
        return self.now.astimezone(BERLIN).date()

    # --- which office

    def decide(self, topic: str, profile: Profile, ags: str) -> list[Responsibility]:
        return self.guidance.responsibilities.decide(topic, profile, ags, self.today)

    def office(self, role: str, ags: str, profile: Profile | None = None) -> Office | None:
        """The most specific record of a role for a town; ``None`` where the directory knows none.

        Some towns have a unit of its own for a group: it comes first for them, and never for others.
        """
        found = self.guidance.directory.serving(role, ags) if ags else []
        status = profile.status if profile else None
        own = [office for office in found if office.only_for and office.only_for == status]
        return next(iter([*own, *(office for office in found if office.only_for is None)]), None)

    def offices(self, topic: str, profile: Profile, ags: str) -> list[OutgoingMessage]:
        """The responsible office with its reason, then those that can help as well."""
        decided = self.decide(topic, profile, ags)
        messages = [
            self._office_message(one, self.office(one.role, ags, profile), topic, ags, first=number == 0)
            for number, one in enumerate(decided)
        ]
        if ags and all(self.office(one.role, ags) is None for one in decided):
            messages += self.counselling(ags, [role for role in COUNSELLING if role not in {one.role for one in decided}])
        note = decided[0].note
        if note:
            messages.insert(0, say(note, **self._note_parameters()))
        return messages

    def _office_message(self, one: Responsibility, office: Office | None, topic: str, ags: str, *, first: bool) -> OutgoingMessage:
        town = self.guidance.directory.municipalities[ags].name if ags else ""
        role = word(ROLE + one.role)
        intro = (
            text("office.also", role=role)
            if not first
            else text("office.intro_place", town=town, role=role)
            if town
            else text("office.intro", role=role)
        )
        reason = text("office.why", reason=word(one.why, topic=word(topic_title(topic))))
        paragraphs = [intro, reason]
        if one.certainty == "presumed":
            paragraphs.append(text("office.presumed"))
        lead = len(paragraphs)
        if office:
            paragraphs += self._record(office)
        elif town and first:
            paragraphs.append(text("office.no_record", town=town, role=role, number=self._number(AUTHORITIES)))
            lead += 1
        elif not town and first:
            paragraphs.append(text("office.no_town"))
            lead += 1
        return OutgoingMessage(paragraphs=tuple(paragraphs), card=self._office_card(one, office, paragraphs[:lead]))

    def _record(self, office: Office) -> list[TextRef]:
        """The record as paragraphs, for channels without cards."""
        where = (
            f"{office.address.street}, {office.address.postal_code or ''} {office.address.city or ''}".replace("  ", " ")
            if office.address
            else None
        )
        lines = "\n".join(line for line in (office.name, where, office.phone, office.email, office.url) if line)
        return [verbatim(lines), self._opening(office), text("office.unverified")]

    def _opening(self, office: Office) -> TextRef:
        if office.appointment_only:
            return text("office.appointment_only")
        if not office.hours:
            return text("office.hours_unknown")
        if is_open(office.hours, self.now):
            return text("office.open_now")
        following = opens_next(office.hours, self.now)
        return text("office.opens", when={"type": "moment", "value": following.isoformat()}) if following else text("office.hours_unknown")

    def _office_card(self, one: Responsibility, office: Office | None, lead: list[TextRef]) -> dict[str, Any]:
        card: dict[str, Any] = {
            "type": "office",
            "lead": [as_word(part) for part in lead],
            "role": one.role,
            "title": word(ROLE + one.role),
            "why": word(one.why, topic=word("office.this_topic")),
            "certainty": one.certainty,
            "source": one.source,
            "legal_basis": one.legal_basis,
        }
        if office is None:
            return card
        address = office.address
        lines = [address.street, " ".join(part for part in (address.postal_code, address.city) if part)] if address else []
        return card | {
            "office": office.id,
            "name": office.name,
            "address": lines,
            "map": f"https://www.openstreetmap.org/search?query={quote_plus(', '.join(lines))}" if lines else None,
            "phone": office.phone,
            "email": office.email,
            "url": office.url,
            "hours": office.hours,
            "opening": as_word(self._opening(office)),
            "languages": [{"type": "language", "value": tag} for tag in office.languages],
            "record_source": office.source,
            "checked": office.checked.isoformat(),
            "small_print": word("office.unverified"),
            "labels": {name: word(LABELS[name]) for name in LABELS},
            "source_label": word("office.source", date={"type": "date", "value": office.checked.isoformat()}),
        }

    def counselling(self, ags: str, roles: Iterable[str]) -> list[OutgoingMessage]:
        """The first of these counselling services that the directory knows for the town."""
        known = [(role, office) for role in roles if (office := self.office(role, ags))]
        return [
            OutgoingMessage(paragraphs=(text("office.counselling"), text(ROLE + role), *self._record(office))) for role, office in known[:1]
        ]

    def _number(self, line: str) -> dict[str, str]:
        return {"type": "phone", "value": self.guidance.directory.hotlines[line].number}

    def _note_parameters(self) -> dict[str, Any]:
        return {"date": TURN_DAY}

    # --- steps and details

    def overview(self, topic: Topic) -> OutgoingMessage:
        """After the office: what can be asked next."""
        paragraphs: tuple[TextRef, ...]
        if not topic.covered:
            return OutgoingMessage(
                paragraphs=(text("office.not_covered", topic=word(topic_title(topic.topic))),), buttons=(_HUMAN, _OFFICE_CHANGE, _TOPICS)
            )
        paragraphs = (text(topic_about(topic.topic)),) if topic.about else ()
        if topic.online:
            paragraphs = (*paragraphs, self.sentence(topic, "online", topic.online))
        if topic.note_text:
            paragraphs = (*paragraphs, self.sentence(topic, "note", topic.note if isinstance(topic.note, Sentence) else None))
        return OutgoingMessage(
            paragraphs=paragraphs or (text(topic_title(topic.topic)),),
            buttons=(_STEPS, _DOCUMENTS, _COST, _DURATION, _HUMAN, _OFFICE_CHANGE),
        )

    def sentence(self, topic: Topic, part: str, sentence: Sentence | None, extra: Iterable[str] = ()) -> TextRef:
        """One of the topic's texts with its facts as parameters."""
        names = [*(sentence.facts if sentence else ()), *extra]
        return text(f"topic.{topic.topic}.{part}", **{name: value_of(topic.facts[name]) for name in names})  # text-key: topic.*

    def step(self, topic: Topic, number: int, done: frozenset[str]) -> OutgoingMessage:
        """Step ``number`` (from 1) as text and as a card."""
        step = topic.steps[number - 1]
        total = len(topic.steps)
        heading = text("steps.step", number=number, total=total)
        title, body = self._step_texts(topic, step)
        paragraphs = [heading, title, body]
        if step.where:
            paragraphs.append(text("steps.where", role=word(ROLE + step.where)))
        if step.documents:
            paragraphs.append(text("steps.bring", documents=[self.guidance.documents[name].name for name in step.documents]))
        buttons = [button("dialogue.menu_done", "/step_done")]
        if number < total:
            buttons.append(button("dialogue.menu_next", "/next_step"))
        if number > 1:
            buttons.append(button("dialogue.menu_previous", "/previous_step"))
        buttons += [_OFFICE, _HUMAN]
        card = {
            "type": "step",
            "topic": topic.topic,
            "heading": as_word(heading),
            "number": number,
            "total": total,
            "steps": [self._step_entry(topic, place, one, number, done) for place, one in enumerate(topic.steps, start=1)],
            "documents_label": word("steps.documents_step"),
        }
        return OutgoingMessage(paragraphs=tuple(paragraphs), buttons=tuple(buttons), card=card)

    def _step_texts(self, topic: Topic, step: Step) -> tuple[TextRef, TextRef]:
        facts = {name: value_of(topic.facts[name]) for name in step.facts}
        return (
            text(f"topic.{topic.topic}.step.{step.id}.title", **facts),  # text-key: topic.*
            text(f"topic.{topic.topic}.step.{step.id}.text", **facts),  # text-key: topic.*
        )

    def _step_entry(self, topic: Topic, place: int, step: Step, current: int, done: frozenset[str]) -> dict[str, Any]:
        title, body = self._step_texts(topic, step)
        entry: dict[str, Any] = {
            "number": place,
            "title": as_word(title),
            "done": f"{topic.topic}/{step.id}" in done,
            "current": place == current,
        }
        if place == current:
            entry |= {
                "text": as_word(body),
                "where": word("steps.where", role=word(ROLE + step.where)) if step.where else None,
                "documents": [self._document(name) for name in step.documents],
            }
        return entry

    def documents(self, topic: Topic) -> OutgoingMessage:
        if not topic.documents:
            return say("steps.no_documents", _STEPS, _OFFICE) if topic.covered else say("steps.no_documents", _OFFICE)
        lines = [text("steps.document", name=self.guidance.documents[name].name, explain=word(DOCUMENT + name)) for name in topic.documents]
        card = {
            "type": "documents",
            "heading": word("steps.documents"),
            "documents": [self._document(name) for name in topic.documents],
        }
        return OutgoingMessage(paragraphs=(text("steps.documents"), *lines), buttons=(_STEPS, _OFFICE, _HUMAN), card=card)

    def _document(self, name: str) -> dict[str, Any]:
        return {"id": name, "name": self.guidance.documents[name].name, "explain": word(DOCUMENT + name)}

    def cost(self, topic: Topic) -> OutgoingMessage:
        if topic.costs is None:
            return say("steps.no_costs", _OFFICE, _HUMAN)
        return self._detail(topic, "costs", topic.costs)

    def duration(self, topic: Topic) -> OutgoingMessage:
        if topic.duration is None:
            return say("steps.no_duration", _OFFICE, _HUMAN)
        deadlines = [self.sentence(topic, f"deadline.{one.id}", one) for one in topic.deadlines]
        return self._detail(topic, "duration", topic.duration, deadlines)

    def _detail(self, topic: Topic, part: str, sentence: Sentence, more: Iterable[TextRef] = ()) -> OutgoingMessage:
        facts = [topic.facts[name] for name in sentence.facts]
        paragraphs = [self.sentence(topic, part, sentence), *more]
        if any(fact.state == "announced" for fact in facts):
            paragraphs.append(text("steps.announced_note"))
        elif any(fact.state == "unclear" for fact in facts):
            paragraphs.append(text("steps.unclear_note"))
        card = {
            "type": "detail",
            "lead": [as_word(part) for part in paragraphs],
            "sources_label": word("steps.sources"),
            "sources": sorted({fact.source for fact in facts}),
        }
        return OutgoingMessage(paragraphs=tuple(paragraphs), buttons=(_STEPS, _OFFICE, _HUMAN), card=card)


#: Prefixes of the text families whose members are data; ``lotse check`` proves that every member exists.
ROLE, DOCUMENT = "role.", "document."
LABELS = {
    "address": "office.address",
    "phone": "office.phone",
    "email": "office.email",
    "url": "office.website",
    "map": "office.map",
    "languages": "office.languages",
}
_STEPS = button("dialogue.menu_steps", "/next_step")
_DOCUMENTS = button("dialogue.menu_documents", "/ask_documents")
_COST = button("dialogue.menu_cost", "/ask_cost")
_DURATION = button("dialogue.menu_duration", "/ask_duration")
_OFFICE = button("dialogue.menu_office", "/ask_office")
_HUMAN = button("dialogue.menu_human", "/talk_to_human")
_OFFICE_CHANGE = button("dialogue.menu_change", "/change_details")
_TOPICS = button("dialogue.menu_topics", "/help")

#: The topics of the menu, most asked first.
MENU_TOPICS = (
    "migration_counselling",
    "basic_income_support",
    "residence_permit",
    "register_address",
    "german_course",
    "school_enrolment",
    "citizenship",
    "elderly_care",
    "library_and_meeting",
)


def topic_title(topic: str) -> str:
    return f"topic.{topic}.title"  # text-key: topic.*


def topic_about(topic: str) -> str:
    return f"topic.{topic}.about"  # text-key: topic.*


def as_word(ref: TextRef) -> dict[str, Any]:
    """A paragraph for use inside a card."""
    return {"$text": ref.key, "parameters": ref.parameters}


def value_of(fact: Fact) -> Any:
    """A fact as a text parameter; a rule has no value."""
    if fact.type == "rule":
        return ""
    return {
        name: value
        for name, value in fact.model_dump(mode="json", include={"type", "amount", "unit", "value"}).items()
        if value is not None
    }


def topic_menu(lead: str, topics: Iterable[str] = MENU_TOPICS) -> OutgoingMessage:
    """Topic buttons under a sentence."""
    return OutgoingMessage(paragraphs=(text(lead),), buttons=tuple(button(topic_title(topic), f"/{topic}") for topic in topics))


def best_guesses(intents: Iterable[str], titles: dict[str, str]) -> OutgoingMessage:
    """ "Do you mean one of these?"; ``titles``: text keys of those intents that can be offered."""
    offered = [button(titles[intent], f"/{intent}") for intent in intents if intent in titles][:3]
    return OutgoingMessage(paragraphs=(text("dialogue.unsure"),), buttons=(*offered, button("dialogue.menu_none", "/out_of_scope"), _HUMAN))


# --- questions about the person


def question(field: str) -> OutgoingMessage:
    """The question for a slot, one tap an answer, always with "I'd rather not say"."""
    key, choices = _QUESTIONS[field]
    answers = [button(title, f'/choose{{"{field}": "{value}"}}', date=TURN_DAY) for value, title in choices.items()]
    declined = button("profile.declined", f'/choose{{"{field}": "{DECLINED}"}}')
    paragraphs = (text(key),) if field == "municipality" else (text(key), text("profile.why_ask"))
    return OutgoingMessage(paragraphs=paragraphs, buttons=(*answers, declined))


_QUESTIONS: dict[str, tuple[str, dict[str, str]]] = {
    "municipality": ("profile.ask_municipality", {}),
    "status": ("profile.ask_status", {str(value): key for value, key in STATUSES.items()}),
    "age": ("profile.ask_age", {value: key for value, (key, _) in AGES.items()}),
    "benefit": ("profile.ask_benefit", {str(value): key for value, key in BENEFITS.items()}),
    "arrived": ("profile.ask_arrived", {value: key for value, (key, _) in ARRIVED.items()}),
    "works": ("profile.ask_works", WORKS),
}


def _town_button(town: Municipality) -> Button:
    return Button(title=verbatim(town.name), payload=f'/choose{{"municipality": "{town.ags}"}}')


def town_answer(directory: Directory, typed: str) -> tuple[str | None, list[OutgoingMessage]]:
    """The AGS of a typed town or postal code, or ``None`` and what to say: not known, or which of several."""
    try:
        found = directory.find(typed)
    except UnknownMunicipality:
        near = [_town_button(town) for town in directory.similar(typed)]
        return None, [OutgoingMessage(paragraphs=(text("profile.town_not_found"),), buttons=tuple(near))]
    if len(found) == 1:
        return found[0].ags, []
    choices = tuple(_town_button(town) for town in found)
    return None, [OutgoingMessage(paragraphs=(text("profile.town_shared"),), buttons=choices)]
