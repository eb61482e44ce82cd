"""Danger is recognised by rules alone, in every language; what is over, or only sounds like it, does not ring."""

from __future__ import annotations

import json

import pytest

from bot.bootstrap import Content
from bot.i18n.languages import LANGUAGES
from bot.settings import PROJECT

URGENT = ("emergency", "violence")


@pytest.mark.parametrize(
    ("text", "danger", "language"),
    [
        ("Mein Mann schlägt mich", "violence", "de"),
        ("es brennt in der küche", "emergency", "de"),
        ("my husband beats me every night", "violence", "en"),
        ("Kocam beni dövüyor", "violence", "tr"),
        ("زوجي يضربني", "violence", "ar"),
        ("Мой муж меня бьёт", "violence", "ru"),
        ("чоловік мене б'є", "violence", "uk"),
        ("شوهرم مرا می‌زند", "violence", "fa"),
        ("mąż mnie bije", "violence", "pl"),
        ("mon mari me frappe", "violence", "fr"),
        ("Mêrê min li min dixe", "violence", "ku"),
    ],
)
def test_danger_is_recognised(content: Content, text: str, danger: str, language: str) -> None:
    alarm = content.urgent.check(text)
    assert alarm is not None
    assert (alarm.danger, alarm.over) == (danger, False)
    assert language in alarm.languages


@pytest.mark.parametrize(
    "text",
    [
        "Ich möchte mich einbürgern lassen",
        "Meine Feuerversicherung zahlt nicht",
        "Die Polizei hat mir einen Brief geschickt",
        "Ich habe den Test geschafft, fast ein Herzinfarkt vor Freude",
        "Wo finde ich einen Arzt?",
        "",
    ],
)
def test_ordinary_questions_do_not_ring(content: Content, text: str) -> None:
    alarm = content.urgent.check(text)
    assert alarm is None or alarm.over


def test_violence_that_is_over_is_no_siren(content: Content) -> None:
    alarm = content.urgent.check("Mein Mann hat mich früher geschlagen, wir sind geschieden, jetzt brauche ich eine Wohnung")
    assert alarm is None or alarm.over


def test_rules_exist_for_every_language_of_answers(content: Content) -> None:
    assert set(LANGUAGES) <= {path.stem for path in (PROJECT / "content/urgent").glob("*.yml")}


def test_the_rules_alone_on_the_evaluation_messages(content: Content) -> None:
    """The model adds what the rules miss; together they are measured by ``make evaluate``."""
    rows = [
        json.loads(line) for path in (PROJECT / "tests/understanding").glob("*/messages.jsonl") for line in path.read_text().splitlines()
    ]
    acute = [row for row in rows if row["intent"] in URGENT]
    calm = [row for row in rows if row["intent"] not in URGENT]
    recall = sum(_rings(content, row["text"]) for row in acute) / len(acute)
    false_alarms = sum(_rings(content, row["text"]) for row in calm) / len(calm)
    assert recall > 0.7
    assert false_alarms < 0.01


def _rings(content: Content, text: str) -> bool:
    alarm = content.urgent.check(text)
    return alarm is not None and not alarm.over
