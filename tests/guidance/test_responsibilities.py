"""Who is responsible: by topic, person, town and day."""

from __future__ import annotations

from datetime import date
from itertools import product

import pytest

from bot.bootstrap import Content
from bot.guidance.profile import BadProfile, Benefit, Profile, Status

TODAY = date(2026, 11, 25)
KOELN = "05315000"


def first(content: Content, topic: str, today: date = TODAY, **profile: object) -> str:
    return content.guidance.responsibilities.decide(topic, Profile.parse(profile), KOELN, today)[0].role


@pytest.mark.parametrize(
    ("profile", "role"),
    [
        ({}, "jobcenter"),
        ({"status": "recognised_refugee", "age": 34}, "jobcenter"),
        ({"status": "asylum_seeker"}, "sozialamt"),
        ({"status": "tolerated", "age": 40}, "sozialamt"),
        ({"status": "recognised_refugee", "age": 70}, "sozialamt"),
        ({"status": "section_24", "age": 30}, "jobcenter"),
        ({"status": "student"}, "hochschulberatung"),
    ],
)
def test_money_to_live_on_depends_on_status_and_age(content: Content, profile: dict[str, object], role: str) -> None:
    assert first(content, "basic_income_support", **profile) == role


@pytest.mark.parametrize(
    ("age", "role"),
    [(11, "migrationsberatung"), (12, "jugendmigrationsdienst"), (26, "jugendmigrationsdienst"), (27, "migrationsberatung")],
)
def test_counselling_depends_on_age(content: Content, age: int, role: str) -> None:
    assert first(content, "migration_counselling", age=age) == role


def test_a_rule_ends_with_its_last_day(content: Content) -> None:
    """The stop of voluntary admissions to integration courses is dated (9 February to 31 December 2026)."""
    whys = [
        content.guidance.responsibilities.decide("german_course", Profile.parse({"status": "tolerated"}), KOELN, day)[0].why
        for day in (date(2026, 2, 8), date(2026, 2, 9), date(2026, 12, 31), date(2027, 1, 1))
    ]
    assert whys == ["why.german_course", "why.course_admission_stop", "why.course_admission_stop", "why.german_course"]


def test_announced_law_carries_a_note_and_is_presumed(content: Content) -> None:
    late = Profile.parse({"status": "section_24", "arrived": "2025-06-01"})
    before, after = (
        content.guidance.responsibilities.decide("basic_income_support", late, KOELN, day)[0] for day in (date(2026, 6, 30), TODAY)
    )
    assert (before.note, before.certainty) == (None, "documented")
    assert (after.note, after.certainty) == ("note.section_24_change", "presumed")


def test_every_topic_and_person_has_an_office_with_a_reason(content: Content) -> None:
    rules = content.guidance.responsibilities
    people = [
        Profile(age=age, status=status, receives=benefit)
        for age, status, benefit in product((None, 5, 13, 30, 66, 70), (None, *Status), (None, *Benefit))
    ]
    for topic in content.guidance.topics:
        for person in people:
            for one in rules.decide(topic, person, KOELN, TODAY):
                assert content.texts.has(one.why), one
                assert one.source


def test_a_question_is_asked_only_if_the_answer_changes_the_office(content: Content) -> None:
    ask = content.guidance.responsibilities.next_question
    assert ask("basic_income_support", Profile(), frozenset(), KOELN, TODAY) == "status"
    assert ask("basic_income_support", Profile(status=Status.TOLERATED), frozenset(), KOELN, TODAY) is None
    assert ask("register_address", Profile(), frozenset(), KOELN, TODAY) is None


def test_a_declined_question_is_not_asked_again(content: Content) -> None:
    following = content.guidance.responsibilities.next_question("migration_counselling", Profile(), frozenset({"age"}), KOELN, TODAY)
    assert following != "age"


@pytest.mark.parametrize("raw", [{"age": -1}, {"age": "old"}, {"status": "king"}, {"arrived": "soon"}, {"shoe_size": 42}, {"works": "yes"}])
def test_an_impossible_profile_is_refused_by_name(raw: dict[str, object]) -> None:
    with pytest.raises(BadProfile, match=next(iter(raw))):
        Profile.parse(raw)
