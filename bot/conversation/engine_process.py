"""Starts the engine as a child process, watches it, and starts it again when it dies."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import logging
import os
import secrets
import signal
import socket
from pathlib import Path

from bot.conversation.engine_client import EngineClient
from bot.errors import ClearError

log = logging.getLogger(__name__)
_PR_SET_PDEATHSIG = 1
_RESTART_AFTER = (0.2, 1.0, 3.0, 10.0)
_LIBC = ctypes.CDLL(None)


class EngineMissing(ClearError):
    """Raised when the engine cannot be started at all; the message says what to run."""


class EngineProcess:
    """One engine on a free loopback port; ``client.base_url`` always points to the living one."""

    def __init__(self, root: Path, data: Path, client: EngineClient, actions_url: str) -> None:
        self._root = root
        self._data = data
        self._client = client
        self._actions_url = actions_url
        #: proves to our action address that a call comes from our engine; new for every run
        self.token = secrets.token_urlsafe(24)
        self._process: asyncio.subprocess.Process | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    def check(self) -> None:
        """Raises ``EngineMissing`` when there is nothing to start."""
        if not self._python().exists():
            raise EngineMissing("The engine's environment .venv-engine is missing: run 'make setup'.")
        if not model_path(self._root).exists():
            raise EngineMissing("There is no trained model: run 'make train'.")

    async def start(self) -> None:
        self.check()
        self._task = asyncio.create_task(self._keep_running())

    async def stop(self) -> None:
        if self._task:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        if self._process and self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.terminate()
            try:
                await asyncio.wait_for(self._process.wait(), 5)
            except TimeoutError:
                self._process.kill()

    async def wait_until_ready(self, seconds: float) -> bool:
        for _ in range(int(seconds * 5)):
            if await self._client.ready():
                return True
            await asyncio.sleep(0.2)
        return False

    async def _keep_running(self) -> None:
        failures = 0
        while True:
            started = asyncio.get_running_loop().time()
            port = free_port()
            self._process = await self._spawn(port)
            self._client.base_url = f"http://127.0.0.1:{port}"
            code = await self._process.wait()
            self._client.base_url = None
            failures = 0 if asyncio.get_running_loop().time() - started > 60 else failures + 1
            pause = _RESTART_AFTER[min(failures, len(_RESTART_AFTER) - 1)]
            log.warning("the engine ended with code %s; starting it again in %s s", code, pause)
            await asyncio.sleep(pause)

    async def _spawn(self, port: int) -> asyncio.subprocess.Process:
        self._data.mkdir(parents=True, exist_ok=True)
        output = (self._data / "engine.log").open("ab")
        try:
            return await asyncio.create_subprocess_exec(
                str(self._python()),
                "-m",
                "engine.serve",
                "--model",
                str(model_path(self._root)),
                "--port",
                str(port),
                cwd=self._root,
                env=self._environment(),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                preexec_fn=_die_with_parent,
            )
        finally:
            output.close()

    def _environment(self) -> dict[str, str]:
        """Only what the engine needs: it holds no secret of ours and sends nothing home."""
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE") if name in os.environ}
        return kept | {
            "RASA_TELEMETRY_ENABLED": "false",
            "LOTSE_ACTIONS_URL": self._actions_url,
            "LOTSE_ACTIONS_TOKEN": self.token,
            "TF_CPP_MIN_LOG_LEVEL": "3",
            "OMP_NUM_THREADS": "1",
            "OPENBLAS_NUM_THREADS": "1",
            "PYTHONUNBUFFERED": "1",
        }

    def _python(self) -> Path:
        return self._root / ".venv-engine/bin/python"


def model_path(root: Path) -> Path:
    return root / "models/lotse.tar.gz"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _die_with_parent() -> None:
    """In the child: end when the application ends, however it ends; and leave Ctrl-C to the application."""
    os.setsid()
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
