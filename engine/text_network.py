"""A small network from a message to scores: sentence vector and hashed letter groups in, one hidden layer, intents out.

Trained with TensorFlow (which Rasa brings along), run with numpy. Two networks are trained side by side, one on each
core, each without a tenth of the sentences; their mean is surer than either, and the tenth tells how sure they may be.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Dict, List

import numpy as np
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import HashingVectorizer

from engine.normalise import normalise
from engine.skeleton import skeleton

#: Sentence vectors lie close together (cosine 0.7 and more): centred and stretched they are easier to tell apart.
_STRETCH = 12.0
_SMOOTHING = 0.05
_FOLDS = 10
_NETWORKS = 2


@dataclass(frozen=True)
class Shape:
    """What can be chosen; see ``IntentClassifier.get_default_config``."""

    buckets: int
    hidden: int
    epochs: int
    batch: int
    dropout: float
    learning_rate: float


class LetterGroups:
    """Sparse features ``[n, 3 * buckets]``: letters as written, consonants in one spelling for all scripts, and words of those."""

    def __init__(self, buckets: int) -> None:
        common = {"n_features": buckets, "alternate_sign": False, "dtype": np.float32}
        self._views = [
            HashingVectorizer(analyzer="char_wb", ngram_range=(2, 5), preprocessor=normalise, **common),
            HashingVectorizer(analyzer="char_wb", ngram_range=(2, 4), preprocessor=skeleton, **common),
            HashingVectorizer(analyzer="word", ngram_range=(1, 2), preprocessor=skeleton, token_pattern=r"\S+", **common),  # noqa: S106
        ]

    def __call__(self, texts: List[str]) -> csr_matrix:
        return hstack([view.transform(texts) for view in self._views], format="csr")


class TextNetwork:
    """``scores(vectors, groups)`` → ``[n, intents]``, already divided by the temperature."""

    def __init__(self, parts: List[Dict[str, np.ndarray]], mean: np.ndarray) -> None:
        self._parts = parts
        self._mean = mean

    def scores(self, vectors: np.ndarray, groups: csr_matrix) -> np.ndarray:
        dense = _stretched(vectors, self._mean)
        return np.mean([_forward(part, dense, groups) / part["temperature"] for part in self._parts], axis=0)

    def arrays(self) -> Dict[str, np.ndarray]:
        """Everything to store, by name."""
        stored = {f"{number}.{name}": value for number, part in enumerate(self._parts) for name, value in part.items()}
        return {**stored, "mean": self._mean}

    @classmethod
    def from_arrays(cls, arrays: Dict[str, np.ndarray]) -> TextNetwork:
        numbers = sorted({name.split(".")[0] for name in arrays if "." in name})
        parts = [{name.split(".")[1]: value for name, value in arrays.items() if name.startswith(f"{number}.")} for number in numbers]
        return cls(parts, arrays["mean"])


def train(vectors: np.ndarray, groups: csr_matrix, labels: np.ndarray, shape: Shape) -> TextNetwork:
    """``labels`` are class numbers ``[n]``."""
    mean = vectors.mean(axis=0)
    dense = _stretched(vectors, mean)
    order = np.random.RandomState(0).permutation(len(labels)) % _FOLDS

    def one(number: int) -> Dict[str, np.ndarray]:
        kept = order != number
        part = _fit(dense[kept], groups[kept], labels[kept], shape, number)
        part["temperature"] = np.float32(_temperature(_forward(part, dense[~kept], groups[~kept]), labels[~kept]))
        return part

    with ThreadPoolExecutor(_NETWORKS) as pool:
        return TextNetwork(list(pool.map(one, range(_NETWORKS))), mean)


def _stretched(vectors: np.ndarray, mean: np.ndarray) -> np.ndarray:
    return ((vectors - mean) * _STRETCH).astype(np.float32)


def _forward(part: Dict[str, np.ndarray], dense: np.ndarray, groups: csr_matrix) -> np.ndarray:
    embedded = np.zeros((groups.shape[0], part["dense_in"].shape[1]), np.float32)
    for row in range(groups.shape[0]):
        inside = slice(groups.indptr[row], groups.indptr[row + 1])
        embedded[row] = groups.data[inside] @ part["groups_in"][groups.indices[inside]].astype(np.float32)
    hidden = np.maximum(embedded + dense @ part["dense_in"] + part["bias_in"], 0.0)
    return hidden @ part["out"] + part["bias_out"] + dense @ part["dense_out"]


def _fit(dense: np.ndarray, groups: csr_matrix, labels: np.ndarray, shape: Shape, seed: int) -> Dict[str, np.ndarray]:
    import tensorflow as tf

    classes = int(labels.max()) + 1
    random = np.random.RandomState(seed)
    start = {
        "groups_in": random.normal(0, 0.05, (groups.shape[1], shape.hidden)),
        "dense_in": random.normal(0, 0.05, (dense.shape[1], shape.hidden)),
        "bias_in": np.zeros(shape.hidden),
        "out": random.normal(0, 0.07, (shape.hidden, classes)),
        "bias_out": np.zeros(classes),
        "dense_out": np.zeros((dense.shape[1], classes)),
    }
    weights = {name: tf.Variable(value.astype(np.float32)) for name, value in start.items()}
    width = groups.shape[1]
    optimiser = tf.keras.optimizers.legacy.Adam(shape.learning_rate)
    rare = (len(labels) / classes / np.bincount(labels)) ** 0.5

    @tf.function(reduce_retracing=True)
    def step(entries, values, vectors, truth, importance):  # type: ignore[no-untyped-def]
        sparse = tf.SparseTensor(entries, values, (tf.shape(vectors, tf.int64)[0], width))
        with tf.GradientTape() as tape:
            embedded = tf.sparse.sparse_dense_matmul(sparse, weights["groups_in"])
            hidden = tf.nn.relu(embedded + vectors @ weights["dense_in"] + weights["bias_in"])
            hidden = tf.nn.experimental.stateless_dropout(hidden, shape.dropout, seed=tf.stack([entries[0, 1], entries[-1, 1]]))
            scores = hidden @ weights["out"] + weights["bias_out"] + vectors @ weights["dense_out"]
            wanted = tf.one_hot(truth, classes) * (1 - _SMOOTHING) + _SMOOTHING / classes
            loss = tf.reduce_mean(importance * tf.nn.softmax_cross_entropy_with_logits(wanted, scores))
        optimiser.apply_gradients(zip(tape.gradient(loss, list(weights.values())), weights.values()))
        return loss

    for epoch in range(shape.epochs):
        optimiser.learning_rate = shape.learning_rate * 0.5 * (1 + np.cos(np.pi * epoch / shape.epochs)) + 1e-5
        order = random.permutation(len(labels))
        for begin in range(0, len(order), shape.batch):
            chosen = order[begin : begin + shape.batch]
            entries, values = _packed(groups[chosen])
            importance = tf.constant(rare[labels[chosen]], tf.float32)
            step(entries, values, tf.constant(dense[chosen]), tf.constant(labels[chosen]), importance)
        if (epoch + 1) % 5 == 0 or epoch + 1 == shape.epochs:
            print(f"network {seed + 1}: round {epoch + 1} of {shape.epochs}", flush=True)
    trained = {name: value.numpy() for name, value in weights.items()}
    trained["groups_in"] = trained["groups_in"].astype(np.float16)
    return trained


def _packed(groups: csr_matrix) -> tuple:
    """Row and column of every entry ``[entries, 2]``, and their values."""
    rows = np.repeat(np.arange(groups.shape[0]), np.diff(groups.indptr))
    return np.stack([rows, groups.indices], axis=1).astype(np.int64), groups.data.astype(np.float32)


def _temperature(scores: np.ndarray, truth: np.ndarray) -> float:
    """The number under which held-out sentences are least surprising."""
    best, lowest = 1.0, np.inf
    for candidate in np.geomspace(0.3, 5.0, 60):
        scaled = scores / candidate
        scaled -= scaled.max(axis=1, keepdims=True)
        loss = (np.log(np.exp(scaled).sum(axis=1)) - scaled[np.arange(len(truth)), truth]).mean()
        if loss < lowest:
            best, lowest = float(candidate), loss
    return best
