"""Withdrawing the keys that sign tokens, by whoever runs the machines: one of them leaked."""

from __future__ import annotations

from gateway.signing.actions import withdraw_keys
from gateway.signing.rules import Withdrawal
from infra.database import Roles
from infra.seal_keys import seals_of
from infra.secrets import Secrets
from infra.settings import GATEWAY, PlatformSettings
from infra.upkeep import database_of
from libs.common.clocks import system_now
from libs.common.scope import Scope

_UPKEEP = Scope.of_system("upkeep")


async def withdraw(settings: PlatformSettings, *, also_next: bool, why: str) -> Withdrawal:
    """Take every key that has signed out of the published set; PostgreSQL must run."""
    seals = seals_of(settings, Secrets(settings.home))
    async with (
        database_of(settings, GATEWAY, Roles(GATEWAY).app) as database,
        database.unit_of_work(_UPKEEP) as tx,
    ):
        return await withdraw_keys(tx, seals, system_now(), also_next=also_next, why=why)
