"""An ordered erasure in the service whose row it is: a sealed order, emptied details, and an outbox that follows."""

from __future__ import annotations

from uuid import UUID

from libs.common.anchors import AnchorFile
from libs.common.clocks import system_now
from libs.common.erasures import FORGET_ERASED, on_erasure_ordered
from libs.common.ids import new_id
from libs.common.reconciler import STREAM_AGE_DAYS
from libs.common.scope import Scope
from libs.common.sealer import Sealer
from libs.common.telling import tell
from libs.common.timeline import find_row, history
from libs.common.verify import verify
from libs.common.watches import sweep
from libs.contracts.event import Heard
from libs.contracts.gateway import ErasureOrdered
from libs.contracts.plumbing import DOUBTED
from tests.common.plumbed import SCHEMA, Plumbed, thing
from tests.common.sealing import HERE

HEARER = Scope.of_system("hear:test")


def heard(timeline_id: UUID, service: str = SCHEMA) -> Heard[ErasureOrdered]:
    data = ErasureOrdered(timeline_id=timeline_id, service=service, article="PIPL Art 47", ground="withdrawn")
    return Heard(
        id=new_id(), type=ErasureOrdered.type, aggregate_id=new_id(), aggregate_version=2, correlation_id=new_id(),
        causation_id=None, area_code="331002000000", sectors=("fire",), actor_post=None, occurred_at=system_now(),
        recorded_at=system_now(), policy_version="", exercise=False, sensitivity="internal", traceparent=None,
        data=data,
    )  # fmt: skip


async def told_row(plumbed: Plumbed) -> UUID:
    """A row with an event in the outbox."""
    kettle = thing()
    async with plumbed.app.unit_of_work(HERE) as tx:
        await tell(tx, DOUBTED[SCHEMA](producer="gateway", noun="client"), kettle, why="personal")
        [row] = await history(tx, kettle.id)
    return row.id


async def hear(plumbed: Plumbed, event: Heard[ErasureOrdered]) -> None:
    async with plumbed.app.unit_of_work(HEARER) as tx:
        await on_erasure_ordered(event, tx)


async def payload(plumbed: Plumbed, event_id: UUID) -> str:
    return str(await plumbed.superuser.fetchval("SELECT data FROM outbox WHERE id = $1", event_id))


async def test_the_service_whose_row_it_is_carries_it_out_and_everything_verifies(
    plumbed: Plumbed, anchors: AnchorFile
) -> None:
    sealer = Sealer(plumbed.sealer, anchors)
    erased, kept = await told_row(plumbed), await told_row(plumbed)
    await hear(plumbed, heard(kept, "emergency_command"))
    await hear(plumbed, heard(new_id()))
    for _ in range(2):
        await hear(plumbed, heard(erased))
        await sealer.seal_all()
    async with plumbed.app.unit_of_work(HERE) as tx:
        gone, stays = await find_row(tx, erased), await find_row(tx, kept)
        orders = [row for row in await history(tx, erased) if "erasure_ordered" in row.event_type]
    assert gone is not None
    assert stays is not None
    assert (gone.details, gone.why, stays.why) == (None, None, "personal")
    assert [(order.details, order.actor_subject) for order in orders] == [
        ({"ground": "PIPL Art 47: withdrawn"}, "system:hear:test")
    ]
    result = await verify(plumbed.sealer, anchors)
    assert (result.findings, result.erased) == ([], 1)


async def test_the_outbox_follows_once_the_stream_holds_the_event_no_more(plumbed: Plumbed) -> None:
    erased, kept = await told_row(plumbed), await told_row(plumbed)
    await hear(plumbed, heard(erased))
    published = "UPDATE outbox SET published_at = clock_timestamp() - make_interval(days => $1)"
    await plumbed.superuser.execute(published, STREAM_AGE_DAYS - 1)
    assert await sweep(plumbed.app, FORGET_ERASED) == 0
    await plumbed.superuser.execute(published, STREAM_AGE_DAYS + 2)
    assert await sweep(plumbed.app, FORGET_ERASED) == 1
    assert (await payload(plumbed, erased), await payload(plumbed, kept) != "{}") == ("{}", True)
    assert await sweep(plumbed.app, FORGET_ERASED) == 0
