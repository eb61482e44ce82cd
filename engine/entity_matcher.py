"""Entities by spaCy: words from lookup tables in any language and spelling, ages, and postal codes.

A lookup table named ``<entity>.<value>`` lists the words that mean this value (``status.tolerated``: Duldung, دولدونغ, …);
endings are tolerated, because most of our languages inflect names (``Kölnʼde``, ``в Билефельде``).
"""

from __future__ import annotations

import json
import re
from typing import Any, Dict, Iterator, List, Optional, Text, Tuple

import spacy
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from spacy.language import Language
from spacy.matcher import Matcher, PhraseMatcher
from spacy.tokens import Doc
from spacy.util import filter_spans

from engine.normalise import normalise

_FILE = "lookups.json"
_OLDEST = 120


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=True)
class EntityMatcher(GraphComponent):
    """Sets ``entities`` with canonical values; a bare number answers "how old are you"."""

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        return {
            # shortest word whose inflected forms are recognised, and the longest ending
            "shortest_stem": 4,
            "longest_ending": 3,
        }

    def __init__(
        self, config: Dict[Text, Any], model_storage: ModelStorage, resource: Resource, lookups: Optional[Dict[str, List[str]]] = None
    ) -> None:
        self._config = config
        self._storage = model_storage
        self._resource = resource
        if lookups:
            self._build(lookups)

    @classmethod
    def create(
        cls, config: Dict[Text, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext
    ) -> EntityMatcher:
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls, config: Dict[Text, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext, **kwargs: Any
    ) -> EntityMatcher:
        with model_storage.read_from(resource) as folder:
            return cls(config, model_storage, resource, json.loads((folder / _FILE).read_text(encoding="utf-8")))

    def train(self, training_data: TrainingData) -> Resource:
        lookups = {table["name"]: table["elements"] for table in training_data.lookup_tables}
        self._build(lookups)
        with self._storage.write_to(self._resource) as folder:
            (folder / _FILE).write_text(json.dumps(lookups, ensure_ascii=False), encoding="utf-8")
        return self._resource

    def process(self, messages: List[Message]) -> List[Message]:
        for message in messages:
            text = message.get(TEXT)
            if text:
                found = list(self._entities(text))
                message.set(ENTITIES, message.get(ENTITIES, []) + found, add_to_output=True)
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        return training_data

    def _build(self, lookups: Dict[str, List[str]]) -> None:
        self._nlp: Language = spacy.blank("xx")
        self._values: Dict[str, Tuple[str, str]] = {}
        self._stems = {word for elements in lookups.values() for element in elements for word in normalise(element).split()}
        self._age_words = {word for word in map(normalise, lookups.get("age_word", []))}
        self._phrases = PhraseMatcher(self._nlp.vocab, attr="NORM")
        for name, elements in lookups.items():
            if "." in name:
                entity, value = name.split(".", 1)
                self._values[name] = (entity, value)
                self._phrases.add(name, [self._doc(element) for element in elements])
        number, age_word = {"IS_DIGIT": True}, {"NORM": {"IN": sorted(self._age_words)}}
        filler = {"IS_DIGIT": False, "OP": "?"}
        self._ages = Matcher(self._nlp.vocab)
        self._ages.add("age", [[number, filler, age_word], [age_word, filler, number]])

    def _doc(self, text: str) -> Doc:
        doc = self._nlp.make_doc(text)
        for token in doc:
            token.norm_ = self._stem(normalise(token.text))
        return doc

    def _stem(self, word: str) -> str:
        if word in self._stems:
            return word
        shortest = max(self._config["shortest_stem"], len(word) - self._config["longest_ending"])
        return next((word[:end] for end in range(len(word) - 1, shortest - 1, -1) if word[:end] in self._stems), word)

    def _entities(self, text: str) -> Iterator[Dict[Text, Any]]:
        doc = self._doc(text)
        for span in filter_spans(self._phrases(doc, as_spans=True)):
            entity, value = self._values[span.label_]
            yield self._entity(entity, value, span.start_char, span.end_char)
        ages = {token.i: token for span in self._ages(doc, as_spans=True) for token in span if token.is_digit}
        if not ages and len(doc) <= 3:
            ages = {token.i: token for token in doc if token.is_digit}
        for token in ages.values():
            if int(token.text) <= _OLDEST:
                yield self._entity("age", str(int(token.text)), token.idx, token.idx + len(token))
        for match in re.finditer(r"(?<!\d)\d{5}(?!\d)", normalise(text)):
            yield self._entity("postal_code", match.group(), match.start(), match.end())

    def _entity(self, entity: str, value: str, start: int, end: int) -> Dict[Text, Any]:
        return {"entity": entity, "value": value, "start": start, "end": end, "extractor": type(self).__name__}
