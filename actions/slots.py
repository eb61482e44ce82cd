"""Slots as domain values."""

from __future__ import annotations

from rasa_sdk import Tracker

from bot.guidance.directory import Directory
from bot.guidance.facts import DECLINED, FIELD_OF

#: Profile field of the rules → slot.
SLOT_OF = {field: slot for slot, field in FIELD_OF.items()}
PROFILE_SLOTS = ("municipality", *FIELD_OF)


def told(tracker: Tracker) -> dict[str, str | None]:
    """What the person has told, as the slots hold it."""
    return {slot: tracker.get_slot(slot) for slot in FIELD_OF}


def declined(tracker: Tracker) -> frozenset[str]:
    """Profile fields the person would rather not tell."""
    return frozenset(field for field, slot in SLOT_OF.items() if tracker.get_slot(slot) == DECLINED)


def municipality(tracker: Tracker, directory: Directory) -> str:
    """The town's AGS, or "" while it is not known."""
    return directory.key_of(tracker.get_slot("municipality"))


def conversation(tracker: Tracker) -> int:
    """The conversation's number; the application sends it with each message."""
    return int(tracker.latest_message["metadata"]["conversation"])


def language(tracker: Tracker) -> str:
    return str(tracker.latest_message["metadata"]["language"])
