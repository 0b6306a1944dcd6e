"""Leases: one holder, and a number that rises whenever another one takes over."""

from __future__ import annotations

import asyncio

from libs.common.leases import Lease
from libs.common.scope import Scope
from tests.common.plumbed import Plumbed

SYSTEM = Scope.of_system("test")


async def run_out(plumbed: Plumbed) -> None:
    """Let every lease run out, by the database's clock."""
    await plumbed.superuser.execute("UPDATE leases SET expires_at = clock_timestamp() - interval '1 ms'")


async def still(lease: Lease, fence: int) -> bool:
    """What the database says of a lease under a fence."""
    async with lease.database.unit_of_work(SYSTEM) as tx:
        return await lease.still_held(tx, fence)


async def test_of_many_who_ask_at_once_one_gets_it(plumbed: Plumbed) -> None:
    fences = await asyncio.gather(*(Lease(plumbed.app, "relay").hold() for _ in range(12)))
    assert sorted(fence for fence in fences if fence is not None) == [1]


async def test_a_renewal_keeps_the_fence_and_a_change_of_hands_raises_it(plumbed: Plumbed) -> None:
    mine, yours = Lease(plumbed.app, "relay"), Lease(plumbed.app, "relay")
    assert [await mine.hold(), await mine.hold(), await yours.hold()] == [1, 1, None]
    await run_out(plumbed)
    assert not await still(mine, 1)
    assert await yours.hold() == 2
    assert [await still(mine, 1), await still(yours, 2), await still(yours, 1)] == [False, True, False]
    assert await mine.hold() is None


async def test_who_was_away_past_its_time_but_not_replaced_goes_on_under_its_fence(plumbed: Plumbed) -> None:
    mine = Lease(plumbed.app, "relay")
    await mine.hold()
    await run_out(plumbed)
    assert await mine.hold() == 1


async def test_what_is_given_up_is_free_at_once(plumbed: Plumbed) -> None:
    mine, yours = Lease(plumbed.app, "relay"), Lease(plumbed.app, "relay")
    await mine.hold()
    await mine.release()
    assert await yours.hold() == 2
    await mine.release()
    assert await still(yours, 2), "nobody gives up what another holds"


async def test_a_renewal_does_not_wake_the_holder_and_a_successor_is_awake(plumbed: Plumbed) -> None:
    """Writers send no NOTIFY to a relay that is awake: one that sleeps on unmarked is found by its timer only."""
    mine, yours = Lease(plumbed.app, "relay"), Lease(plumbed.app, "relay")
    asleep = "SELECT asleep FROM leases WHERE name = 'relay'"
    await mine.hold()
    await mine.mark_asleep(True)
    await yours.mark_asleep(False)
    await mine.hold()
    assert await plumbed.superuser.fetchval(asleep) is True
    await run_out(plumbed)
    await yours.hold()
    assert await plumbed.superuser.fetchval(asleep) is False


async def test_leases_of_other_names_are_other_leases(plumbed: Plumbed) -> None:
    assert [await Lease(plumbed.app, name).hold() for name in ("relay", "watches")] == [1, 1]
