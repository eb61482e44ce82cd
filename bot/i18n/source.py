"""Collects every German source text by key: from ``content/texts``, the topics and the documents."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from bot.guidance.load import BadContent, Guidance, read_yaml

_PARAMETER = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class SourceText:
    """A German text with what a translator must know."""

    text: str
    note: str = ""
    longest: int | None = None

    @property
    def parameters(self) -> frozenset[str]:
        return frozenset(_PARAMETER.findall(self.text))


def source_texts(root: Path, guidance: Guidance) -> dict[str, SourceText]:
    """All texts, keyed ``<file>.<entry>``, ``topic.<id>.<part>`` and ``document.<id>``; raises ``BadContent``."""
    texts: dict[str, SourceText] = {}
    for path in sorted((root / "content/texts").glob("*.yml")):
        for name, entry in read_yaml(path).items():
            unknown = set(entry) - {"de", "note", "max"}
            if unknown or "de" not in entry:
                raise BadContent(f"{path}: {name} must have de and may have note and max, not {sorted(unknown)}")
            texts[f"{path.stem}.{name}"] = SourceText(entry["de"], entry.get("note", ""), entry.get("max"))
    for topic in guidance.topics.values():
        for suffix, text in topic.texts().items():
            note = f"Topic {topic.topic}" + (", title" if suffix == "title" else "")
            texts[f"topic.{topic.topic}.{suffix}"] = SourceText(text, note)
    for key, document in guidance.documents.items():
        texts[f"document.{key}"] = SourceText(document.explain, f"Explains the German word {document.name}")
    return texts
