"""The answer to danger: numbers first, the same for the rules, the model and a dead engine."""

from __future__ import annotations

from typing import Any, Literal

from bot.channels.message import OutgoingMessage, button, say, text, verbatim, word
from bot.guidance.directory import Office
from bot.guidance.load import Guidance

Danger = Literal["emergency", "violence"]
_LINES: dict[str, tuple[str, ...]] = {"emergency": ("fire", "police", "crisis"), "violence": ("police", "women", "men")}


def help_lines(guidance: Guidance, danger: str, shelter: Office | None = None) -> list[OutgoingMessage]:
    """``danger`` is emergency or violence; ``shelter`` the town's advice centre against violence, where one is known."""
    lines = _LINES[danger]
    numbers = {name: number(guidance, name) for name in lines}
    message = text("dialogue.urgent_emergency" if danger == "emergency" else "dialogue.urgent_violence", **numbers)
    paragraphs = [message]
    if danger == "violence" and shelter and shelter.phone:
        paragraphs.append(verbatim(f"{shelter.name}\n{shelter.phone}"))
    paragraphs.append(text("dialogue.urgent_then"))
    card = {
        "type": "urgent",
        "danger": danger,
        "lead": [{"$text": message.key, "parameters": message.parameters}],
        "numbers": _calls(guidance, lines),
    }
    buttons = (button("dialogue.menu_steps", "/next_step"), button("dialogue.menu_human", "/talk_to_human"))
    return [OutgoingMessage(paragraphs=tuple(paragraphs), buttons=buttons, card=card)]


def soft_offer(guidance: Guidance) -> OutgoingMessage:
    """For violence that is over: no siren, but the help line."""
    return say("dialogue.violence_past", women=number(guidance, "women"), men=number(guidance, "men"))


def number(guidance: Guidance, line: str) -> dict[str, str]:
    return {"type": "phone", "value": guidance.directory.hotlines[line].number}


def _calls(guidance: Guidance, lines: tuple[str, ...]) -> list[dict[str, Any]]:
    hotlines = [guidance.directory.hotlines[line] for line in lines]
    return [
        {"number": line.number, "title": word("dialogue.call_number", number=number(guidance, line.id)), "name": line.name}
        for line in hotlines
    ]
