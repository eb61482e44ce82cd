"""What comes back from buttons is checked once, before anything uses it."""

from __future__ import annotations

import pytest

from bot.conversation.payload import BadPayload, parse_payload

INTENTS = frozenset({"citizenship", "choose"})


@pytest.mark.parametrize("payload", ["/citizenship", '/choose{"status": "tolerated"}', 'sheet.send {"draft": "x"}', "case.write"])
def test_our_own_buttons_are_understood(payload: str) -> None:
    assert parse_payload(payload, INTENTS).name in payload


@pytest.mark.parametrize(
    "payload",
    [
        "",
        "/",
        "/session_start",
        "/restart_everything",
        '/choose{"status": ["a"]}',
        '/choose{"topic": "x"}',
        '/choose{"status": "a b; DROP"}',
        "/choose{broken",
        "sheet.steal {}",
        "hello",
        "/citizenship@1.0",
        '/choose{"status": "' + "x" * 100 + '"}',
    ],
)
def test_anything_else_is_refused(payload: str) -> None:
    with pytest.raises(BadPayload):
        parse_payload(payload, INTENTS)
