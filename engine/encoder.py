"""The sentence encoder: text in, one unit vector out, on onnxruntime alone.

Two standard files do the work, ``tokenizer.json`` (Hugging Face *tokenizers*) and ``encoder.onnx``; the word
vectors stay outside the graph as 4-bit blocks, memory-mapped, because only the rows of a message are needed.
``repack_encoder.py`` writes all three.
"""

from __future__ import annotations

import hashlib
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import onnxruntime
from tokenizers import Tokenizer

#: multilingual-e5 was trained with this prefix on the asking side.
PREFIX = "query: "
#: Longer messages are cut: a question that needs more than this many pieces is not a chat message.
MAX_PIECES = 192
#: Training sentences encoded together.
_AT_ONCE = 4
FILES = ("encoder.onnx", "tokenizer.json", "word_vectors.npy", "positions.npy")


class EncoderMissing(Exception):
    """Raised when the encoder's files are absent or broken; the message says what to run."""


def dequantise(blocks: np.ndarray) -> np.ndarray:
    """Turn 4-bit blocks ``[..., n, 18]`` (uint8; fp16 scale, 16 bytes, low nibbles first) into float32 ``[..., n * 32]``."""
    scale = blocks[..., :2].copy().view(np.float16).astype(np.float32)
    nibbles = blocks[..., 2:]
    weights = np.concatenate([nibbles & 0x0F, nibbles >> 4], axis=-1).astype(np.float32) - 8.0
    return (weights * scale).reshape(*blocks.shape[:-2], -1)


class Encoder:
    """Encodes messages to L2-normalised float32 vectors of shape ``[n, 384]``."""

    def __init__(self, folder: Path, threads: int = 1) -> None:
        missing = [name for name in FILES if not (folder / name).is_file()]
        if missing:
            raise EncoderMissing(f"The encoder is incomplete ({', '.join(missing)} not in {folder}): run 'make setup'.")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        try:
            self._session = onnxruntime.InferenceSession(str(folder / "encoder.onnx"), options)
            self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
            self._words = np.load(folder / "word_vectors.npy", mmap_mode="r")
            self._positions = np.load(folder / "positions.npy")
        except Exception as error:  # onnxruntime and tokenizers raise their own bare exceptions here
            raise EncoderMissing(f"The encoder in {folder} cannot be read ({error}): delete it and run 'make setup'.") from error
        self._tokenizer.enable_truncation(MAX_PIECES)

    def __call__(self, texts: list[str]) -> np.ndarray:
        pieces = [encoding.ids for encoding in self._tokenizer.encode_batch([PREFIX + text for text in texts])]
        longest = max(len(ids) for ids in pieces)
        inputs = np.zeros((len(pieces), longest, self._positions.shape[1]), np.float32)
        mask = np.zeros((len(pieces), longest), np.float32)
        for row, ids in enumerate(pieces):
            inputs[row, : len(ids)] = dequantise(self._words[ids]) + self._positions[: len(ids)]
            mask[row, : len(ids)] = 1.0
        vectors: np.ndarray = self._session.run(None, {"embeddings": inputs, "mask": mask})[0]
        return vectors


class CachedEncoder:
    """Remembers the vector of every training sentence on disk, so that a retrain encodes only what changed."""

    def __init__(self, folder: Path, cache: Path) -> None:
        self._encoder = Encoder(folder)
        self._model = hashlib.sha256((folder / "encoder.onnx").read_bytes()).hexdigest()[:16]
        cache.parent.mkdir(parents=True, exist_ok=True)
        self._database = sqlite3.connect(cache)
        self._database.execute("CREATE TABLE IF NOT EXISTS vectors (key TEXT PRIMARY KEY, vector BLOB NOT NULL)")

    def __call__(self, texts: list[str]) -> np.ndarray:
        keys = [hashlib.sha256(f"{self._model} {text}".encode()).hexdigest() for text in texts]
        known = dict(self._database.execute("SELECT key, vector FROM vectors"))
        todo = {key: text for key, text in zip(keys, texts) if key not in known}
        # Sentences of one length side by side: nothing is padded, and four at once take little longer than one.
        # (int8 scales then depend on the neighbours: cosine 0.997 to one at a time, measured on 2000 sentences.)
        keys_by_length = sorted(todo, key=lambda key: len(todo[key]))
        batches = [keys_by_length[start : start + _AT_ONCE] for start in range(0, len(keys_by_length), _AT_ONCE)]
        done = 0
        with ThreadPoolExecutor(2) as pool, self._database:
            for batch, vectors in zip(batches, pool.map(lambda batch: self._encoder([todo[key] for key in batch]), batches)):
                for key, vector in zip(batch, vectors.astype(np.float32)):
                    known[key] = vector.tobytes()
                    self._database.execute("INSERT OR REPLACE INTO vectors VALUES (?, ?)", (key, known[key]))
                if done // 5000 < (done + len(batch)) // 5000 or batch is batches[-1]:
                    print(f"encoded {done + len(batch)} of {len(todo)} new sentences ({len(texts)} in all)", flush=True)
                done += len(batch)
        return np.stack([np.frombuffer(known[key], np.float32) for key in keys])
