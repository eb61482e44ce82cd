"""What every action of ours has: the application's services, and one way to say something."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from rasa_sdk.executor import CollectingDispatcher

from bot.channels.message import OutgoingMessage
from bot.conversation.clock import Clock
from bot.conversation.handover import Handover
from bot.guidance.answers import Answering
from bot.guidance.load import Guidance


@dataclass(frozen=True, slots=True)
class Services:
    """Handed to every action by ``bootstrap.py``."""

    guidance: Guidance
    handover: Handover
    clock: Clock
    #: the first question of a conversation, by its number
    questions: Callable[[int], str]
    #: what is stored and for how long
    privacy: OutgoingMessage

    def answering(self) -> Answering:
        return Answering(self.guidance, self.clock())


def speak(dispatcher: CollectingDispatcher, messages: Iterable[OutgoingMessage]) -> None:
    for message in messages:
        dispatcher.utter_message(json_message=message.model_dump(mode="json"))
