"""The web API against the running program: contracts, bad input, nothing logged."""

from __future__ import annotations

import json

import httpx
import pytest

from tests.running import Running

FORGED = "x" * 43


def test_open_and_ask(running: Running) -> None:
    talk = running.talk("05315000")
    assert set(talk.last) >= {"token", "language", "messages"}
    talk.say("Wie kann ich mich einbürgern lassen?")
    assert talk.last["language"] == "de"
    message = talk.last["messages"][0]
    assert set(message) == {"text", "buttons", "data"}
    assert "Einbürgerungsbehörde" in message["text"]
    assert message["data"]["type"] == "office"


@pytest.mark.parametrize(
    ("text", "language", "word"),
    [
        ("Alman vatandaşı olmak istiyorum", "tr", "Einbürgerungsbehörde"),
        ("أريد الحصول على الجنسية الألمانية", "ar", "Einbürgerungsbehörde"),
        ("Я хочу записать ребёнка в школу", "ru", "Schulamt"),
        ("Chciałabym się zameldować, gdzie mam iść?", "pl", "Bürgeramt"),
        ("Je cherche un cours d'allemand", "fr", "Volkshochschule"),
    ],
)
def test_the_answer_comes_in_the_language_that_was_written(running: Running, text: str, language: str, word: str) -> None:
    talk = running.talk("05315000").say(text)
    assert talk.last["language"] == language
    assert word in talk.text


def test_the_reason_is_part_of_every_office(running: Running) -> None:
    card = running.talk("Bielefeld").say("Ich möchte Deutsche werden").card("office")
    assert card["why"]
    assert card["source"].startswith("http")


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"text": ""}, 200),
        ({"text": "   \n\t "}, 200),
        ({"text": "////"}, 200),
        ({"text": "x" * 100_000}, 413),
        ({"text": "\x00\x01\x02"}, 422),
        ({"text": "a\x1b[31mb"}, 422),
        ({"text": "\ud800"}, 422),
        ({"text": 5}, 422),
        ({}, 422),
        ({"text": "a", "payload": "/help"}, 422),
        ({"text": "a", "surprise": 1}, 422),
        ({"payload": "sheet.send " + "x" * 5000}, 422),
        ({"payload": "sheet.send {}"}, 200),
        ({"payload": 'sheet.send {"draft": "00000000000000000000000000000000", "consent": true}'}, 200),
        ({"payload": 'case.open {"code": "bamido-kelura-nosifa"}'}, 200),
        ({"payload": "/session_start"}, 200),
        ({"payload": 'case.answer {"event": 1, "choice": "have"}'}, 200),
        ({"payload": 'language {"to": "klingon"}'}, 200),
    ],
)
def test_bad_input_gets_a_clear_answer(running: Running, body: dict[str, object], status: int) -> None:
    talk = running.talk()
    answer = httpx.post(
        f"{running.url}/api/messages",
        content=_json(body),
        headers={"Authorization": f"Bearer {talk.token}", "Content-Type": "application/json"},
        timeout=60,
    )
    assert answer.status_code == status, answer.text
    said = answer.json()
    assert said["messages"][0]["text"] if status == 200 else said["message"]


def test_too_long_is_said_in_the_persons_language(running: Running) -> None:
    talk = running.talk(language="tr")
    answer = talk.post({"text": "x" * 100_000})
    assert answer.json()["error"] == "message_too_long"
    assert "2.000" in answer.json()["message"]
    assert "Nachricht" not in answer.json()["message"]


def test_binary_instead_of_json(running: Running) -> None:
    talk = running.talk()
    answer = httpx.post(
        f"{running.url}/api/messages", content=bytes(range(256)) * 10, headers={"Authorization": f"Bearer {talk.token}"}, timeout=30
    )
    assert answer.status_code in (400, 422)
    huge = httpx.post(
        f"{running.url}/api/messages", content=b"x" * 2_000_000, headers={"Authorization": f"Bearer {talk.token}"}, timeout=30
    )
    assert huge.status_code == 413


