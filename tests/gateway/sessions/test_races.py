"""What was judged before somebody set a password anew counts no more after it."""

from __future__ import annotations

import asyncio
import threading
from typing import Any
from uuid import UUID

import pytest

from gateway.egress import resolve
from gateway.passwords import Passwords
from gateway.people import actions_sign_in as attempts
from gateway.people.rules import Person
from gateway.people.store import find_person
from gateway.sessions import actions, actions_passwords
from gateway.sessions.actions import Attempt, Origin
from gateway.sessions.actions_passwords import Judged
from gateway.sessions.api_browser import lives_of
from libs.common.clocks import system_now
from libs.common.db import Database
from libs.common.scope import Scope
from tests.gateway.running import Running
from tests.gateway.visiting import OTHER_PASSWORD, PASSWORD, browser, enrolled, sign_in

_SYSTEM = Scope.of_system("sign-in")
_ORIGIN = Origin(address="198.51.100.7", browser=None)


def database_of(gateway: Running) -> Database:
    """The database of the app."""
    found: Database = gateway.app.state.runtime.database
    return found


async def person_of(gateway: Running, made: dict[str, Any]) -> Person:
    """The account as it stands."""
    async with database_of(gateway).unit_of_work(_SYSTEM) as tx:
        return await find_person(tx, UUID(made["id"]))


async def judged(gateway: Running, hashing: Passwords, login: str) -> Judged:
    """An attempt with the right password, as far as before its second transaction."""
    async with database_of(gateway).unit_of_work(_SYSTEM) as tx:
        begun = await actions_passwords.begin(tx, gateway.settings.seals, login, _ORIGIN, system_now())
    assert isinstance(begun, Attempt)
    return await actions_passwords.judge(hashing, begun, PASSWORD)


async def set_anew(gateway: Running, person: Person) -> None:
    """Its holder chooses another password."""
    hashed = await Passwords(gateway.settings).hash(OTHER_PASSWORD)
    async with database_of(gateway).unit_of_work(_SYSTEM) as tx:
        assert await attempts.change_password(tx, gateway.settings.seals, person, hashed) is not None


async def test_a_hash_that_is_made_anew_does_not_bring_an_old_password_back(gateway: Running) -> None:
    made = await enrolled(gateway)
    dearer = gateway.settings.model_copy(update={"argon2_rounds": gateway.settings.argon2_rounds + 1})
    found = await judged(gateway, Passwords(dearer), made["login_name"])
    assert found.anew is not None, "the hash is worn"
    await set_anew(gateway, await person_of(gateway, made))
    async with database_of(gateway).unit_of_work(_SYSTEM) as tx:
        assert await actions_passwords.enter(tx, gateway.settings.seals, found, None, system_now()) is None
    async with browser(gateway) as at:
        assert (await sign_in(at, made["login_name"])).status_code == 403
        assert (await sign_in(at, made["login_name"], OTHER_PASSWORD)).status_code == 303


async def test_a_hash_that_is_worn_is_made_anew_at_the_next_sign_in(gateway: Running) -> None:
    made = await enrolled(gateway)
    dearer = Passwords(gateway.settings.model_copy(update={"argon2_rounds": gateway.settings.argon2_rounds + 1}))
    found = await judged(gateway, dearer, made["login_name"])
    async with database_of(gateway).unit_of_work(_SYSTEM) as tx:
        assert await actions_passwords.enter(tx, gateway.settings.seals, found, None, system_now()) is not None
    assert (await judged(gateway, dearer, made["login_name"])).anew is None


async def test_a_change_that_was_judged_before_a_reset_changes_nothing_after_it(gateway: Running) -> None:
    made = await enrolled(gateway)
    seals, lives = gateway.settings.seals, lives_of(gateway.settings)
    async with browser(gateway) as at:
        await sign_in(at, made["login_name"])
        cookie = at.cookies["shoutu-session"]
    async with database_of(gateway).unit_of_work(_SYSTEM) as tx:
        visitor = await actions.look(tx, cookie, lives, system_now())
        begun = await actions_passwords.begin_of(tx, seals, visitor, _ORIGIN, system_now())
    assert isinstance(begun, Attempt)
    await set_anew(gateway, await person_of(gateway, made))
    hashed = await Passwords(gateway.settings).hash("a thief's own words, long enough")
    async with database_of(gateway).unit_of_work(_SYSTEM) as tx:
        changed = await actions_passwords.change(tx, seals, visitor, begun, hashed, cookie, system_now())
    assert changed is None
    async with browser(gateway) as at:
        assert (await sign_in(at, made["login_name"], OTHER_PASSWORD)).status_code == 303


async def test_threads_that_others_have_taken_keep_no_password_and_no_name_waiting(gateway: Running) -> None:
    over, loop = threading.Event(), asyncio.get_running_loop()
    stuck = [loop.run_in_executor(None, over.wait, 60) for _ in range(64)]
    try:
        hashing = Passwords(gateway.settings)
        kept = await asyncio.wait_for(hashing.hash(PASSWORD), 20)
        assert await asyncio.wait_for(hashing.verify(kept, PASSWORD), 20)
        assert await asyncio.wait_for(resolve("127.0.0.1", 443), 20) == ["127.0.0.1"]
    finally:
        over.set()
        await asyncio.gather(*stuck)


@pytest.mark.parametrize("known", [True, False])
async def test_a_wrong_password_waits_for_the_disk_whether_there_is_such_an_account_or_not(
    gateway: Running, known: bool
) -> None:
    login = (await enrolled(gateway))["login_name"] if known else "nobody.of.that.name"
    async with database_of(gateway).unit_of_work(_SYSTEM) as tx:
        begun = await actions_passwords.begin(tx, gateway.settings.seals, login, _ORIGIN, system_now())
    assert isinstance(begun, Attempt)
    async with database_of(gateway).unit_of_work(_SYSTEM) as tx:
        wrong = Judged(attempt=begun, right=False)
        assert await actions_passwords.enter(tx, gateway.settings.seals, wrong, None, system_now()) is None
        written = await tx.ask("SELECT pg_current_xact_id_if_assigned() IS NOT NULL AS has")
    assert written is not None
    assert written["has"]
