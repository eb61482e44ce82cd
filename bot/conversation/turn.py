"""One turn: from what a person sent to what they read, whatever state the engine is in.

Order: urgent rules, own buttons, a human on the line, the engine, and without it the numbers, the menu and the offices.
"""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import dataclass
from time import perf_counter
from weakref import WeakValueDictionary

from bot.channels.message import OutgoingMessage, RenderedMessage, Words, button, render, say
from bot.conversation.case_line import CaseLine
from bot.conversation.clock import Clock
from bot.conversation.engine_client import EngineAnswer, EngineClient, EngineSilent
from bot.conversation.handover import Handover
from bot.conversation.language import Present, decide
from bot.conversation.payload import BadPayload, Payload, parse_payload
from bot.conversation.timing import Timing
from bot.conversation.urgent import Alarm, UrgentRules
from bot.guidance.answers import COUNSELLING, Answering, topic_menu
from bot.guidance.danger import help_lines, soft_offer
from bot.guidance.facts import profile_of
from bot.guidance.load import Guidance
from bot.i18n.languages import LANGUAGES, SOURCE, supported
from bot.storage.conversations import Conversation, Conversations, Line, Stored

_SHEET_FORM = "sheet_form"


class UnknownConversation(Exception):
    """Raised when a token belongs to no conversation: forged, deleted or expired."""


