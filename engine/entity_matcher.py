"""Entities by spaCy: words from lookup tables in any language and spelling, ages, numbers of children, and postal codes.

A lookup table named ``<entity>.<value>`` lists the words that mean this value (``status.tolerated``: Duldung, دولدونغ, …);
endings are tolerated, because most of our languages inflect names (``Kölnʼde``, ``в Билефельде``). The other tables tell
how to read these words: which towns are called like an ordinary word, what stands before a place, what denies a status.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from itertools import takewhile
from typing import Any, DefaultDict, Dict, Iterable, Iterator, List, Optional, Set, Text

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
from spacy.tokens import Doc, Span, Token
from spacy.util import compile_infix_regex, filter_spans

from engine.language_identifier import LANGUAGES
from engine.normalise import normalise

_FILE = "lookups.json"
_OLDEST = 120
_MOST_CHILDREN = 15
#: Where words also end: after a number (34yaşındayım), after French d’ and l’, at Ge'ez punctuation, at the joiner inside Persian words.
_INFIXES = (r"(?<=\d)-?(?=[^\W\d_])", r"(?<=\b[dlDL]['’])(?=\w)", "[\u1361-\u1368]", "\u200c")
_APOSTROPHE = re.compile("[’'`´ʼ]")


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
        lookups: DefaultDict[str, List[str]] = defaultdict(list)
        for table in training_data.lookup_tables:  # a town has one for every script
            lookups[table["name"]] += table["elements"]
        self._build(lookups)
        with self._storage.write_to(self._resource) as folder:
            (folder / _FILE).write_text(json.dumps(lookups, ensure_ascii=False), encoding="utf-8")
        return self._resource

    def process(self, messages: List[Message]) -> List[Message]:
        for message in messages:
            text = message.get(TEXT)
            if text:
                found = list(self._entities(text, _is_german(message)))
                message.set(ENTITIES, message.get(ENTITIES, []) + found, add_to_output=True)
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        return training_data

    def _build(self, lookups: Dict[str, List[str]]) -> None:
        self._nlp: Language = spacy.blank("xx")
        self._nlp.tokenizer.infix_finditer = compile_infix_regex([*self._nlp.Defaults.infixes, *_INFIXES]).finditer
        self._stems: Set[str] = set()
        docs = {name: [self._listed(element) for element in elements] for name, elements in lookups.items()}
        self._helpers: DefaultDict[str, Set[str]] = defaultdict(set)
        self._numbers = {str(number): str(number) for number in range(_MOST_CHILDREN + 1)}
        self._phrases = PhraseMatcher(self._nlp.vocab, attr="NORM")
        for name, elements in lookups.items():
            entity, _, value = name.partition(".")
            if entity == "number_word":
                self._numbers.update((normalise(element), value) for element in elements)
            elif value or name == "other_word":
                self._phrases.add(name, docs[name])
            else:
                self._helpers[name] = {normalise(element) for element in elements}
        self._build_counts()

    def _build_counts(self) -> None:
        age_words, child_words = sorted(self._helpers["age_word"]), sorted(self._helpers["child_word"])
        number, age_word = {"IS_DIGIT": True}, {"NORM": {"IN": age_words}}
        between = {"IS_DIGIT": False, "TEXT": {"NOT_IN": [",", ".", ";", "،"]}, "OP": "?"}
        self._ages = Matcher(self._nlp.vocab)
        self._ages.add("age", [[number, between, age_word], [age_word, between, number]])
        how_many, child = {"NORM": {"IN": sorted(self._numbers)}}, {"NORM": {"IN": child_words}}
        what_kind = {"IS_ALPHA": True, "LENGTH": {">=": 2}, "NORM": {"NOT_IN": age_words}, "OP": "?"}
        self._children = Matcher(self._nlp.vocab)
        self._children.add("children", [[how_many, what_kind, child]])

    def _listed(self, element: str) -> Doc:
        """An element of a table: its words are the stems of what people write."""
        doc = self._nlp.make_doc(element)
        for token in doc:
            token.norm_ = normalise(token.text)
            self._stems.add(token.norm_)
        return doc

    def _written(self, text: str) -> Doc:
        doc = self._nlp.make_doc(text)
        for token in doc:
            token.norm_ = self._stem(token.text)
        return doc

    def _stem(self, written: str) -> str:
        word = normalise(written)
        return next((form for form in self._forms(written, word) if form in self._stems), word)

    def _forms(self, written: str, word: str) -> Iterator[str]:
        """The word; then without what is written onto it: behind or before an apostrophe, "in" as a part of the word, an ending."""
        yield word
        shortest = self._config["shortest_stem"]
        yield from (part for part in map(normalise, _APOSTROPHE.split(written)) if len(part) >= shortest)
        bare = [word.removeprefix(part) for part in self._helpers["locative_prefix"]]
        bare += [word.removesuffix(part) for part in self._helpers["locative_suffix"]]
        yield from (form for form in bare if len(form) >= shortest - 1)
        yield from (word[:-length] for length in range(1, self._config["longest_ending"] + 1) if len(word) - length >= shortest)

    def _entities(self, text: str, german: bool) -> Iterator[Dict[Text, Any]]:
        doc = self._written(text)
        phrases = filter_spans(self._phrases(doc, as_spans=True))
        for span in phrases:
            entity, _, value = span.label_.partition(".")
            if value and (self._is_place(span, german) if entity == "town" else not self._is_denied(span)):
                yield self._entity(entity, value, span.start_char, span.end_char)
        children = self._children(doc, as_spans=True)
        for span in children:
            yield self._entity("children", self._numbers[span[0].norm_], span.start_char, span.end_char)
        told = {token.i for span in [*phrases, *children] for token in span}
        ages = {token.i: token for span in self._ages(doc, as_spans=True) for token in span if token.is_digit}
        if not ages and len(doc) <= 3:
            ages = {token.i: token for token in doc if token.is_digit}
        for token in ages.values():
            if token.i not in told and int(token.norm_) <= _OLDEST:
                yield self._entity("age", str(int(token.norm_)), token.idx, token.idx + len(token))
        for match in re.finditer(r"(?<!\d)\d{5}(?!\d)", normalise(text)):
            yield self._entity("postal_code", match.group(), match.start(), match.end())

    def _is_place(self, span: Span, german: bool) -> bool:
        """A town called like an ordinary word (Essen, Much) counts alone, after "in" or "from", or with a capital where nouns have none."""
        name, doc = span[0], span.doc
        if name.norm_ not in self._helpers["ambiguous_town"] or len(span) > 1:
            return True
        before = doc[name.i - 1] if name.i else None
        prefix, _, suffix = normalise(name.text).partition(name.norm_)
        located = prefix in self._helpers["locative_prefix"] or suffix in self._helpers["locative_suffix"]
        if located or before and normalise(before.text) in self._helpers["locative_word"]:
            return True
        alone = not any(token.is_alpha for token in doc if token.i != name.i)
        capital = name.is_title and before and before.is_alpha and not doc.text.isupper() and not german
        return not prefix and not suffix and bool(alone or capital)

    def _is_denied(self, span: Span) -> bool:
        """No status or benefit: "keine Duldung", "duldungum yok", and what is only asked for ("can I get Wohngeld")."""
        before, after = reversed(span.doc[max(span.start - 3, 0) : span.start]), span.doc[span.end : span.end + 2]
        return self._has("denial_before", before) or self._has("denial_after", after)

    def _has(self, helper: str, tokens: Iterable[Token]) -> bool:
        """Whether one of the table's words is among the tokens up to the first punctuation mark."""
        nearest = takewhile(lambda token: not token.is_punct, tokens)
        return any(normalise(token.text) in self._helpers[helper] for token in nearest)

    def _entity(self, entity: str, value: str, start: int, end: int) -> Dict[Text, Any]:
        return {"entity": entity, "value": value, "start": start, "end": end, "extractor": type(self).__name__}


def _is_german(message: Message) -> bool:
    """Also when the language is not known: then a capital letter proves nothing."""
    languages = message.get(LANGUAGES)
    return not languages or languages[0][0] == "de"
