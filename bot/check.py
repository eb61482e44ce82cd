"""``lotse check``: all data and texts validated like a compiler: where, what is wrong, what to do."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Literal

import yaml

from bot.bootstrap import Content, read_content
from bot.conversation.payload import OWN
from bot.guidance.answers import DOCUMENT, ROLE
from bot.guidance.load import BadContent
from bot.i18n.catalogs import load_translations, merged, po_path, save, template
from bot.i18n.languages import LANGUAGES, SOURCE
from bot.i18n.source import SourceText, source_texts

_STALE = timedelta(days=365)
#: A text key written out in our Python.
_KEY = re.compile(r'"((?:case|dialogue|error|handover|note|office|profile|role|steps|widget|why)\.[a-z0-9_]+)"')
#: Families whose members are named by data or fetched as a whole.
_BY_DATA = re.compile(r"^(topic|document|role|why|note|widget)\.")
_FEWEST_SENTENCES = 10


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding; an error fails the check, a warning is listed."""

    severity: Literal["error", "warning"]
    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.severity}: {self.where}: {self.what}"


def run_checks(root: Path) -> list[Problem]:
    """Every problem found; errors first."""
    try:
        content = read_content(root)
    except BadContent as error:
        return [Problem("error", str(error).split(": ")[0], str(error))]
    sources = source_texts(root, content.guidance)
    found = [
        *_guidance(content),
        *_keys(root, content, sources),
        *_catalogs(root, sources),
        *_training_data(root),
        *_domain(root),
        *_fresh(content),
    ]
    return sorted(found, key=lambda problem: (problem.severity, problem.where))


def update_catalogs(root: Path) -> Iterator[str]:
    """Write the template and bring every catalog up to date; yields a line for each file that changed."""
    sources = source_texts(root, read_content(root).guidance)
    if save(template(sources), root / "locales/lotse.pot"):
        yield "locales/lotse.pot written"
    for tag in LANGUAGES:
        path = po_path(root / "locales", tag)
        if tag != SOURCE and save(merged(path, tag, sources), path):
            yield f"{path.relative_to(root)} written"


def _guidance(content: Content) -> Iterator[Problem]:
    for problem in content.guidance.problems():
        where, _, what = problem.partition(": ")
        yield Problem("error", where, what)
    roles = {office.role for office in content.guidance.directory.offices.values()}
    roles |= {office.role for rule in content.guidance.rules for office in rule.offices}
    roles |= {step.where for topic in content.guidance.topics.values() for step in topic.steps if step.where}
    for role in sorted(roles):
        if not content.texts.has(ROLE + role):
            yield Problem("error", "content/texts/role.yml", f"role {role} is used, but has no name here")
    for line in ("fire", "police", "crisis", "women", "men", "authorities"):
        if line not in content.guidance.directory.hotlines:
            yield Problem("error", "directory/hotlines.yml", f"{line} is missing: emergency answers need it")


def _keys(root: Path, content: Content, sources: dict[str, SourceText]) -> Iterator[Problem]:
    used: set[str] = set()
    for path in sorted([*(root / "bot").rglob("*.py"), *(root / "actions").rglob("*.py")]):
        for key in _KEY.findall(path.read_text(encoding="utf-8")):
            used.add(key)
            if key not in sources and key not in OWN and not key.endswith((".js", ".html")):
                yield Problem("error", str(path.relative_to(root)), f"text {key} does not exist in content/texts")
    for rule in content.guidance.rules:
        for key in [office.why for office in rule.offices] + ([rule.note] if rule.note else []):
            used.add(key)
            if key not in sources:
                yield Problem("error", "content/responsibilities.yml", f"rule {rule.id}: text {key} does not exist")
    for key in sorted(set(sources) - used):
        if not _BY_DATA.match(key):
            yield Problem("error", f"content/texts/{key.split('.')[0]}.yml", f"{key.split('.', 1)[1]} is used nowhere: delete it")
    for document in content.guidance.documents:
        if DOCUMENT + document not in sources:
            yield Problem("error", "content/documents.yml", f"{document} has no explanation")


