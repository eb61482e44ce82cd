"""Which language to answer in: the one that is written; what was chosen yields only to clear evidence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.i18n.languages import LANGUAGES

#: How sure detection must be to leave the present language: at the first message, later, and against an explicit choice.
_FIRST, _LATER, _CHOSEN = 0.5, 0.8, 0.9
#: Fewer letters prove nothing ("ok", "Termin?").
_ENOUGH_LETTERS = 8


@dataclass(frozen=True, slots=True)
class Present:
    """What the conversation knows so far."""

    language: str
    chosen: bool
    first_message: bool


def decide(present: Present, text: str, guesses: Sequence[tuple[str, float]]) -> str:
    """The language of the answer to ``text``; ``guesses`` are (tag, probability), best first."""
    known = [(tag, share) for tag, share in guesses if tag in LANGUAGES]
    if not known:
        return present.language
    tag, share = known[0]
    if present.first_message and not present.chosen:
        return tag if share >= _FIRST else present.language
    letters = sum(character.isalpha() for character in text)
    needed = _CHOSEN if present.chosen else _LATER
    return tag if share >= needed and letters >= _ENOUGH_LETTERS else present.language
