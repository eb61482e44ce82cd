"""Templates into responses."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

from bot.desk.accounts import User
from bot.desk.security import Form, csrf_token, home, new_key
from bot.desk.words import day, moment
from bot.i18n.languages import LANGUAGES

_TEMPLATES = Path(__file__).with_name("templates")


@dataclass(frozen=True, slots=True)
class Visit:
    """A request of somebody who is signed in; ``form`` is empty unless they sent one, and then its token was checked."""

    user: User
    token: str
    form: Form


class Pages:
    """Renders a template with what every page needs."""

    def __init__(self) -> None:
        self._templates = Environment(
            loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
        )
        self._templates.filters |= {"moment": moment, "day": day, "direction": _direction}
        self._templates.globals |= {"new_key": new_key}

    def page(self, request: Request, template: str, visit: Visit | None = None, status: int = 200, **shown: Any) -> HTMLResponse:
        user = visit.user if visit else None
        csrf = csrf_token(visit.token) if visit else ""
        common = {"home": home(request), "user": user, "csrf": csrf, "title": "Fallbearbeitung"}
        return HTMLResponse(self._templates.get_template(template).render({**common, **shown}), status)

    def notice(self, request: Request, status: int, title: str, text: str, unsent: str = "") -> HTMLResponse:
        """A page that only says something: the same words mean the same bytes, whoever asks."""
        return self.page(request, "notice.html", status=status, title=title, text=text, unsent=unsent)


def _direction(tag: str) -> str:
    return LANGUAGES[tag].direction if tag in LANGUAGES else "auto"