def _catalogs(root: Path, sources: dict[str, SourceText]) -> Iterator[Problem]:
    for tag in LANGUAGES:
        if tag == SOURCE:
            continue
        where = f"locales/{tag}"
        found = load_translations(po_path(root / "locales", tag), sources)
        missing = sorted(set(sources) - set(found.texts) - found.fuzzy)
        if missing:
            yield Problem("error", where, f"{len(missing)} texts are not translated: {', '.join(missing[:4])} …")
        if found.fuzzy:
            yield Problem("error", where, f"{len(found.fuzzy)} texts changed in German since: {', '.join(sorted(found.fuzzy)[:4])} …")
        for key, text in found.texts.items():
            yield from _translation(f"{where} {key}", text, sources[key])


def _translation(where: str, text: str, source: SourceText) -> Iterator[Problem]:
    parameters = frozenset(re.findall(r"\{(\w+)\}", text))
    if parameters != source.parameters:
        yield Problem("error", where, f"parameters are {sorted(parameters)}, must be {sorted(source.parameters)}")
    if source.longest and len(text) > source.longest * 1.35:
        yield Problem("warning", where, f"{len(text)} characters are long for a button of about {source.longest}")
    if re.search("[\u202a-\u202e\u2066-\u2069\u200e\u200f]", text):
        yield Problem("error", where, "holds a direction mark: they are added by the program")
    if text.strip() != text or "  " in text:
        yield Problem("error", where, "stray spaces")


def _training_data(root: Path) -> Iterator[Problem]:
    owner: dict[str, tuple[str, str]] = {}
    for path in sorted((root / "nlu_data").glob("*/*.yml")):
        data = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)  # noqa: S506 - a safe loader
        where = str(path.relative_to(root))
        if "language" not in data:
            continue
        if data["language"] != path.parent.name:
            yield Problem("error", where, f"language is {data['language']}, the folder says {path.parent.name}")
        for entry in data["nlu"]:
            sentences = [line[2:].strip() for line in entry["examples"].splitlines() if line.startswith("- ")]
            if entry["intent"] != path.stem:
                yield Problem("error", where, f"intent is {entry['intent']}, the file is named {path.stem}")
            if len(set(sentences)) < _FEWEST_SENTENCES:
                yield Problem("error", where, f"{len(set(sentences))} sentences; at least {_FEWEST_SENTENCES} are needed")
            for sentence in sentences:
                known = owner.setdefault(sentence.casefold(), (path.stem, where))
                if known[0] != path.stem:
                    yield Problem("warning", where, f"{sentence!r} is also an example of {known[0]} ({known[1]})")


def _domain(root: Path) -> Iterator[Problem]:
    """Rasa merges the domain's files and only warns of what stands there twice."""
    seen: Counter[tuple[str, str]] = Counter()
    for path in sorted((root / "domain").glob("*.yml")):
        for section, entries in yaml.safe_load(path.read_text(encoding="utf-8")).items():
            if isinstance(entries, list | dict) and section in ("intents", "entities", "slots", "actions", "forms"):
                for entry in entries:
                    seen[section, entry if isinstance(entry, str) else next(iter(entry))] += 1
    for (section, name), count in seen.items():
        if count > 1:
            yield Problem("error", "domain", f"{section}: {name} stands there {count} times")


def _fresh(content: Content) -> Iterator[Problem]:
    oldest = date.today() - _STALE  # noqa: DTZ011 - a day, wherever the clerk sits
    for office in content.guidance.directory.offices.values():
        if office.checked < oldest:
            yield Problem("warning", "directory/offices", f"{office.id} was checked more than 12 months ago: check and confirm it")
    for topic in content.guidance.topics.values():
        for name, fact in topic.facts.items():
            if fact.checked < oldest:
                yield Problem("warning", f"content/topics/{topic.topic}.yml", f"fact {name} was checked more than 12 months ago")
