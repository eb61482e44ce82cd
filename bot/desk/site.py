"""The desk as an ASGI application: addresses, headers, errors. Server-rendered; works without JavaScript."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from bot.desk.cases import CaseRoutes
from bot.desk.pages import Pages
from bot.desk.parts import DeskParts
from bot.desk.security import HEADERS, SecurityHeaders
from bot.desk.sign_in import Door

__all__ = ["DeskParts", "desk_app"]

_STATIC = Path(__file__).with_name("static")
_ERRORS = {
    400: ("Nicht lesbar", "Dieses Formular ist unvollständig. Bitte gehen Sie zurück, laden Sie die Seite neu und senden Sie es neu."),
    404: ("Nicht gefunden", "Diese Seite gibt es nicht, oder sie gehört nicht zu Ihren Stellen."),
    405: ("Nicht möglich", "Diese Adresse kann man so nicht aufrufen. Bitte beginnen Sie bei Ihren Fällen."),
    413: ("Zu groß", "Das ist mehr, als die Seite annehmen kann. Bitte gehen Sie zurück und kürzen Sie Ihren Text."),
}
_FAILED = ("Fehler", "Bei uns ist ein Fehler passiert. Bitte gehen Sie zurück und versuchen Sie es in einer Minute noch einmal.")


def desk_app(parts: DeskParts) -> Starlette:
    """To be mounted at ``/desk``."""
    pages = Pages()
    errors = _errors(pages)
    return Starlette(
        routes=_routes(Door(parts, pages), CaseRoutes(parts, pages)),
        middleware=[Middleware(SecurityHeaders)],
        exception_handlers={HTTPException: errors, Exception: errors},
    )


def _routes(door: Door, cases: CaseRoutes) -> list[Route | Mount]:
    return [
        Route("/sign-in", door.show, methods=["GET"]),
        Route("/sign-in", door.enter, methods=["POST"]),
        Route("/sign-out", door.private(door.leave), methods=["POST"]),
        Route("/", door.private(cases.open_cases), methods=["GET"]),
        Route("/closed", door.private(cases.closed_cases), methods=["GET"]),
        Route("/cases/{case}", door.private(cases.show), methods=["GET"]),
        Route("/cases/{case}/latest", door.private(cases.latest), methods=["GET"]),
        Route("/cases/{case}/claim", door.private(cases.claim), methods=["POST"]),
        Route("/cases/{case}/{block}", door.private(cases.answer), methods=["POST"]),
        Mount("/static", StaticFiles(directory=_STATIC)),
    ]


def _errors(pages: Pages) -> Callable[[Request, Exception], Awaitable[Response]]:
    async def handler(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        response = pages.notice(request, status, *_ERRORS.get(status, _FAILED))
        # The answer to a failure is made outside of the middleware.
        response.headers.update({**HEADERS, "Cache-Control": "no-store"})
        if isinstance(error, HTTPException):
            response.headers.update(error.headers or {})
        return response

    return handler
