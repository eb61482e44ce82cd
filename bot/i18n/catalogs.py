"""gettext catalogs: one ``lotse.po`` a language, keyed by msgctxt, with German source texts as msgid.

Missing, empty and fuzzy entries fall back to English, then German. An entry counts as machine-made until its
translator comment says ``reviewed``.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po, write_po

from bot.i18n.format import apart, isolated, written
from bot.i18n.languages import FALLBACK, LANGUAGES, SOURCE
from bot.i18n.source import SourceText

_PARAMETER = re.compile(r"\{(\w+)\}")
_PIECES = re.compile(r"(\{\w+\})")
REVIEWED = "reviewed"


class UnknownText(KeyError):
    """Raised when a key is in no catalog: a mistake in the program, never of a translator."""


@dataclass(slots=True)
class Translations:
    """What one language has: usable texts, and which of them a human has read."""

    texts: dict[str, str] = field(default_factory=dict)
    reviewed: set[str] = field(default_factory=set)
    fuzzy: set[str] = field(default_factory=set)


class Texts:
    """Turns a key with parameters into words in the reader's language."""

    def __init__(self, source: Mapping[str, SourceText], translations: Mapping[str, Translations]) -> None:
        self.source = source
        self.translations = translations

    @classmethod
    def load(cls, folder: Path, source: Mapping[str, SourceText]) -> Texts:
        return cls(source, {tag: load_translations(po_path(folder, tag), source) for tag in LANGUAGES if tag != SOURCE})

    def __call__(self, key: str, language: str, parameters: Mapping[str, Any] | None = None) -> str:
        """The text in ``language``; parameters are plain strings or typed values (``format.py``)."""
        template, used = self._template(key, language)
        values = {name: written(value, used) for name, value in (parameters or {}).items()}
        if LANGUAGES[used].direction == "ltr":
            return _PARAMETER.sub(lambda match: values.get(match[1], match[0]), template)
        # A name goes in as a whole: "Köln (Mitte)" must not be torn apart at its brackets.
        pieces = _PIECES.split(template)
        return "".join(apart(values[piece[1:-1]]) if piece[1:-1] in values and piece[:1] == "{" else isolated(piece) for piece in pieces)

    def has(self, key: str) -> bool:
        return key in self.source

    def reviewed(self, language: str) -> bool:
        """Whether a human has read every text of this language."""
        return language == SOURCE or not set(self.source) - self.translations[language].reviewed

    def _template(self, key: str, language: str) -> tuple[str, str]:
        if key not in self.source:
            raise UnknownText(key)
        for tag in (language, *FALLBACK):
            if tag == SOURCE:
                break
            text = self.translations[tag].texts.get(key)
            if text:
                return text, tag
        return self.source[key].text, SOURCE


def po_path(folder: Path, tag: str) -> Path:
    return folder / tag / "LC_MESSAGES" / "lotse.po"


def load_translations(path: Path, source: Mapping[str, SourceText]) -> Translations:
    """Entries whose German source is still the one that was translated; the others count as fuzzy."""
    found = Translations()
    if not path.is_file():
        return found
    for message in _read(path):
        key = message.context
        if not key or key not in source or not isinstance(message.string, str) or not message.string:
            continue
        if message.fuzzy or message.id != source[key].text:
            found.fuzzy.add(key)
        else:
            found.texts[key] = message.string
            if REVIEWED in message.user_comments:
                found.reviewed.add(key)
    return found


def template(source: Mapping[str, SourceText]) -> Catalog:
    """The catalog template (``lotse.pot``)."""
    catalog = Catalog(project="Lotse", version="1", charset="utf-8", fuzzy=False)
    catalog.header_comment = "# Lotse: texts. Translate each msgid; keep {parameters} and German office words."
    for key, text in source.items():
        notes = [text.note] if text.note else []
        notes += [f"longest: {text.longest} characters"] if text.longest else []
        catalog.add(text.text, context=key, auto_comments=notes)
    return catalog


def merged(path: Path, tag: str, source: Mapping[str, SourceText]) -> Catalog:
    """The language's catalog brought up to date: a changed German source makes its translation fuzzy, by key."""
    old = {message.context: message for message in _read(path)} if path.is_file() else {}
    catalog = Catalog(locale=LANGUAGES[tag].locale or tag, project="Lotse", version="1", charset="utf-8", fuzzy=False)
    for message in template(source):
        if not message.context:
            continue
        before = old.get(message.context)
        flags = {"fuzzy"} if before and before.string and (before.fuzzy or before.id != message.id) else set()
        catalog.add(
            message.id,
            before.string if before else "",
            context=message.context,
            flags=flags,
            auto_comments=message.auto_comments,
            user_comments=before.user_comments if before and not flags else [],
        )
    return catalog


def save(catalog: Catalog, path: Path) -> bool:
    """Write a catalog without dates that change by themselves; returns whether the file changed."""
    buffer = io.BytesIO()
    write_po(buffer, catalog, width=0, omit_header=False)
    kept = [line for line in buffer.getvalue().decode().splitlines() if not re.match(r'"(POT-Creation|PO-Revision)-Date', line)]
    text = "\n".join(kept).rstrip() + "\n"
    if path.is_file() and path.read_text(encoding="utf-8") == text:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return True


def _read(path: Path) -> list[Message]:
    with path.open("rb") as file:
        return [message for message in read_po(file, abort_invalid=True) if message.id]
