"""Return codes: three made-up words a person can read aloud, write down and type on any keyboard."""

from __future__ import annotations

import re
import secrets

from bot.guidance.directory import plain

#: Letters that sound much the same in our languages and do not look like one another.
_CONSONANTS = "bdfgklmnprstvz"
_VOWELS = "aeiou"
_WORDS, _SYLLABLES = 3, 3


def new_code() -> str:
    """A code like ``bamido-kelura-nosifa``: 70 syllables, 9 of them, 55 bits; guessing is rate-limited on top."""
    return "-".join("".join(secrets.choice(_CONSONANTS) + secrets.choice(_VOWELS) for _ in range(_SYLLABLES)) for _ in range(_WORDS))


def clean_code(typed: str) -> str | None:
    """The code somebody typed with other separators, capitals or accents; ``None`` if it cannot be one."""
    letters = plain(typed)
    size = 2 * _SYLLABLES
    if not re.fullmatch(rf"(?:[{_CONSONANTS}][{_VOWELS}]){{{_WORDS * _SYLLABLES}}}", letters):
        return None
    return "-".join(letters[start : start + size] for start in range(0, len(letters), size))
