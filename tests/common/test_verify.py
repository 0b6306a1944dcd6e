"""Verification names what was changed, removed, added, reordered, lost or erased without an order."""

from uuid import UUID

import asyncpg
import pytest
from sqlalchemy import text

from libs.common.anchors import AnchorFile
from libs.common.merkle import BEGINNING, SealHead, leaf_of, root_of
from libs.common.sealer import Sealer
from libs.common.seals import SEALED_ROW
from libs.common.timeline import history, order_erasure
from libs.common.verification import Fault
from libs.common.verify import verify
from tests.common.plumbed import Plumbed
from tests.common.sealing import HERE, only, row_at, sealed_rows, write

CHANGES = [
    "actor_subject = 'someone else'", "occurred_at = occurred_at - interval '1 us'", "area_code = '331003000000'",
    "sectors = '{}'", "exercise = true", "correlation_id = uuidv7()", "event_type = event_type || 'x'",
    "recorded_at = recorded_at + interval '1 us'", "commitment = sha256('x')", "actor_post = uuidv7()",
]  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
async def test_a_changed_row_is_named(plumbed: Plumbed, anchors: AnchorFile, change: str):
    await sealed_rows(plumbed, anchors, 3, 5, 2)
    target = await row_at(plumbed, 2, 3)
    await plumbed.superuser.execute(f"UPDATE timeline SET {change} WHERE id = $1", target)
    first = (await verify(plumbed.sealer, anchors)).first
    assert first is not None
    assert (first.fault, first.batch, first.position, first.timeline_id) == (Fault.ROW_CHANGED, 2, 3, target)


async def test_a_removed_row_is_named_whether_its_leaf_stays_or_goes(plumbed: Plumbed, anchors: AnchorFile):
    await sealed_rows(plumbed, anchors, 3, 5)
    target = await row_at(plumbed, 2, 1)
    await plumbed.superuser.execute("DELETE FROM timeline WHERE id = $1", target)
    finding = only(await verify(plumbed.sealer, anchors))
    assert (finding.fault, finding.batch, finding.timeline_id) == (Fault.ROW_REMOVED, 2, target)
    await plumbed.superuser.execute("DELETE FROM seal_leaves WHERE timeline_id = $1", target)
    finding = only(await verify(plumbed.sealer, anchors))
    assert (finding.fault, finding.batch, finding.position) == (Fault.ROW_REMOVED, 2, 1)
    await plumbed.superuser.execute("UPDATE seal_leaves SET position = position - 1 WHERE batch = 2 AND position > 1")
    assert only(await verify(plumbed.sealer, anchors)).fault is Fault.ROW_REMOVED


async def test_a_row_added_afterwards_is_named(plumbed: Plumbed, anchors: AnchorFile):
    await sealed_rows(plumbed, anchors, 3)
    forged: UUID = await plumbed.superuser.fetchval(
        "INSERT INTO timeline SELECT (jsonb_populate_record(t, jsonb_build_object('id', uuidv7()))).* FROM timeline t"
        " ORDER BY changed_in, id LIMIT 1 RETURNING id"
    )
    # Its id is younger than the last sealed one of that transaction, so it must also be an older transaction's.
    await plumbed.superuser.execute("UPDATE timeline SET changed_in = '5' WHERE id = $1", forged)
    finding = only(await verify(plumbed.sealer, anchors))
    assert (finding.fault, finding.timeline_id) == (Fault.ROW_ADDED, forged)
    await plumbed.superuser.execute("INSERT INTO seal_leaves VALUES (77, 0, $1, 'x')", forged)
    assert only(await verify(plumbed.sealer, anchors)).fault is Fault.ROW_ADDED
    await plumbed.superuser.execute("UPDATE seal_leaves SET batch = 1, position = 3 WHERE batch = 77")
    assert (await verify(plumbed.sealer, anchors)).findings[0].timeline_id == forged


async def test_reordered_rows_are_named(plumbed: Plumbed, anchors: AnchorFile):
    await sealed_rows(plumbed, anchors, 5)
    first, second = await row_at(plumbed, 1, 1), await row_at(plumbed, 1, 2)
    swap = "UPDATE seal_leaves SET position = position + $2 WHERE timeline_id = $1"
    await plumbed.superuser.execute(swap, first, 100)
    await plumbed.superuser.execute(swap, second, -1)
    await plumbed.superuser.execute(swap, first, -99)
    finding = only(await verify(plumbed.sealer, anchors))
    assert (finding.fault, finding.timeline_id) == (Fault.ROW_REORDERED, first)


async def rewrite_everything(connection: asyncpg.Connection) -> None:
    """What an owner can do: change a row and compute leaves, roots and links anew, consistently."""
    await connection.execute(
        "UPDATE timeline SET actor_subject = 'nobody' WHERE id = (SELECT last_id FROM seals LIMIT 1)"
    )
    previous = BEGINNING
    for seal in await connection.fetch("SELECT * FROM seals ORDER BY batch"):
        rows = await connection.fetch(
            f"SELECT {SEALED_ROW} FROM timeline t JOIN seal_leaves l ON l.timeline_id = t.id WHERE l.batch = $1"
            " ORDER BY l.position",
            seal["batch"],
        )
        algorithm = seal["algorithm"]
        leaves = [leaf_of(row, algorithm) for row in rows]
        values = dict(seal) | {"root": root_of(leaves, algorithm), "previous": previous, "service": "risk_grading"}
        values["last_changed_in"] = str(seal["last_changed_in"])
        del values["chained"]
        previous_link, previous = previous, SealHead(**values).chained
        await connection.execute(
            "UPDATE seals SET root = $2, previous = $3, chained = $4 WHERE batch = $1",
            seal["batch"], root_of(leaves, algorithm), previous_link, previous,
        )  # fmt: skip
        for position, leaf in enumerate(leaves):
            await connection.execute(
                "UPDATE seal_leaves SET leaf = $3 WHERE batch = $1 AND position = $2", seal["batch"], position, leaf
            )


