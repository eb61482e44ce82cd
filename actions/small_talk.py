"""Flow *small talk*: what people say that is no topic."""

from __future__ import annotations

import asyncio

from rasa_sdk import Action, Tracker
from rasa_sdk.events import AllSlotsReset, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.base import Services, speak
from actions.slots import conversation
from actions.topic import END_FORM, Events
from bot.guidance.answers import best_guesses, topic_menu
from bot.guidance.talk import DECLINE_BELOW, GUESSES, replies


class ActionSmallTalk(Action):
    """Greeting, thanks, help, out of scope …"""

    def name(self) -> str:
        return "action_small_talk"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Events:
        speak(dispatcher, replies(tracker.latest_message["intent"]["name"]))
        return []


class ActionRestart(Action):
    """Forgets this chat's answers and an unsent sheet; the town of the page stays. Takes the place of Rasa's own action."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def name(self) -> str:
        return "action_restart"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Events:
        await asyncio.to_thread(self._services.handover.discard, conversation(tracker))
        speak(dispatcher, [topic_menu("dialogue.restart")])
        return [*END_FORM, AllSlotsReset(), SlotSet("municipality", tracker.latest_message["metadata"].get("municipality"))]


class ActionNotUnderstood(Action):
    """Unsure: the best three as buttons."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def name(self) -> str:
        return "action_not_understood"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Events:
        guesses = [entry for entry in tracker.latest_message.get("intent_ranking", []) if entry["name"] != "nlu_fallback"]
        if not guesses or guesses[0]["confidence"] < DECLINE_BELOW:
            speak(dispatcher, replies("out_of_scope"))
            return []
        ranking = [entry["name"] for entry in guesses]
        titles = {topic: f"topic.{topic}.title" for topic in self._services.guidance.topics} | GUESSES  # text-key: topic.*
        speak(dispatcher, [best_guesses(ranking, titles)])
        return []


def small_talk_actions(services: Services) -> list[Action]:
    return [ActionSmallTalk(), ActionRestart(services), ActionNotUnderstood(services)]