@pytest.mark.parametrize("token", [FORGED, "short", "äöü", "x" * 10_000])
def test_a_forged_token_opens_nothing(running: Running, token: str) -> None:
    for method, path in (("POST", "/api/messages"), ("GET", "/api/messages"), ("DELETE", "/api/conversations")):
        headers = {"Authorization": f"Bearer {token}".encode()}
        answer = httpx.request(
            method, f"{running.url}{path}", headers=headers, json={"text": "hallo"} if method == "POST" else None, timeout=30
        )
        assert answer.status_code in (400, 401, 431), (method, answer.text)


@pytest.mark.parametrize(("municipality", "error"), [("Hamburg", "unknown_municipality"), ("33154", "ambiguous_municipality")])
def test_an_unknown_town_is_refused(running: Running, municipality: str, error: str) -> None:
    answer = httpx.post(f"{running.url}/api/conversations", json={"municipality": municipality, "language": "fr"}, timeout=30)
    assert (answer.status_code, answer.json()["error"]) == (422, error)


def test_an_unknown_language_is_no_error(running: Running) -> None:
    assert running.talk(language="zz").last["language"] == "de"


def test_the_same_message_twice_has_one_effect(running: Running) -> None:
    talk = running.talk().say("Ich möchte Deutsche werden")
    first = talk.post({"payload": "/next_step", "id": "once-and-again-1"}).json()
    again = talk.post({"payload": "/next_step", "id": "once-and-again-1"}).json()
    assert [message["text"] for message in again["messages"]] == [message["text"] for message in first["messages"]]
    assert talk.press("/next_step").card("step")["number"] == 2


def test_history_gives_back_what_was_said(running: Running) -> None:
    talk = running.talk().say("Ich suche einen Deutschkurs")
    lines = talk.history()["lines"]
    assert [line["author"] for line in lines][:4] == ["lotse", "lotse", "person", "lotse"]
    assert talk.history(after=lines[-1]["id"])["lines"] == []


def test_deleting_ends_the_conversation(running: Running) -> None:
    talk = running.talk()
    headers = {"Authorization": f"Bearer {talk.token}"}
    assert httpx.delete(f"{running.url}/api/conversations", headers=headers, timeout=30).status_code == 204
    assert talk.post({"text": "hallo"}).status_code == 401


def test_nothing_a_person_wrote_is_logged(running: Running) -> None:
    secret = "Zwetschgenkuchengeheimnis"
    talk = running.talk()
    talk.say(f"Mein Name ist {secret} und ich brauche eine Wohnung")
    talk.post({"text": f"{secret}\x00"})
    talk.post({"payload": f'/choose{{"sheet_name": "{secret}"}}'})
    talk.post({"text": secret, "surprise": secret})
    assert secret not in running.logs()


def test_actions_are_closed_to_the_outside(running: Running) -> None:
    for path in ("/internal/actions", "/internal/actions?token=guess"):
        answer = httpx.post(f"{running.url}{path}", json={"next_action": "action_answer"}, timeout=30)
        assert answer.status_code == 404


def test_health_and_description(running: Running) -> None:
    assert httpx.get(f"{running.url}/healthz", timeout=30).json() == {"status": "ok"}
    assert httpx.get(f"{running.url}/readyz", timeout=30).status_code == 200
    paths = httpx.get(f"{running.url}/openapi.json", timeout=30).json()["paths"]
    assert {"/api/conversations", "/api/messages", "/healthz", "/readyz"} <= set(paths)
    assert not any(path.startswith(("/internal", "/desk")) for path in paths)


def test_strict_headers(running: Running) -> None:
    page = httpx.get(f"{running.url}/", timeout=30)
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert page.headers["X-Content-Type-Options"] == "nosniff"
    assert "set-cookie" not in page.headers


def _json(body: dict[str, object]) -> bytes:
    """JSON as a careless sender writes it: also with lone surrogates."""
    return json.dumps(body).encode()
