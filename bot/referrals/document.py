"""The referral as a document: what a caseworker receives. Its JSON Schema is published at ``/schemas/referral-1.json``."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from bot.referrals.sheet import Contact, Sheet, Urgency

SCHEMA_PATH = "/schemas/referral-1.json"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Client(_Part):
    """Who asks: only what the person chose to say."""

    name: str | None = Field(None, max_length=80, description="Chosen name; need not be the real one.")
    contact: Contact | None = Field(None, description="Channel the person may be reached by; `here` is the chat with the return code.")
    contact_value: str | None = Field(None, max_length=120, description="Telephone number or e-mail address for `contact`.")
    language: str | None = Field(None, description="BCP 47 tag of the language the person reads.")
    interpreter: bool | None = Field(None, description="Whether an interpreter is needed for a conversation.")


class Place(_Part):
    """Where it happens."""

    ags: str | None = Field(None, pattern=r"^05\d{6}$", description="Amtlicher Gemeindeschlüssel, 8 digits.")
    name: str | None = None


class Addressee(_Part):
    """The office that receives the referral."""

    id: str
    role: str = Field(description="Office role of the taxonomy.")
    name: str


class Consent(_Part):
    """What was agreed to, word for word."""

    text: str = Field(description="The text that was shown, in the language it was shown in.")
    text_de: str
    language: str
    given_at: datetime
    recipient: str
    purpose: str
    expires_on: date
    foreigners_office_text: str | None = Field(None, description="The separate yes, where the recipient is a foreigners' office.")


class Referral(_Part):
    """A referral from a person to an office, version 1."""

    format: Literal["lotse-referral-1"] = Field("lotse-referral-1")
    id: str
    client: Client
    place: Place
    topic: str
    topic_title: str
    office: Addressee
    urgency: Urgency | None = None
    facts: dict[str, str] = Field(
        default_factory=dict, description="The profile facts that this topic's rules look at and the person left ticked."
    )
    steps_done: list[str] = Field(default_factory=list, description="Steps the person has done, as ids `topic/step`.")
    question: str | None = Field(None, max_length=2000, description="The question in the person's own words.")
    summary_de: str = Field(description="German summary, composed from the structured answers.")
    consent: Consent
    submitted_at: datetime


def json_schema() -> dict[str, Any]:
    """JSON Schema 2020-12 of the document."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": SCHEMA_PATH, **Referral.model_json_schema()}


def without(sheet: Sheet, kept: frozenset[str]) -> Sheet:
    """The sheet with every unticked field emptied."""
    cleared: dict[str, Any] = {name: None for name in ("name", "interpreter", "urgency", "question") if name not in kept}
    if "contact" not in kept:
        cleared |= {"contact": None, "contact_value": None}
    if "steps_done" not in kept:
        cleared["steps_done"] = ()
    facts = {name: value for name, value in sheet.facts.items() if name in kept}
    return sheet.model_copy(update={**cleared, "facts": facts})
