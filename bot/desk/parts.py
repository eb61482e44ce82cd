"""What the desk is built from."""

from __future__ import annotations

from dataclasses import dataclass

from bot.conversation.clock import Clock
from bot.desk.accounts import Accounts
from bot.guidance.load import Guidance
from bot.i18n.catalogs import Texts
from bot.referrals.repository import Referrals
from bot.settings import Settings


@dataclass(frozen=True, slots=True)
class DeskParts:
    """Put together in ``bootstrap.py``."""

    accounts: Accounts
    referrals: Referrals
    guidance: Guidance
    texts: Texts
    settings: Settings
    clock: Clock
