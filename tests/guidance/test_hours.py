"""Open now, opens next: with NRW's holidays, in Berlin's time."""

from __future__ import annotations

from datetime import datetime

import pytest

from bot.guidance.hours import BERLIN, is_open, opens_next

WEEKDAYS = "Mo-Fr 08:00-12:00"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN)


@pytest.mark.parametrize(
    ("moment", "open_then"),
    [
        ("2026-11-25T09:00", True),
        ("2026-11-25T12:30", False),
        ("2026-11-28T09:00", False),
        ("2026-06-04T09:00", False),  # Corpus Christi, a holiday in NRW
        ("2027-11-01T09:00", False),  # All Saints' Day, a Monday
    ],
)
def test_open_now(moment: str, open_then: bool) -> None:
    assert is_open(WEEKDAYS, at(moment)) is open_then


def test_opens_next_skips_weekend_and_holiday() -> None:
    assert opens_next(WEEKDAYS, at("2027-10-29T13:00")) == at("2027-11-02T08:00")


def test_another_time_zone_is_understood() -> None:
    assert is_open(WEEKDAYS, datetime.fromisoformat("2026-11-25T08:30:00+00:00"))
    assert not is_open(WEEKDAYS, datetime.fromisoformat("2026-11-25T11:30:00+00:00"))
