"""Sealing and verification on a real database: against the app role, the owner's rights, crashes and restores."""

import asyncio
from pathlib import Path
from uuid import UUID

import asyncpg
import pytest
from sqlalchemy import text

from libs.common.anchors import AnchorFile, AnchorsUnreadable
from libs.common.epochs import declare_loss
from libs.common.merkle import SealHead
from libs.common.sealer import Sealer
from libs.common.timeline import Entry, append_all, history, order_erasure
from libs.common.verify import Fault, Finding, Verification, verify
from tests.cluster import eventually
from tests.common.plumbed import Plumbed, Thing, inspector, thing

HERE = inspector()


@pytest.fixture
def anchors(tmp_path: Path) -> AnchorFile:
    return AnchorFile.of(tmp_path, "risk_grading")


async def write(plumbed: Plumbed, count: int = 1, about: Thing | None = None) -> Thing:
    kettle = about or thing()
    async with plumbed.app.unit_of_work(HERE) as tx:
        await append_all(
            tx,
            [
                Entry(event_type="risk_grading.kettle.boiled.v1", about=kettle, details={"n": n}, why="tea")
                for n in range(count)
            ],
        )
    return kettle


async def sealed_rows(plumbed: Plumbed, anchors: AnchorFile, *batches: int) -> Sealer:
    """So many rows in each batch."""
    sealer = Sealer(plumbed.sealer, anchors)
    for count in batches:
        await write(plumbed, count)
        assert await sealer.seal_all() == count
    return sealer


async def row_at(plumbed: Plumbed, batch: int, position: int) -> UUID:
    found: UUID = await plumbed.superuser.fetchval(
        "SELECT timeline_id FROM seal_leaves WHERE batch = $1 AND position = $2", batch, position
    )
    return found


def only(result: Verification) -> Finding:
    assert len(result.findings) == 1, result.findings
    return result.findings[0]


async def test_what_is_written_is_sealed_anchored_and_verified(plumbed: Plumbed, anchors: AnchorFile):
    told: list[SealHead] = []

    async def announce(head: SealHead) -> None:
        told.append(head)

    sealer = Sealer(plumbed.sealer, anchors, announce=announce, batch_limit=4)
    assert await sealer.seal_once() == 0
    await write(plumbed, 10)
    assert [await sealer.seal_once() for _ in range(4)] == [4, 4, 2, 0]
    result = await verify(plumbed.sealer, anchors)
    assert result.ok
    assert (result.batches, result.rows, result.anchored_batches, result.unsealed) == (3, 10, 3, 0)
    assert [head.batch for head in told] == [1, 2, 3]
    assert [line["kind"] for line in anchors.lines()] == ["epoch", "seal", "seal", "seal"]


async def test_rows_wait_for_every_older_transaction_and_none_is_left_out(plumbed: Plumbed, anchors: AnchorFile):
    sealer = Sealer(plumbed.sealer, anchors)
    await sealer.seal_all()
    async with plumbed.app.unit_of_work(HERE) as slow:
        await append_all(slow, [Entry(event_type="risk_grading.kettle.boiled.v1", about=thing(), details={})])
        await write(plumbed, 3)
        assert await sealer.seal_all() == 0
        assert (await verify(plumbed.sealer, anchors)).unsealed == 3
    assert await sealer.seal_all() == 4
    assert (await verify(plumbed.sealer, anchors)).ok


async def test_two_sealers_never_seal_beside_each_other(plumbed: Plumbed, anchors: AnchorFile):
    first, second = Sealer(plumbed.sealer, anchors), Sealer(plumbed.sealer, anchors)
    await write(plumbed, 5)
    assert await first.seal_once() == 5
    await write(plumbed, 5)
    assert await second.seal_once() == 0
    await plumbed.superuser.execute("UPDATE leases SET expires_at = now() - interval '1 s' WHERE name = 'sealer'")
    assert await second.seal_once() == 5
    await write(plumbed, 2)
    assert await first.seal_once() == 0
    assert await second.seal_once() == 2
    assert (await verify(plumbed.sealer, anchors)).anchored_batches == 3


