"""Private keys rest sealed, rotate without a token failing, and do not open for another seal."""

from datetime import timedelta

import pytest

from gateway.signing import store
from gateway.signing.actions import SEALED, key_set, rotate_keys, sign
from gateway.signing.rules import KEPT_AFTER, PUBLISHED_BEFORE, SIGNS_FOR
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


async def test_a_key_is_published_signs_retires_and_goes(database: Database) -> None:
    start = system_now()

    async def turn(at) -> int:
        async with database.unit_of_work(SYSTEM) as tx:
            return await rotate_keys(tx, SEAL, at)

    assert (await turn(start), await turn(start)) == (1, 0)
    (first,) = await kids(database, start)
    worn = start + SIGNS_FOR
    assert await turn(worn) == 1
    published = await kids(database, worn)
    assert published[0] == first
    assert len(published) == 2
    signs = worn + PUBLISHED_BEFORE
    assert await turn(signs) == 1
    assert await kids(database, signs) == published
    gone = signs + KEPT_AFTER
    assert await turn(gone) == 1
    assert await kids(database, gone) == published[1:]


async def test_the_private_half_is_not_in_the_table_and_opens_with_its_seal_only(database: Database) -> None:
    at = system_now()
    async with database.unit_of_work(SYSTEM) as tx:
        await rotate_keys(tx, SEAL, at)
        (key,) = await store.find_keys(tx)
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
        assert [(await reseal(tx, changed, SEALED)).moved for _ in range(2)] == [1, 0]
        await sign(tx, alone, {"sub": "a"}, at)
        assert (await reseal(tx, alone, SEALED)).moved == 1, "another suite is another seal"
        with pytest.raises(SealBroken):
            await sign(tx, SEAL, {"sub": "a"}, at)
