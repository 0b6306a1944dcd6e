"""Restores: into another cluster, from an older backup, and the anchors that remember."""

from pathlib import Path

import pytest

from libs.common.anchors import AnchorFile, AnchorsUnreadable
from libs.common.epochs import declare_loss
from libs.common.sealer import Sealer
from libs.common.verification import Fault
from libs.common.verify import verify
from tests.common.plumbed import Plumbed
from tests.common.sealing import only, sealed_rows, write


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
