"""Runs the real program as a child process and speaks to it over HTTP, as a channel would."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psutil

from bot.settings import PROJECT

LOTSE = str(PROJECT / ".venv/bin/lotse")
PASSWORD = "ein-langes-passwort"  # noqa: S105 - of invented accounts
_READY_SECONDS = 120


@dataclass
class Running:
    """A running Lotse."""

    process: subprocess.Popen[str]
    data: Path
    url: str
    output: Path

    def talk(self, municipality: str | None = "05315000", language: str | None = None) -> Talk:
        answer = httpx.post(f"{self.url}/api/conversations", json={"municipality": municipality, "language": language}, timeout=30)
        assert answer.status_code == 201, answer.text
        return Talk(self.url, answer.json()["token"], answer.json())

    def engine(self) -> psutil.Process:
        """The engine's process."""
        return next(
            child for child in psutil.Process(self.process.pid).children(recursive=True) if "engine.serve" in " ".join(child.cmdline())
        )

    def wait_ready(self, seconds: float = _READY_SECONDS) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            try:
                if httpx.get(f"{self.url}/readyz", timeout=5).status_code == 200:
                    return
            except httpx.HTTPError:
                pass
            time.sleep(0.2)
        raise AssertionError(f"not ready after {seconds} s")

    def add_user(self, login: str, *offices: str, name: str = "") -> None:
        add_user(self.data, login, *offices, name=name)

    def logs(self) -> str:
        """Everything the program and its engine wrote to their logs."""
        files = [self.output, *self.data.glob("*.log")]
        return "\n".join(path.read_text(encoding="utf-8", errors="replace") for path in files if path.exists())


@dataclass
class Talk:
    """One conversation."""

    url: str
    token: str
    last: dict[str, Any]
    said: list[dict[str, Any]] = field(default_factory=list)

    def post(self, body: dict[str, Any], token: str | None = None) -> httpx.Response:
        headers = {"Authorization": f"Bearer {token or self.token}"}
        return httpx.post(f"{self.url}/api/messages", json=body, headers=headers, timeout=60)

    def say(self, text: str) -> Talk:
        return self._send({"text": text})

    def press(self, payload: str) -> Talk:
        return self._send({"payload": payload})

    def press_titled(self, part: str) -> Talk:
        """Press the newest button whose title holds ``part``."""
        found = [button for message in self.last["messages"] for button in message["buttons"] if part in button["title"]]
        assert found, f"no button {part!r} among {[button['title'] for message in self.last['messages'] for button in message['buttons']]}"
        return self.press(found[-1]["payload"])

    def history(self, after: int = 0) -> dict[str, Any]:
        answer = httpx.get(
            f"{self.url}/api/messages", params={"after": after}, headers={"Authorization": f"Bearer {self.token}"}, timeout=30
        )
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    @property
    def text(self) -> str:
        return "\n\n".join(message["text"] for message in self.last["messages"])

    @property
    def payloads(self) -> list[str]:
        return [button["payload"] for message in self.last["messages"] for button in message["buttons"]]

    def card(self, kind: str) -> dict[str, Any]:
        found = [message["data"] for message in self.last["messages"] if message["data"] and message["data"]["type"] == kind]
        assert found, f"no card {kind} in {self.text}"
        return dict(found[0])

    def _send(self, body: dict[str, Any]) -> Talk:
        answer = self.post(body)
        assert answer.status_code == 200, answer.text
        self.last = answer.json()
        self.said.append(self.last)
        return self


@contextmanager
def start(data: Path, port: int = 0, environment: dict[str, str] | None = None) -> Iterator[Running]:
    """Start ``lotse serve``; ends with the block, and kills what is left."""
    output = data / "output.txt"
    data.mkdir(parents=True, exist_ok=True)
    with output.open("w", encoding="utf-8") as file:
        process = subprocess.Popen(
            [LOTSE, "serve", "--port", str(port), "--data", str(data)],
            stdout=file, stderr=subprocess.STDOUT, text=True, env=os.environ | (environment or {}),
        )  # fmt: skip
    try:
        yield Running(process, data, _address(process, output), output)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()


def add_user(data: Path, login: str, *offices: str, name: str = "") -> None:
    options = [part for office in offices for part in ("--office", office)]
    command = [LOTSE, "user", "add", login, *options, "--name", name or login, "--data", str(data)]
    subprocess.run(command, check=True, env=os.environ | {"LOTSE_PASSWORD": PASSWORD}, capture_output=True)


def lotse(*arguments: str, lines: list[dict[str, Any]] | None = None) -> subprocess.CompletedProcess[str]:
    """Run a command of the program; ``lines`` go in as JSON lines."""
    typed = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines) if lines is not None else None
    return subprocess.run([LOTSE, *arguments], input=typed, capture_output=True, text=True, check=False, timeout=300)


def _address(process: subprocess.Popen[str], output: Path) -> str:
    until = time.monotonic() + _READY_SECONDS
    while time.monotonic() < until:
        for line in output.read_text(encoding="utf-8").splitlines():
            if line.startswith("ready "):
                return line.split()[1]
        if process.poll() is not None:
            break
        time.sleep(0.1)
    raise AssertionError(f"lotse serve did not get ready: {output.read_text(encoding='utf-8')[-2000:]}")
