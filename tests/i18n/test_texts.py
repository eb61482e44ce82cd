"""Words in the reader's language: fallback, values, directions."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.bootstrap import Content
from bot.channels.message import OutgoingMessage, render, say, text, word
from bot.i18n.catalogs import Texts, merged, po_path, save
from bot.i18n.format import written
from bot.i18n.languages import LANGUAGES, SOURCE, supported
from bot.i18n.source import SourceText

MONEY = {"type": "money", "amount": 1255.5}


@pytest.mark.parametrize(("language", "expected"), [("de", "1.255,50\xa0€"), ("en", "1,255.50\xa0€"), ("fr", "1\u202f255,50\xa0€")])
def test_money_in_the_readers_way(language: str, expected: str) -> None:
    assert written(MONEY, language) == expected


def test_a_moment_says_day_and_time_without_a_zone() -> None:
    moment = {"type": "moment", "value": "2026-12-03T09:30:00+01:00"}
    assert written(moment, "de") == "Donnerstag, 3. Dezember 2026, 09:30"
    assert all("CET" not in written(moment, tag) and "MEZ" not in written(moment, tag) for tag in LANGUAGES)


def test_a_language_is_named_in_the_readers_language() -> None:
    assert [written({"type": "language", "value": "ar"}, tag) for tag in ("de", "ar", "en")] == ["Arabisch", "العربية", "Arabic"]


@pytest.mark.parametrize(
    ("tag", "ours"), [("tr-TR", "tr"), ("kmr", "ku"), ("prs", "fa"), ("DE_at", "de"), ("xx", None), ("", None), (None, None)]
)
def test_tags_are_understood(tag: str | None, ours: str | None) -> None:
    assert supported(tag) == ours


def test_every_language_says_every_text(content: Content) -> None:
    for tag in LANGUAGES:
        for key in content.texts.source:
            assert content.texts(key, tag), (key, tag)


def test_translations_are_translated(content: Content) -> None:
    """Whole sentences that equal the German source were copied."""
    long_ones = {key: source.text for key, source in content.texts.source.items() if len(source.text.split()) > 6}
    for tag, translations in content.texts.translations.items():
        assert [key for key, german in long_ones.items() if translations.texts.get(key) == german] == [], tag


def test_a_name_in_arabic_text_keeps_its_order(content: Content) -> None:
    name = "Kommunales Integrationsmanagement (KIM) Köln"
    assert f"\u2068{name}\u2069" in content.texts("handover.sheet_title", "ar", {"office": name})


def test_missing_and_changed_texts_fall_back(tmp_path: Path) -> None:
    before = {"a.one": SourceText("Eins"), "a.two": SourceText("Zwei")}
    for tag, words in (("en", {"Eins": "One", "Zwei": "Two"}), ("tr", {"Eins": "Bir"})):
        catalog = merged(po_path(tmp_path, tag), tag, before)
        for message in catalog:
            message.string = words.get(str(message.id), "")
        save(catalog, po_path(tmp_path, tag))
    texts = Texts.load(tmp_path, before)
    assert (texts("a.one", "tr"), texts("a.two", "tr"), texts("a.two", "ar")) == ("Bir", "Two", "Two")
    changed = {"a.one": SourceText("Eins neu"), "a.two": SourceText("Zwei")}
    assert Texts.load(tmp_path, changed)("a.one", "tr") == "Eins neu"
    fuzzy = merged(po_path(tmp_path, "tr"), "tr", changed)
    assert [message.fuzzy for message in fuzzy if message.context == "a.one"] == [True]


def test_a_card_can_speak_german_beside_the_readers_language(content: Content) -> None:
    card = {"type": "x", "yours": word("handover.label_name"), "german": {**word("handover.label_name"), "language": SOURCE}}
    shown = render(OutgoingMessage(paragraphs=(text("dialogue.praise"),), card=card), "en", content.texts)
    assert shown.data == {"type": "x", "yours": content.texts("handover.label_name", "en"), "german": "Name"}


def test_nested_texts_are_resolved(content: Content) -> None:
    shown = render(say("office.intro", role=word("role.jobcenter")), "de", content.texts)
    assert shown.text == "Zuständig ist: Jobcenter."
