"""The web API: ``POST /api/conversations``, ``POST /api/messages`` and what the widget needs around them."""

from __future__ import annotations

import hashlib
import unicodedata
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Query, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field, model_validator

from bot.channels.message import RenderedMessage
from bot.channels.web.limits import Limit
from bot.conversation.turn import Incoming, Reply, Turns
from bot.guidance.directory import Directory, UnknownMunicipality
from bot.i18n.catalogs import Texts
from bot.i18n.languages import LANGUAGES, SOURCE, supported
from bot.referrals.document import SCHEMA_PATH, json_schema
from bot.settings import Settings

#: Control characters that a message may hold; everything else of category C is refused.
_HARMLESS = frozenset("\n\r\t\u200c\u200d\u200e\u200f\u2066\u2067\u2068\u2069\ufe0f\u00ad\u202a\u202b\u202c\ufeff\u061c\u200b")


class NewConversation(BaseModel):
    """What opens a conversation."""

    model_config = ConfigDict(extra="forbid")

    municipality: str | None = Field(None, max_length=80, description="AGS (8 digits), name or postal code of a municipality in NRW.")
    language: str | None = Field(None, max_length=35, description="Language tag the page or the browser suggests.")


class NewMessage(BaseModel):
    """Exactly one of ``text`` and ``payload``."""

    model_config = ConfigDict(extra="forbid")

    text: str | None = Field(None, description="What the person wrote.")
    payload: str | None = Field(None, max_length=4000, description="The payload of the button that was pressed.")
    id: str | None = Field(None, pattern=r"^[\w-]{8,64}$", description="Chosen by the sender: the same id twice has one effect.")

    @model_validator(mode="after")
    def _one_of_both(self) -> NewMessage:
        if (self.text is None) == (self.payload is None):
            raise ValueError("give either text or payload")
        return self


class Answer(BaseModel):
    """The answer to a message."""

    language: str
    messages: list[RenderedMessage]
    last: int = Field(description="Number of the last stored line, for `after`.")
    talking_to: str = Field("bot", description="`human` while messages go to the caseworker.")


class Opened(Answer):
    """A new conversation with its greeting."""

    token: str


class StoredLine(BaseModel):
    """One line of the chat."""

    id: int
    author: str
    language: str
    message: RenderedMessage


class History(BaseModel):
    """Lines after a number, and who is being talked to."""

    language: str
    talking_to: str
    lines: list[StoredLine]


class Problem(BaseModel):
    """A clear error: a stable code and a sentence in the person's language."""

    error: str
    message: str


@dataclass(frozen=True, slots=True)
class WebParts:
    """What the routes need."""

    turns: Turns
    texts: Texts
    directory: Directory
    settings: Settings


class Refused(Exception):
    """Raised where a request cannot be served; becomes a ``Problem``."""

    def __init__(self, status: int, error: str, key: str, language: str = SOURCE, /, **parameters: Any) -> None:
        super().__init__(error)
        self.status, self.error, self.key, self.language, self.parameters = status, error, key, language, parameters


_ERRORS: dict[int | str, dict[str, Any]] = {code: {"model": Problem} for code in (400, 401, 404, 413, 422, 429)}


def bearer(authorization: Annotated[str | None, Header()] = None) -> str:
    """The conversation's token."""
    scheme, _, token = (authorization or "").partition(" ")
    if scheme.lower() != "bearer" or not token.isascii() or not 20 <= len(token) <= 100:
        raise Refused(401, "unknown_conversation", "error.unknown_conversation")
    return token


Token = Annotated[str, Depends(bearer)]