@dataclass(frozen=True, slots=True)
class Incoming:
    """A message from a channel, already bounded and clean: a text, or the payload of a button."""

    text: str | None = None
    payload: str | None = None
    client_id: str | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """What the person reads."""

    language: str
    messages: list[RenderedMessage]
    #: number of the last stored line
    last: int
    talking_to: str = "bot"


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One line of a chat, rendered."""

    id: int
    author: str
    language: str
    message: RenderedMessage


@dataclass(frozen=True, slots=True)
class Parts:
    """What a turn is made of; put together in ``bootstrap.py``."""

    guidance: Guidance
    conversations: Conversations
    handover: Handover
    line: CaseLine
    engine: EngineClient
    urgent: UrgentRules
    words: Words
    clock: Clock
    intents: frozenset[str]


class Turns:
    """The conversation service that every channel calls."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._locks: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()

    async def open(self, channel: str, municipality: str | None, language: str | None) -> tuple[str, Reply]:
        """A new conversation with its greeting; ``language`` is what the channel suggests or the person chose."""
        tag = supported(language)
        token = await asyncio.to_thread(self._parts.conversations.open, channel, municipality, tag or SOURCE, chosen=False)
        conversation = await self._find(token)
        greeting = [say("dialogue.greet"), topic_menu("dialogue.choose_topic")]
        return token, await self._finish(conversation, Stored(None, None, greeting))

    async def take(self, token: str, incoming: Incoming) -> Reply:
        """Answer one message; the same ``client_id`` twice gives the same answer and has one effect."""
        conversation = await self._find(token)
        async with self._lock(conversation.id):
            conversation = await self._find(token)
            if incoming.client_id:
                before = await asyncio.to_thread(self._parts.conversations.answered, conversation, incoming.client_id)
                if before is not None:
                    return self._repeated(conversation, before)
            news = await asyncio.to_thread(self._parts.line.news, conversation)
            answers = await self._answer(conversation, incoming)
            stored = Stored(incoming.text or incoming.payload or "", incoming.client_id, [*news, *answers])
            return await self._finish(conversation, stored)

    async def history(self, token: str, after: int) -> list[HistoryLine]:
        """Stored lines, and news from the case, numbered; only those after ``after``."""
        conversation = await self._find(token)
        async with self._lock(conversation.id):
            conversation = await self._find(token)
            news = await asyncio.to_thread(self._parts.line.news, conversation)
            if news:
                await asyncio.to_thread(self._parts.conversations.save, conversation, Stored(None, None, news))
            lines = await asyncio.to_thread(self._parts.conversations.lines, conversation, after)
        return [self._rendered(line) for line in lines]

    async def present(self, token: str) -> Conversation:
        """The conversation as it stands; raises ``UnknownConversation``."""
        return await self._find(token)

    async def forget(self, token: str) -> None:
        """Delete everything: the chat, the draft, and the referral with it."""
        conversation = await self._find(token)
        async with self._lock(conversation.id):
            if conversation.state.case:
                await asyncio.to_thread(self._parts.line.withdraw, conversation)
            await asyncio.to_thread(self._parts.conversations.forget, conversation)

    # --- the order of things

    async def _answer(self, conversation: Conversation, incoming: Incoming) -> list[OutgoingMessage]:
        if incoming.payload is not None:
            try:
                payload = parse_payload(incoming.payload, self._parts.intents)
            except BadPayload:
                return [say("dialogue.button_expired")]
            return await self._pressed(conversation, payload)
        text = (incoming.text or "").strip()
        # A slash is how buttons speak to the engine: what is typed must not pass for one.
        text = text.lstrip("/ ")
        if not text:
            return [say("dialogue.empty_message")]
        with Timing.part("urgent"):
            alarm = self._parts.urgent.check(text)
        if alarm and not alarm.over:
            return await self._danger(conversation, alarm, text)
        if conversation.state.talking_to == "human":
            return await asyncio.to_thread(self._parts.line.write, conversation, text, secrets.token_hex(8))
        answers = await self._ask_engine(conversation, text)
        return [*answers, soft_offer(self._parts.guidance)] if alarm and alarm.danger == "violence" else answers

    async def _danger(self, conversation: Conversation, alarm: Alarm, text: str) -> list[OutgoingMessage]:
        if conversation.language not in alarm.languages:
            conversation.language = alarm.languages[0]
        help_first = help_lines(self._parts.guidance, alarm.danger, self._answering().office("gewaltschutz", self._ags(conversation)))
        dialogue = conversation.state.dialogue
        if dialogue.form == _SHEET_FORM:
            # Somebody who writes this into the sheet means it for the caseworker as well.
            return [*help_first, *await self._ask_engine(conversation, text)]
        if conversation.state.talking_to == "human":
            return [*help_first, *await asyncio.to_thread(self._parts.line.write, conversation, text, secrets.token_hex(8))]
        dialogue.form = dialogue.asked = None
        dialogue.slots |= {"topic": alarm.danger, "step": None}
        return help_first

    async def _pressed(self, conversation: Conversation, payload: Payload) -> list[OutgoingMessage]:
        if payload.intent is not None:
            return await self._ask_engine(conversation, payload.for_engine(), payload)
        if payload.name == "language":
            return await self._choose_language(conversation, str(payload.values.get("to", "")))
        if payload.name == "delete":
            return [say("widget.delete_confirm", button("dialogue.menu_delete", "delete"))]
        return await asyncio.to_thread(self._parts.line.pressed, conversation, payload)

    async def _choose_language(self, conversation: Conversation, wanted: str) -> list[OutgoingMessage]:
        tag = supported(wanted)
        if tag is None:
            return [say("dialogue.change_language")]
        conversation.language, conversation.language_chosen = tag, True
        lines = await asyncio.to_thread(self._parts.conversations.lines, conversation, 0)
        # What was said last is said again: nobody should have to ask twice because of the language.
        last = [line.message for line in lines if line.message][-2:]
        return [say("dialogue.language_switched", language=LANGUAGES[tag].name), *last]

    async def _ask_engine(self, conversation: Conversation, message: str, payload: Payload | None = None) -> list[OutgoingMessage]:
        metadata = {
            "conversation": conversation.id,
            "language": conversation.language,
            "case": conversation.state.case,
            "municipality": conversation.municipality,
        }
        started = perf_counter()
        try:
            answer = await self._parts.engine.turn(secrets.token_hex(8), message, conversation.state.dialogue, metadata)
        except EngineSilent:
            return self._without_engine(conversation, payload)
        finally:
            Timing.add("engine", perf_counter() - started)
        conversation.state.dialogue = answer.state
        if payload is not None:
            return list(answer.messages)
        return [*answer.messages, *self._follow_language(conversation, message, answer)]

    def _follow_language(self, conversation: Conversation, text: str, answer: EngineAnswer) -> list[OutgoingMessage]:
        """Answer in the language that was written; say so, with the way back, when it is a change."""
        present = Present(conversation.language, conversation.language_chosen, not conversation.state.written)
        conversation.state.written = True
        language = decide(present, text, answer.understanding.languages)
        if not conversation.state.question and answer.understanding.intent in self._parts.guidance.topics:
            conversation.state.question = text
        if language == conversation.language:
            return []
        before, conversation.language = conversation.language, language
        if present.first_message and not present.chosen:
            return []
        return [
            say(
                "dialogue.language_switched",
                button("dialogue.language_back", f'language {{"to": "{before}"}}', language=LANGUAGES[before].name),
                language=LANGUAGES[language].name,
            )
        ]

    def _without_engine(self, conversation: Conversation, payload: Payload | None) -> list[OutgoingMessage]:
        """Numbers, menu and offices; a topic button still gets its office. What was in progress stays as it was."""
        guidance, answering, ags = self._parts.guidance, self._answering(), self._ags(conversation)
        topic = payload.intent if payload and payload.intent in guidance.topics else None
        if topic:
            return answering.offices(topic, profile_of(conversation.state.dialogue.slots), ags)
        answers = [say("dialogue.engine_down"), help_lines(guidance, "emergency")[0].model_copy(update={"buttons": ()})]
        current = conversation.state.dialogue.slots.get("topic")
        if current in guidance.topics:
            answers += answering.offices(current, profile_of(conversation.state.dialogue.slots), ags)
        else:
            answers += answering.counselling(ags, COUNSELLING)
        if conversation.state.dialogue.form:
            answers.append(say("dialogue.engine_down_form"))
        return [*answers, topic_menu("dialogue.choose_topic")]

    # --- parts

    def _answering(self) -> Answering:
        return Answering(self._parts.guidance, self._parts.clock())

    def _ags(self, conversation: Conversation) -> str:
        return self._parts.guidance.directory.key_of(conversation.state.dialogue.slots.get("municipality") or conversation.municipality)

    async def _find(self, token: str) -> Conversation:
        conversation = await asyncio.to_thread(self._parts.conversations.find, token)
        if conversation is None:
            raise UnknownConversation
        return conversation

    async def _finish(self, conversation: Conversation, stored: Stored) -> Reply:
        with Timing.part("render"):
            messages = [render(message, conversation.language, self._parts.words) for message in stored.answers]
        with Timing.part("store"):
            last = await asyncio.to_thread(self._parts.conversations.save, conversation, stored)
        return Reply(conversation.language, messages, last, conversation.state.talking_to)

    def _repeated(self, conversation: Conversation, lines: list[Line]) -> Reply:
        messages = [self._rendered(line).message for line in lines]
        return Reply(conversation.language, messages, lines[-1].id if lines else 0, conversation.state.talking_to)

    def _rendered(self, line: Line) -> HistoryLine:
        message = render(line.message, line.language, self._parts.words) if line.message else RenderedMessage(text=line.text or "")
        return HistoryLine(line.id, line.author, line.language, message)

    def _lock(self, conversation_id: int) -> asyncio.Lock:
        return self._locks.setdefault(conversation_id, asyncio.Lock())
