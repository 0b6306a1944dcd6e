"""Daily heads: a day of the city is closed once, chained to the one before, anchored, and tampering is found."""

from datetime import UTC, date, datetime, timedelta

import pytest

from libs.common.anchors import AnchorFile
from libs.common.clocks import CITY_ZONE, system_now
from libs.common.daily_heads import DailyHead, newest_days, next_day_to_close
from libs.common.epochs import SCOPE
from libs.common.merkle import BEGINNING, Algorithm
from libs.common.sealer import Sealer
from libs.common.verification import Fault
from libs.common.verify import verify
from tests.common.plumbed import Plumbed
from tests.common.sealing import sealed_rows, write
from tests.common.test_verify import rewrite_everything

TODAY = system_now().astimezone(CITY_ZONE).date()


async def days_ago(plumbed: Plumbed, ages: dict[int, int]) -> None:
    """Batches by number, so many days old: sealed then, and chained as they would have been."""
    for batch, age in ages.items():
        await plumbed.superuser.execute(
            "UPDATE seals SET sealed_at = sealed_at - make_interval(days => $2) WHERE batch = $1", batch, age
        )
    await rewrite_everything(plumbed.superuser)


async def closed(plumbed: Plumbed, anchors: AnchorFile) -> tuple[Sealer, list[DailyHead]]:
    """Three days ago two batches, yesterday one, today one; what is over is closed."""
    told: list[DailyHead] = []

    async def announce(head: DailyHead) -> None:
        told.append(head)

    await sealed_rows(plumbed, AnchorFile(anchors.path.with_name("unused.jsonl")), 2, 3, 1, 4)
    await days_ago(plumbed, {1: 3, 2: 3, 3: 1})
    sealer = Sealer(plumbed.sealer, anchors, announce_day=announce)
    await plumbed.superuser.execute("DELETE FROM leases")
    await sealer.close_days()
    return sealer, told


async def test_days_that_are_over_are_closed_once_and_chained(plumbed: Plumbed, anchors: AnchorFile) -> None:
    sealer, told = await closed(plumbed, anchors)
    assert [(head.day, head.first_batch, head.last_batch) for head in told] == [
        (TODAY - timedelta(days=3), 1, 2),
        (TODAY - timedelta(days=1), 3, 3),
    ]
    assert (told[0].previous, told[1].previous) == (BEGINNING, told[0].chained)
    assert await sealer.close_days() == 0
    assert [line["chained"] for line in anchors.lines() if line["kind"] == "day"] == [h.chained.hex() for h in told]
    async with plumbed.app.unit_of_work(SCOPE) as tx:
        assert await newest_days(tx, 1) == [told[1]]
    result = await verify(plumbed.sealer, anchors)
    assert (result.findings, result.days) == ([], 2)


async def test_a_day_goes_by_midnight_in_the_city(plumbed: Plumbed, anchors: AnchorFile) -> None:
    await sealed_rows(plumbed, anchors, 1)
    # 16:30 UTC is past midnight in the city.
    await plumbed.superuser.execute("UPDATE seals SET sealed_at = '2026-05-01T16:30:00Z'")
    async with plumbed.sealer.unit_of_work(SCOPE) as tx:
        assert await next_day_to_close(tx, datetime(2026, 5, 2, 15, 59, tzinfo=UTC)) is None
        head = await next_day_to_close(tx, datetime(2026, 5, 2, 16, 0, tzinfo=UTC))
    assert head is not None
    assert head.day == date(2026, 5, 2)


async def test_a_clock_that_was_set_back_tears_no_day_apart(plumbed: Plumbed, anchors: AnchorFile) -> None:
    await sealed_rows(plumbed, anchors, 1, 1, 1)
    await days_ago(plumbed, {1: 3, 2: 1, 3: 4})
    sealer = Sealer(plumbed.sealer, anchors)
    await plumbed.superuser.execute("DELETE FROM leases")
    assert await sealer.close_days() == 2
    heads = await plumbed.superuser.fetch("SELECT day, first_batch, last_batch FROM daily_heads ORDER BY day")
    assert [(row["first_batch"], row["last_batch"]) for row in heads] == [(1, 1), (2, 3)]


async def test_a_crash_before_the_day_is_kept_tells_the_same_day_again(plumbed: Plumbed, anchors: AnchorFile) -> None:
    _, told = await closed(plumbed, anchors)
    await plumbed.superuser.execute("DELETE FROM daily_heads WHERE day = $1", told[1].day)
    await plumbed.superuser.execute("DELETE FROM leases")
    assert await Sealer(plumbed.sealer, anchors).close_days() == 1
    lines = [line for line in anchors.lines() if line["kind"] == "day"]
    assert lines[1] == lines[2]
    assert (await verify(plumbed.sealer, anchors)).ok


