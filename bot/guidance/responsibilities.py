"""Zuständigkeit: ordered, dated rules from a topic and a profile to office roles, each with its reason.

A change in the law is an edit of ``content/responsibilities.yml``: a rule carries ``valid_from`` and
``valid_until`` (both inclusive), its source and the day it was checked. The first rule that matches decides.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from bot.guidance.profile import Benefit, Profile, Status

Certainty = Literal["documented", "presumed"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Condition(_Strict):
    """All given parts must hold; a part about something we do not know does not hold."""

    status: frozenset[Status] | None = None
    receives: frozenset[Benefit] | None = None
    age_from: int | None = None
    age_to: int | None = None
    arrived_from: date | None = None
    arrived_until: date | None = None
    works: bool | None = None
    children: bool | None = None
    places: tuple[str, ...] = ()
    #: "within" this many days of today: for rules about the first months after arrival
    arrived_within_days: int | None = None

    def holds(self, profile: Profile, ags: str, today: date) -> bool:
        return all(self._parts(profile, ags, today))

    def _parts(self, profile: Profile, ags: str, today: date) -> Iterator[bool]:
        if self.status is not None:
            yield profile.status in self.status
        if self.receives is not None:
            yield profile.receives in self.receives
        if self.age_from is not None:
            yield profile.age is not None and profile.age >= self.age_from
        if self.age_to is not None:
            yield profile.age is not None and profile.age <= self.age_to
        if self.arrived_from is not None:
            yield profile.arrived is not None and profile.arrived >= self.arrived_from
        if self.arrived_until is not None:
            yield profile.arrived is not None and profile.arrived <= self.arrived_until
        if self.arrived_within_days is not None:
            yield profile.arrived is not None and 0 <= (today - profile.arrived).days <= self.arrived_within_days
        if self.works is not None:
            yield profile.works is self.works
        if self.children is not None:
            yield profile.children is not None and (profile.children > 0) is self.children
        if self.places:
            yield ags.startswith(self.places)

    def fields(self) -> set[str]:
        """Names of the profile fields this condition looks at."""
        by_part = {
            "status": "status",
            "receives": "receives",
            "age_from": "age",
            "age_to": "age",
            "works": "works",
            "children": "children",
            "arrived_from": "arrived",
            "arrived_until": "arrived",
            "arrived_within_days": "arrived",
        }
        return {field for part, field in by_part.items() if getattr(self, part) is not None}


class RoleReason(_Strict):
    """One office role and the text key that says why."""

    role: str
    why: str


class Rule(_Strict):
    """One row of the responsibility table."""

    id: str
    topics: tuple[str, ...]
    when: Condition = Condition()
    offices: tuple[RoleReason, ...] = Field(min_length=1)
    certainty: Certainty = "documented"
    legal_basis: str | None = None
    source: str
    checked: date
    valid_from: date | None = None
    valid_until: date | None = None
    #: key of a text the person must see with this answer, such as "the law was to change"
    note: str | None = None

    @model_validator(mode="after")
    def _dates_in_order(self) -> Rule:
        if self.valid_from and self.valid_until and self.valid_from > self.valid_until:
            raise ValueError(f"rule {self.id}: valid_from is after valid_until")
        return self

    def in_force(self, today: date) -> bool:
        return (self.valid_from is None or self.valid_from <= today) and (self.valid_until is None or today <= self.valid_until)


@dataclass(frozen=True, slots=True)
class Responsibility:
    """An office role with everything needed to explain it."""

    role: str
    why: str
    source: str
    checked: date
    certainty: Certainty
    legal_basis: str | None
    rule: str
    note: str | None


#: Values that stand for everything a person could answer; the edges of all rules lie between them.
_SAMPLES: dict[str, tuple[Any, ...]] = {
    "status": (None, *Status),
    "age": (None, 8, 13, 20, 40, 66, 70),
    "receives": (None, *Benefit),
    "arrived": (None, date(2024, 1, 1), date(2025, 9, 1)),
    "works": (None, True, False),
    "children": (None, 0, 1),
}
#: Asked in this order. Children and exact arrival within days are never asked: no answer in the first cut turns on them alone.
ASKABLE = ("status", "age", "receives", "arrived", "works")


class Responsibilities:
    """The rule table."""

    def __init__(self, rules: list[Rule]) -> None:
        self._by_topic: dict[str, list[Rule]] = {}
        for rule in rules:
            for topic in rule.topics:
                self._by_topic.setdefault(topic, []).append(rule)
        self._next_question = lru_cache(maxsize=4096)(self._find_question)

    @property
    def topics(self) -> frozenset[str]:
        return frozenset(self._by_topic)

    def fields(self, topic: str) -> frozenset[str]:
        """The profile fields any rule of the topic looks at: what a referral about it may hold."""
        return frozenset().union(*(rule.when.fields() for rule in self._by_topic[topic]))

    def decide(self, topic: str, profile: Profile, ags: str, today: date) -> list[Responsibility]:
        """The responsible roles, best first; ``KeyError`` for a topic without rules.

        ``ags`` is the municipality's official key (8 digits) or ``""`` if the town is not known.
        """
        for rule in self._by_topic[topic]:
            if rule.in_force(today) and rule.when.holds(profile, ags, today):
                return [
                    Responsibility(
                        role=office.role,
                        why=office.why,
                        source=rule.source,
                        checked=rule.checked,
                        certainty=rule.certainty,
                        legal_basis=rule.legal_basis,
                        rule=rule.id,
                        note=rule.note,
                    )
                    for office in rule.offices
                ]
        raise LookupError(f"no rule of topic {topic} matches; its last rule must have no condition")

    def next_question(self, topic: str, profile: Profile, declined: frozenset[str], ags: str, today: date) -> str | None:
        """The profile field to ask next, or ``None`` when no further answer would change which office comes first."""
        return self._next_question(topic, profile, declined, ags, today)

    def _find_question(self, topic: str, profile: Profile, declined: frozenset[str], ags: str, today: date) -> str | None:
        used = set().union(*(rule.when.fields() for rule in self._by_topic[topic] if rule.in_force(today)))
        for name in ASKABLE:
            if name in used and getattr(profile, name) is None and name not in declined:
                first = {self.decide(topic, replace(profile, **{name: value}), ags, today)[0].role for value in _SAMPLES[name]}
                if len(first) > 1:
                    return name
        return None
