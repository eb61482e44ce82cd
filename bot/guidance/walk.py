"""Walking through a topic's steps: a pure function from where one is and what one wants to where one is then."""

from __future__ import annotations

from dataclasses import dataclass

from bot.channels.message import OutgoingMessage, say
from bot.guidance.answers import Answering


@dataclass(frozen=True, slots=True)
class Walk:
    """The step shown last (0: none yet) and the ids "topic/step" that are ticked."""

    step: int
    done: frozenset[str]


def move(answering: Answering, topic_id: str, walk: Walk, intent: str) -> tuple[Walk, list[OutgoingMessage]]:
    """``intent`` is next_step, previous_step or step_done."""
    topic = answering.guidance.topics[topic_id]
    total = len(topic.steps)
    if not total:
        return walk, [say("steps.no_steps")]
    place, done = min(walk.step, total), walk.done
    before: list[OutgoingMessage] = []
    if intent == "step_done" and place:
        done = done | {f"{topic_id}/{topic.steps[place - 1].id}"}
        before.append(say("steps.marked_done"))
    if intent == "previous_step":
        if place <= 1:
            before.append(say("steps.first_already"))
        place = max(place - 1, 1)
    elif place >= total:
        finished = all(f"{topic_id}/{step.id}" in done for step in topic.steps)
        return Walk(total, done), [*before, say("steps.all_done" if finished else "steps.last_already")]
    else:
        place += 1
    return Walk(place, done), [*before, answering.step(topic, place, done)]