async def test_an_owner_who_rewrites_everything_is_found_by_the_anchors(plumbed: Plumbed, anchors: AnchorFile):
    await sealed_rows(plumbed, anchors, 2, 3, 4)
    await rewrite_everything(plumbed.superuser)
    assert (await verify(plumbed.sealer, None)).ok
    result = await verify(plumbed.sealer, anchors)
    assert result.first is not None
    assert (result.first.fault, result.first.batch) == (Fault.BATCH_REWRITTEN, 1)


async def test_a_leaf_or_a_link_changed_alone_is_found_without_anchors(plumbed: Plumbed, anchors: AnchorFile):
    await sealed_rows(plumbed, anchors, 2, 3, 4)
    await plumbed.superuser.execute("UPDATE seals SET sealed_at = sealed_at - interval '1 h' WHERE batch = 2")
    assert only(await verify(plumbed.sealer, None)).fault is Fault.BATCH_CHANGED
    await plumbed.superuser.execute("UPDATE seals SET previous = sha256('x') WHERE batch = 3")
    faults = [(f.batch, f.fault) for f in (await verify(plumbed.sealer, None)).findings]
    assert faults[:2] == [(2, Fault.BATCH_CHANGED), (3, Fault.CHAIN_BROKEN)]


@pytest.mark.parametrize("lost", ["batch = 2", "batch >= 2", "batch = 1", "true"])
async def test_a_lost_batch_is_named(plumbed: Plumbed, anchors: AnchorFile, lost: str):
    await sealed_rows(plumbed, anchors, 2, 3, 4)
    for table, key in (("timeline", "id"), ("timeline_details", "id")):
        await plumbed.superuser.execute(
            f"DELETE FROM {table} WHERE {key} IN (SELECT timeline_id FROM seal_leaves WHERE {lost})"
        )
    for table in ("seal_leaves", "seals"):
        await plumbed.superuser.execute(f"DELETE FROM {table} WHERE {lost}")
    first = (await verify(plumbed.sealer, anchors)).first
    assert first is not None
    assert (first.fault, first.batch) == (Fault.BATCH_LOST, 1 if lost in ("batch = 1", "true") else 2)


async def test_changed_and_missing_details_are_told_from_erased_ones(plumbed: Plumbed, anchors: AnchorFile):
    sealer = await sealed_rows(plumbed, anchors, 4)
    erased, changed, missing, unordered = [await row_at(plumbed, 1, position) for position in range(4)]
    async with plumbed.app.unit_of_work(HERE) as tx:
        await order_erasure(tx, erased, ground="PIPL Art 47")
    assert await sealer.seal_all() == 1
    result = await verify(plumbed.sealer, anchors)
    assert (result.ok, result.erased) == (True, 1)
    kept = await plumbed.superuser.fetchrow("SELECT * FROM timeline_details WHERE id = $1", erased)
    assert (kept["salt"], kept["details"], kept["why"]) == (None, None, None)
    await plumbed.superuser.execute("UPDATE timeline_details SET details = '{}' WHERE id = $1", changed)
    await plumbed.superuser.execute("DELETE FROM timeline_details WHERE id = $1", missing)
    await plumbed.superuser.execute(
        "UPDATE timeline_details SET salt = NULL, details = NULL, why = NULL, erased_at = now() WHERE id = $1",
        unordered,
    )
    found = {finding.timeline_id: finding.fault for finding in (await verify(plumbed.sealer, anchors)).findings}
    assert found == {
        changed: Fault.DETAILS_CHANGED,
        missing: Fault.DETAILS_MISSING,
        unordered: Fault.ERASED_WITHOUT_ORDER,
    }


async def test_an_erased_row_is_still_read_without_its_details(plumbed: Plumbed, anchors: AnchorFile):
    kettle = await write(plumbed)
    async with plumbed.app.unit_of_work(HERE) as tx:
        [row] = await history(tx, kettle.id)
        await order_erasure(tx, row.id, ground="PIPL Art 47")
    await Sealer(plumbed.sealer, anchors).seal_all()
    async with plumbed.app.unit_of_work(HERE) as tx:
        [row] = await history(tx, kettle.id)
    assert (row.details, row.why) == (None, None)
    assert row.erased_at is not None


async def test_a_foreign_line_is_a_finding(plumbed: Plumbed, anchors: AnchorFile):
    await sealed_rows(plumbed, anchors, 1)
    with anchors.path.open("ab") as file:
        file.write(b"nonsense\n")
    assert only(await verify(plumbed.sealer, anchors)).fault is Fault.ANCHORS_UNREADABLE


async def test_many_faults_are_counted_and_the_first_is_kept(plumbed: Plumbed, anchors: AnchorFile):
    await sealed_rows(plumbed, anchors, 150)
    await plumbed.superuser.execute("UPDATE timeline SET exercise = true")
    result = await verify(plumbed.sealer, anchors)
    assert (len(result.findings), result.more_findings) == (100, 50)
    assert result.first is not None
    assert result.first.position == 0


async def test_the_app_role_may_verify_too(plumbed: Plumbed, anchors: AnchorFile):
    await sealed_rows(plumbed, anchors, 3)
    async with plumbed.app.unit_of_work(HERE) as tx:
        assert await tx.scalar(text("SELECT count(*) FROM seals")) == 1
    assert (await verify(plumbed.app, anchors)).ok
