"""The desk's German for states, events, outcomes, languages and times. Texts that clients read are in ``content/texts``."""

from __future__ import annotations

from datetime import date, datetime

from babel import Locale
from babel.dates import format_date, format_datetime

from bot.i18n.format import BERLIN
from bot.referrals.lifecycle import EventKind, Outcome, State

_GERMAN = Locale("de")

STATES = {
    State.SUBMITTED: "Neu",
    State.RECEIVED: "Gesehen",
    State.IN_PROGRESS: "In Bearbeitung",
    State.WAITING_FOR_CLIENT: "Wartet auf die Person",
    State.APPOINTMENT: "Termin vereinbart",
    State.CLOSED: "Abgeschlossen",
    State.WITHDRAWN: "Zurückgezogen",
}
OUTCOMES = {
    Outcome.SOLVED: "Gelöst",
    Outcome.INFORMED: "Auskunft gegeben",
    Outcome.UNREACHABLE: "Person nicht erreicht",
    Outcome.NOT_POSSIBLE: "Hier nicht möglich",
}
EVENTS = {
    EventKind.SUBMITTED: "Blatt gesendet",
    EventKind.OPENED: "Fall zum ersten Mal geöffnet",
    EventKind.CLAIMED: "Fall übernommen",
    EventKind.DOCUMENT_REQUESTED: "Papier angefordert",
    EventKind.DOCUMENT_ANSWERED: "Antwort zum Papier",
    EventKind.APPOINTMENT_PROPOSED: "Termin vorgeschlagen",
    EventKind.APPOINTMENT_ACCEPTED: "Termin angenommen",
    EventKind.APPOINTMENT_DECLINED: "Termin abgelehnt",
    EventKind.MESSAGE: "Nachricht",
    EventKind.CLOSED: "Fall abgeschlossen",
    EventKind.WITHDRAWN: "Zurückgezogen",
}
#: Said once after a form has had its effect; the key travels in the address.
DONE = {
    "claim": "Sie haben den Fall übernommen. Die Person erfährt, dass sich jemand kümmert.",
    "document": "Ihre Bitte um das Papier ist gesendet.",
    "appointment": "Ihr Terminvorschlag ist gesendet.",
    "message": "Ihre Nachricht ist gesendet.",
    "close": "Der Fall ist abgeschlossen. Die Person hat eine Nachricht bekommen.",
}
#: Where our name for a language says more than the standard one.
_LANGUAGE_NAMES = {"fa": "Persisch (Farsi, Dari)", "ku": "Kurdisch (Kurmandschi)", "de-simple": "Leichte Sprache"}
_AGES = ((7 * 24 * 60, "Woche", "Wochen"), (24 * 60, "Tag", "Tagen"), (60, "Stunde", "Stunden"), (1, "Minute", "Minuten"))


def language_name(tag: str) -> str:
    """A language by its German name; an unknown tag stays as it is."""
    return _LANGUAGE_NAMES.get(tag) or _GERMAN.languages.get(tag.split("-")[0]) or tag


def since(then: datetime, now: datetime) -> str:
    """How long ago something was: "seit 3 Stunden"."""
    minutes = int((now - then).total_seconds() // 60)
    for length, one, many in _AGES:
        amount = minutes // length
        if amount >= 1:
            return f"seit {amount} {one if amount == 1 else many}"
    return "gerade eben"


def moment(at: datetime) -> str:
    return format_datetime(at.astimezone(BERLIN), "EEE, d. MMMM y, HH:mm 'Uhr'", locale=_GERMAN)


def day(at: date | datetime) -> str:
    return format_date(at.astimezone(BERLIN).date() if isinstance(at, datetime) else at, "d. MMMM y", locale=_GERMAN)
