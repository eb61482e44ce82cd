"""The queue, a case, and what a caseworker does with it. The repository decides who may see and do what."""

from __future__ import annotations

import asyncio
import re

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from bot.desk.accounts import User
from bot.desk.forms import FIELDS, READERS, BadForm, Desktop, unsent_text
from bot.desk.pages import Pages, Visit
from bot.desk.parts import DeskParts
from bot.desk.security import effect_key, home
from bot.desk.views import CaseView, QueueLine, Views
from bot.desk.words import DONE, day
from bot.i18n.format import BERLIN
from bot.referrals.lifecycle import NotAllowed, State
from bot.referrals.repository import AlreadyClaimed, NoSuchReferral

_CASE_ID = re.compile(r"[0-9a-f]{32}")
_WITHDRAWN = "Die Person hat ihre Anfrage zurückgezogen. Ihre Angaben sind gelöscht. Sie brauchen nichts mehr zu tun."


class CaseRoutes:
    """One method per address."""

    def __init__(self, parts: DeskParts, pages: Pages) -> None:
        self._parts = parts
        self._pages = pages
        self._views = Views(parts)

    async def open_cases(self, request: Request, visit: Visit) -> Response:
        return await self._queue(request, visit, closed=False)

    async def closed_cases(self, request: Request, visit: Visit) -> Response:
        return await self._queue(request, visit, closed=True)

    async def show(self, request: Request, visit: Visit) -> Response:
        done = DONE.get(request.query_params.get("done", ""), "")
        return await self._case(request, visit, message=done)

    async def latest(self, request: Request, visit: Visit) -> Response:
        """The number of the last event: an open page asks for this, and is read again (and logged) only if there is news."""
        try:
            state, latest = await asyncio.to_thread(self._parts.referrals.glance, visit.user.id, _case_id(request))
        except NoSuchReferral:
            raise HTTPException(404) from None
        return JSONResponse({"state": state, "latest": latest})

    async def claim(self, request: Request, visit: Visit) -> Response:
        try:
            await asyncio.to_thread(self._parts.referrals.claim, visit.user.id, _case_id(request))
        except NoSuchReferral:
            return await self._gone(request, visit)
        except AlreadyClaimed as claimed:
            return await self._case(request, visit, 409, warning=f"{claimed.holder} war schneller und hat diesen Fall schon übernommen.")
        except NotAllowed:
            return await self._case(request, visit, 409, warning="Dieser Fall kann nicht mehr übernommen werden.")
        return self._back(request, "claim")

    async def answer(self, request: Request, visit: Visit) -> Response:
        """A building block or free text."""
        case, block = _case_id(request), str(request.path_params["block"])
        if block not in READERS:
            raise HTTPException(404)
        key = effect_key(visit.form, block)
        try:
            order = READERS[block](visit.form, Desktop(self._parts.guidance.documents, self._parts.clock()))
        except BadForm as bad:
            return await self._case(request, visit, 422, block=block, problems=bad.problems)
        try:
            await asyncio.to_thread(self._parts.referrals.desk_event, visit.user.id, case, order.kind, order.body, key)
        except NoSuchReferral:
            return await self._gone(request, visit)
        except NotAllowed:
            return await self._case(request, visit, 409, block=block, refused=True)
        return self._back(request, block)

    # --- parts

    async def _queue(self, request: Request, visit: Visit, *, closed: bool) -> Response:
        lines = await asyncio.to_thread(self._lines, visit.user, closed)
        offices = [self._views.office(office) for office in visit.user.offices]
        title = "Abgeschlossene Fälle" if closed else "Meine Fälle"
        return self._pages.page(request, "queue.html", visit, title=title, lines=lines, closed=closed, offices=offices)

    def _lines(self, user: User, closed: bool) -> list[QueueLine]:
        return [self._views.line(case, user) for case in self._parts.referrals.queue(user.id, closed=closed)]

    async def _case(
        self,
        request: Request,
        visit: Visit,
        status: int = 200,
        *,
        message: str = "",
        warning: str = "",
        refused: bool = False,
        block: str = "",
        problems: dict[str, str] | None = None,
    ) -> Response:
        try:
            view = await asyncio.to_thread(self._read, visit.user, _case_id(request))
        except NoSuchReferral:
            return await self._gone(request, visit)
        values = {**dict.fromkeys(FIELDS, ""), "place": view.address, **visit.form}
        return self._pages.page(
            request,
            "case.html",
            visit,
            status,
            title=view.line.topic,
            view=view,
            message=message,
            warning=_refusal(view) if refused else warning,
            block=block,
            problems=problems or {},
            values=values,
            # Where the forms have gone, what was typed is shown to be copied.
            unsent="" if view.answerable else unsent_text(visit.form),
            today=self._parts.clock().astimezone(BERLIN).date().isoformat(),
        )

    def _read(self, user: User, case_id: str) -> CaseView:
        case = self._parts.referrals.open_case(user.id, case_id)
        if case.document is None:
            raise NoSuchReferral
        return self._views.case(case, case.document, self._parts.referrals.events(case_id), user)

    async def _gone(self, request: Request, visit: Visit) -> Response:
        """A case that cannot be opened: withdrawn if it can still be glanced at, otherwise it does not exist."""
        try:
            await asyncio.to_thread(self._parts.referrals.glance, visit.user.id, _case_id(request))
        except NoSuchReferral:
            raise HTTPException(404) from None
        return self._pages.notice(request, 410, "Zurückgezogen", _WITHDRAWN, unsent_text(visit.form))

    def _back(self, request: Request, done: str) -> Response:
        return RedirectResponse(f"{home(request)}/cases/{_case_id(request)}?done={done}", 303)


def _case_id(request: Request) -> str:
    """The id in the address; what cannot be one is not looked up."""
    case_id = str(request.path_params["case"])
    if not _CASE_ID.fullmatch(case_id):
        raise HTTPException(404)
    return case_id


def _refusal(view: CaseView) -> str:
    """Why an answer was not taken."""
    if view.case.state is State.CLOSED:
        return f"Dieser Fall ist schon abgeschlossen. Nichts wurde gesendet. Der Fall wird am {day(view.case.expires_at)} gelöscht."
    if view.claimable:
        return "Bitte übernehmen Sie den Fall zuerst. Nichts wurde gesendet."
    return f"{view.case.assignee} bearbeitet diesen Fall. Nichts wurde gesendet."
