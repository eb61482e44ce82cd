"""What the dialogue says, before it has words: text keys with parameters, buttons and cards.

A card is JSON in which ``{"$text": key, "parameters": …}`` stands for words; ``render`` puts them in the reader's
language. So a caseworker's building block, an action and an error all speak through the same catalogs.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from pydantic import BaseModel, ConfigDict, Field


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class TextRef(_Model):
    """A text by its key; parameters may themselves be ``{"$text": …}``."""

    key: str
    parameters: dict[str, Any] = Field(default_factory=dict)


class Button(_Model):
    """A choice; the payload comes back when it is pressed."""

    title: TextRef
    payload: str


class OutgoingMessage(_Model):
    """One bubble: paragraphs, buttons, and for channels that can show it a card with the same content."""

    paragraphs: tuple[TextRef, ...]
    buttons: tuple[Button, ...] = ()
    card: dict[str, Any] | None = None


class RenderedButton(_Model):
    """A button in the reader's language."""

    title: str
    payload: str


class RenderedMessage(_Model):
    """A message in the reader's language, as the web API sends it."""

    text: str
    buttons: list[RenderedButton] = Field(default_factory=list)
    data: dict[str, Any] | None = None


class Words(Protocol):
    """Turns a key into words (``bot.i18n.catalogs.Texts``)."""

    def __call__(self, key: str, language: str, parameters: Mapping[str, Any] | None = None) -> str: ...


def text(key: str, /, **parameters: Any) -> TextRef:
    return TextRef(key=key, parameters=parameters)


#: A paragraph that is nobody's translation: an address, a caseworker's German sentence.
_VERBATIM = "verbatim"


def verbatim(words: str) -> TextRef:
    return TextRef(key=_VERBATIM, parameters={"text": words})


def say(key: str, /, *buttons: Button, **parameters: Any) -> OutgoingMessage:
    """A message of one paragraph."""
    return OutgoingMessage(paragraphs=(text(key, **parameters),), buttons=buttons)


def button(key: str, payload: str, /, **parameters: Any) -> Button:
    return Button(title=text(key, **parameters), payload=payload)


def word(key: str, /, **parameters: Any) -> dict[str, Any]:
    """A text inside a card or a parameter."""
    return {"$text": key, "parameters": parameters}


def render(message: OutgoingMessage, language: str, words: Words) -> RenderedMessage:
    paragraphs = [_words(part, language, words) for part in message.paragraphs]
    return RenderedMessage(
        text="\n\n".join(paragraphs),
        buttons=[RenderedButton(title=_words(one.title, language, words), payload=one.payload) for one in message.buttons],
        data=resolve(message.card, language, words) if message.card else None,
    )


def _words(ref: TextRef, language: str, words: Words) -> str:
    if ref.key == _VERBATIM:
        return str(ref.parameters["text"])
    return words(ref.key, language, resolve(ref.parameters, language, words))


def resolve(value: Any, language: str, words: Words) -> Any:
    """A value with every text reference in it replaced by words; ``{"$text": …, "language": "de"}`` is always German."""
    if isinstance(value, dict):
        if "$text" in value:
            reader = value.get("language", language)
            return words(value["$text"], reader, resolve(value.get("parameters", {}), reader, words))
        return {name: resolve(part, language, words) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [resolve(part, language, words) for part in value]
    return value
