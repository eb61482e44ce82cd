"""Runs the server: one port, one line when it answers, a clean end on Ctrl-C."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import logging
import signal
import socket
import sys

import uvicorn

from bot.bootstrap import Application, build_application
from bot.errors import ClearError
from bot.settings import Settings


class PortInUse(ClearError):
    """Raised when the port belongs to another program."""


def run_server(settings: Settings) -> None:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    for talkative in ("httpx", "rasa_sdk", "alembic"):
        logging.getLogger(talkative).setLevel(logging.WARNING)
    asyncio.run(_serve(settings, _listen(settings)))


def _listen(settings: Settings) -> socket.socket:
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((settings.host, settings.port))
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise PortInUse(f"Port {settings.port} is in use by another program: end it, or choose another with --port.") from None
        raise PortInUse(f"{settings.host}:{settings.port} cannot be opened: {error.strerror}.") from None
    listening.listen(256)
    return listening


async def _serve(settings: Settings, listening: socket.socket) -> None:
    port = listening.getsockname()[1]
    reachable = "127.0.0.1" if settings.host in ("0.0.0.0", "") else settings.host  # noqa: S104 - compared, not bound
    address = f"http://{reachable}:{port}"
    application = build_application(settings, address)
    application.engine.check()
    config = uvicorn.Config(application.app, log_level="warning", access_log=False, server_header=False, timeout_graceful_shutdown=5)
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve([listening]))
    announcing = asyncio.create_task(_announce(application, server, settings, address))
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, _stop, server)
    try:
        await serving
    finally:
        announcing.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await announcing


def _stop(server: uvicorn.Server) -> None:
    server.should_exit = True


async def _announce(application: Application, server: uvicorn.Server, settings: Settings, address: str) -> None:
    while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
        await asyncio.sleep(0.05)
    if not await application.engine.wait_until_ready(settings.engine_start):
        print("lotse: the engine does not start (see engine.log in the data folder); Lotse answers without it.", file=sys.stderr)
    public = settings.public_url or address
    print(f"ready {address}", flush=True)
    print(f"  chat {public}/\n  desk {public}/desk/", flush=True)
