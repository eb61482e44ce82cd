"""The ASGI site: the API, the page with the chat, static files, health, security headers, errors."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse, HTMLResponse, JSONResponse, Response
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware

from bot.channels.web.api import Problem, Refused, WebParts, api_router, problem_response, unknown_conversation
from bot.channels.web.page import chat_page
from bot.conversation.engine_client import EngineClient
from bot.conversation.turn import UnknownConversation

log = logging.getLogger(__name__)
STATIC = Path(__file__).with_name("static")
#: Larger requests are refused before they are read: the longest message is a few thousand characters.
_LARGEST_BODY = 1_000_000
_SECURITY = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def build_site(parts: WebParts, lifespan: Any, engine: EngineClient) -> FastAPI:
    app = FastAPI(title="Lotse", version="1", lifespan=lifespan, docs_url=None, redoc_url=None)
    app.include_router(api_router(parts))
    _pages(app, parts, engine)
    _errors(app, parts)
    csp = _policy(parts)

    @app.middleware("http")
    async def guard(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
        length = request.headers.get("content-length", "0")
        if not length.isdigit() or int(length) > _LARGEST_BODY:
            return problem_response(parts, Refused(413, "too_large", "error.too_large"))
        response = await call_next(request)
        for name, value in _SECURITY.items():
            response.headers.setdefault(name, value)
        response.headers.setdefault("Content-Security-Policy", csp)
        return response

    # The widget runs on towns' own sites; it sends no cookie, so any origin may ask.
    app.add_middleware(
        CORSMiddleware, allow_origins=["*"], allow_methods=["GET", "POST", "DELETE"], allow_headers=["Authorization", "Content-Type"]
    )
    return app


def _pages(app: FastAPI, parts: WebParts, engine: EngineClient) -> None:
    @app.get("/", response_class=HTMLResponse, include_in_schema=False)
    async def page(request: Request) -> HTMLResponse:
        return chat_page(parts, request.headers.get("accept-language", ""))

    @app.get("/widget.js", include_in_schema=False)
    async def widget() -> FileResponse:
        return FileResponse(STATIC / "widget.js", media_type="text/javascript", headers={"Cache-Control": "public, max-age=300"})

    @app.get("/page.css", include_in_schema=False)
    async def page_style() -> FileResponse:
        return FileResponse(STATIC / "page.css", media_type="text/css", headers={"Cache-Control": "public, max-age=300"})

    @app.get("/healthz")
    async def healthz() -> dict[str, str]:
        return {"status": "ok"}

    @app.get("/readyz", responses={503: {"description": "The engine is not ready: Lotse answers with numbers, menu and offices only."}})
    async def readyz() -> JSONResponse:
        ready = await engine.ready()
        return JSONResponse({"status": "ready" if ready else "engine not ready"}, 200 if ready else 503)


def _errors(app: FastAPI, parts: WebParts) -> None:
    @app.exception_handler(Refused)
    async def refused(request: Request, error: Refused) -> JSONResponse:
        return problem_response(parts, error)

    @app.exception_handler(UnknownConversation)
    async def unknown(request: Request, error: UnknownConversation) -> JSONResponse:
        return unknown_conversation(parts, request)

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        # Where and why, never what was sent.
        where = ".".join(str(step) for step in error.errors()[0]["loc"])
        sentence = parts.texts("error.bad_request", "de")
        return JSONResponse(Problem(error="bad_request", message=f"{sentence} ({where})").model_dump(), 422)

    @app.exception_handler(HTTPException)
    async def http(request: Request, error: HTTPException) -> JSONResponse:
        return JSONResponse(Problem(error="http", message=str(error.detail)).model_dump(), error.status_code, headers=error.headers)

    @app.exception_handler(Exception)
    async def failed(request: Request, error: Exception) -> JSONResponse:
        numbers = {name: {"type": "phone", "value": parts.directory.hotlines[name].number} for name in ("fire", "police")}
        return problem_response(parts, Refused(500, "internal", "error.internal", **numbers))


def _policy(parts: WebParts) -> str:
    frames = " ".join(("'self'", *parts.settings.frame_ancestors))
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        f"base-uri 'none'; form-action 'self'; frame-ancestors {frames}"
    )
