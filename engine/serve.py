"""Starts Rasa on loopback with one door, ``turn_channel``: ``python -m engine.serve --model MODEL --port PORT``."""

from __future__ import annotations

import argparse
import logging
import os
import sys
import threading
import time
import warnings

warnings.filterwarnings("ignore")

import rasa.core.run  # noqa: E402
from rasa.core.utils import AvailableEndpoints  # noqa: E402
from rasa.utils.log_utils import configure_structlog  # noqa: E402

_LOOPBACK = "127.0.0.1"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", required=True)
    parser.add_argument("--port", type=int, required=True)
    arguments = parser.parse_args()
    # Rasa logs message texts below WARNING: nothing a person wrote may reach a log.
    logging.basicConfig(level=logging.WARNING)
    configure_structlog(logging.WARNING)
    os.environ["LOG_LEVEL"] = "WARNING"
    threading.Thread(target=_end_with_parent, args=(os.getppid(),), daemon=True).start()
    rasa.core.run.serve_application(
        arguments.model,
        interface=_LOOPBACK,
        port=arguments.port,
        credentials="credentials.yml",
        endpoints=AvailableEndpoints.read_endpoints("endpoints.yml"),
        enable_api=False,
    )


def _end_with_parent(parent: int) -> None:
    """A second line behind PR_SET_PDEATHSIG, for systems that do not have it."""
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(0)


if __name__ == "__main__":
    sys.exit(main())
