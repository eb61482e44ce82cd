"""The line between a person and the caseworker, on the person's side: news of the case, answers to it, messages, withdrawal."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bot.channels.message import OutgoingMessage, button, say
from bot.conversation.handover import Handover
from bot.conversation.payload import Payload
from bot.guidance.load import Guidance
from bot.referrals.blocks import free_text, shown
from bot.referrals.lifecycle import OPEN, Actor, EventKind, NotAllowed, State
from bot.referrals.repository import Case, Event, Referrals
from bot.storage.conversations import Conversation

_ANSWERS = {
    "have": EventKind.DOCUMENT_ANSWERED,
    "have_not": EventKind.DOCUMENT_ANSWERED,
    "accept": EventKind.APPOINTMENT_ACCEPTED,
    "decline": EventKind.APPOINTMENT_DECLINED,
}


class CaseLine:
    """Every method changes the conversation's state in memory; the turn stores it together with the answers."""

    def __init__(self, guidance: Guidance, referrals: Referrals, handover: Handover) -> None:
        self._guidance = guidance
        self._referrals = referrals
        self._handover = handover

    def news(self, conversation: Conversation) -> list[OutgoingMessage]:
        """What the office did since this chat last looked; each event is told once."""
        state = conversation.state
        if state.case is None:
            return []
        events = self._referrals.events(state.case, state.case_seen)
        if not events:
            return []
        office = self._handover.office_name(self._referrals.case(state.case))
        documents = {name: document.name for name, document in self._guidance.documents.items()}
        messages = []
        for event in events:
            state.case_seen = event.id
            self._listen(conversation, event)
            message = shown(event, office, documents) if event.body or event.kind is EventKind.CLAIMED else None
            if message:
                messages.append(message)
        return messages

    def _listen(self, conversation: Conversation, event: Event) -> None:
        """A caseworker who writes is somebody to answer to; a closed case is not."""
        if event.actor is Actor.CASEWORKER and event.kind is EventKind.MESSAGE:
            conversation.state.talking_to = "human"
        elif event.kind in (EventKind.CLOSED, EventKind.WITHDRAWN):
            conversation.state.talking_to = "bot"

    def pressed(self, conversation: Conversation, payload: Payload) -> list[OutgoingMessage]:
        """A button of the sheet or of the case."""
        return self._commands()[payload.name](conversation, payload)

    def _commands(self) -> dict[str, Callable[[Conversation, Payload], list[OutgoingMessage]]]:
        return {
            "sheet.send": self._send,
            "sheet.discard": lambda conversation, _: [self._handover.discard(conversation.id)],
            "case.open": self._open,
            "case.answer": self._reply,
            "case.write": self._begin_writing,
            "case.bot": self._back_to_bot,
            "case.withdraw": self._take_back,
        }

    def write(self, conversation: Conversation, words: str, key: str) -> list[OutgoingMessage]:
        """Pass a message on to the office, word for word."""
        return self._tell(conversation, EventKind.MESSAGE, free_text(words, conversation.language), f"message {key}")

    def withdraw(self, conversation: Conversation) -> None:
        if conversation.state.case:
            self._referrals.withdraw(conversation.state.case)

    def _send(self, conversation: Conversation, payload: Payload) -> list[OutgoingMessage]:
        case, messages = self._handover.send(conversation.id, conversation.state.case, payload.raw, conversation.language)
        if case is not None:
            self._follow(conversation, case)
        return messages

    def _open(self, conversation: Conversation, payload: Payload) -> list[OutgoingMessage]:
        case = self._referrals.by_code(str(payload.values.get("code", ""))[:80])
        if case is None:
            return [say("handover.code_unknown")]
        conversation.state.case, conversation.state.case_seen = case.id, 0
        news = self.news(conversation)
        return [self._handover.status(case.id), *news]

    def _follow(self, conversation: Conversation, case: Case) -> None:
        conversation.state.case = case.id
        conversation.state.case_seen = max((event.id for event in self._referrals.events(case.id)), default=0)

    def _reply(self, conversation: Conversation, payload: Payload) -> list[OutgoingMessage]:
        choice, event = payload.values.get("choice"), payload.values.get("event")
        if choice not in _ANSWERS or not isinstance(event, int):
            return [say("dialogue.button_expired")]
        body: dict[str, Any] = {"choice": choice, "event": event}
        return self._tell(conversation, _ANSWERS[choice], body, f"answer {event}")

    def _tell(self, conversation: Conversation, kind: EventKind, body: dict[str, Any], key: str) -> list[OutgoingMessage]:
        if conversation.state.case is None:
            return [say("handover.no_case")]
        try:
            case = self._referrals.client_event(conversation.state.case, kind, body, key)
        except NotAllowed:
            conversation.state.talking_to = "bot"
            return [self._handover.status(conversation.state.case)]
        back = (button("case.back_to_lotse", "case.bot"),) if conversation.state.talking_to == "human" else ()
        return [say("case.passed_on", *back, office=self._handover.office_name(case))]

    def _begin_writing(self, conversation: Conversation, _: Payload) -> list[OutgoingMessage]:
        case = self._referrals.case(conversation.state.case) if conversation.state.case else None
        if case is None or case.state not in OPEN:
            return [self._handover.status(conversation.state.case)]
        conversation.state.talking_to = "human"
        return [say("case.write_now", button("case.back_to_lotse", "case.bot"), office=self._handover.office_name(case))]

    def _back_to_bot(self, conversation: Conversation, _: Payload) -> list[OutgoingMessage]:
        conversation.state.talking_to = "bot"
        return [say("dialogue.affirm")]

    def _take_back(self, conversation: Conversation, payload: Payload) -> list[OutgoingMessage]:
        if conversation.state.case is None:
            return [say("handover.no_case")]
        if payload.values.get("sure") is not True:
            return [say("handover.withdraw_sure", button("handover.withdraw", 'case.withdraw {"sure": true}'))]
        if self._referrals.case(conversation.state.case).state is not State.WITHDRAWN:
            self.withdraw(conversation)
        conversation.state.case, conversation.state.talking_to = None, "bot"
        return [say("handover.withdrawn")]