@pytest.mark.parametrize(
    ("tamper", "fault"),
    [
        ("UPDATE daily_heads SET root = sha256('x') WHERE first_batch = 1", Fault.DAY_CHANGED),
        ("UPDATE daily_heads SET last_batch = 1 WHERE first_batch = 1", Fault.DAY_CHANGED),
        ("UPDATE daily_heads SET day = day - 1 WHERE first_batch = 3", Fault.DAY_CHANGED),
        ("UPDATE daily_heads SET previous = sha256('x') WHERE first_batch = 3", Fault.DAY_CHANGED),
        ("UPDATE daily_heads SET algorithm = 'v9' WHERE first_batch = 3", Fault.ALGORITHM_UNKNOWN),
        ("DELETE FROM daily_heads WHERE first_batch = 3", Fault.DAY_LOST),
    ],
)
async def test_a_day_that_was_tampered_with_is_found(
    plumbed: Plumbed, anchors: AnchorFile, tamper: str, fault: Fault
) -> None:
    await closed(plumbed, anchors)
    await plumbed.superuser.execute(tamper)
    first = (await verify(plumbed.sealer, anchors)).first
    assert first is not None
    assert first.fault is fault


async def test_an_owner_who_closes_a_day_anew_over_rewritten_batches_is_found_by_the_anchors(
    plumbed: Plumbed, anchors: AnchorFile
) -> None:
    await closed(plumbed, anchors)
    first = "(SELECT first_id FROM seals ORDER BY batch LIMIT 1)"
    await plumbed.superuser.execute(f"UPDATE timeline SET exercise = true WHERE id = {first}")
    await rewrite_everything(plumbed.superuser)
    await plumbed.superuser.execute("DELETE FROM daily_heads; DELETE FROM leases")
    await Sealer(plumbed.sealer, AnchorFile(anchors.path.with_name("forged.jsonl"))).close_days()
    faults = {finding.fault for finding in (await verify(plumbed.sealer, anchors)).findings}
    assert faults == {Fault.DAY_REWRITTEN}


async def test_days_of_both_suites_make_one_chain(plumbed: Plumbed, anchors: AnchorFile) -> None:
    await closed(plumbed, anchors)
    plumbed.sealer.algorithm = Algorithm.SM3
    await plumbed.superuser.execute("DELETE FROM leases")
    sealer = Sealer(plumbed.sealer, anchors)
    async with plumbed.sealer.unit_of_work(SCOPE) as tx:
        head = await next_day_to_close(tx, system_now() + timedelta(days=1))
    assert head is not None
    assert (head.algorithm, head.first_batch) == ("v1-sm3", 4)
    assert await sealer.close_days() == 0


async def test_verification_since_a_day_looks_at_that_day_and_after_it(plumbed: Plumbed, anchors: AnchorFile) -> None:
    await closed(plumbed, anchors)
    result = await verify(plumbed.sealer, anchors, since=TODAY - timedelta(days=1))
    assert (result.findings, result.batches, result.rows, result.days) == ([], 2, 5, 1)
    await plumbed.superuser.execute("UPDATE seals SET root = sha256('x') WHERE batch = 1")
    assert (await verify(plumbed.sealer, anchors, since=TODAY - timedelta(days=1))).ok
    later = await verify(plumbed.sealer, anchors, since=TODAY + timedelta(days=5))
    assert (later.batches, later.ok) == (0, True)


async def test_a_batch_is_found_in_a_long_anchor_file(anchors: AnchorFile) -> None:
    assert anchors.chained_at(1) is None
    for number in range(1, 400):
        line = {"kind": "seal", "batch": 2 * number, "chained": f"{number:064x}", "pad": "x" * (number % 40)}
        anchors.append({"kind": "epoch", "epoch": 1} if number % 50 == 0 else line)
    found = {batch: anchors.chained_at(batch) for batch in range(802)}
    expected = {2 * n: f"{n:064x}" for n in range(1, 400) if n % 50}
    assert {batch: link for batch, link in found.items() if link is not None} == expected


async def test_writing_goes_on_while_a_day_is_closed(plumbed: Plumbed, anchors: AnchorFile) -> None:
    sealer, _ = await closed(plumbed, anchors)
    await write(plumbed, 2)
    assert await sealer.seal_all() == 2
