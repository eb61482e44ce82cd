"""Answers the engine's action calls inside the application, so that no third server runs."""

from __future__ import annotations

import hmac
import logging
from time import perf_counter
from typing import Any

from rasa_sdk import Action
from rasa_sdk.executor import ActionExecutor
from rasa_sdk.interfaces import ActionExecutionRejection, ActionNotFoundException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

log = logging.getLogger(__name__)
PATH = "/internal/actions"


class ActionServer:
    """``POST /internal/actions?token=…``; anything without the engine's token gets 404, as if it were not there."""

    def __init__(self, actions: list[Action], token: str) -> None:
        self._token = token
        #: how often and for how many seconds actions ran, since start
        self.calls = 0
        self.seconds = 0.0
        self._executor = ActionExecutor()
        for action in actions:
            self._executor.register_action(action)

    async def answer(self, request: Request) -> Response:
        if not hmac.compare_digest(request.query_params.get("token", ""), self._token):
            return JSONResponse({"error": "not_found"}, 404)
        call: dict[str, Any] = await request.json()
        # The engine leaves the domain out (enable_selective_domain): our actions do not read it.
        call.setdefault("domain", {"forms": {}})
        started = perf_counter()
        try:
            result = await self._executor.run(call)
        except ActionExecutionRejection as rejection:
            return JSONResponse({"error": str(rejection), "action_name": rejection.action_name}, 400)
        except ActionNotFoundException as missing:
            log.error("the engine asked for an unknown action: %s", missing.action_name)
            return JSONResponse({"error": str(missing), "action_name": missing.action_name}, 404)
        finally:
            self.calls += 1
            self.seconds += perf_counter() - started
        return JSONResponse(result.model_dump() if result else {})
