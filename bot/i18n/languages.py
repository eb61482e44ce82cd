"""The languages Lotse serves: BCP 47 tag, own name, writing direction."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Language:
    """One language; ``locale`` is what Babel calls it, for dates and numbers."""

    tag: str
    name: str
    direction: str = "ltr"
    locale: str = ""


_ALL = [
    Language("de", "Deutsch"),
    Language("en", "English"),
    Language("tr", "Türkçe"),
    Language("ar", "العربية", "rtl"),
    Language("uk", "Українська"),
    Language("ru", "Русский"),
    Language("fa", "فارسی / دری", "rtl"),
    Language("pl", "Polski"),
    Language("ro", "Română"),
    Language("bg", "Български"),
    Language("fr", "Français"),
    Language("ku", "Kurdî (Kurmancî)"),
]
#: Order is the order of the language list.
LANGUAGES = {language.tag: language for language in _ALL}
SOURCE = "de"
#: Where a text is missing, the reader gets the next of these.
FALLBACK = ("en", SOURCE)


def supported(tag: str | None) -> str | None:
    """The language of ours that a tag like ``tr-TR`` or ``kmr`` means, or ``None``."""
    if not tag:
        return None
    base = tag.replace("_", "-").split("-")[0].lower()
    base = {"kmr": "ku", "prs": "fa", "pes": "fa", "arb": "ar", "mo": "ro"}.get(base, base)
    return base if base in LANGUAGES else None
