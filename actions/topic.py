"""Flow *topic*: which office is responsible, and the few questions that can change the answer."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, FormValidationAction, Tracker
from rasa_sdk.events import ActiveLoop, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.base import Services, speak
from actions.slots import PROFILE_SLOTS, SLOT_OF, declined, municipality, told
from bot.channels.message import say
from bot.guidance.answers import question, town_answer
from bot.guidance.facts import DECLINED, profile_of, told_words

Events = list[dict[str, Any]]
#: Ends a form that the person has left by asking something else.
END_FORM = [ActiveLoop(None), SlotSet("requested_slot", None)]


class ActionTopic(Action):
    """Takes up a topic; asks first where the answer could change."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def name(self) -> str:
        return "action_topic"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Events:
        intent = tracker.latest_message["intent"]["name"]
        topic = intent if intent in self._services.guidance.topics else tracker.get_slot("topic")
        if topic is None:
            speak(dispatcher, [say("dialogue.nothing_yet")])
            return [*END_FORM]
        begin = [SlotSet("topic", topic)]
        if topic != tracker.get_slot("topic"):
            begin.append(SlotSet("step", None))
        if next_question(self._services, tracker, topic) is None:
            return [*END_FORM, *begin, FollowupAction("action_answer")]
        return [*END_FORM, *begin, FollowupAction("profile_form")]


class ActionAnswer(Action):
    """Names the office and says why."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def name(self) -> str:
        return "action_answer"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Events:
        topic = tracker.get_slot("topic")
        if topic is None:
            speak(dispatcher, [say("dialogue.nothing_yet")])
            return []
        if tracker.get_slot("wants_human"):
            return [FollowupAction("action_handover")]
        answering = self._services.answering()
        person = profile_of(told(tracker))
        ags = municipality(tracker, self._services.guidance.directory)
        messages = [*answering.offices(topic, person, ags), answering.overview(self._services.guidance.topics[topic])]
        facts = told_words(told(tracker))
        if facts:
            messages.append(say("profile.assumed", facts=facts))
        speak(dispatcher, messages)
        return []


class ActionChangeDetails(Action):
    """Forgets what was told about the person and asks again."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def name(self) -> str:
        return "action_change_details"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Events:
        if tracker.get_slot("topic") is None:
            speak(dispatcher, [say("dialogue.nothing_yet")])
            return []
        return [*END_FORM, *(SlotSet(slot, None) for slot in PROFILE_SLOTS), FollowupAction("profile_form")]


class ValidateProfileForm(FormValidationAction):
    """Decides which question comes next, and checks the town."""

    def __init__(self, services: Services) -> None:
        super().__init__()
        self._services = services

    def name(self) -> str:
        return "validate_profile_form"

    async def required_slots(
        self, domain_slots: list[str], dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[str]:
        following = next_question(self._services, tracker, tracker.get_slot("topic"))
        return [following] if following else []

    def validate_municipality(self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> dict[str, Any]:
        if value == DECLINED:
            return {"municipality": DECLINED}
        ags, messages = town_answer(self._services.guidance.directory, str(value))
        speak(dispatcher, messages)
        return {"municipality": ags}


class AskProfile(Action):
    """Asks one question of the form; Rasa finds it by its name."""

    def __init__(self, slot: str) -> None:
        self._slot = slot

    def name(self) -> str:
        return f"action_ask_profile_form_{self._slot}"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Events:
        speak(dispatcher, [question(self._slot)])
        return []


def next_question(services: Services, tracker: Tracker, topic: str | None) -> str | None:
    """The slot to ask for, or ``None``. The town comes first: without it there is no address."""
    if topic is None:
        return None
    ags = municipality(tracker, services.guidance.directory)
    if not ags and tracker.get_slot("municipality") != DECLINED:
        return "municipality"
    field = services.guidance.responsibilities.next_question(
        topic, profile_of(told(tracker)), declined(tracker), ags, services.answering().today
    )
    return SLOT_OF[field] if field else None


def topic_actions(services: Services) -> list[Action]:
    asking = [AskProfile(slot) for slot in PROFILE_SLOTS]
    return [ActionTopic(services), ActionAnswer(services), ActionChangeDetails(services), ValidateProfileForm(services), *asking]
