"""Values inside texts: money, dates, periods and numbers in the reader's conventions; names left as they are."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_time
from babel.lists import format_list
from babel.numbers import format_currency, format_decimal
from babel.units import format_unit

from bot.i18n.languages import LANGUAGES

BERLIN = ZoneInfo("Europe/Berlin")
_FIRST_STRONG_ISOLATE, _POP = "\u2068", "\u2069"
# A run of Latin letters, digits and what joins them: in right-to-left text it must not mix with its surroundings.
_LEFT_TO_RIGHT = re.compile(
    r"[§+]?[\u2068]?[A-Za-zÄÖÜäöüß0-9§€@+][^\u0590-\u08FF\u2069\n.،؛؟!:()]*(?:[.:][A-Za-z0-9][^\u0590-\u08FF\u2069\n.،؛؟!:()]*)*"
)


def locale_of(language: str) -> Locale:
    return Locale.parse(LANGUAGES[language].locale or language)


def written(value: Any, language: str) -> str:
    """A parameter as text; typed values are ``{"type": …, …}`` as in the facts of a topic."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        raise TypeError("a yes or no is a text of its own, not a parameter")
    locale = locale_of(language)
    if isinstance(value, int | float):
        return format_decimal(value, locale=locale)
    if isinstance(value, list):
        return format_list([written(item, language) for item in value], locale=locale)
    match value:
        case {"type": "money", "amount": amount}:
            whole = float(amount).is_integer()
            return format_currency(amount, "EUR", "#,##0\xa0¤" if whole else "#,##0.00\xa0¤", locale=locale, currency_digits=False)
        case {"type": "period", "unit": unit, "amount": amount}:
            return format_unit(amount, f"duration-{unit}", locale=locale)
        case {"type": "number", "amount": amount}:
            return format_decimal(amount, locale=locale)
        case {"type": "date", "value": day}:
            return format_date(day if isinstance(day, date) else date.fromisoformat(day), "long", locale=locale)
        case {"type": "moment", "value": moment}:
            local = datetime.fromisoformat(moment).astimezone(BERLIN)
            return f"{format_date(local, 'full', locale=locale)}, {format_time(local, 'short', locale=locale)}"
        case {"type": "language", "value": tag}:
            return LANGUAGES[tag].name if tag == language else locale.languages.get(tag) or LANGUAGES[tag].name
        case {"type": "phone" | "url" | "name", "value": text}:
            return str(text)
    raise TypeError(f"no way to write {type(value).__name__} in a text")


def apart(text: str) -> str:
    """A value in right-to-left text, with its own direction."""
    return f"{_FIRST_STRONG_ISOLATE}{text}{_POP}" if text else ""


def isolated(text: str) -> str:
    """Right-to-left text with every left-to-right run set apart (FSI … PDI), so that its order survives."""
    return _LEFT_TO_RIGHT.sub(lambda run: _isolate(run[0]), text)


def _isolate(run: str) -> str:
    core = run.rstrip(" ,-–")
    return f"{_FIRST_STRONG_ISOLATE}{core}{_POP}{run[len(core) :]}" if core else run
