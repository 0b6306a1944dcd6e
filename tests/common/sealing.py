"""Rows to seal, and ways to look at what verification found."""

from uuid import UUID

from libs.common.anchors import AnchorFile
from libs.common.sealer import Sealer
from libs.common.timeline import Entry, append_all
from libs.common.verification import Finding, Verification
from tests.common.plumbed import Plumbed, Thing, inspector, thing

HERE = inspector()


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
