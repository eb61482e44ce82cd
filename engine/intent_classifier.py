"""Rasa intent classifier: a small network on the sentence vector and on letter groups (``text_network.py``).

The vector carries meaning across languages; the letter groups carry what it misses: romanised script, misspellings,
office words. Confidence is calibrated: of the messages it gives 0.8, about eight in ten are right.
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

from engine.text_network import LetterGroups, Shape, TextNetwork, train

_FILE = "network.npz"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class IntentClassifier(GraphComponent):
    """Sets ``intent`` and ``intent_ranking``."""

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        return {
            # letter groups are hashed into this many buckets, for each of their three kinds
            "buckets": 2**15,
            # width of the hidden layer
            "hidden": 128,
            # training: rounds over all sentences, sentences a step, share of hidden values left out, step size
            "epochs": 18,
            "batch": 1024,
            "dropout": 0.3,
            "learning_rate": 4e-3,
            "ranking_length": 6,
        }

    def __init__(self, config: Dict[Text, Any], model_storage: ModelStorage, resource: Resource) -> None:
        self._config = config
        self._storage = model_storage
        self._resource = resource
        self._groups = LetterGroups(config["buckets"])
        self._labels: List[str] = []
        self._network: Optional[TextNetwork] = None

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
            arrays = dict(np.load(folder / _FILE))
        component._labels = arrays.pop("labels").tolist()
        component._network = TextNetwork.from_arrays(arrays)
        return component

    def train(self, training_data: TrainingData) -> Resource:
        examples = [message for message in training_data.intent_examples if message.get(TEXT)]
        names = np.array([message.get(INTENT) for message in examples])
        self._labels = sorted(set(names.tolist()))
        print(f"fitting {len(self._labels)} intents on {len(names)} sentences ...", flush=True)
        keys = {"hidden", "epochs", "batch", "dropout", "learning_rate", "buckets"}
        shape = Shape(**{key: self._config[key] for key in keys})
        vectors, groups = self._features(examples)
        self._network = train(vectors, groups, np.searchsorted(self._labels, names), shape)
        with self._storage.write_to(self._resource) as folder:
            np.savez(folder / _FILE, labels=np.array(self._labels), **self._network.arrays())
        return self._resource

    def process(self, messages: List[Message]) -> List[Message]:
        for message in messages:
            if not message.get(TEXT) or self._network is None:
                continue
            ranking = self._ranking(message)
            message.set(INTENT, ranking[0], add_to_output=True)
            message.set(INTENT_RANKING_KEY, ranking, add_to_output=True)
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        return training_data

    def _ranking(self, message: Message) -> List[Dict[Text, Any]]:
        scores = self._network.scores(*self._features([message]))[0]
        chances = np.exp(scores - scores.max())
        chances /= chances.sum()
        best = np.argsort(-chances)[: self._config["ranking_length"]]
        return [{INTENT_NAME_KEY: self._labels[i], PREDICTED_CONFIDENCE_KEY: float(chances[i])} for i in best]

    def _features(self, messages: List[Message]) -> tuple:
        vectors = np.stack([message.get_dense_features(TEXT)[1].features[0] for message in messages])
        return vectors, self._groups([message.get(TEXT) for message in messages])
