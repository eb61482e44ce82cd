"""The command line's contracts: classify, route, check."""

from __future__ import annotations

import json
import time

from tests.running import lotse


def test_classify_keeps_order_and_form() -> None:
    lines = [
        {"id": 1, "text": "Ich möchte Deutsche werden"},
        {"id": "b", "text": "Kocam beni dövüyor", "lang": "tr"},
        {"id": None, "text": ""},
        {"id": 4, "text": "////"},
        {"id": 5, "text": "wie hat bayern gestern gespielt"},
    ]
    done = lotse("classify", lines=lines)
    assert done.returncode == 0, done.stderr
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert [answer["id"] for answer in answers] == [1, "b", None, 4, 5]
    assert set(answers[0]) == {"id", "language", "intent", "confidence", "alternatives"}
    assert (answers[0]["intent"], answers[0]["language"]) == ("citizenship", "de")
    assert (answers[1]["intent"], answers[1]["language"]) == ("violence", "tr")
    assert answers[4]["intent"] == "out_of_scope"
    assert 2 <= len(answers[0]["alternatives"]) <= 3


def test_a_thousand_lines_in_a_minute() -> None:
    lines = [{"id": number, "text": f"Ich habe eine Frage zu meinem Bescheid Nummer {number}"} for number in range(1000)]
    started = time.monotonic()
    done = lotse("classify", lines=lines)
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) == 1000
    assert time.monotonic() - started < 60


def test_a_bad_line_is_named() -> None:
    done = lotse("classify", lines=[{"id": 1, "text": "hallo"}, {"id": 2}])
    assert done.returncode == 1
    assert "line 2" in done.stderr
    assert "Traceback" not in done.stderr


def test_route_answers_every_line() -> None:
    lines = [
        {"id": "a", "municipality": "Köln", "profile": {"status": "tolerated", "age": 30}, "intent": "basic_income_support"},
        {"id": "b", "municipality": "05711000", "profile": {}, "intent": "citizenship"},
        {"id": "c", "municipality": None, "profile": None, "intent": "migration_counselling"},
        {"id": "d", "municipality": "Hamburg", "profile": {}, "intent": "citizenship"},
        {"id": "e", "municipality": "Köln", "profile": {"status": "king"}, "intent": "citizenship"},
        {"id": "f", "municipality": "Köln", "profile": {}, "intent": "astrology"},
    ]
    done = lotse("route", lines=lines)
    answers = {answer["id"]: answer for answer in map(json.loads, done.stdout.splitlines())}
    assert done.returncode == 1
    assert answers["a"]["offices"][0]["role"] == "sozialamt"
    assert set(answers["a"]["offices"][0]) >= {"role", "name", "why", "source"}
    assert answers["b"]["offices"][0]["name"]
    assert answers["c"]["offices"]
    assert all("error" in answers[name] for name in "def")


def test_check_is_green() -> None:
    done = lotse("check", "--errors")
    assert done.returncode == 0, done.stdout[-3000:]
