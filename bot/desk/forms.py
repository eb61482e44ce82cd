"""The four forms with which a caseworker answers: from what was typed to an event, or to what is wrong with it, by field."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from bot.desk.security import Form
from bot.guidance.topics import Document
from bot.i18n.format import BERLIN
from bot.referrals.blocks import appointment_proposed, closed, document_requested, free_text
from bot.referrals.lifecycle import EventKind, Outcome

FIELDS = ("document", "date", "time", "place", "text", "outcome")
LONGEST_TEXT = 2000
LONGEST_PLACE = 200
#: Later dates are slips of the pen.
_FARTHEST = timedelta(days=366)


class BadForm(Exception):
    """Raised when a form cannot be used; ``problems`` says what to do, by field."""

    def __init__(self, **problems: str) -> None:
        super().__init__(", ".join(problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Order:
    """What is to happen to the case."""

    kind: EventKind
    body: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Desktop:
    """What the forms are checked against."""

    documents: Mapping[str, Document]
    now: datetime


def read_document(form: Form, desktop: Desktop) -> Order:
    document = form.get("document", "")
    if document not in desktop.documents:
        raise BadForm(document="Bitte wählen Sie ein Papier aus der Liste.")
    return Order(EventKind.DOCUMENT_REQUESTED, document_requested(document))


def read_appointment(form: Form, desktop: Desktop) -> Order:
    problems: dict[str, str] = {}
    day, hour, place = _day(form.get("date", "")), _hour(form.get("time", "")), form.get("place", "").replace("\n", " ")
    if day is None:
        problems["date"] = "Bitte geben Sie einen Tag an, zum Beispiel 24.03.2027."
    if hour is None:
        problems["time"] = "Bitte geben Sie eine Uhrzeit an, zum Beispiel 14:30."
    if not place:
        problems["place"] = "Bitte geben Sie den Ort an, zum Beispiel Straße, Hausnummer und Zimmer."
    elif len(place) > LONGEST_PLACE:
        problems["place"] = f"Der Ort darf höchstens {LONGEST_PLACE} Zeichen haben, jetzt sind es {len(place)}."
    if day is not None and hour is not None:
        problems |= _when_problems(datetime.combine(day, hour, BERLIN), desktop.now)
    if problems or day is None or hour is None:
        raise BadForm(**problems)
    return Order(EventKind.APPOINTMENT_PROPOSED, appointment_proposed(datetime.combine(day, hour, BERLIN).isoformat(), place))


def read_message(form: Form, desktop: Desktop) -> Order:
    text = form.get("text", "")
    if not text:
        raise BadForm(text="Bitte schreiben Sie eine Nachricht.")
    if len(text) > LONGEST_TEXT:
        raise BadForm(text=f"Die Nachricht darf höchstens {LONGEST_TEXT} Zeichen haben, jetzt sind es {len(text)}. Bitte kürzen Sie sie.")
    return Order(EventKind.MESSAGE, free_text(text, "de"))


def read_closing(form: Form, desktop: Desktop) -> Order:
    if form.get("outcome") not in set(Outcome):
        raise BadForm(outcome="Bitte wählen Sie aus, wie der Fall ausgegangen ist.")
    return Order(EventKind.CLOSED, closed(Outcome(form["outcome"])))


#: last part of a form's address → how it is read
READERS: dict[str, Callable[[Form, Desktop], Order]] = {
    "document": read_document,
    "appointment": read_appointment,
    "message": read_message,
    "close": read_closing,
}


def unsent_text(form: Form) -> str:
    """What somebody typed, to be copied when the form it stood in is gone."""
    return "\n".join(form[name] for name in ("text", "date", "time", "place") if form.get(name))


def _when_problems(when: datetime, now: datetime) -> dict[str, str]:
    if when <= now:
        return {"date": "Der Termin liegt in der Vergangenheit. Bitte wählen Sie einen späteren Zeitpunkt."}
    if when - now > _FARTHEST:
        return {"date": "Der Termin liegt mehr als ein Jahr in der Zukunft. Bitte prüfen Sie das Jahr."}
    if when.astimezone(UTC).astimezone(BERLIN).replace(tzinfo=None) != when.replace(tzinfo=None):
        return {"time": "Diese Uhrzeit gibt es an diesem Tag nicht, weil die Uhr umgestellt wird."}
    return {}


def _day(typed: str) -> date | None:
    """As date fields send it, or as people type it where a browser has none: 24.3.2027."""
    for form in ("%Y-%m-%d", "%d.%m.%Y"):
        try:
            return datetime.strptime(typed, form).date()  # noqa: DTZ007 - a day has no time zone
        except ValueError:
            continue
    return None


def _hour(typed: str) -> time | None:
    for form in ("%H:%M", "%H:%M:%S", "%H.%M"):
        try:
            return datetime.strptime(typed, form).time().replace(second=0)  # noqa: DTZ007 - the zone is added with the day
        except ValueError:
            continue
    return None
