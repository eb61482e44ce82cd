"""The application's side of the engine: one request a turn, with a deadline; every failure is one exception."""

from __future__ import annotations

from typing import Any

import httpx
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.channels.message import OutgoingMessage
from bot.errors import ClearError
from bot.storage.conversations import DialogueState


class EngineSilent(ClearError):
    """Raised when the engine does not answer in time, or answers nonsense."""


class Guess(BaseModel):
    """An intent and how sure the model is, from 0 to 1."""

    intent: str
    confidence: float


class Entity(BaseModel):
    """Something recognised in the message."""

    entity: str
    value: str


class Understanding(BaseModel):
    """What the model made of a message; ``intent`` is ``nlu_fallback`` when it is not sure."""

    model_config = ConfigDict(extra="ignore")

    intent: str
    confidence: float
    ranking: list[Guess] = Field(default_factory=list)
    entities: list[Entity] = Field(default_factory=list)
    #: languages by probability, best first
    languages: list[tuple[str, float]] = Field(default_factory=list)


class EngineAnswer(BaseModel):
    """One turn's result."""

    model_config = ConfigDict(extra="ignore")

    messages: list[OutgoingMessage]
    state: DialogueState
    understanding: Understanding


class EngineClient:
    """Talks to one engine; the address can change when the engine is restarted."""

    def __init__(self, timeout: float) -> None:
        self._http = httpx.AsyncClient(timeout=timeout, trust_env=False)
        self.base_url: str | None = None

    async def turn(self, sender: str, message: str, state: DialogueState, metadata: dict[str, Any]) -> EngineAnswer:
        body = {"sender": sender, "message": message, "state": state.model_dump(mode="json"), "metadata": metadata}
        raw = await self._post("turn", body)
        try:
            messages = [OutgoingMessage.model_validate(entry["custom"]) for entry in raw["messages"]]
            return EngineAnswer(messages=messages, state=raw["state"], understanding=raw["understanding"])
        except (KeyError, TypeError, ValidationError) as error:
            raise EngineSilent(f"the engine's answer has another form ({type(error).__name__})") from None

    async def parse(self, texts: list[str], seconds: float | None = None) -> list[Understanding]:
        raw = await self._post("parse", {"texts": texts}, seconds)
        try:
            return [Understanding.model_validate(entry) for entry in raw]
        except (TypeError, ValidationError) as error:
            raise EngineSilent(f"the engine's answer has another form ({type(error).__name__})") from None

    async def ready(self) -> bool:
        if self.base_url is None:
            return False
        try:
            return (await self._http.get(f"{self.base_url}/webhooks/lotse/", timeout=2)).status_code == 200
        except httpx.HTTPError:
            return False

    async def close(self) -> None:
        await self._http.aclose()

    async def _post(self, path: str, body: dict[str, Any], seconds: float | None = None) -> Any:
        if self.base_url is None:
            raise EngineSilent("the engine is not running")
        try:
            wait = httpx.USE_CLIENT_DEFAULT if seconds is None else seconds
            answer = await self._http.post(f"{self.base_url}/webhooks/lotse/{path}", json=body, timeout=wait)
            answer.raise_for_status()
            return answer.json()
        except (httpx.HTTPError, ValueError) as error:
            # Only the kind of failure: the request holds what the person wrote.
            raise EngineSilent(type(error).__name__) from None
