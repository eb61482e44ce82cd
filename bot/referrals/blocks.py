"""Building blocks: what happened to a case, said to the person in text keys; the desk shows the same in German."""

from __future__ import annotations

from typing import Any

from bot.channels.message import Button, OutgoingMessage, TextRef, button, text, verbatim, word
from bot.referrals.lifecycle import Actor, EventKind, Outcome
from bot.referrals.repository import Event


def document_requested(document: str) -> dict[str, Any]:
    """``document`` is an id of ``content/documents.yml``."""
    return {"document": document}


def appointment_proposed(when: str, place: str) -> dict[str, Any]:
    """``when`` is ISO 8601 with an offset; ``place`` is free text of at most 200 characters."""
    return {"when": when, "place": place}


def closed(outcome: Outcome) -> dict[str, Any]:
    return {"outcome": outcome}


def free_text(words: str, language: str) -> dict[str, Any]:
    return {"text": words, "language": language}


def shown(event: Event, office: str, documents: dict[str, str]) -> OutgoingMessage | None:
    """The message for the person, or ``None`` for what they need not be told. ``documents``: German names by id."""
    if event.actor is Actor.CLIENT:
        return None
    heading = text("case.from_office", office=office)
    match event.kind:
        case EventKind.CLAIMED:
            return OutgoingMessage(paragraphs=(text("case.claimed", office=office),), card={"type": "news", "office": office})
        case EventKind.DOCUMENT_REQUESTED:
            document = event.body["document"]
            what = text("case.document_request", document=documents[document], explain=word(f"document.{document}"))  # text-key: document.*
            answers = (_answer("case.answer_have", event, "have"), _answer("case.answer_have_not", event, "have_not"))
            return _from_office(heading, what, answers, office)
        case EventKind.APPOINTMENT_PROPOSED:
            when = {"type": "moment", "value": event.body["when"]}
            what = text("case.appointment", when=when, place=event.body["place"])
            answers = (_answer("case.answer_accept", event, "accept"), _answer("case.answer_decline", event, "decline"))
            return _from_office(heading, what, answers, office)
        case EventKind.MESSAGE:
            return OutgoingMessage(
                paragraphs=(heading, text("case.free_text"), verbatim(event.body["text"])),
                buttons=(button("case.back_to_lotse", "case.bot"),),
                card={"type": "news", "office": office, "german": event.body["text"]},
            )
        case EventKind.CLOSED:
            return _from_office(heading, text(CLOSING[Outcome(event.body["outcome"])]), (), office)
    return None


CLOSING = {
    Outcome.SOLVED: "case.closed_solved",
    Outcome.INFORMED: "case.closed_informed",
    Outcome.UNREACHABLE: "case.closed_unreachable",
    Outcome.NOT_POSSIBLE: "case.closed_not_possible",
}


def _answer(key: str, event: Event, choice: str) -> Button:
    return button(key, f'case.answer {{"event": {event.id}, "choice": "{choice}"}}')


def _from_office(heading: TextRef, what: TextRef, answers: tuple[Button, ...], office: str) -> OutgoingMessage:
    buttons = (*answers, button("case.write", "case.write")) if answers else ()
    return OutgoingMessage(paragraphs=(heading, what), buttons=buttons, card={"type": "news", "office": office})
