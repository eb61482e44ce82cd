"""What a person tells about themselves: the values of the buttons, as a profile for the rules and as words they can check.

An answer given by button is a range ("27 to 65 years"): the rules get a value inside it, the person and the sheet see the range.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from bot.channels.message import word
from bot.guidance.profile import BadProfile, Benefit, Profile, Status

DECLINED = "declined"
#: answer → text, and an age inside it
AGES = {
    "0-11": ("profile.age_child", 8),
    "12-26": ("profile.age_young", 20),
    "27-65": ("profile.age_adult", 40),
    "66": ("profile.age_66", 66),
    "67+": ("profile.age_old", 70),
}
STATUSES = {
    Status.EU_CITIZEN: "profile.status_eu_citizen",
    Status.RESIDENCE_PERMIT: "profile.status_residence_permit",
    Status.RECOGNISED_REFUGEE: "profile.status_recognised_refugee",
    Status.SECTION_24: "profile.status_section_24",
    Status.ASYLUM_SEEKER: "profile.status_asylum_seeker",
    Status.TOLERATED: "profile.status_tolerated",
    Status.STUDENT: "profile.status_student",
    Status.GERMAN: "profile.status_german",
    Status.UNKNOWN: "profile.status_unknown",
}
BENEFITS = {
    Benefit.BASIC_INCOME: "profile.benefit_basic_income",
    Benefit.ASYLUM_BENEFITS: "profile.benefit_asylum_benefits",
    Benefit.UNEMPLOYMENT_BENEFIT: "profile.benefit_unemployment_benefit",
    Benefit.PENSION: "profile.benefit_pension",
    Benefit.HOUSING_BENEFIT: "profile.benefit_housing_benefit",
    Benefit.CHILD_SUPPLEMENT: "profile.benefit_child_supplement",
    Benefit.NONE: "profile.benefit_none",
}
WORKS = {"true": "profile.works_yes", "false": "profile.works_no"}
#: The day from which the treatment of people from Ukraine was to differ by arrival.
TURN = date(2025, 4, 1)
ARRIVED = {"before": ("profile.arrived_before", date(2024, 1, 1)), "since": ("profile.arrived_since", TURN)}
TURN_DAY = {"type": "date", "value": TURN.isoformat()}
#: slot → profile field of the rules
FIELD_OF = {"status": "status", "age": "age", "benefit": "receives", "arrived": "arrived", "works": "works"}


def profile_of(told: Mapping[str, str | None]) -> Profile:
    """The profile behind the slots; what was declined, or does not fit, is not known."""
    known: dict[str, Any] = {}
    for slot, field in FIELD_OF.items():
        answer = told.get(slot)
        if answer is None or answer == DECLINED:
            continue
        value = _value(slot, answer)
        try:
            Profile.parse({field: value})
        except BadProfile:
            continue
        known[field] = value
    return Profile.parse(known)


def _value(slot: str, answer: str) -> Any:
    """A slot's answer as the rules take it."""
    match slot:
        case "age":
            return AGES[answer][1] if answer in AGES else int(answer) if answer.isdigit() else None
        case "arrived":
            return ARRIVED[answer][1] if answer in ARRIVED else answer
        case "works":
            return {"true": True, "false": False}.get(answer)
    return answer


def fact_word(slot: str, value: str) -> dict[str, Any] | None:
    """One told fact as a text parameter; ``None`` for a value that is no answer."""
    match slot:
        case "age" if value in AGES:
            return word(AGES[value][0])
        case "age":
            return word("profile.fact_age", age=int(value)) if value.isdigit() else None
        case "status" if value in STATUSES:
            return word(STATUSES[Status(value)])
        case "benefit" if value in BENEFITS:
            return word(BENEFITS[Benefit(value)])
        case "works" if value in WORKS:
            return word("profile.fact_works" if value == "true" else "profile.fact_works_not")
        case "arrived" if value in ARRIVED:
            return word(ARRIVED[value][0], date=TURN_DAY)
        case "arrived":
            return word("profile.fact_arrived", date={"type": "date", "value": value}) if profile_of({slot: value}).arrived else None
    return None


def told_words(told: Mapping[str, str | None]) -> list[dict[str, Any]]:
    """Everything told, as a list parameter."""
    words = [fact_word(slot, value) for slot in FIELD_OF if (value := told.get(slot)) and value != DECLINED]
    return [one for one in words if one]
