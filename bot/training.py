"""``lotse train``: trains the engine's model in its own environment, only when an input changed."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections import deque
from pathlib import Path

from bot.conversation.engine_process import model_path
from bot.errors import ClearError
from bot.guidance.load import load_guidance, read_yaml

#: Whatever of these changes makes the model stale.
_INPUTS = ("config.yml", "domain", "nlu_data", "engine", "directory/municipalities.csv")
#: What our own components print while they work.
_PROGRESS = ("repacking", "encoded", "fitting", "network")
_SHOWN_ON_FAILURE = 60
_GENERATED = Path("models/generated")


class TrainingFailed(ClearError):
    """Raised when the engine's environment is missing or training ends with an error."""


def train_model(root: Path, *, force: bool = False) -> bool:
    """Returns whether a training ran. Progress goes to the terminal."""
    stamp = root / "models/lotse.inputs"
    wanted = fingerprint(root)
    if not force and model_path(root).exists() and stamp.exists() and stamp.read_text() == wanted:
        print("model is up to date")
        return False
    python = root / ".venv-engine/bin/python"
    if not python.exists():
        raise TrainingFailed("The engine's environment .venv-engine is missing: run 'make setup'.")
    print("training the engine's model (some minutes the first time) ...", flush=True)
    write_training_data(root)
    stamp.unlink(missing_ok=True)
    _run(root, python, ["-m", "engine.repack_encoder", "models/encoder"])
    _run(
        root,
        python,
        [
            "-m",
            "rasa",
            "train",
            "--quiet",
            "--config",
            "config.yml",
            "--domain",
            "domain",
            "--data",
            "nlu_data/flows",
            str(_GENERATED),
            "--out",
            "models",
            "--fixed-model-name",
            "lotse",
        ],
    )
    stamp.write_text(wanted)
    print("model is trained", flush=True)
    return True


def fingerprint(root: Path) -> str:
    """A hash over the content of every input."""
    digest = hashlib.sha256()
    for name in _INPUTS:
        top = root / name
        paths = sorted(path for path in top.rglob("*") if path.is_file() and "__pycache__" not in path.parts) if top.is_dir() else [top]
        for path in paths:
            digest.update(str(path.relative_to(root)).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def write_training_data(root: Path) -> None:
    """All sentences and word lists as one JSON file of Rasa's: its YAML reader takes minutes for fifty thousand lines.

    Names of municipalities become lookup tables ``town.<AGS>``: they live in the directory, not twice in training data.
    """
    examples: list[dict[str, str]] = []
    towns = load_guidance(root).directory.municipalities.values()
    tables: dict[str, list[str]] = {f"town.{town.ags}": _names(town.name) for town in towns}
    for path in sorted((root / "nlu_data").glob("*/*.yml")):
        if path.parent.name == "flows":
            continue
        data = read_yaml(path)
        for entry in data["nlu"]:
            lines = [line.strip()[2:] for line in entry["examples"].splitlines() if line.strip().startswith("- ")]
            if "lookup" in entry:
                tables.setdefault(entry["lookup"], []).extend(lines)
            else:
                examples += [{"text": line, "intent": entry["intent"], "language": data["language"]} for line in lines]
    content = {"common_examples": examples, "lookup_tables": [{"name": name, "elements": elements} for name, elements in tables.items()]}
    folder = root / _GENERATED
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / "nlu.json").write_text(json.dumps({"rasa_nlu_data": content}, ensure_ascii=False), encoding="utf-8")


def _names(name: str) -> list[str]:
    """``"Petershagen, Stadt"`` is also ``"Petershagen"``; ``"Halle (Westf.)"`` is also ``"Halle"``."""
    short = name.split(",")[0].split("(")[0].strip()
    return list(dict.fromkeys([name, short]))


def _run(root: Path, python: Path, arguments: list[str]) -> None:
    environment = os.environ | {
        "RASA_TELEMETRY_ENABLED": "false",
        "RASA_MAX_CACHE_SIZE": "0",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
        "PYTHONWARNINGS": "ignore",
        "PYTHONUNBUFFERED": "1",
        "LOTSE_ACTIONS_URL": "http://127.0.0.1:9/",
        "LOTSE_ACTIONS_TOKEN": "unused",
    }
    last: deque[str] = deque(maxlen=_SHOWN_ON_FAILURE)
    command = [str(python), *arguments]
    with subprocess.Popen(command, cwd=root, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:  # noqa: S603 - our own program
        for line in process.stdout or ():
            last.append(line)
            # Rasa and its libraries print dozens of warnings that nobody can act on: only progress is shown.
            if line.startswith(_PROGRESS):
                print(line, end="", flush=True)
    if process.returncode:
        print("".join(last), file=sys.stderr)
        raise TrainingFailed(f"training ended with code {process.returncode}; the lines above say why")
