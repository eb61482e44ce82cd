"""The engine's only door: one request is one turn, and carries everything the turn depends on.

The application keeps what a person would miss; it sends the dialogue state (slots, active form) with each message
and gets the new state back. A tracker lives for one turn only, so the engine can be killed, replaced or multiplied,
and nothing a person wrote stays in it.
"""

from __future__ import annotations

from typing import Any, Awaitable, Callable, Dict, List, Text

from rasa.core.agent import Agent
from rasa.core.channels.channel import CollectingOutputChannel, InputChannel, UserMessage
from rasa.shared.core.constants import ACTION_LISTEN_NAME, REQUESTED_SLOT
from rasa.shared.core.events import ActionExecuted, ActiveLoop, Event, SlotSet
from rasa.shared.core.trackers import DialogueStateTracker
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse

_RANKING = 4


class TurnChannel(InputChannel):
    """``POST /webhooks/lotse/turn`` and ``POST /webhooks/lotse/parse``."""

    @classmethod
    def name(cls) -> Text:
        return "lotse"

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        blueprint = Blueprint("lotse_turn")

        @blueprint.route("/", methods=["GET"])
        async def health(request: Request) -> HTTPResponse:
            agent = request.app.ctx.agent
            ready = bool(agent and agent.is_ready())
            return response.json({"ready": ready, "model": agent.model_id if ready else None}, 200 if ready else 503)

        @blueprint.route("/turn", methods=["POST"])
        async def turn(request: Request) -> HTTPResponse:
            body = request.json
            return response.json(await _turn(request.app.ctx.agent, body["sender"], body["message"], body["state"], body.get("metadata")))

        @blueprint.route("/parse", methods=["POST"])
        async def parse(request: Request) -> HTTPResponse:
            agent = request.app.ctx.agent
            return response.json([_understanding(await agent.parse_message(text)) for text in request.json["texts"]])

        return blueprint


async def _turn(agent: Agent, sender: str, text: str, state: Dict[str, Any], metadata: Any) -> Dict[str, Any]:
    tracker = DialogueStateTracker.from_events(sender, _events(state, agent), agent.domain.slots, domain=agent.domain)
    await agent.tracker_store.save(tracker)  # kept weakly: it goes with this function's variable
    output = CollectingOutputChannel()
    await agent.handle_message(UserMessage(text, output, sender, input_channel=TurnChannel.name(), metadata=metadata))
    return {"messages": output.messages, "state": _state(tracker), "understanding": _understanding(tracker.latest_message.parse_data)}


def _events(state: Dict[str, Any], agent: Agent) -> List[Event]:
    known = {slot.name for slot in agent.domain.slots}
    events: List[Event] = [SlotSet(name, value) for name, value in state.get("slots", {}).items() if name in known]
    if state.get("form") in agent.domain.form_names:
        events += [ActiveLoop(state["form"]), SlotSet(REQUESTED_SLOT, state.get("asked"))]
    return [*events, ActionExecuted(ACTION_LISTEN_NAME)]


def _state(tracker: DialogueStateTracker) -> Dict[str, Any]:
    slots = {name: value for name, value in tracker.current_slot_values().items() if value is not None}
    asked = slots.pop(REQUESTED_SLOT, None)
    slots.pop("session_started_metadata", None)
    return {"slots": slots, "form": tracker.active_loop_name, "asked": asked}


def _understanding(parse: Dict[str, Any]) -> Dict[str, Any]:
    ranking = [{"intent": entry["name"], "confidence": entry["confidence"]} for entry in parse.get("intent_ranking", [])]
    return {
        "intent": parse["intent"]["name"],
        "confidence": parse["intent"]["confidence"],
        "ranking": [entry for entry in ranking if entry["intent"] != "nlu_fallback"][:_RANKING],
        "entities": [{"entity": entity["entity"], "value": entity["value"]} for entity in parse.get("entities", [])],
        "languages": parse.get("languages", []),
    }
