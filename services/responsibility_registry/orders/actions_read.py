"""Reading an order leaves a trace: who had to act on it, and knew of it from when on."""

from __future__ import annotations

from uuid import UUID

from libs.common.db import Tx
from libs.common.sensitive_reads import Sensitive, note_read
from libs.common.timeline import read_access
from services.responsibility_registry.orders import rules, store
from services.responsibility_registry.orders.rules import Order

ORDER = Sensitive(
    noun="order", why="names whom it binds and what they failed to do", source="[DEF] reads by others than its parts"
)


async def read_order(tx: Tx, order_id: UUID) -> Order:
    """The order within the scope; NotFound otherwise.

    Where the caller's post takes part in it, the timeline gets one `order.read` for each post and version: a screen
    that asks again every minute adds nothing. A caller who names no post reads for all that it holds, and an entity
    for its own object. Anybody else's look is another row (`order.looked_into`): it says who looked, and nothing
    about who had to know.
    """
    order = await store.find_order(tx, order_id)
    posts = tx.caller.posts if tx.caller.post_id is None else {tx.caller.post_id}
    posts |= {own for own in tx.caller.parties if own == rules.entity_object(order)}
    parts = await store.parties_among(tx, order_id, sorted(posts)) if posts else frozenset()
    if not parts:
        await note_read(tx, order, ORDER)
        return order
    for post in await store.note_reading(tx, order, sorted(parts)):
        who = order.entity if post == rules.entity_object(order) else str(post)
        await read_access(tx, order, noun="order", why="", details={"who": who})
    return order
