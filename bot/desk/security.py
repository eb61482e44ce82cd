"""What every page of the desk has: security headers, the session cookie, tokens against forged forms, bounded form bodies."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import unicodedata
from urllib.parse import parse_qsl

from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.settings import Settings

type Form = dict[str, str]

_LARGEST_FORM = 256 * 1024
_MOST_FIELDS = 20
#: Made by ``new_key``; anything else did not come from one of our pages.
_KEY = re.compile(r"[0-9a-f]{32}")
#: On everything; ``SecurityHeaders`` adds how long it may be kept.
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class SecurityHeaders:
    """Puts the headers on every response, those of errors included; pages are never kept in a cache."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        # Files are asked for again each time and mostly answered with 304, so that a new version is seen at once.
        static = scope["path"].removeprefix(scope.get("root_path", "")).startswith("/static/")

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(HEADERS)
                headers["Cache-Control"] = "no-cache" if static else "no-store"
            await send(message)

        await self._app(scope, receive, send_guarded)


class Cookie:
    """A cookie that only this desk's own pages send: HttpOnly, SameSite=Strict, Secure where the site has TLS."""

    def __init__(self, name: str, settings: Settings) -> None:
        self._secure = settings.public_url.lower().startswith("https:")
        # Not __Host-: that needs Path=/, and the chat on the same host has no business with this cookie.
        self._name = f"__Secure-{name}" if self._secure else name

    def read(self, request: Request) -> str:
        return request.cookies.get(self._name, "")

    def put(self, request: Request, response: Response, value: str) -> None:
        response.set_cookie(self._name, value, path=home(request) or "/", secure=self._secure, httponly=True, samesite="strict")

    def drop(self, request: Request, response: Response) -> None:
        response.delete_cookie(self._name, path=home(request) or "/", secure=self._secure, httponly=True, samesite="strict")


def home(request: Request) -> str:
    """Where the desk is mounted, without a slash at the end."""
    return str(request.scope.get("root_path", ""))


def csrf_token(secret: str) -> str:
    """The token of a form, bound to the secret in the browser's cookie."""
    return hmac.new(secret.encode(), b"lotse desk form", hashlib.sha256).hexdigest()


def csrf_holds(secret: str, form: Form) -> bool:
    return bool(secret) and hmac.compare_digest(csrf_token(secret).encode(), form.get("csrf", "").encode())


def new_key() -> str:
    """Marks a form when its page is made, so that sending it twice has one effect."""
    return secrets.token_hex(16)


def effect_key(form: Form, block: str) -> str:
    """The idempotency key of what was sent.

    It covers the content too: whoever goes back and sends other words with an old form means a second message.
    """
    key = form.get("key", "")
    if not _KEY.fullmatch(key):
        raise HTTPException(400)
    content = repr(sorted((name, value) for name, value in form.items() if name != "csrf"))
    return f"desk {hashlib.sha256(f'{block} {content}'.encode()).hexdigest()[:32]}"


async def read_form(request: Request) -> Form:
    """A form's fields, each once, as clean text; raises ``HTTPException`` 400 or 413."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > _LARGEST_FORM:
            raise HTTPException(413)
    try:
        fields = parse_qsl(body.decode(), keep_blank_values=True, errors="strict", max_num_fields=_MOST_FIELDS)
    except ValueError:
        raise HTTPException(400) from None
    # A password is what was typed, blanks and all.
    return {name: value if name == "password" else clean(value) for name, value in fields}


def clean(text: str) -> str:
    """NFC, line feeds only, no control characters, no blanks around."""
    lines = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n")
    return "".join(one for one in lines if one in "\n\t" or unicodedata.category(one) not in ("Cc", "Cs", "Cn", "Co")).strip()
