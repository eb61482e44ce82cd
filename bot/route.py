"""``lotse route``: who is responsible, as JSON lines; no engine needed."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any, TextIO

from bot.bootstrap import Content, read_content
from bot.conversation.clock import now
from bot.guidance.answers import ROLE, Answering, topic_title
from bot.guidance.directory import UnknownMunicipality
from bot.guidance.profile import BadProfile, Profile
from bot.guidance.responsibilities import Responsibility
from bot.i18n.languages import SOURCE


class BadCase(ValueError):
    """Raised when a line is no case; the message says why."""


def route_lines(source: TextIO, target: TextIO, root: Path) -> int:
    """Answer every line; a bad one gets ``{"id", "error"}`` and the rest goes on. Returns the number of bad lines."""
    content = read_content(root)
    bad = 0
    for number, line in enumerate(source, start=1):
        if not line.strip():
            continue
        try:
            case = _case(line)
            result = {"id": case.get("id"), "offices": _offices(content, case)}
        except BadCase as error:
            bad += 1
            result = {"id": _id(line), "error": str(error)}
            print(f"line {number}: {error}", file=sys.stderr)
        target.write(json.dumps(result, ensure_ascii=False) + "\n")
        target.flush()
    return bad


def _case(line: str) -> dict[str, Any]:
    try:
        case = json.loads(line)
    except ValueError:
        raise BadCase("not a JSON object") from None
    if not isinstance(case, dict):
        raise BadCase("not a JSON object")
    return case


def _id(line: str) -> Any:
    try:
        return json.loads(line).get("id")
    except (ValueError, AttributeError):
        return None


def _offices(content: Content, case: dict[str, Any]) -> list[dict[str, Any]]:
    topic, place = case.get("intent"), case.get("municipality")
    if topic not in content.guidance.topics:
        raise BadCase(f"intent {topic!r} is no topic")
    try:
        ags = content.guidance.directory.find(str(place))[0].ags if place else ""
        profile = Profile.parse(case.get("profile") or {})
    except UnknownMunicipality:
        raise BadCase(f"municipality {place!r} is not one of North Rhine-Westphalia's") from None
    except (BadProfile, AttributeError, TypeError) as error:
        raise BadCase(f"profile: {error}") from None
    answering = Answering(content.guidance, now())
    return [_office(content, answering, one, topic, ags, profile) for one in answering.decide(topic, profile, ags)]


def _office(content: Content, answering: Answering, one: Responsibility, topic: str, ags: str, profile: Profile) -> dict[str, Any]:
    office = answering.office(one.role, ags, profile)
    name = office.name if office else content.texts(ROLE + one.role, SOURCE)
    why = content.texts(one.why, SOURCE, {"topic": content.texts(topic_title(topic), SOURCE)})
    return {
        "role": one.role,
        "name": name,
        "why": why,
        "source": one.source,
        "certainty": one.certainty,
        "office": office.id if office else None,
    }
