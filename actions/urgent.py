"""Flow *urgent*: the model's second look, after the rules in ``bot/conversation/urgent.py``."""

from __future__ import annotations

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.base import Services, speak
from actions.slots import municipality
from actions.topic import END_FORM, Events
from bot.guidance.danger import help_lines


class ActionUrgent(Action):
    """The numbers to call, at once; never asks back."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def name(self) -> str:
        return "action_urgent"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Events:
        topic = tracker.latest_message["intent"]["name"]
        ags = municipality(tracker, self._services.guidance.directory)
        speak(dispatcher, help_lines(self._services.guidance, topic, self._services.answering().office("gewaltschutz", ags)))
        return [*END_FORM, SlotSet("topic", topic), SlotSet("step", None)]


def urgent_actions(services: Services) -> list[Action]:
    return [ActionUrgent(services)]
