"""Topics: what it is about, the steps, papers, cost, duration, deadlines, and the facts behind them."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Fact(_Strict):
    """A sourced value; texts name it as ``{parameter}`` and never hold the value themselves."""

    type: Literal["money", "period", "number", "phone", "date", "url", "name", "rule"]
    amount: float | int | None = None
    unit: Literal["minute", "hour", "day", "week", "month", "year"] | None = None
    value: str | date | None = None
    legal_basis: str | None
    source: str
    source_date: str | date | None
    checked: date
    valid_from: str | date | None
    valid_until: str | date | None
    state: Literal["in_force", "announced", "unclear"]

    @model_validator(mode="after")
    def _value_fits_type(self) -> Fact:
        needs = {"money": self.amount, "period": self.unit and self.amount, "number": self.amount, "rule": True}
        if needs.get(self.type, self.value) is None:
            raise ValueError(f"a fact of type {self.type} lacks its value")
        return self


class Sentence(_Strict):
    """A German source text and the facts it rests on."""

    text: str
    facts: tuple[str, ...] = ()


class Deadline(Sentence):
    """A deadline that hurts when it is missed."""

    id: str


class Online(Sentence):
    """An online service."""

    url: str | None = None


class Step(_Strict):
    """One thing to do: what it needs, where it happens, and what it yields for later steps."""

    id: str
    title: str
    text: str
    where: str | None
    documents: tuple[str, ...]
    needs: tuple[str, ...]
    yields: tuple[str, ...]
    facts: tuple[str, ...]


class Document(_Strict):
    """A paper by its German name, which is always shown."""

    name: str
    explain: str


class Topic(_Strict):
    """One topic of the taxonomy; without steps it is known but not yet covered, and Lotse says so."""

    topic: str
    leika: tuple[Annotated[str, Field(pattern=r"^\d{14}$")], ...] = ()
    title: str
    about: str | None = None
    steps: tuple[Step, ...] = ()
    documents: tuple[str, ...] = ()
    costs: Sentence | None = None
    duration: Sentence | None = None
    deadlines: tuple[Deadline, ...] = ()
    online: Online | None = None
    note: Sentence | str | None = None
    facts: dict[str, Fact] = Field(default_factory=dict)

    @property
    def covered(self) -> bool:
        return bool(self.steps)

    @property
    def note_text(self) -> str | None:
        return self.note.text if isinstance(self.note, Sentence) else self.note

    def texts(self) -> dict[str, str]:
        """German source texts by key suffix: the catalogs' keys are ``topic.<id>.<suffix>``."""
        texts = {"title": self.title}
        if self.about:
            texts["about"] = self.about
        for step in self.steps:
            texts[f"step.{step.id}.title"] = step.title
            texts[f"step.{step.id}.text"] = step.text
        for name in ("costs", "duration", "online"):
            if sentence := getattr(self, name):
                texts[name] = sentence.text
        for deadline in self.deadlines:
            texts[f"deadline.{deadline.id}"] = deadline.text
        if self.note_text:
            texts["note"] = self.note_text
        return texts