def api_router(parts: WebParts) -> APIRouter:
    """All addresses below ``/api`` and the published schema."""
    settings = parts.settings
    router = APIRouter(responses=_ERRORS)
    opening = Limit(settings.conversations_per_minute, 60)
    writing = Limit(settings.messages_per_minute, 60)
    codes = Limit(settings.code_tries_per_hour, 3600)

    @router.post("/api/conversations", status_code=201, response_model=Opened)
    async def open_conversation(request: Request, body: NewConversation) -> Opened:
        language = supported(body.language) or _accepted(request)
        if not opening.allow(_address(request)):
            raise Refused(429, "too_many_requests", "error.too_many_requests", language)
        municipality = _municipality(parts.directory, body.municipality, language)
        token, reply = await parts.turns.open("web", municipality, language)
        return Opened(token=token, **_answer(reply).model_dump())

    @router.post("/api/messages", response_model=Answer)
    async def send_message(request: Request, body: NewMessage, token: Token) -> Answer:
        language = (await parts.turns.present(token)).language
        if not writing.allow(token):
            raise Refused(429, "too_many_requests", "error.too_many_requests", language)
        if body.payload and body.payload.startswith("case.open") and not codes.allow(_address(request)):
            raise Refused(429, "too_many_requests", "error.too_many_requests", language)
        incoming = Incoming(text=_clean(body.text, settings.message_limit, language), payload=body.payload, client_id=body.id)
        return _answer(await parts.turns.take(token, incoming))

    @router.get("/api/messages", response_model=History)
    async def history(token: Token, after: Annotated[int, Query(ge=0, le=2**53)] = 0) -> History:
        lines = await parts.turns.history(token, after)
        present = await parts.turns.present(token)
        stored = [StoredLine(id=line.id, author=line.author, language=line.language, message=line.message) for line in lines]
        return History(language=present.language, talking_to=present.state.talking_to, lines=stored)

    @router.delete("/api/conversations", status_code=204, response_class=Response)
    async def forget(token: Token) -> Response:
        await parts.turns.forget(token)
        return Response(status_code=204)

    @router.get("/api/languages")
    async def languages() -> list[dict[str, str]]:
        return [{"tag": one.tag, "name": one.name, "direction": one.direction} for one in LANGUAGES.values()]

    @router.get("/api/texts/{language}")
    async def texts(language: str) -> Response:
        tag = supported(language)
        if tag is None:
            raise Refused(404, "unknown_language", "error.unknown_language")
        return JSONResponse(widget_texts(parts, tag), headers={"Cache-Control": "public, max-age=300"})

    @router.get(SCHEMA_PATH)
    async def referral_schema() -> Response:
        return JSONResponse(json_schema(), media_type="application/schema+json")

    return router


def widget_texts(parts: WebParts, tag: str) -> dict[str, Any]:
    """What the widget itself says, in one language."""
    numbers = {name: {"type": "phone", "value": parts.directory.hotlines[name].number} for name in ("fire", "police", "authorities")}
    numbers["number"] = numbers["authorities"]
    words = {key.removeprefix("widget."): parts.texts(key, tag, numbers) for key in parts.texts.source if key.startswith("widget.")}
    return {"language": tag, "direction": LANGUAGES[tag].direction, "reviewed": parts.texts.reviewed(tag), "texts": words}


def problem_response(parts: WebParts, refused: Refused) -> JSONResponse:
    message = parts.texts(refused.key, refused.language, refused.parameters)
    return JSONResponse(Problem(error=refused.error, message=message).model_dump(), refused.status)


def unknown_conversation(parts: WebParts, request: Request) -> JSONResponse:
    return problem_response(parts, Refused(401, "unknown_conversation", "error.unknown_conversation", _accepted(request)))


def _answer(reply: Reply) -> Answer:
    return Answer(language=reply.language, messages=reply.messages, last=reply.last, talking_to=reply.talking_to)


def _municipality(directory: Directory, place: str | None, language: str) -> str | None:
    if place is None or not place.strip():
        return None
    try:
        found = directory.find(place)
    except UnknownMunicipality:
        raise Refused(422, "unknown_municipality", "profile.town_not_found", language) from None
    if len(found) > 1:
        raise Refused(422, "ambiguous_municipality", "profile.town_shared", language)
    return found[0].ags


def _clean(text: str | None, limit: int, language: str) -> str | None:
    """A message's text in NFC; too long or unreadable ones are refused in the person's language."""
    if text is None:
        return None
    if len(text) > limit:
        raise Refused(413, "message_too_long", "dialogue.too_long", language, limit=limit)
    if any(unicodedata.category(character) in ("Cc", "Cs", "Cn", "Co") and character not in _HARMLESS for character in text):
        raise Refused(422, "bad_characters", "dialogue.bad_characters", language)
    return unicodedata.normalize("NFC", text)


def _accepted(request: Request) -> str:
    """The browser's first language that we speak."""
    tags = [part.split(";")[0].strip() for part in request.headers.get("accept-language", "")[:200].split(",")]
    return next((tag for tag in map(supported, tags) if tag), SOURCE)


def _address(request: Request) -> str:
    """A hash of the sender's address, for limits only; never stored or logged."""
    return hashlib.sha256((request.client.host if request.client else "").encode()).hexdigest()
