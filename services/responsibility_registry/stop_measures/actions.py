"""The verbs of stop measures: propose, decide, tell in writing, acknowledge, report, ask to lift, lift, take back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from libs.common.aggregates import require_version
from libs.common.db import Tx
from libs.common.pagination import Page
from libs.common.problems import RoleMissing
from libs.contracts import stop_measures as told
from services.responsibility_registry.orders import actions_major as orders
from services.responsibility_registry.orders.rules import Order
from services.responsibility_registry.organizations import actions as organizations
from services.responsibility_registry.organizations.actions_organizations import organizations_by_id
from services.responsibility_registry.stop_measures import rules_steps, rules_who, store
from services.responsibility_registry.stop_measures.actions_written import (
    NotTheAssignee,
    StopOfOrder,
    actor_of,
    counting,
    facts,
    find_measure,
    is_stoppable,
    lock_for,
    lock_for_tier,
    lock_measure,
    with_orders,
    worker_of,
    works_on,
    write,
)
from services.responsibility_registry.stop_measures.policies import POLICY, VERSION
from services.responsibility_registry.stop_measures.rules import (
    Execution,
    NoticeTo,
    StopMeasure,
    StopState,
    StopWrong,
    WrittenNotice,
)
from services.responsibility_registry.stop_measures.rules_policy import StopKind, StopStep
from services.responsibility_registry.stop_measures.rules_steps import Decision

__all__ = ["NotTheAssignee", "StopOfOrder", "find_measure", "works_on"]

PROPOSES = ("inspector", "leader", "commander")
DECIDES = ("leader",)
"""[S] Art 70: the department's main head approves."""
ACTS = ("inspector", "leader")
"""Who gives the written notices and enters what came of them."""
_MOST_POSTS = 50
_NO_KIND = ("没有此类措施。", "there is no such kind of measure")
_NO_ORGANIZATION = ("台账中没有该单位。", "the registry has no such organisation")
_THERE = ("该指令单已有未结束的同类措施。", "the order has a measure of this kind that is not over")


@dataclass(frozen=True, kw_only=True, slots=True)
class NewMeasure:
    """What is proposed on which order, why, and what the real danger is."""

    id: UUID
    order_id: UUID
    kind: str
    words: str
    risk: str
    evidence: tuple[UUID, ...]
    about_measure_id: UUID | None
    supplier_organization_id: UUID | None


async def propose_measure(tx: Tx, new: NewMeasure) -> StopOfOrder:
    """A measure on the order of a firm with a major hazard is proposed.

    Raises NotFound (404), RoleMissing (403), NoStopForThis (409), StopWrong (422).
    """
    order = await orders.locked_order(tx, new.order_id)
    tx.caller.require(*PROPOSES, area_code=order.area_code, sectors=order.sectors)
    kind = POLICY.kind(new.kind)
    if kind is None:
        raise StopWrong(("/kind", "unknown_kind", _NO_KIND))
    if not is_stoppable(order):
        raise rules_who.NoStopForThis
    if await store.open_of_order(tx, order.id, kind.code):
        raise StopWrong(("/kind", "there_already", _THERE))
    posts = await _supplier_posts(tx, new.supplier_organization_id)
    stop = None if new.about_measure_id is None else await store.find_measure(tx, new.about_measure_id)
    decide_by = (await counting(tx))(POLICY.clock(StopStep.DECIDE), tx.now)
    after = rules_steps.propose(_blank(tx, new, order, kind, decide_by), stop)
    event = told.StopMeasureProposed(measure=facts(after), words=new.words, risk=new.risk, evidence=new.evidence)
    found = StopOfOrder(measure=after, order=order)
    return await write(tx, found, after, event, why=new.words, parts=[(post, "supplier") for post in posts])


async def decide_measure(tx: Tx, measure_id: UUID, expected: int | None, decision: Decision) -> StopOfOrder:
    """Decided in writing. Raises RoleMissing, NotOfThisTier (403), AnotherMustDecideStop, NoticeTooShort,
    StopCannotMove (409), StopWrong (422)."""
    found, by = await lock_for_tier(tx, measure_id, expected, DECIDES)
    after = rules_steps.decide(found.measure, decision, by, POLICY, await counting(tx), tx.now)
    event = told.StopMeasureDecided(
        measure=facts(after), document=decision.document, decided_by=by.post, words=decision.words,
        imminent=decision.imminent,
    )  # fmt: skip
    return await write(tx, found, after, event, why=decision.words)


async def refuse_measure(tx: Tx, measure_id: UUID, expected: int | None, words: str) -> StopOfOrder:
    """Not decided, and why. Raises RoleMissing, NotOfThisTier (403), AnotherMustDecideStop, StopCannotMove (409)."""
    found, by = await lock_for_tier(tx, measure_id, expected, DECIDES)
    after = rules_steps.refuse(found.measure, words, by, POLICY, tx.now)
    return await write(tx, found, after, told.StopMeasureRefused(measure=facts(after), reason=words), why=words)


async def notify(
    tx: Tx, measure_id: UUID, expected: int | None, *, to: NoticeTo, given_at: datetime, how: str,
    evidence: tuple[UUID, ...], effect_at: datetime | None,
) -> StopOfOrder:  # fmt: skip
    """The firm, or the supplier, was told in writing. Raises RoleMissing (403), NoticeTooShort, StopCannotMove (409),
    StopWrong (422)."""
    found, by = await lock_for(tx, measure_id, expected, ACTS)
    notice = WrittenNotice(to=to, given_at=given_at, how=how, evidence=evidence, by=by.post)
    after = rules_steps.notify(found.measure, notice, effect_at, POLICY, await counting(tx), tx.now)
    event = told.StopMeasureNotified(measure=facts(after), to=to, given_at=given_at, evidence=evidence)
    return await write(tx, found, after, event, why=how)


