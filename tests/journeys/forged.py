"""Tokens that the issuer would never give out, signed with its own key: only a claim of them is wrong."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from gateway.signing.actions import sign
from gateway.tokens.rules import Granted, TokenLife, claims
from infra.database import DATABASE, at
from libs.common.clocks import system_now
from libs.common.crypto import Seals
from libs.common.db import Database
from libs.common.ids import new_id
from libs.common.scope import Scope
from tests.journeys.running import RunningCity


async def token_of_our_own(city: RunningCity, subject: str, *, age: timedelta = timedelta(), **said: Any) -> str:
    """A token of this subject as it was issued `age` ago, with claims of our own."""
    platform = city.platform
    life = TokenLife(issuer=platform.settings.gateway_url, audience="shoutu", seconds=600)
    granted = Granted(subject=subject, client_id=subject, scope="shoutu")
    told = claims(life, granted, token_id=new_id(), at=system_now() - age)
    seals = Seals(current_id="1", current=platform.secrets.of("gateway/key-seal"))
    url = at(
        platform.database_url, database=DATABASE, user="gateway_app", password=platform.password_of("gateway_app")
    )
    database = Database(url, service="gateway", pool_size=1)
    try:
        async with database.unit_of_work(Scope.of_system("test")) as tx:
            return await sign(tx, seals, told | said, system_now())
    finally:
        await database.close()
