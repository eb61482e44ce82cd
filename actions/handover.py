"""Flow *handover*: the sheet is filled in chat, one tap or one line a field. What is typed goes into the encrypted draft only."""

from __future__ import annotations

import asyncio
from typing import Any

from rasa_sdk import Action, FormValidationAction, Tracker
from rasa_sdk.events import FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.base import Services, speak
from actions.slots import conversation, language, municipality, told
from actions.topic import END_FORM, Events
from bot.conversation.handover import Asking, ask
from bot.guidance.facts import DECLINED
from bot.referrals.sheet import Contact

FIELDS = ("name", "contact", "contact_value", "interpreter", "urgency", "question")
#: What a slot holds once its answer lies in the draft.
_GIVEN = "given"
_EMPTY = [SlotSet(f"sheet_{field}", None) for field in FIELDS]
#: Where a person starts who wants a human before naming a topic.
_ANY_TOPIC = "migration_counselling"


class ActionHandover(Action):
    """Begins a sheet, or says whom to turn to."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def name(self) -> str:
        return "action_handover"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Events:
        ags = municipality(tracker, self._services.guidance.directory)
        topic = tracker.get_slot("topic") or _ANY_TOPIC
        if not ags and tracker.get_slot("municipality") != DECLINED:
            return [*END_FORM, SlotSet("topic", topic), SlotSet("wants_human", True), FollowupAction("profile_form")]
        number, tongue = conversation(tracker), language(tracker)
        asking = Asking(
            topic=topic,
            ags=ags,
            told=told(tracker),
            steps_done=tuple(tracker.get_slot("steps_done") or ()),
            question=self._services.questions(number),
            language=tongue,
        )
        started, messages = await asyncio.to_thread(self._services.handover.start, number, asking)
        speak(dispatcher, messages)
        if not started:
            return [*END_FORM, SlotSet("wants_human", None)]
        return [*END_FORM, SlotSet("topic", topic), SlotSet("wants_human", None), *_EMPTY, FollowupAction("sheet_form")]


class ValidateSheetForm(FormValidationAction):
    """Moves each answer into the draft and asks only what is still open."""

    def __init__(self, services: Services) -> None:
        super().__init__()
        self._services = services

    def name(self) -> str:
        return "validate_sheet_form"

    async def required_slots(
        self, domain_slots: list[str], dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[str]:
        contact = await asyncio.to_thread(self._services.handover.contact, conversation(tracker))
        reachable = contact in (Contact.PHONE, Contact.EMAIL)
        return [f"sheet_{field}" for field in FIELDS if field != "contact_value" or reachable]

    async def get_validation_events(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Events:
        """What was just typed goes into the draft; its slot keeps only a mark that it was given."""
        events = []
        for slot, value in tracker.slots_to_validate().items():
            if value in (None, _GIVEN) or not slot.startswith("sheet_"):
                continue
            fill = self._services.handover.fill
            problem = await asyncio.to_thread(fill, conversation(tracker), slot.removeprefix("sheet_"), str(value))
            speak(dispatcher, [problem] if problem else [])
            events.append(SlotSet(slot, None if problem else _GIVEN))
        return events


class AskSheet(Action):
    """Asks for one field of the sheet; Rasa finds it by its name."""

    def __init__(self, services: Services, field: str) -> None:
        self._services = services
        self._field = field

    def name(self) -> str:
        return f"action_ask_sheet_form_sheet_{self._field}"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Events:
        handover, number = self._services.handover, conversation(tracker)
        contact = await asyncio.to_thread(handover.contact, number)
        first = await asyncio.to_thread(handover.first_question, number)
        speak(dispatcher, [ask(self._field, contact, first)])
        return []


class ActionShowSheet(Action):
    """Shows the filled sheet with the consent."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def name(self) -> str:
        return "action_show_sheet"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Events:
        speak(dispatcher, [await asyncio.to_thread(self._services.handover.show, conversation(tracker), language(tracker))])
        return [*_EMPTY]


class ActionLeaveSheet(Action):
    """The person does not want to go on: the draft goes."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def name(self) -> str:
        return "action_leave_sheet"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Events:
        speak(dispatcher, [await asyncio.to_thread(self._services.handover.discard, conversation(tracker))])
        return [*_EMPTY]


class ActionReferralStatus(Action):
    """Where the person's case stands."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def name(self) -> str:
        return "action_referral_status"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Events:
        case = tracker.latest_message["metadata"].get("case")
        speak(dispatcher, [await asyncio.to_thread(self._services.handover.status, case)])
        return []


class ActionPrivacy(Action):
    """What is stored, and the button that deletes it."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def name(self) -> str:
        return "action_privacy"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Events:
        speak(dispatcher, [self._services.privacy])
        return []


def handover_actions(services: Services) -> list[Action]:
    asking: list[Any] = [AskSheet(services, field) for field in FIELDS]
    return [
        ActionHandover(services),
        ValidateSheetForm(services),
        *asking,
        ActionShowSheet(services),
        ActionLeaveSheet(services),
        ActionReferralStatus(services),
        ActionPrivacy(services),
    ]
