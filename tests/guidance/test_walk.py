"""Walking through the steps of a topic."""

from __future__ import annotations

from dataclasses import replace

from bot.bootstrap import Content
from bot.conversation.clock import now
from bot.guidance.answers import Answering
from bot.guidance.topics import Topic
from bot.guidance.walk import Walk, move


def test_on_done_and_back(content: Content) -> None:
    answering = Answering(content.guidance, now())
    total = len(content.guidance.topics["citizenship"].steps)
    walk, messages = move(answering, "citizenship", Walk(0, frozenset()), "next_step")
    assert (walk.step, messages[-1].card["number"] if messages[-1].card else None) == (1, 1)
    walk, _ = move(answering, "citizenship", walk, "step_done")
    assert (walk.step, len(walk.done)) == (2, 1)
    walk, _ = move(answering, "citizenship", walk, "previous_step")
    assert (walk.step, len(walk.done)) == (1, 1)
    for _ in range(total):
        walk, messages = move(answering, "citizenship", walk, "step_done")
    assert len(walk.done) == total
    assert messages[-1].paragraphs[0].key == "steps.all_done"


def test_before_the_first_step_stays_at_the_first(content: Content) -> None:
    walk, messages = move(Answering(content.guidance, now()), "citizenship", Walk(1, frozenset()), "previous_step")
    assert walk.step == 1
    assert messages[0].paragraphs[0].key == "steps.first_already"


def test_a_topic_without_steps_says_so(content: Content) -> None:
    bare = Topic(topic="citizenship", title="Nur ein Titel")
    guidance = replace(content.guidance, topics={"citizenship": bare})
    _, messages = move(Answering(guidance, now()), "citizenship", Walk(0, frozenset()), "next_step")
    assert [message.paragraphs[0].key for message in messages] == ["steps.no_steps"]
