"""Reads ``content/`` and ``directory/`` once at start; every problem names the file and the place in it."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError

from bot.errors import ClearError
from bot.guidance.directory import Directory, Hotline, Municipality, Office
from bot.guidance.responsibilities import Responsibilities, Rule
from bot.guidance.topics import Document, Topic


class BadContent(ClearError):
    """Raised when a content or directory file cannot be used; the message says which and why."""


@dataclass(frozen=True, slots=True)
class Guidance:
    """Everything the pure functions need."""

    topics: dict[str, Topic]
    documents: dict[str, Document]
    responsibilities: Responsibilities
    rules: tuple[Rule, ...]
    directory: Directory

    def problems(self) -> Iterator[str]:
        """References that lead nowhere; empty when the data fit together."""
        for topic in self.topics.values():
            yield from _topic_problems(topic, self.documents)
            if topic.topic not in self.responsibilities.topics:
                yield f"content/responsibilities.yml: topic {topic.topic} has no rule"
        for topic_id in self.responsibilities.topics - set(self.topics):
            yield f"content/responsibilities.yml: {topic_id} is no topic"
        last = {topic: rule for rule in self.rules for topic in rule.topics}
        for topic_id, rule in last.items():
            if rule.when.fields() or rule.when.places or rule.valid_from or rule.valid_until:
                yield f"content/responsibilities.yml: the last rule of {topic_id} ({rule.id}) must hold always"
        for office in self.directory.offices.values():
            for key in office.serves + office.excluded:
                if not any(ags.startswith(key) for ags in self.directory.municipalities):
                    yield f"directory: {office.id} serves {key}, which is no municipality or district"


def load_guidance(root: Path) -> Guidance:
    """Load from the project's root; raises ``BadContent``."""
    topics = {path.stem: parse_yaml(path, Topic) for path in sorted((root / "content/topics").glob("*.yml"))}
    for stem, topic in topics.items():
        if topic.topic != stem:
            raise BadContent(f"content/topics/{stem}.yml: topic must be {stem}")
    documents_path = root / "content/documents.yml"
    documents = {key: _validated(documents_path, Document, value) for key, value in read_yaml(documents_path).items()}
    rules_path = root / "content/responsibilities.yml"
    rules = _unique(rules_path, [_validated(rules_path, Rule, value) for value in read_yaml(rules_path)["rules"]], lambda rule: rule.id)
    return Guidance(topics, documents, Responsibilities(rules), tuple(rules), _directory(root / "directory"))


def _directory(folder: Path) -> Directory:
    offices = [_validated(path, Office, value) for path in sorted((folder / "offices").glob("*.yml")) for value in read_yaml(path)]
    _unique(folder / "offices", offices, lambda office: office.id)
    lines_path = folder / "hotlines.yml"
    lines = [_validated(lines_path, Hotline, value) for value in read_yaml(lines_path)]
    return Directory(list(_municipalities(folder / "municipalities.csv")), offices, lines)


def _municipalities(path: Path) -> Iterator[Municipality]:
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(line for line in file if not line.startswith("#")):
            codes = tuple(row.pop("postal_codes").split())
            yield _validated(path, Municipality, {**row, "postal_codes": codes})


def _topic_problems(topic: Topic, documents: dict[str, Document]) -> Iterator[str]:
    where = f"content/topics/{topic.topic}.yml"
    named = {name for step in topic.steps for name in step.documents} | set(topic.documents)
    for name in sorted(named - set(documents)):
        yield f"{where}: {name} is not in content/documents.yml"
    used = {fact for step in topic.steps for fact in step.facts}
    for sentence in (topic.costs, topic.duration, topic.online, *topic.deadlines):
        used |= set(sentence.facts) if sentence else set()
    for fact in sorted(used - set(topic.facts)):
        yield f"{where}: fact {fact} does not exist"


def read_yaml(path: Path) -> Any:
    """Parsed YAML; raises ``BadContent`` naming the file."""
    try:
        return yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)  # noqa: S506 - a safe loader
    except (OSError, yaml.YAMLError) as error:
        raise BadContent(f"{path}: {error}") from error


def parse_yaml[M: BaseModel](path: Path, model: type[M]) -> M:
    """One file, one object."""
    return _validated(path, model, read_yaml(path))


def _validated[M: BaseModel](path: Path, model: type[M], value: Any) -> M:
    try:
        return model.model_validate(value)
    except ValidationError as error:
        first = error.errors()[0]
        name = value.get("id") or value.get("ags") or "" if isinstance(value, dict) else ""
        raise BadContent(f"{path}: {name} {'.'.join(map(str, first['loc']))}: {first['msg']}") from error


def _unique[T](path: Path, items: list[T], key: Callable[[T], str]) -> list[T]:
    seen: set[str] = set()
    for item in items:
        if key(item) in seen:
            raise BadContent(f"{path}: {key(item)} stands there twice")
        seen.add(key(item))
    return items
