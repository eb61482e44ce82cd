"""``lotse train``: trains the engine's model in its own environment, only when an input changed."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections import deque
from pathlib import Path

import yaml

from bot.conversation.engine_process import model_path
from bot.errors import ClearError
from bot.guidance.load import load_guidance

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
    write_lookups(root)
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
            "nlu_data",
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


def write_lookups(root: Path) -> None:
    """Names of all municipalities as lookup tables ``town.<AGS>``: they live in the directory, not twice in training data."""
    towns = load_guidance(root).directory.municipalities.values()
    tables = [{"lookup": f"town.{town.ags}", "examples": "".join(f"- {name}\n" for name in _names(town.name))} for town in towns]
    folder = root / _GENERATED
    folder.mkdir(parents=True, exist_ok=True)
    text = yaml.safe_dump({"version": "3.1", "nlu": tables}, allow_unicode=True, sort_keys=False)
    (folder / "towns.yml").write_text(text, encoding="utf-8")


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
