"""Signing in and out, and the door before every other page."""

from __future__ import annotations

import asyncio
import hashlib
import re
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bot.channels.web.limits import Limit
from bot.desk.accounts import SignInFailed, User
from bot.desk.forms import unsent_text
from bot.desk.pages import Pages, Visit
from bot.desk.parts import DeskParts
from bot.desk.security import Cookie, Form, csrf_holds, csrf_token, home, read_form

type Handler = Callable[[Request, Visit], Awaitable[Response]]
type Endpoint = Callable[[Request], Awaitable[Response]]

_PATH = "/sign-in"
#: A whole office may share one address; locking single accounts after five failures is what stops guessing.
_TRIES, _SECONDS = 30, 300
#: Pages that signing in may lead on to.
_NEXT = re.compile(r"/(closed|cases/[0-9a-f]{32})?")
_CASE = re.compile(r"/cases/[0-9a-f]{32}")
_FAILED = "Anmeldename oder Passwort stimmen nicht. Nach fünf Fehlversuchen ist ein Konto für 15 Minuten gesperrt."
_TOO_MANY = "Das waren sehr viele Versuche von diesem Anschluss. Bitte warten Sie fünf Minuten."
_STALE = "Die Seite war zu lange offen, oder Ihr Browser nimmt keine Cookies an. Bitte melden Sie sich noch einmal an."
_FORGED = "Dieses Formular gehört nicht zu Ihrer Sitzung. Bitte laden Sie die Seite neu."
_EXPIRED = "Ihre Sitzung ist abgelaufen. Bitte melden Sie sich neu an."


@dataclass(frozen=True, slots=True)
class SignInForm:
    """The form as it is shown."""

    status: int = 200
    error: str = ""
    message: str = ""
    login: str = ""
    #: path below the desk to go to afterwards
    leads_to: str = ""
    unsent: str = ""


class Door:
    """Lets in who has a session, and makes sessions."""

    def __init__(self, parts: DeskParts, pages: Pages) -> None:
        self._accounts = parts.accounts
        self._pages = pages
        self._session = Cookie("lotse-desk", parts.settings)
        # A sign-in form is bound to this cookie: nobody can be signed in by somebody else's page.
        self._visitor = Cookie("lotse-desk-visitor", parts.settings)
        self._tries = Limit(_TRIES, _SECONDS)

    def private(self, handler: Handler) -> Endpoint:
        """Only for those who are signed in; forms need their token."""

        async def endpoint(request: Request) -> Response:
            form = await read_form(request) if request.method == "POST" else {}
            token = self._session.read(request)
            user = await self._user(token)
            if user is None:
                return self._stranger(request, form, known=bool(token))
            if request.method == "POST" and not csrf_holds(token, form):
                return self._pages.notice(request, 403, "Nicht gesendet", _FORGED, unsent_text(form))
            return await handler(request, Visit(user, token, form))

        return endpoint

    async def show(self, request: Request) -> Response:
        if await self._user(self._session.read(request)):
            return RedirectResponse(f"{home(request)}/", 303)
        message = "Sie sind abgemeldet." if "signed-out" in request.query_params else ""
        return self._form(request, SignInForm(message=message, leads_to=_allowed(request.query_params.get("next", ""))))

    async def enter(self, request: Request) -> Response:
        form = await read_form(request)
        login, leads_to = form.get("login", "")[:80], _allowed(form.get("next", ""))
        if not csrf_holds(self._visitor.read(request), form):
            return self._form(request, SignInForm(403, _STALE, login=login, leads_to=leads_to))
        if not self._tries.allow(_address(request)):
            return self._form(request, SignInForm(429, _TOO_MANY, login=login, leads_to=leads_to))
        try:
            token = await asyncio.to_thread(self._accounts.sign_in, login, form.get("password", ""))
        except SignInFailed:
            return self._form(request, SignInForm(401, _FAILED, login=login, leads_to=leads_to))
        response = RedirectResponse(f"{home(request)}{leads_to or '/'}", 303)
        self._session.put(request, response, token)
        self._visitor.drop(request, response)
        return response

    async def leave(self, request: Request, visit: Visit) -> Response:
        await asyncio.to_thread(self._accounts.sign_out, visit.token)
        response = RedirectResponse(f"{home(request)}{_PATH}?signed-out", 303)
        self._session.drop(request, response)
        return response

    async def _user(self, token: str) -> User | None:
        return await asyncio.to_thread(self._accounts.user, token) if token else None

    def _stranger(self, request: Request, form: Form, *, known: bool) -> Response:
        path = request.url.path.removeprefix(home(request))
        begun = _CASE.match(path)
        leads_to = _allowed(begun[0] if begun else path)
        if request.method == "POST" and known and unsent_text(form):
            # The cookie came with it, so this is our own page whose session ended: the text must not be lost.
            return self._form(request, SignInForm(401, _EXPIRED, leads_to=leads_to, unsent=unsent_text(form)))
        query = f"?{urlencode({'next': leads_to})}" if leads_to.strip("/") else ""
        return RedirectResponse(f"{home(request)}{_PATH}{query}", 303)

    def _form(self, request: Request, shown: SignInForm) -> Response:
        secret = self._visitor.read(request) or secrets.token_urlsafe(32)
        response = self._pages.page(request, "sign_in.html", status=shown.status, title="Anmelden", csrf=csrf_token(secret), form=shown)
        self._visitor.put(request, response, secret)
        return response


def _allowed(path: str) -> str:
    return path if _NEXT.fullmatch(path) else ""


def _address(request: Request) -> str:
    """A hash of the sender's address, for the limit only; never stored or logged."""
    return hashlib.sha256((request.client.host if request.client else "").encode()).hexdigest()
