"""``make bench``: 200 turns through the web API, engine included, and where their time goes. Prints a Markdown table."""

from __future__ import annotations

import asyncio
import json
import platform
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import quantiles
from time import perf_counter

import httpx
import psutil
import uvicorn

from bot.bootstrap import Application, build_application
from bot.conversation.engine_process import free_port
from bot.conversation.timing import Timing
from bot.settings import PROJECT, load_settings

_TURNS = 200
_LANGUAGES = ("de", "tr", "ar", "uk", "fa")
_BUTTONS = ("/next_step", "/ask_documents", "/ask_cost")


async def measure(folder: Path) -> None:
    port = free_port()
    settings = load_settings(data=folder, port=port, messages_per_minute=100_000, conversations_per_minute=100_000)
    application = build_application(settings, f"http://127.0.0.1:{port}")
    server = uvicorn.Server(uvicorn.Config(application.app, port=port, log_level="warning", access_log=False))
    serving = asyncio.create_task(server.serve())
    started = perf_counter()
    while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
        await asyncio.sleep(0.05)
    if not await application.engine.wait_until_ready(120):
        sys.exit("the engine does not start")
    print(f"Ready after {perf_counter() - started:.1f} s.", file=sys.stderr)
    texts = _texts()
    parts = _watch(application)
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
        await _turns(client, texts[:20])  # warm
        parts.clear()
        calls, seconds = application.actions.calls, application.actions.seconds
        totals = await _turns(client, texts)
    parses = [await _parse(application, text) for text in texts]
    _report(totals, parts, parses, (application.actions.seconds - seconds) / len(totals), (application.actions.calls - calls) / len(totals))
    memory = [psutil.Process().memory_info().rss, psutil.Process(application.engine.pid).memory_info().rss]
    print(f"| memory: application / engine | {memory[0] / 2**20:.0f} MiB | {memory[1] / 2**20:.0f} MiB |")
    server.should_exit = True
    await serving


async def _turns(client: httpx.AsyncClient, texts: list[str]) -> list[float]:
    """Half typed, half pressed; a new conversation every ten turns."""
    totals: list[float] = []
    token = ""
    for number in range(len(texts)):
        if number % 10 == 0:
            token = (await client.post("/api/conversations", json={"municipality": "05315000"})).json()["token"]
        body = {"text": texts[number]} if number % 2 == 0 else {"payload": _BUTTONS[number % 3]}
        started = perf_counter()
        answer = await client.post("/api/messages", json=body, headers={"Authorization": f"Bearer {token}"})
        totals.append(perf_counter() - started)
        answer.raise_for_status()
    return totals


def _watch(application: Application) -> list[dict[str, float]]:
    """Collects the parts of every turn."""
    collected: list[dict[str, float]] = []
    take = application.turns.take

    async def watched(*arguments: object) -> object:
        with Timing.measured() as parts:
            result = await take(*arguments)  # type: ignore[arg-type]
        collected.append(parts)
        return result

    application.turns.take = watched  # type: ignore[method-assign, assignment]
    return collected


async def _parse(application: Application, text: str) -> float:
    started = perf_counter()
    await application.client.parse([text])
    return perf_counter() - started


def _texts() -> list[str]:
    """Evaluation messages: five languages, mixed."""
    files = [PROJECT / f"tests/understanding/{tag}/messages.jsonl" for tag in _LANGUAGES]
    rows = [[json.loads(line)["text"] for line in path.read_text(encoding="utf-8").splitlines()] for path in files]
    return [text for mixed in zip(*rows, strict=False) for text in mixed][:_TURNS]


def _encoder(texts: list[str]) -> list[float]:
    program = (
        "import json, sys, time; from pathlib import Path; from engine.encoder import Encoder\n"
        "encoder = Encoder(Path('models/encoder')); texts = json.load(sys.stdin); encoder(texts[:1]); out = []\n"
        "for text in texts:\n    start = time.perf_counter(); encoder([text]); out.append(time.perf_counter() - start)\n"
        "print(json.dumps(out))"
    )
    done = subprocess.run(
        [PROJECT / ".venv-engine/bin/python", "-c", program],
        input=json.dumps(texts),
        capture_output=True,
        text=True,
        check=True,
        cwd=PROJECT,
    )
    return list(json.loads(done.stdout))


def _report(totals: list[float], parts: list[dict[str, float]], parses: list[float], actions: float, calls: float) -> None:
    print(f"{len(totals)} turns, half typed (five languages), half pressed; {platform.machine()}, {psutil.cpu_count()} cores\n")
    print("| part | p50 | p95 |\n|---|---|---|")
    _row("whole turn over HTTP", totals)
    _row("of it: engine (understanding, rules, its action calls)", [part.get("engine", 0.0) for part in parts])
    _row("of it: storing", [part.get("store", 0.0) for part in parts])
    _row("of it: writing in the reader's language", [part.get("render", 0.0) for part in parts])
    _row("of it: urgent rules (typed turns)", [part["urgent"] for part in parts if "urgent" in part])
    _row("one parse over HTTP (engine without rules and actions)", parses)
    _row("encoder alone, one thread", _encoder(_texts()))
    print(f"| actions, mean per turn ({calls:.1f} calls) | {actions * 1000:.1f} ms | |")


def _row(name: str, seconds: list[float]) -> None:
    cuts = quantiles(seconds, n=20)
    print(f"| {name} | {cuts[9] * 1000:.1f} ms | {cuts[18] * 1000:.1f} ms |")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="lotse-bench-") as scratch:
        asyncio.run(measure(Path(scratch)))
