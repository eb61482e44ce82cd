"""Evaluation sentences never stand in the training data, not even nearly."""

from __future__ import annotations

import json
import re
from collections import defaultdict

import yaml

from bot.settings import PROJECT
from engine.normalise import normalise

_SAME = 0.85


def words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", normalise(text)))


def test_evaluation_and_training_are_disjoint() -> None:
    training = defaultdict(list)
    for path in (PROJECT / "nlu_data").glob("*/*.yml"):
        data = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)  # noqa: S506
        for entry in data["nlu"] if "language" in data else ():
            for line in entry["examples"].splitlines():
                bag = words(line[2:])
                for word in bag:
                    training[word].append(bag)
    near: list[str] = []
    for path in sorted((PROJECT / "tests/understanding").glob("*/messages.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            text = json.loads(line)["text"]
            bag = words(text)
            # Two or three words ("guten Tag", "wo ist das?") are everybody's; longer ones must be written twice.
            if len(bag) < 4:
                continue
            rarest = min(bag, key=lambda word: len(training[word]))
            if any(len(bag & other) / len(bag | other) >= _SAME for other in training[rarest]):
                near.append(f"{path.parent.name}: {text}")
    assert near == []