async def acknowledge(
    tx: Tx, measure_id: UUID, expected: int | None, words: str, evidence: tuple[UUID, ...]
) -> StopOfOrder:
    """The supplier has the notice: by a post of its own, or entered with its paper. Raises RoleMissing (403),
    StopCannotMove (409), NotTheSupplier (422)."""
    found = await lock_measure(tx, measure_id)
    by, _ = await _of_supplier(tx, found.measure, evidence)
    require_version(found.measure, expected)
    after = rules_steps.acknowledge(found.measure, words, by, tx.now)
    event = told.StopMeasureAcknowledged(measure=facts(after), by=by, words=words, evidence=evidence)
    return await write(tx, found, after, event, why=words)


async def execute(
    tx: Tx, measure_id: UUID, expected: int | None, *, carried_out: bool, words: str, evidence: tuple[UUID, ...]
) -> StopOfOrder:
    """What came of it: of a cut by the supplier, of a stop by who inspects there. Raises RoleMissing (403),
    NotNotified, NoticeTooShort, StopCannotMove (409), NotTheSupplier, StopWrong (422)."""
    found = await lock_measure(tx, measure_id)
    if found.measure.supply:
        by, on_paper = await _of_supplier(tx, found.measure, evidence)
    else:
        tx.caller.require(*ACTS, area_code=found.measure.area_code, sectors=found.measure.sectors)
        by, on_paper = tx.caller.acting_post(), False
    require_version(found.measure, expected)
    done = Execution(
        at=tx.now, carried_out=carried_out, words=words, evidence=evidence, by=by, on_paper=on_paper
    )  # fmt: skip
    after = rules_steps.execute(found.measure, done)
    event = told.StopMeasureExecuted(
        measure=facts(after), carried_out=carried_out, by=by, words=words, evidence=evidence
    )
    return await write(tx, found, after, event, why=words)


async def ask_lift(tx: Tx, measure_id: UUID, expected: int | None, words: str) -> StopOfOrder:
    """The firm, or who has the order, asks to lift it. Raises NotTheAssignee (403), StopCannotMove (409)."""
    found = await lock_measure(tx, measure_id)
    by = worker_of(tx, found.order)
    require_version(found.measure, expected)
    after = rules_steps.ask_lift(found.measure, words, by, POLICY, await counting(tx), tx.now)
    event = told.StopMeasureLiftAsked(measure=facts(after), by=by, words=words, lift_by=after.lift_by)
    return await write(tx, found, after, event, why=words)


async def lift(tx: Tx, measure_id: UUID, expected: int | None, words: str) -> StopOfOrder:
    """Lifted. Raises RoleMissing, NotOfThisTier (403), StopCannotMove (409), StopWrong (422)."""
    found, by = await lock_for_tier(tx, measure_id, expected, DECIDES)
    stands = await store.cut_stands(tx, measure_id)
    after = rules_steps.lift(found.measure, words, by, cut_stands=stands, policy=POLICY, at=tx.now)
    return await write(
        tx, found, after, told.StopMeasureLifted(measure=facts(after), by=by.post, words=words), why=words
    )


async def withdraw_measure(tx: Tx, measure_id: UUID, expected: int | None, words: str) -> StopOfOrder:
    """Taken back. Raises RoleMissing, NotOfThisTier (403), StopCannotMove (409)."""
    found, by = await lock_for_tier(tx, measure_id, expected, DECIDES)
    after = rules_steps.withdraw(found.measure, words, by, POLICY)
    event = told.StopMeasureWithdrawn(measure=facts(after), by=by.post, reason=words)
    return await write(tx, found, after, event, why=words)


async def with_page(tx: Tx, found: Page[StopMeasure]) -> Page[StopOfOrder]:
    """A page of measures with their orders, in two questions whatever its length."""
    return Page(items=await with_orders(tx, found.items), next=found.next, count=found.count)


async def _of_supplier(tx: Tx, measure: StopMeasure, evidence: Sequence[UUID]) -> tuple[UUID, bool]:
    """The post that acts, of the supplier itself or (True) for it, with its paper."""
    by = await actor_of(tx)
    if rules_who.is_supplier(measure, by):
        return by.post, False
    if not tx.caller.holds(*ACTS, area_code=measure.area_code, sectors=measure.sectors):
        raise RoleMissing(ACTS)
    if not evidence:
        raise rules_who.NotTheSupplier
    return by.post, True


async def _supplier_posts(tx: Tx, organization_id: UUID | None) -> list[UUID]:
    """The posts of a supplier, which see the measure. Raises StopWrong (422)."""
    if organization_id is None:
        return []
    if organization_id not in await organizations_by_id(tx, [organization_id]):
        raise StopWrong(("/supplier_organization_id", "unknown_organization", _NO_ORGANIZATION))
    return [post.id for post in await organizations.posts_of_organization(tx, organization_id, _MOST_POSTS)]


def _blank(tx: Tx, new: NewMeasure, order: Order, kind: StopKind, decide_by: datetime) -> StopMeasure:
    return StopMeasure(
        id=new.id, version=0, area_code=order.area_code, sectors=order.sectors, exercise=order.exercise,
        correlation_id=order.correlation_id, order_id=order.id, kind=kind.code, supply=kind.supply,
        notice_hours=kind.notice_hours, state=StopState.PROPOSED, words=new.words, risk=new.risk,
        evidence=new.evidence, policy_version=VERSION, proposed_at=tx.now, proposed_by=tx.caller.acting_post(),
        proposed_subject=tx.caller.subject, decide_by=decide_by, about_measure_id=new.about_measure_id,
        supplier_organization_id=new.supplier_organization_id,
    )  # fmt: skip
