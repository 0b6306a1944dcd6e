"""The verbs of joint orders: name who assists, sign for a part, report it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from libs.common.aggregates import require_version
from libs.common.db import Tx
from libs.contracts import orders as told
from services.responsibility_registry.orders import rules_joint, rules_present, store
from services.responsibility_registry.orders.actions_present import see
from services.responsibility_registry.orders.actions_work import PLANS
from services.responsibility_registry.orders.actions_written import facts, write
from services.responsibility_registry.orders.rules import Order
from services.responsibility_registry.orders.rules_kept import Act


async def name_assistants(
    tx: Tx, order_id: UUID, expected: int | None, asked: Sequence[tuple[UUID, str]]
) -> Order:  # fmt: skip
    """Further posts each do a part; they may be of another area. For who may issue the order.

    Raises RoleMissing (403), OrderCannotMove (409), OrderIncomplete, PostNotThere (422).
    """
    order = await store.lock_order(tx, order_id)
    tx.caller.require(*PLANS, area_code=order.area_code, sectors=order.sectors)
    require_version(order, expected)
    after = rules_joint.name_assistants(order, asked, tx.now)
    seen = await see(tx, order, [post for post, _ in asked])
    # What is done together crosses areas: a part may lie with a post of a neighbour.
    anywhere = {post: replace(one, of_this_place=True) for post, one in seen.items()}
    named = [(f"/assistants/{number}/post_id", post) for number, (post, _) in enumerate(asked)]
    rules_present.require_present(named, anywhere)
    event = told.OrderAssistantsNamed(order=facts(after, tx), assistants=tuple(post for post, _ in asked))
    return await write(tx, after, event)


async def sign_part(tx: Tx, order_id: UUID, expected: int | None) -> Order:
    """Who assists takes its part on. Raises NotAnAssistant (403), PartAlreadyThere, OrderCannotMove (409)."""
    order = await store.lock_order(tx, order_id)
    part = rules_joint.require_assistant(order, tx.caller.post_id)
    require_version(order, expected)
    after = rules_joint.sign_part(order, by=part.post_id, at=tx.now)
    return await write(tx, after, told.OrderPartSignedFor(order=facts(after, tx), post=part.post_id))


async def report_part(tx: Tx, order_id: UUID, expected: int | None, words: str, evidence: tuple[UUID, ...]) -> Order:
    """Who assists reports its part done, with evidence. Raises NotAnAssistant (403), PartAlreadyThere (409)."""
    order = await store.lock_order(tx, order_id)
    part = rules_joint.require_assistant(order, tx.caller.post_id)
    require_version(order, expected)
    done = Act(at=tx.now, by_posts=(part.post_id,), words=words, evidence=evidence)
    after = rules_joint.report_part(order, by=part.post_id, person=tx.caller.subject, done=done)
    event = told.OrderPartReported(order=facts(after, tx), post=part.post_id, words=words, evidence=evidence)
    return await write(tx, after, event, why=words)