async def test_the_loop_seals_by_itself_and_leaves_nothing_settled_behind(plumbed: Plumbed, anchors: AnchorFile):
    stopping = asyncio.Event()
    running = asyncio.create_task(Sealer(plumbed.sealer, anchors).run(stopping))
    await write(plumbed, 3)

    async def is_sealed() -> bool:
        return await plumbed.superuser.fetchval("SELECT count(*) FROM seal_leaves") == 3

    await eventually(is_sealed)
    await write(plumbed, 2)
    stopping.set()
    await running
    assert (await verify(plumbed.sealer, anchors)).rows == 5


async def test_a_head_that_a_crash_left_unanchored_is_anchored_by_the_next(plumbed: Plumbed, anchors: AnchorFile):
    class Crash(Exception):
        pass

    async def crash(_: SealHead) -> None:
        raise Crash

    await write(plumbed, 2)
    with pytest.raises(Crash):
        await Sealer(plumbed.sealer, anchors, announce=crash).seal_once()
    assert anchors.newest() == (0, 1)
    await plumbed.superuser.execute("DELETE FROM leases")
    told: list[int] = []

    async def announce(head: SealHead) -> None:
        told.append(head.batch)

    await write(plumbed, 1)
    assert await Sealer(plumbed.sealer, anchors, announce=announce).seal_all() == 1
    assert told == [1, 2]
    assert (await verify(plumbed.sealer, anchors)).anchored_batches == 2


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
    from libs.common.merkle import BEGINNING, leaf_of, root_of
    from libs.common.seals import SEALED_ROW

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
        leaves = [leaf_of(row) for row in rows]
        values = dict(seal) | {"root": root_of(leaves), "previous": previous, "service": "risk_grading"}
        values["last_changed_in"] = str(seal["last_changed_in"])
        del values["chained"]
        previous_link, previous = previous, SealHead(**values).chained
        await connection.execute(
            "UPDATE seals SET root = $2, previous = $3, chained = $4 WHERE batch = $1",
            seal["batch"], root_of(leaves), previous_link, previous,
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


async def move_to_another_cluster(plumbed: Plumbed) -> None:
    """What a logical restore looks like: another system identifier, and ids far above this cluster's."""
    await plumbed.superuser.execute("UPDATE cluster_epochs SET system_identifier = 42 WHERE epoch = 1")
    await plumbed.superuser.execute(
        "UPDATE timeline SET changed_in = '900000000000' WHERE id NOT IN (SELECT timeline_id FROM seal_leaves)"
    )


async def test_sealing_goes_on_in_another_cluster(plumbed: Plumbed, anchors: AnchorFile):
    await sealed_rows(plumbed, anchors, 3)
    await plumbed.superuser.execute("DELETE FROM leases")
    await write(plumbed, 2)
    await move_to_another_cluster(plumbed)
    anchors.path.write_bytes(b"".join(anchors.path.read_bytes().splitlines(keepends=True)[1:]))
    await write(plumbed, 1)
    sealer = Sealer(plumbed.sealer, anchors)
    assert await sealer.seal_all() == 3
    await write(plumbed, 4)
    assert await sealer.seal_all() == 4
    result = await verify(plumbed.sealer, anchors)
    assert result.ok, result.findings
    assert (result.rows, result.unsealed) == (10, 0)
    epochs = await plumbed.superuser.fetch("SELECT epoch, opened_by, closed_at FROM cluster_epochs ORDER BY epoch")
    assert [(e["epoch"], e["opened_by"], e["closed_at"] is None) for e in epochs] == [
        (1, "migration", False),
        (2, "sealer", False),
    ]


async def lose_batches(plumbed: Plumbed, after: int) -> None:
    """What a restore from an older backup looks like."""
    await plumbed.superuser.execute(
        "DELETE FROM timeline WHERE id IN (SELECT timeline_id FROM seal_leaves WHERE batch > $1)", after
    )
    for table in ("seal_leaves", "seals"):
        await plumbed.superuser.execute(f"DELETE FROM {table} WHERE batch > $1", after)
    await plumbed.superuser.execute("DELETE FROM leases")


@pytest.mark.parametrize("declared_first", [True, False])
async def test_a_restore_from_an_older_backup_is_found_until_somebody_declares_it(
    plumbed: Plumbed, anchors: AnchorFile, declared_first: bool
):
    await sealed_rows(plumbed, anchors, 2, 3, 4)
    await lose_batches(plumbed, after=1)
    assert only(await verify(plumbed.sealer, anchors)).fault is Fault.BATCH_LOST
    if declared_first:
        epoch = await declare_loss(plumbed.sealer, anchors, reason="backup of Monday", by="wang")
        assert epoch is not None
        assert (epoch.resumes_after, epoch.lost_until) == (1, 3)
    sealer = Sealer(plumbed.sealer, anchors)
    await write(plumbed, 2)
    assert await sealer.seal_all() == 2
    if not declared_first:
        finding = only(await verify(plumbed.sealer, anchors))
        assert (finding.fault, finding.batch) == (Fault.BATCH_LOST, 2)
        await declare_loss(plumbed.sealer, anchors, reason="backup of Monday", by="wang")
    await write(plumbed, 1)
    assert await sealer.seal_all() == 1
    result = await verify(plumbed.sealer, anchors)
    assert result.ok, result.findings
    assert (result.declared_lost, result.batches) == (2, 3)
    assert await declare_loss(plumbed.sealer, anchors, reason="again", by="wang") is None


async def test_a_second_restore_from_before_the_first_is_declared_like_it(plumbed: Plumbed, anchors: AnchorFile):
    await sealed_rows(plumbed, anchors, 1, 1, 1)
    for _ in range(2):
        await lose_batches(plumbed, after=1)
        await plumbed.superuser.execute("DELETE FROM cluster_epochs WHERE epoch > 1")
        await declare_loss(plumbed.sealer, anchors, reason="backup of Monday", by="wang")
        await write(plumbed, 1)
        await Sealer(plumbed.sealer, anchors).seal_all()
    result = await verify(plumbed.sealer, anchors)
    assert result.ok, result.findings
    assert anchors.newest() == (5, 3)


async def test_an_epoch_that_admits_more_than_its_anchor_is_found(plumbed: Plumbed, anchors: AnchorFile):
    await sealed_rows(plumbed, anchors, 1, 1, 1)
    await lose_batches(plumbed, after=2)
    await Sealer(plumbed.sealer, anchors).seal_all()
    await plumbed.superuser.execute("UPDATE cluster_epochs SET opened_by = 'a forged name' WHERE epoch = 2")
    faults = {finding.fault for finding in (await verify(plumbed.sealer, anchors)).findings}
    assert faults == {Fault.EPOCH_REWRITTEN, Fault.BATCH_LOST}


def test_a_line_torn_by_a_crash_is_cut_off_and_a_foreign_line_is_refused(tmp_path: Path):
    anchors = AnchorFile(tmp_path / "a" / "b.jsonl")
    assert (anchors.newest(), list(anchors.lines()), anchors.size()) == ((0, 0), [], 0)
    anchors.append({"kind": "seal", "batch": 1, "epoch": 1})
    with anchors.path.open("ab") as file:
        file.write(b'{"kind":"seal","ba')
    assert [line["batch"] for line in anchors.lines()] == [1]
    assert anchors.newest() == (1, 1)
    anchors.append(*({"kind": "seal", "batch": n, "epoch": 2, "pad": "x" * 300} for n in range(2, 600)))
    assert [line["batch"] for line in anchors.lines()] == list(range(1, 600))
    assert anchors.newest() == (599, 2)
    with anchors.path.open("ab") as file:
        file.write(b'{"batch": 3}\n')
    with pytest.raises(AnchorsUnreadable, match="line 600"):
        list(anchors.lines())


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
