"""``lotse classify``: understanding as the running bot does it, as JSON lines."""

from __future__ import annotations

import asyncio
import json
import tempfile
from collections.abc import Iterator
from itertools import batched
from pathlib import Path
from typing import Any, TextIO

from bot.conversation.engine_client import EngineClient, Understanding
from bot.conversation.engine_process import EngineMissing, EngineProcess
from bot.conversation.urgent import Alarm, UrgentRules
from bot.errors import ClearError
from bot.guidance.talk import DECLINE_BELOW
from bot.i18n.languages import SOURCE, supported

_BATCH = 100
#: Stands for a line without words, which the bot answers itself.
_BLANK = "."
_START_SECONDS = 120
_UNSURE = "nlu_fallback"
_DECLINED = "out_of_scope"


class BadLine(ClearError, ValueError):
    """Raised when a line is not ``{"id", "text"}``; the message names the line."""


def classify_lines(source: TextIO, target: TextIO, root: Path) -> None:
    asyncio.run(_classify(source, target, root))


async def _classify(source: TextIO, target: TextIO, root: Path) -> None:
    urgent = UrgentRules.load(root / "content/urgent")
    client = EngineClient(timeout=60)
    with tempfile.TemporaryDirectory(prefix="lotse-") as scratch:
        engine = EngineProcess(root, Path(scratch), client, "http://127.0.0.1:9/none")
        await engine.start()
        try:
            if not await engine.wait_until_ready(_START_SECONDS):
                raise EngineMissing("the engine does not start: run 'make setup' and 'make train'")
            for batch in batched(_lines(source), _BATCH):
                found = await client.parse([_asked(line) or _BLANK for line in batch], seconds=120)
                for line, understanding in zip(batch, found, strict=True):
                    target.write(json.dumps(_result(line, understanding, urgent), ensure_ascii=False) + "\n")
                target.flush()
        finally:
            await engine.stop()
            await client.close()


def _lines(source: TextIO) -> Iterator[dict[str, Any]]:
    for number, raw in enumerate(source, start=1):
        if not raw.strip():
            continue
        try:
            line = json.loads(raw)
        except ValueError:
            raise BadLine(f"line {number} is not JSON") from None
        if not isinstance(line, dict) or not isinstance(line.get("text"), str):
            raise BadLine(f"line {number} has no text")
        yield line


def _result(line: dict[str, Any], understanding: Understanding, urgent: UrgentRules) -> dict[str, Any]:
    alarm = urgent.check(line["text"])
    guesses = understanding.ranking
    intent, confidence = _decision(alarm, understanding) if _asked(line) else (_DECLINED, 1.0)
    others = [{"intent": guess.intent, "confidence": round(guess.confidence, 4)} for guess in guesses if guess.intent != intent][:3]
    return {
        "id": line.get("id"),
        "language": _language(line, understanding),
        "intent": intent,
        "confidence": round(confidence, 4),
        "alternatives": others,
    }


def _asked(line: dict[str, Any]) -> str:
    """What the engine gets, as in a turn: without the slash that marks buttons."""
    return str(line["text"]).strip().lstrip("/ ")


def _decision(alarm: Alarm | None, understanding: Understanding) -> tuple[str, float]:
    """The rules first; where the bot would offer its best three, the best of them."""
    if alarm and not alarm.over:
        return alarm.danger, 1.0
    if understanding.intent != _UNSURE:
        return understanding.intent, understanding.confidence
    best = understanding.ranking[0] if understanding.ranking else None
    return (best.intent, best.confidence) if best and best.confidence >= DECLINE_BELOW else (_DECLINED, 1 - DECLINE_BELOW)


def _language(line: dict[str, Any], understanding: Understanding) -> str:
    given = supported(line.get("lang")) if isinstance(line.get("lang"), str) else None
    return given or next((tag for tag, _ in understanding.languages), SOURCE)
