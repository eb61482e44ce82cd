"""Rasa featurizer: the multilingual sentence vector as a dense feature any Rasa classifier can use."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Dict, List, Text

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from engine.encoder import CachedEncoder, Encoder


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class SentenceEncoder(GraphComponent):
    """Sets a 384-wide sentence feature on every message with text."""

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        return {
            # where repack_encoder.py put the encoder
            "encoder": "models/encoder",
            # vectors of training sentences, kept between trainings
            "cache": "models/encoder/sentences.sqlite",
            "alias": "sentence_encoder",
        }

    def __init__(self, config: Dict[Text, Any]) -> None:
        self._config = config
        self._encoder = Encoder(Path(config["encoder"]))

    @classmethod
    def create(
        cls, config: Dict[Text, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext
    ) -> SentenceEncoder:
        return cls(config)

    def process(self, messages: List[Message]) -> List[Message]:
        with_text = [message for message in messages if message.get(TEXT)]
        for message in with_text:
            self._attach(message, self._encoder([message.get(TEXT)])[0])
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        examples = [message for message in training_data.training_examples if message.get(TEXT)]
        cached = CachedEncoder(Path(self._config["encoder"]), Path(self._config["cache"]))
        for message, vector in zip(examples, cached([message.get(TEXT) for message in examples])):
            self._attach(message, vector)
        return training_data

    def _attach(self, message: Message, vector: np.ndarray) -> None:
        message.add_features(Features(vector[np.newaxis, :], FEATURE_TYPE_SENTENCE, TEXT, self._config["alias"]))
