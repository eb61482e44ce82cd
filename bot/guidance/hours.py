"""Opening hours: OSM syntax, NRW's holidays, Europe/Berlin. "Only by appointment" is a property of the office, not of its hours."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import holidays
from opening_hours import OpeningHours

BERLIN = ZoneInfo("Europe/Berlin")
#: Beyond this, "opens on …" helps nobody.
_HORIZON = timedelta(days=10)


@cache
def _parsed(osm: str) -> OpeningHours:
    return OpeningHours(osm)


@cache
def _holidays(year: int) -> frozenset[date]:
    # The library behind OpeningHours does not know Corpus Christi and All Saints' Day in NRW.
    return frozenset(holidays.country_holidays("DE", subdiv="NW", years=year))


def is_open(osm: str, now: datetime) -> bool:
    local = now.astimezone(BERLIN)
    return local.date() not in _holidays(local.year) and bool(_parsed(osm).is_open(local.replace(tzinfo=None)))


def opens_next(osm: str, now: datetime) -> datetime | None:
    """When it opens next, within ten days; aware, Europe/Berlin."""
    local = now.astimezone(BERLIN).replace(tzinfo=None)
    end = local + _HORIZON
    moment = local
    while moment < end:
        change = _parsed(osm).next_change(moment)
        if change is None or change >= end:
            return None
        if _parsed(osm).is_open(change) and change.date() not in _holidays(change.year):
            return change.replace(tzinfo=BERLIN)
        moment = change
    return None
