"""Danger is recognised by rules first: before the engine and without it, the same way in every language.

``content/urgent/<lang>.yml`` holds phrases. A phrase is a row of words; ``word*`` stands for any ending, ``_`` for up to
three words in between, ``a|b`` for either. A phrase of the list ``over`` or ``unless`` in the same message means that
it is past, reported or not meant: then no siren, but for violence the help line is still offered.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from bot.guidance.load import BadContent, read_yaml
from engine.normalise import normalise

Danger = Literal["emergency", "violence"]
_WORDS = re.compile(r"[^\W_]+")
#: Written without spaces around particles; everything else is matched on word borders.
_MAX_CHARACTERS = 2000


class UrgentPhrases(BaseModel):
    """One language's file."""

    model_config = ConfigDict(extra="forbid")

    language: str
    emergency: list[str]
    violence: list[str]
    #: past or reported: "used to", "last year", "divorced"
    over: list[str] = []
    #: harmless uses: "heart attack" in "nearly gave me a heart attack"
    unless: list[str] = []


@dataclass(frozen=True, slots=True)
class Alarm:
    """What was recognised; ``over`` if the message speaks of the past."""

    danger: Danger
    #: the languages in which a phrase matched
    languages: tuple[str, ...]
    over: bool


@dataclass(frozen=True, slots=True)
class _Language:
    tag: str
    emergency: re.Pattern[str] | None
    violence: re.Pattern[str] | None
    over: re.Pattern[str] | None
    unless: re.Pattern[str] | None


class UrgentRules:
    """All languages at once: people mix them, and the language is not known yet."""

    def __init__(self, files: list[UrgentPhrases]) -> None:
        self._languages = [
            _Language(file.language, _compiled(file.emergency), _compiled(file.violence), _compiled(file.over), _compiled(file.unless))
            for file in files
        ]

    @classmethod
    def load(cls, folder: Path) -> UrgentRules:
        """Raises ``BadContent``."""
        files = []
        for path in sorted(folder.glob("*.yml")):
            try:
                file = UrgentPhrases.model_validate(read_yaml(path))
            except ValidationError as error:
                first = error.errors()[0]
                raise BadContent(f"{path}: {'.'.join(map(str, first['loc']))}: {first['msg']}") from error
            if file.language != path.stem:
                raise BadContent(f"{path}: language must be {path.stem}")
            files.append(file)
        return cls(files)

    def check(self, message: str) -> Alarm | None:
        """Violence before emergency: its help lines name the police as well."""
        words = spaced(message)
        found = [(language.tag, *seen) for language in self._languages if (seen := _check(language, words))]
        if not found:
            return None
        # One language's certainty beats another's doubt: a phrase is only "over" if no language sees it as present.
        over = all(past for _, _, past in found)
        danger: Danger = "violence" if any(kind == "violence" for _, kind, past in found if past == over) else "emergency"
        return Alarm(danger, tuple(tag for tag, kind, _ in found if kind == danger), over)


def spaced(message: str) -> str:
    """The message as normalised words between single spaces."""
    return " " + " ".join(_WORDS.findall(normalise(message[:_MAX_CHARACTERS]))) + " "


def _check(language: _Language, words: str) -> tuple[Danger, bool] | None:
    if language.unless:
        words = language.unless.sub(" ", words)
    over = bool(language.over and language.over.search(words))
    if language.violence and language.violence.search(words):
        return "violence", over
    if language.emergency and language.emergency.search(words):
        return "emergency", over
    return None


def _compiled(phrases: list[str]) -> re.Pattern[str] | None:
    if not phrases:
        return None
    return re.compile("|".join(f"(?:{_phrase(phrase)})" for phrase in phrases))


def _phrase(phrase: str) -> str:
    """``"mann _ schlag*"`` → a pattern that starts after a space and ends before one."""
    pattern = ""
    for token in phrase.split():
        if token == "_":  # noqa: S105 - a placeholder, not a password
            pattern += r"(?: \w+){0,3}"
            continue
        either = "|".join(_word(part) for part in token.split("|"))
        pattern += f" (?:{either})"
    return pattern + r"(?= )"


def _word(word: str) -> str:
    stem = "".join(_WORDS.findall(normalise(word.rstrip("*"))))
    return re.escape(stem) + (r"\w*" if word.endswith("*") else "")
