"""Which language to answer in."""

from __future__ import annotations

import pytest

from bot.conversation.language import Present, decide

LONG = "Oturma iznim bitiyor ne yapmalıyım"


@pytest.mark.parametrize(
    ("present", "text", "guesses", "expected"),
    [
        (Present("de", False, True), LONG, [("tr", 0.99)], "tr"),
        (Present("de", False, True), "hm", [("tr", 0.3)], "de"),
        (Present("tr", False, False), LONG, [("de", 0.7), ("tr", 0.3)], "tr"),
        (Present("tr", False, False), LONG, [("de", 0.95)], "de"),
        (Present("tr", False, False), "ok", [("de", 0.99)], "tr"),
        (Present("ar", True, False), LONG, [("tr", 0.85)], "ar"),
        (Present("ar", True, False), LONG, [("tr", 0.97)], "tr"),
        (Present("ar", True, False), LONG, [], "ar"),
        (Present("ar", True, False), LONG, [("xx", 1.0)], "ar"),
    ],
)
def test_decide(present: Present, text: str, guesses: list[tuple[str, float]], expected: str) -> None:
    assert decide(present, text, guesses) == expected
