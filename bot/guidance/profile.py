"""What a person may tell us about themselves, as far as it can change which office is responsible."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date
from enum import StrEnum
from typing import Any


class Status(StrEnum):
    """Residence status in the words of the ``route`` contract."""

    EU_CITIZEN = "eu_citizen"
    RESIDENCE_PERMIT = "residence_permit"
    RECOGNISED_REFUGEE = "recognised_refugee"
    SECTION_24 = "section_24"
    ASYLUM_SEEKER = "asylum_seeker"
    TOLERATED = "tolerated"
    STUDENT = "student"
    GERMAN = "german"
    UNKNOWN = "unknown"


class Benefit(StrEnum):
    """The benefit somebody already receives."""

    BASIC_INCOME = "basic_income"
    ASYLUM_BENEFITS = "asylum_benefits"
    UNEMPLOYMENT_BENEFIT = "unemployment_benefit"
    PENSION = "pension"
    HOUSING_BENEFIT = "housing_benefit"
    CHILD_SUPPLEMENT = "child_supplement"
    NONE = "none"


class BadProfile(ValueError):
    """Raised when a profile field has a value that is not in the contract; the message names the field."""


@dataclass(frozen=True, slots=True)
class Profile:
    """Everything optional: ``None`` means not known."""

    age: int | None = None
    status: Status | None = None
    arrived: date | None = None
    children: int | None = None
    works: bool | None = None
    receives: Benefit | None = None

    @classmethod
    def parse(cls, raw: dict[str, Any]) -> Profile:
        """Read the contract's JSON object; unknown fields and impossible values raise ``BadProfile``."""
        unknown = set(raw) - {field.name for field in fields(cls)}
        if unknown:
            raise BadProfile(f"unknown profile field: {', '.join(sorted(unknown))}")
        return cls(
            age=_number(raw, "age", 130),
            status=_choice(raw, "status", Status),
            arrived=_day(raw),
            children=_number(raw, "children", 30),
            works=_flag(raw, "works"),
            receives=_choice(raw, "receives", Benefit),
        )


def _number(raw: dict[str, Any], name: str, highest: int) -> int | None:
    value = raw.get(name)
    if value is None:
        return None
    # "children" also comes as true/false or as a list of children; what counts is how many.
    if isinstance(value, list):
        value = len(value)
    if isinstance(value, bool) and name == "children":
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= highest:
        raise BadProfile(f"{name} must be a whole number from 0 to {highest}")
    return value


def _choice[E: StrEnum](raw: dict[str, Any], name: str, kind: type[E]) -> E | None:
    value = raw.get(name)
    if value is None:
        return None
    try:
        return kind(value)
    except ValueError:
        raise BadProfile(f"{name} must be one of {', '.join(kind)}") from None


def _day(raw: dict[str, Any]) -> date | None:
    value = raw.get("arrived")
    if value is None:
        return None
    text = str(value)
    # A bare year or month is common; its first day decides no rule wrongly that the year itself would decide.
    padded = text + "-01-01"[{4: 0, 7: 3}.get(len(text), 6) :]
    try:
        return date.fromisoformat(padded)
    except ValueError:
        raise BadProfile("arrived must be a date like 2025-06-01") from None


def _flag(raw: dict[str, Any], name: str) -> bool | None:
    value = raw.get(name)
    if value is not None and not isinstance(value, bool):
        raise BadProfile(f"{name} must be true or false")
    return value
