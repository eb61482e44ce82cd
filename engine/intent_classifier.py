"""Rasa intent classifier: a calibrated linear head on the sentence vector and on character n-grams.

The vector carries meaning across languages; the n-grams carry what it misses: romanised script, misspellings,
office words. Both go through one logistic regression; its temperature is fitted on held-out folds, so that a
confidence of 0.8 is right in about eight of ten cases.
"""

from __future__ import annotations

from typing import Any, Dict, List, Optional, Text

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import INTENT, INTENT_NAME_KEY, INTENT_RANKING_KEY, PREDICTED_CONFIDENCE_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import HashingVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold

from engine.normalise import normalise

_FILE = "head.npz"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class IntentClassifier(GraphComponent):
    """Sets ``intent`` and ``intent_ranking``."""

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        return {
            # inverse regularisation; unit vectors need a large one
            "C": 10.0,
            # weight of the n-grams beside the unit vector, and how many buckets they are hashed into
            "ngram_weight": 1.0,
            "ngram_buckets": 2**16,
            "ranking_length": 6,
        }

    def __init__(self, config: Dict[Text, Any], model_storage: ModelStorage, resource: Resource) -> None:
        self._config = config
        self._storage = model_storage
        self._resource = resource
        self._ngrams = HashingVectorizer(
            analyzer="char_wb", ngram_range=(2, 4), n_features=config["ngram_buckets"], preprocessor=normalise, alternate_sign=False
        )
        self._labels: List[str] = []
        self._weights: Optional[np.ndarray] = None
        self._bias: Optional[np.ndarray] = None
        self._temperature = 1.0

    @classmethod
    def create(
        cls, config: Dict[Text, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext
    ) -> IntentClassifier:
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls, config: Dict[Text, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext, **kwargs: Any
    ) -> IntentClassifier:
        component = cls(config, model_storage, resource)
        with model_storage.read_from(resource) as folder:
            stored = np.load(folder / _FILE)
            component._labels = stored["labels"].tolist()
            component._weights, component._bias = stored["weights"], stored["bias"]
            component._temperature = float(stored["temperature"])
        return component

    def train(self, training_data: TrainingData) -> Resource:
        examples = [message for message in training_data.intent_examples if message.get(TEXT)]
        features = self._features(examples)
        labels = np.array([message.get(INTENT) for message in examples])
        print(f"fitting {len(set(labels))} intents on {len(labels)} sentences ...", flush=True)
        model = self._fit(features, labels)
        self._labels = model.classes_.tolist()
        self._weights, self._bias = model.coef_.T.astype(np.float32), model.intercept_.astype(np.float32)
        self._temperature = self._calibrate(features, labels)
        with self._storage.write_to(self._resource) as folder:
            np.savez(folder / _FILE, labels=np.array(self._labels), weights=self._weights, bias=self._bias, temperature=self._temperature)
        return self._resource

    def process(self, messages: List[Message]) -> List[Message]:
        for message in messages:
            if not message.get(TEXT) or self._weights is None:
                continue
            ranking = self._ranking(message)
            message.set(INTENT, ranking[0], add_to_output=True)
            message.set(INTENT_RANKING_KEY, ranking, add_to_output=True)
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        return training_data

    def _ranking(self, message: Message) -> List[Dict[Text, Any]]:
        scores = np.asarray(self._features([message]) @ self._weights)[0] + self._bias
        chances = _softmax(scores[np.newaxis, :] / self._temperature)[0]
        best = np.argsort(-chances)[: self._config["ranking_length"]]
        return [{INTENT_NAME_KEY: self._labels[i], PREDICTED_CONFIDENCE_KEY: float(chances[i])} for i in best]

    def _features(self, messages: List[Message]) -> csr_matrix:
        dense = np.stack([message.get_dense_features(TEXT)[1].features[0] for message in messages])
        sparse = self._ngrams.transform([message.get(TEXT) for message in messages])
        return hstack([csr_matrix(dense), sparse * self._config["ngram_weight"]], format="csr")

    def _fit(self, features: csr_matrix, labels: np.ndarray) -> LogisticRegression:
        return LogisticRegression(C=self._config["C"], max_iter=25, tol=1e-3, class_weight="balanced").fit(features, labels)

    def _calibrate(self, features: csr_matrix, labels: np.ndarray) -> float:
        """The temperature under which held-out sentences are least surprising (one of three folds: enough for one number)."""
        train, test = next(StratifiedKFold(3, shuffle=True, random_state=1).split(features, labels))
        model = self._fit(features[train], labels[train])
        scores = np.asarray(features[test] @ model.coef_.T) + model.intercept_
        truth = np.searchsorted(model.classes_, labels[test])
        candidates = np.geomspace(0.3, 5.0, 40)
        losses = [-np.log(_softmax(scores / t)[np.arange(len(truth)), truth] + 1e-12).mean() for t in candidates]
        return float(candidates[int(np.argmin(losses))])


def _softmax(scores: np.ndarray) -> np.ndarray:
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))
