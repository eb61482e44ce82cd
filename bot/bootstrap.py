"""The one place where things are built and connected."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from fastapi import FastAPI

from actions.base import Services
from actions.handover import handover_actions
from actions.small_talk import small_talk_actions
from actions.steps import steps_actions
from actions.topic import topic_actions
from actions.urgent import urgent_actions
from bot.channels.message import button, say
from bot.channels.web.api import WebParts
from bot.channels.web.site import build_site
from bot.conversation.action_server import PATH as ACTIONS_PATH
from bot.conversation.action_server import ActionServer
from bot.conversation.case_line import CaseLine
from bot.conversation.clock import Clock, now
from bot.conversation.engine_client import EngineClient
from bot.conversation.engine_process import EngineProcess
from bot.conversation.handover import Handover
from bot.conversation.turn import Parts, Turns
from bot.conversation.urgent import UrgentRules
from bot.desk.accounts import Accounts
from bot.desk.site import DeskParts, desk_app
from bot.guidance.load import Guidance, load_guidance
from bot.i18n.catalogs import Texts
from bot.i18n.source import source_texts
from bot.referrals.repository import Referrals, Retention
from bot.settings import PROJECT, Settings
from bot.storage.conversations import Conversations
from bot.storage.database import Database
from bot.storage.vault import Vault

log = logging.getLogger(__name__)
_HOUSEKEEPING_SECONDS = 600


@dataclass(frozen=True, slots=True)
class Store:
    """What is kept: for the server and for the command line."""

    database: Database
    vault: Vault
    conversations: Conversations
    referrals: Referrals
    accounts: Accounts


@dataclass(frozen=True, slots=True)
class Content:
    """What is read once at start."""

    guidance: Guidance
    texts: Texts
    urgent: UrgentRules


def read_content(root: Path = PROJECT) -> Content:
    """Raises ``BadContent``."""
    guidance = load_guidance(root)
    return Content(guidance, Texts.load(root / "locales", source_texts(root, guidance)), UrgentRules.load(root / "content/urgent"))


def open_store(settings: Settings, clock: Clock = now) -> Store:
    """Database with up-to-date tables, and the keys. Raises ``BadKeys``, ``DatabaseUnreachable``."""
    vault = Vault.from_settings(settings.keys.get_secret_value(), settings.data)
    database = Database(settings.database)
    database.migrate()
    retention = Retention(
        draft=timedelta(hours=settings.draft_hours),
        open_case=timedelta(days=settings.open_case_days),
        closed_case=timedelta(days=settings.closed_case_days),
    )
    return Store(
        database,
        vault,
        Conversations(database, vault, timedelta(hours=settings.conversation_hours), clock),
        Referrals(database, vault, retention, clock),
        Accounts(database, timedelta(hours=settings.desk_session_hours), clock),
    )


@dataclass(frozen=True, slots=True)
class Application:
    """The ASGI application and what its owner must be able to reach."""

    app: FastAPI
    turns: Turns
    engine: EngineProcess
    client: EngineClient
    store: Store
    actions: ActionServer


def build_application(settings: Settings, address: str, clock: Clock = now) -> Application:
    """``address`` is where this server can be reached on loopback: the engine calls its actions there."""
    content = read_content()
    guidance, texts = content.guidance, content.texts
    store = open_store(settings, clock)
    public_url = settings.public_url.rstrip("/") or address
    handover = Handover(guidance, store.referrals, texts, clock, settings.open_case_days, public_url)
    client = EngineClient(settings.engine_timeout)
    engine = EngineProcess(PROJECT, settings.data, client, f"{address}{ACTIONS_PATH}")
    hours = {"type": "period", "unit": "hour", "amount": settings.conversation_hours}
    privacy = say("handover.privacy", button("dialogue.menu_delete", "delete"), hours=hours)
    services = Services(guidance, handover, clock, store.conversations.question, privacy)
    actions = [
        *topic_actions(services),
        *steps_actions(services),
        *handover_actions(services),
        *small_talk_actions(services),
        *urgent_actions(services),
    ]
    turns = Turns(
        Parts(
            guidance=guidance,
            conversations=store.conversations,
            handover=handover,
            line=CaseLine(guidance, store.referrals, handover),
            engine=client,
            urgent=content.urgent,
            words=texts,
            clock=clock,
            intents=button_intents(guidance),
        )
    )
    web = WebParts(turns, texts, guidance.directory, settings)
    app = build_site(web, _lifespan(engine, client, store), client)
    action_server = ActionServer(actions, engine.token)
    app.add_route(ACTIONS_PATH, action_server.answer, methods=["POST"], include_in_schema=False)
    app.mount("/desk", desk_app(DeskParts(store.accounts, store.referrals, guidance, texts, settings, clock)))
    return Application(app, turns, engine, client, store, action_server)


def button_intents(guidance: Guidance) -> frozenset[str]:
    """Intents a button may send: topics and what our own buttons say."""
    return frozenset(guidance.topics) | {
        "choose",
        "change_details",
        "help",
        "talk_to_human",
        "out_of_scope",
        "next_step",
        "previous_step",
        "step_done",
        "ask_documents",
        "ask_cost",
        "ask_duration",
        "ask_office",
        "ask_opening_hours",
        "referral_status",
        "change_language",
        "delete_my_data",
        "restart",
        "stop",
        "privacy",
    }


def _lifespan(engine: EngineProcess, client: EngineClient, store: Store):  # type: ignore[no-untyped-def]  # Starlette's Lifespan
    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await engine.start()
        housekeeping = asyncio.create_task(_keep_house(store))
        try:
            yield
        finally:
            housekeeping.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await housekeeping
            await engine.stop()
            await client.close()
            store.database.close()

    return lifespan


async def _keep_house(store: Store) -> None:
    """Delete what is past its time, every ten minutes."""
    while True:
        try:
            gone = [await asyncio.to_thread(part.expire) for part in (store.conversations, store.referrals, store.accounts)]
            if any(gone):
                log.info("expired: %s conversations, %s drafts and referrals, %s sessions", *gone)
        except Exception:  # a failed round must not end the server; the next one tries again
            log.exception("housekeeping failed")
        await asyncio.sleep(_HOUSEKEEPING_SECONDS)
