"""Flow *steps*: on and back through a topic's steps, and questions about papers, cost, duration and the office."""

from __future__ import annotations

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.base import Services, speak
from actions.slots import municipality, told
from actions.topic import END_FORM, Events
from bot.channels.message import say
from bot.guidance.facts import profile_of
from bot.guidance.walk import Walk, move


class ActionStep(Action):
    """Next, back, done."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def name(self) -> str:
        return "action_step"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Events:
        topic = tracker.get_slot("topic")
        if topic is None:
            speak(dispatcher, [say("dialogue.nothing_yet")])
            return []
        before = Walk(int(tracker.get_slot("step") or 0), frozenset(tracker.get_slot("steps_done") or ()))
        after, messages = move(self._services.answering(), topic, before, tracker.latest_message["intent"]["name"])
        speak(dispatcher, messages)
        return [*END_FORM, SlotSet("step", float(after.step)), SlotSet("steps_done", sorted(after.done))]


class ActionDetail(Action):
    """Papers, cost, duration of the topic at hand."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def name(self) -> str:
        return "action_detail"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Events:
        topic = self._services.guidance.topics.get(tracker.get_slot("topic") or "")
        if topic is None:
            speak(dispatcher, [say("dialogue.nothing_yet")])
            return []
        answering = self._services.answering()
        intent = tracker.latest_message["intent"]["name"]
        answer = {"ask_documents": answering.documents, "ask_cost": answering.cost, "ask_duration": answering.duration}[intent]
        speak(dispatcher, [answer(topic)])
        return []


class ActionOffice(Action):
    """The office of the topic at hand once more."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def name(self) -> str:
        return "action_office"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Events:
        topic = tracker.get_slot("topic")
        if topic is None:
            speak(dispatcher, [say("dialogue.nothing_yet")])
            return []
        ags = municipality(tracker, self._services.guidance.directory)
        speak(dispatcher, self._services.answering().offices(topic, profile_of(told(tracker)), ags))
        return []


def steps_actions(services: Services) -> list[Action]:
    return [ActionStep(services), ActionDetail(services), ActionOffice(services)]
