"""What nothing can come of any more is deleted, and what still counts stays."""

from __future__ import annotations

from gateway.people.watch import WATCHES as PEOPLE_WATCHES
from gateway.sessions.api_browser import lives_of
from gateway.sessions.watch import watches as session_watches
from libs.common.clocks import system_now
from libs.common.scope import Scope
from tests.gateway.running import Running
from tests.gateway.visiting import App, browser, code_for, enrolled, public_app, sign_in

_TABLES = (
    "sessions",
    "authorizations",
    "authorization_codes",
    "refresh_tokens",
    "sign_in_attempts",
    "known_browsers",
)


async def counts(gateway: Running) -> dict[str, int]:
    """How many rows each table has after the sweeps have run."""
    async with gateway.app.runtime.database.unit_of_work(Scope.of_system("test")) as tx:
        for watch in (*PEOPLE_WATCHES, *session_watches(lives_of(gateway.settings))):
            await watch.run(system_now(), tx)
        found = {}
        for table in _TABLES:
            row = await tx.ask(f"SELECT count(*) AS many FROM {table}")
            assert row is not None
            found[table] = int(row["many"])
    return found


async def used(gateway: Running) -> App:
    """An app by which somebody is signed in, after a wrong password of a stranger."""
    person, app = await enrolled(gateway), await public_app(gateway)
    async with browser(gateway) as at:
        await sign_in(at, person["login_name"], "not the right one")
    async with browser(gateway) as at:
        await sign_in(at, person["login_name"])
        assert (await app.change(gateway, await code_for(at, app))).status_code == 200
    return app


async def test_sign_ins_are_forgotten_when_their_time_is_over_and_not_before(gateway: Running) -> None:
    await used(gateway)
    fresh = await counts(gateway)
    assert min(fresh.values()) > 0
    async with gateway.app.runtime.database.unit_of_work(Scope.of_system("test")) as tx:
        for table, column in (
            ("sessions", "begun_at"),
            ("authorizations", "until"),
            ("sign_in_attempts", "last_at"),
            ("known_browsers", "known_until"),
        ):
            await tx.say(f"UPDATE {table} SET {column} = {column} - interval '400 days'")
    assert set((await counts(gateway)).values()) == {0}
