"""The handover sheet: what the person fills in, sees in two languages, and may untick before anything is sent."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class Contact(StrEnum):
    """How the office may reach the person; each has a text ``handover.contact_<value>``."""

    HERE = "here"
    PHONE = "phone"
    EMAIL = "email"


class Urgency(StrEnum):
    """How urgent it is; each has a text ``handover.urgency_<value>``."""

    TODAY = "today"
    WEEK = "week"
    NORMAL = "normal"


#: What the person may untick. Town, topic and office are what the referral is about: it cannot be sent without them.
OPTIONAL_FIELDS = (
    "name",
    "contact",
    "language",
    "interpreter",
    "urgency",
    "age",
    "status",
    "benefit",
    "arrived",
    "works",
    "steps_done",
    "question",
)


class Sheet(BaseModel):
    """A draft. ``None`` means not given; facts hold only what the topic's rules look at."""

    model_config = ConfigDict(extra="forbid", validate_assignment=True)

    topic: str
    office: str
    role: str
    municipality: str | None
    language: str
    first_question: str = ""
    name: str | None = Field(None, max_length=80)
    contact: Contact | None = None
    contact_value: str | None = Field(None, max_length=120)
    interpreter: bool | None = None
    urgency: Urgency | None = None
    question: str | None = Field(None, max_length=2000)
    facts: dict[str, str] = Field(default_factory=dict)
    #: ids "topic/step" of this topic
    steps_done: tuple[str, ...] = ()

    def given(self) -> dict[str, Any]:
        """The fields that have a value, in the order of the sheet."""
        values: dict[str, Any] = {
            "name": self.name,
            "contact": self.contact,
            "language": self.language,
            "interpreter": self.interpreter,
            "urgency": self.urgency,
            **self.facts,
            "steps_done": list(self.steps_done) or None,
            "question": self.question,
        }
        return {name: values[name] for name in OPTIONAL_FIELDS if values.get(name) is not None}
