"""What a pressed button sends back. It comes from outside: checked once, here, before anything uses it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

_SHAPE = re.compile(r"(/[a-z_]{1,60}|[a-z]{1,20}(?:\.[a-z_]{1,20})?)\s*(\{.*\})?", re.DOTALL)
_ENTITIES = frozenset(
    {
        "municipality",
        "status",
        "age",
        "benefit",
        "arrived",
        "works",
        "sheet_name",
        "sheet_contact",
        "sheet_contact_value",
        "sheet_interpreter",
        "sheet_urgency",
        "sheet_question",
    }
)
_VALUE = re.compile(r"[\w+-]{1,40}")
#: Payloads that the application answers itself; the others go to the engine as an intent.
OWN = frozenset(
    {"sheet.send", "sheet.discard", "case.answer", "case.write", "case.bot", "case.withdraw", "case.open", "language", "delete"}
)


class BadPayload(ValueError):
    """Raised when a payload is none that our buttons send."""


@dataclass(frozen=True, slots=True)
class Payload:
    """``name`` is an own command or ``/intent``; ``raw`` its JSON as it came."""

    name: str
    values: dict[str, Any]
    raw: str

    @property
    def intent(self) -> str | None:
        return self.name[1:] if self.name.startswith("/") else None

    def for_engine(self) -> str:
        return self.name + (json.dumps(self.values) if self.values else "")


def parse_payload(payload: str, intents: frozenset[str]) -> Payload:
    """Raises ``BadPayload``."""
    shape = _SHAPE.fullmatch(payload.strip())
    if not shape:
        raise BadPayload
    name, raw = shape[1], shape[2] or "{}"
    try:
        values = json.loads(raw)
    except ValueError:
        raise BadPayload from None
    if name.startswith("/"):
        if name[1:] not in intents or not all(
            key in _ENTITIES and isinstance(value, str) and _VALUE.fullmatch(value) for key, value in values.items()
        ):
            raise BadPayload
    elif name not in OWN:
        raise BadPayload
    return Payload(name, values, raw)
