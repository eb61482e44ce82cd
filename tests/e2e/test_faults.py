"""Killing things: the engine in mid-conversation, the application after "send"."""

from __future__ import annotations

import json
import signal
import socket
import time
from pathlib import Path

import httpx

from tests.e2e.test_path import KIM, fill_sheet
from tests.running import add_user, lotse, start


def test_the_conversation_survives_the_engine(tmp_path: Path) -> None:
    with start(tmp_path) as running:
        running.add_user("faults", KIM)
        talk = running.talk("05315000").say("Ich möchte mich einbürgern lassen").press("/next_step")
        talk.press("/talk_to_human").say("Amal")
        running.engine().send_signal(signal.SIGKILL)
        talk.say("Hallo, ist da jemand?")
        assert "112" in talk.text
        assert any(payload.startswith("/") for payload in talk.payloads), "no menu"
        assert "Einbürgerung" in talk.text, "no office of the topic at hand"
        assert "nicht verloren" in talk.text
        talk.press("/register_address")
        assert "Bürgeramt" in talk.text
        time.sleep(1)
        running.wait_ready()
        talk.press('/choose{"sheet_contact": "here"}')
        assert any("sheet_interpreter" in payload for payload in talk.payloads), talk.text


def test_a_confirmed_referral_survives_the_application(tmp_path: Path) -> None:
    with start(tmp_path) as running:
        add_user(tmp_path, "faults", KIM)
        talk = running.talk("05315000").say("Ich möchte mich einbürgern lassen")
        draft = fill_sheet(talk)["draft"]
        talk.press(f"sheet.send {json.dumps({'draft': draft, 'consent': True})}")
        code = talk.card("sent")["code"]
        engine = running.engine()
        running.process.kill()
        running.process.wait()
        engine.wait(10)  # the engine ends with the application: no orphan keeps a port
    with start(tmp_path) as again:
        assert "noch niemand geöffnet" in again.talk(None).press(f'case.open {{"code": "{code}"}}').text
        headers = {"Authorization": f"Bearer {talk.token}"}
        lines = httpx.get(f"{again.url}/api/messages", headers=headers, timeout=30).json()["lines"]
        assert any(code in line["message"]["text"] for line in lines)
        talk.url = again.url
        talk.press(f"sheet.send {json.dumps({'draft': draft, 'consent': True})}")
        assert code in talk.text


def test_ctrl_c_ends_everything(tmp_path: Path) -> None:
    with start(tmp_path) as running:
        engine = running.engine()
        running.process.send_signal(signal.SIGINT)
        assert running.process.wait(20) == 0
        engine.wait(10)
        assert "Traceback" not in running.logs()


def test_a_port_in_use_is_said_in_one_sentence(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = lotse("serve", "--port", str(port), "--data", str(tmp_path))
    assert done.returncode == 1
    assert done.stderr.strip().splitlines()[-1].startswith(f"lotse: Port {port} is in use")
    assert "Traceback" not in done.stderr
