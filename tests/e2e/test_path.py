"""The whole path over the API: question → office → steps → sheet → consent → referral → caseworker's answer → withdrawal."""

from __future__ import annotations

import json
import re
import sqlite3

from tests.running import Running, Talk

KIM = "koeln-kim-case-management"


def fill_sheet(talk: Talk, name: str = "Amal") -> dict[str, object]:
    """From the wish for a person to the filled sheet; returns its card."""
    talk.press("/talk_to_human").say(name)
    talk.press('/choose{"sheet_contact": "phone"}').say("0221 4710 999")
    talk.press('/choose{"sheet_interpreter": "yes"}').press('/choose{"sheet_urgency": "week"}')
    talk.press('/choose{"sheet_question": "first"}')
    return talk.card("sheet")


def test_from_question_to_referral_and_back(running: Running) -> None:
    connect(running, KIM)
    talk = running.talk("05315000").say("Ich möchte mich einbürgern lassen")
    talk.press("/next_step").press("/step_done")
    sheet = fill_sheet(talk)
    values = {row["id"]: row["value"] for row in sheet["fields"]}  # type: ignore[attr-defined]
    assert values["name"] == "Amal"
    assert values["question"] == "Ich möchte mich einbürgern lassen"
    assert "steps_done" in values
    draft = sheet["draft"]
    talk.press(f'sheet.send {{"draft": "{draft}"}}')
    assert "einverstanden" in talk.text
    assert not any(message["data"] for message in talk.last["messages"])
    talk.press(f"sheet.send {json.dumps({'draft': draft, 'consent': True, 'fields': ['name', 'contact', 'question']})}")
    code = talk.card("sent")["code"]
    assert re.fullmatch(r"(?:[a-z]{6}-){2}[a-z]{6}", str(code))
    talk.press(f"sheet.send {json.dumps({'draft': draft, 'consent': True})}")
    assert str(code) in talk.text
    other = running.talk(None, "de").press(f'case.open {{"code": "{str(code).upper()}"}}')
    assert "noch niemand geöffnet" in other.text
    other.press('case.withdraw {"sure": true}')
    assert "zurückgezogen" in other.text
    assert "kenne ich nicht" in running.talk(None, "de").press(f'case.open {{"code": "{code}"}}').text


def test_somebody_elses_sheet_cannot_be_sent(running: Running) -> None:
    connect(running, KIM)
    victim = running.talk("05315000").say("Ich möchte mich einbürgern lassen")
    draft = fill_sheet(victim)["draft"]
    thief = running.talk("05315000").press(f'sheet.send {{"draft": "{draft}", "consent": true}}')
    assert "gibt es nicht mehr" in thief.text


def test_the_foreigners_office_needs_a_second_yes(running: Running) -> None:
    connect(running, "koeln-auslaenderbehoerde")
    talk = running.talk("05315000").say("Ich will meinen Aufenthaltstitel verlängern")
    if "status" in " ".join(talk.payloads):
        talk.press('/choose{"status": "residence_permit"}')
    sheet = fill_sheet(talk)
    assert sheet["consent_foreigners_office"]
    draft = sheet["draft"]
    talk.press(f'sheet.send {{"draft": "{draft}", "consent": true}}')
    assert "Ausländerbehörde" in talk.text
    assert not any(message["data"] for message in talk.last["messages"])
    talk.press_titled("einverstanden")
    assert talk.card("sent")["code"]


def test_without_a_connected_office_nothing_is_promised(running: Running) -> None:
    talk = running.talk("Wuppertal").say("Ich suche einen Deutschkurs")
    talk.press("/talk_to_human")
    assert "noch keine Stelle angeschlossen" in talk.text
    assert "115" in talk.text


def test_leaving_the_sheet_deletes_it(running: Running) -> None:
    connect(running, KIM)
    talk = running.talk("05315000").say("Ich möchte mich einbürgern lassen").press("/talk_to_human").say("Amal").press("/stop")
    assert "gelöscht" in talk.text
    assert "card" not in talk.say("Guten Tag").text


def connect(running: Running, office: str) -> None:
    """Make sure that somebody at the desk answers for the office."""
    with sqlite3.connect(running.data / "lotse.sqlite") as database:
        known = {row for (row,) in database.execute("SELECT office FROM user_offices")}
    if office not in known:
        running.add_user(f"desk-{office}", office)
