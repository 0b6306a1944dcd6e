"""Private keys rest sealed, rotate without a token failing, and do not open for another seal."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from gateway.jose import peek
from gateway.signing import store
from gateway.signing.actions import SEALED, key_set, rotate_keys, sign, withdraw_keys
from gateway.signing.rules import KEPT_AFTER, SIGNS_FOR, signing_key
from libs.common.clocks import system_now
from libs.common.crypto import SealBroken, Seals, Suite
from libs.common.db import Database
from libs.common.resealing import reseal
from libs.common.scope import Scope
from tests.cluster import FreshDatabase

SEAL = Seals(current_id="1", current="a-seal-of-private-keys-with-256-random-bits")
SYSTEM = Scope.of_system("test")


@pytest.fixture
async def database(fresh_database: FreshDatabase):
    found = Database(fresh_database.url("gateway_app"), service="gateway", pool_size=2)
    yield found
    await found.close()


async def kids(database: Database, at) -> list[str]:
    async with database.unit_of_work(SYSTEM) as tx:
        return [key["kid"] for key in (await key_set(tx, at))["keys"]]


def header_of(token: str) -> Mapping[str, Any]:
    found = peek(token)
    assert found is not None
    return found.header


async def test_a_key_is_published_signs_retires_and_goes(database: Database) -> None:
    start = system_now()

    async def turn(at) -> int:
        async with database.unit_of_work(SYSTEM) as tx:
            return await rotate_keys(tx, SEAL, at)

    assert (await turn(start), await turn(start)) == (2, 0)
    first, second = await kids(database, start)
    worn = start + SIGNS_FOR
    assert await turn(worn) == 2, "the first retires, and a third is published"
    published = await kids(database, worn)
    assert set(published[:2]) == {first, second}
    assert len(published) == 3
    gone = worn + KEPT_AFTER
    assert await turn(gone) == 1
    assert set(await kids(database, gone)) == {second, published[2]}


async def test_a_leaked_key_is_out_of_the_set_at_once_and_that_is_on_record(database: Database) -> None:
    at = system_now()
    async with database.unit_of_work(SYSTEM) as tx:
        await rotate_keys(tx, SEAL, at)
        leaked = await sign(tx, SEAL, {"sub": "a"}, at)
    later = at + timedelta(minutes=1)
    async with database.unit_of_work(SYSTEM) as tx:
        done = await withdraw_keys(tx, SEAL, later, also_next=False, why="a copy of memory was sold")
        fresh = await sign(tx, SEAL, {"sub": "a"}, later)
        (row,) = await tx.all(
            text(
                "SELECT details, why FROM timeline t JOIN timeline_details d USING (id)"
                " WHERE event_type = 'gateway.signing_key.withdrawn.v1'"
            )
        )
    kid = header_of(leaked)["kid"]
    assert (done.kids, done.successor) == ((kid,), header_of(fresh)["kid"])
    assert kid not in await kids(database, later)
    assert len(await kids(database, later)) == 2, "the next one again stands ready"
    assert row["why"] == "a copy of memory was sold"
    assert row["details"]["kids"] == [kid]
    async with database.unit_of_work(SYSTEM) as tx:
        done = await withdraw_keys(tx, SEAL, later, also_next=True, why="and the store of keys with it")
        assert header_of(await sign(tx, SEAL, {}, later))["kid"] not in done.kids
    assert done.successor is None
    assert not set(done.kids) & set(await kids(database, later))


async def test_the_private_half_is_not_in_the_table_and_opens_with_its_seal_only(database: Database) -> None:
    at = system_now()
    async with database.unit_of_work(SYSTEM) as tx:
        await rotate_keys(tx, SEAL, at)
        key = signing_key(await store.find_keys(tx), at)
    assert key is not None
    assert b"PRIVATE" not in key.sealed
    assert b"PRIVATE" in SEAL.open("signing key", key.kid, key.sealed)
    other = Seals(current_id="1", current="another-seal-with-other-256-random-bits-in-it")
    async with database.unit_of_work(SYSTEM) as tx:
        with pytest.raises(SealBroken, match="signing key"):
            await sign(tx, other, {}, at)
        with pytest.raises(SealBroken):
            await rotate_keys(tx, other, at + timedelta(minutes=1))
    with pytest.raises(SealBroken):
        SEAL.open("signing key", "another-kid", key.sealed)


async def test_keys_are_sealed_again_after_the_seal_was_changed_and_sign_all_the_while(database: Database) -> None:
    at = system_now()
    changed = Seals(
        current_id="2", current="another-seal-with-other-256-random-bits-in-it", retired={"1": SEAL.current}
    )
    alone = Seals(current_id="2", current=changed.current, suite=Suite.SM4_SM3)
    async with database.unit_of_work(SYSTEM) as tx:
        await rotate_keys(tx, SEAL, at)
        await sign(tx, changed, {"sub": "a"}, at)
        assert [(await reseal(tx, changed, SEALED)).moved for _ in range(2)] == [2, 0]
        await sign(tx, alone, {"sub": "a"}, at)
        assert (await reseal(tx, alone, SEALED)).moved == 2, "another suite is another seal"
        with pytest.raises(SealBroken):
            await sign(tx, SEAL, {"sub": "a"}, at)
