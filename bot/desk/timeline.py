"""The course of a case: who did what and when in German, and how the person reads it in their language."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from bot.channels.message import OutgoingMessage, TextRef, render, verbatim
from bot.desk.words import EVENTS, OUTCOMES, language_name, moment
from bot.guidance.load import Guidance
from bot.i18n.catalogs import Texts
from bot.i18n.format import BERLIN
from bot.i18n.languages import FALLBACK, SOURCE
from bot.referrals.blocks import shown
from bot.referrals.lifecycle import Actor, EventKind, Outcome
from bot.referrals.repository import Case, Event

_VERBATIM = verbatim("").key
_CHOICES = {"have": "Person hat das Papier", "have_not": "Person hat das Papier nicht"}


@dataclass(frozen=True, slots=True)
class Words:
    """A text with the language it is really in."""

    text: str
    language: str


@dataclass(frozen=True, slots=True)
class Preview:
    """How the person reads one of our messages."""

    language_name: str
    paragraphs: list[Words]
    buttons: list[Words]
    #: set where a text is missing in the person's language: they read it in another one
    fallback: str | None
    reviewed: bool


@dataclass(frozen=True, slots=True)
class Entry:
    """One event."""

    id: int
    title: str
    who: str
    office: bool
    at: datetime
    words: Words | None
    preview: Preview | None


class Timeline:
    """Builds the entries of one case after the other."""

    def __init__(self, guidance: Guidance, texts: Texts) -> None:
        self._guidance = guidance
        self._texts = texts
        self._documents = {key: document.name for key, document in guidance.documents.items()}

    def entries(self, case: Case, events: Iterable[Event], person: str) -> list[Entry]:
        office = self._guidance.directory.offices.get(case.office)
        known: dict[int, Event] = {}
        entries = []
        for event in events:
            known[event.id] = event
            message = shown(event, office.name if office else case.office, self._documents)
            entries.append(
                Entry(
                    id=event.id,
                    title=_title(event),
                    who=person if event.actor is Actor.CLIENT else event.user or "Lotse",
                    office=event.actor is Actor.CASEWORKER,
                    at=event.at,
                    words=self._in_german(message) if message else self._from_client(event, known),
                    preview=self._preview(message, case.language) if message else None,
                )
            )
        return entries

    def _in_german(self, message: OutgoingMessage) -> Words:
        # The heading before it names the office; the desk shows that by itself.
        return self._words(message.paragraphs[-1], SOURCE)

    def _from_client(self, event: Event, known: dict[int, Event]) -> Words | None:
        if event.kind is EventKind.MESSAGE:
            return Words(str(event.body.get("text", "")), str(event.body.get("language", "")))
        asked = known.get(event.body.get("event", 0))
        if asked is None or event.actor is not Actor.CLIENT:
            return None
        if "document" in asked.body:
            return Words(f"{_CHOICES.get(event.body.get('choice', ''), 'Antwort')}: {self._documents[asked.body['document']]}", SOURCE)
        if "when" in asked.body:
            return Words(f"{moment(datetime.fromisoformat(asked.body['when']).astimezone(BERLIN))}, {asked.body['place']}", SOURCE)
        return None

    def _preview(self, message: OutgoingMessage, language: str) -> Preview | None:
        if language == SOURCE:
            return None
        refs = [*message.paragraphs, *(button.title for button in message.buttons)]
        translated = [ref for ref in refs if ref.key != _VERBATIM]
        others = {self._spoken(ref, language) for ref in translated} - {language}
        reviewed = self._texts.translations[language].reviewed if language in self._texts.translations else set()
        return Preview(
            language_name=language_name(language),
            paragraphs=[self._words(ref, language) for ref in message.paragraphs],
            buttons=[self._words(button.title, language) for button in message.buttons],
            fallback=language_name(sorted(others)[0]) if others else None,
            reviewed=all(ref.key in reviewed for ref in translated),
        )

    def _words(self, ref: TextRef, language: str) -> Words:
        return Words(render(OutgoingMessage(paragraphs=(ref,)), language, self._texts).text, self._spoken(ref, language))

    def _spoken(self, ref: TextRef, language: str) -> str:
        """The language a text comes out in: a missing translation falls back, a caseworker's own words are in no catalog."""
        for tag in (language, *FALLBACK):
            if tag == SOURCE or (tag in self._texts.translations and ref.key in self._texts.translations[tag].texts):
                return tag
        return SOURCE


def _title(event: Event) -> str:
    outcome = event.body.get("outcome")
    return f"{EVENTS[event.kind]}: {OUTCOMES[Outcome(outcome)]}" if outcome else EVENTS[event.kind]
