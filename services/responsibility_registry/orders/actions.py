"""The verbs of people on orders: issue, serve, sign for, return, extend, rectify, inspect, withdraw."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from libs.common.aggregates import require_version
from libs.common.db import Tx
from libs.common.ids import new_id
from libs.common.places import area_range
from libs.contracts import responsibility_registry as told
from libs.contracts.event import Event
from services.responsibility_registry.areas import actions as areas
from services.responsibility_registry.classification.actions import unknown_categories, unknown_sectors
from services.responsibility_registry.copies.store import find_objects
from services.responsibility_registry.duties import rules_chain
from services.responsibility_registry.orders import (
    rules,
    rules_clock,
    rules_delivery,
    rules_extension,
    rules_joint,
    rules_pauses,
    rules_rounds,
    store,
)
from services.responsibility_registry.orders.actions_present import require_helpers, require_others, require_post
from services.responsibility_registry.orders.actions_written import (
    DEADLINES,
    EXTENSIONS,
    chain_of,
    city_days,
    facts,
    inspectors,
    starts_clock,
    write,
)
from services.responsibility_registry.orders.rules import FiveItems, Order, OrderIncomplete, OrderKind, OrderState
from services.responsibility_registry.orders.rules_chosen import Chosen
from services.responsibility_registry.orders.rules_kept import Act
from services.responsibility_registry.tenures import actions as tenures

ISSUES = ("inspector", "leader", "duty_officer", "commander")
INSPECTS = ("inspector", "leader")
RECTIFIES = ("operator", "inspector", "grid_member", "leader")


@dataclass(frozen=True, kw_only=True, slots=True)
class Drafted:
    """What a post enters for a new order that no hazard brought."""

    kind: OrderKind
    category: str
    words: str
    entity: str
    area_code: str
    sectors: tuple[str, ...]
    object_id: UUID | None
    major: bool
    exercise: bool
    correlation_id: UUID | None = None
    """The trace that it belongs to, where it is not the first sign."""


async def draft_order(tx: Tx, drafted: Drafted) -> Order:
    """A new draft by hand; it is issued by the next verb.

    It is about no hazard: a hazard follows its order, and only the hazard's own facts may say which one that is.
    Raises OrderIncomplete (422) for an area, a category or a sector that the registry does not know.
    """
    tx.caller.require_every(*ISSUES, area_code=drafted.area_code, sectors=drafted.sectors)
    _require_words(drafted)
    if not await areas.knows_area(tx, drafted.area_code):
        raise OrderIncomplete(
            ("/area_code", "unknown_area", ("登记册中没有此区划。", "the registry has no such area"))
        )
    await _require_object(tx, drafted)
    order = rules_delivery.draft(
        Order(
            id=new_id(), version=0, area_code=drafted.area_code, sectors=drafted.sectors, exercise=drafted.exercise,
            correlation_id=drafted.correlation_id or new_id(), kind=drafted.kind,
            category=drafted.category, words=drafted.words,
            entity=drafted.entity, state=OrderState.DRAFTED, drafted_at=tx.now, object_id=drafted.object_id,
            major=drafted.major,
        )
    )  # fmt: skip
    missing = rules_delivery.missing_items(FiveItems())
    return await write(tx, order, told.OrderDrafted(order=facts(order, tx), missing=missing))


def _require_words(drafted: Drafted) -> None:
    """By hand nobody invents a category; what a hazard brings is a fact already, and a gap where no chain has it."""
    unknown = [("/category", code, said) for _, code, said in unknown_categories([drafted.category])]
    unknown += unknown_sectors(drafted.sectors)
    if unknown:
        raise OrderIncomplete(*unknown)


async def _require_object(tx: Tx, drafted: Drafted) -> None:
    """The object of an order lies in the order's area: its entity will take part, and its record will change."""
    if drafted.object_id is None:
        return
    known = (await find_objects(tx, [drafted.object_id])).get(drafted.object_id)
    first, last = area_range(drafted.area_code)
    if known is None or not first <= known.area_code <= last:
        raise OrderIncomplete(
            (
                "/object_id",
                "unknown_object",
                ("该指令单的区划内没有此对象。", "no such object in the area of this order"),
            )
        )


async def issue_order(
    tx: Tx, order_id: UUID, expected: int | None, chosen: Chosen, taking_part: Iterable[tuple[UUID, str]] = ()
) -> Order:
    """Issue with the five fixed items, to the post that is named or else the one that the chain names.

    The clock starts at the first issue and its rule is frozen; without a post the order is `unassigned` at once.
    Who issues binds every sector of the order, and needs them all from one grant. `taking_part` see it besides those
    whom the chain names.
    Raises FiveItemsMissing, OrderIncomplete, PostNotThere (422).
    """
    order = await store.lock_order(tx, order_id)
    tx.caller.require_every(*ISSUES, area_code=order.area_code, sectors=order.sectors)
    require_version(order, expected)
    rules.require_open(order, "issue")
    await require_post(tx, order, "/assignee_post_id", chosen.assignee_post_id)
    found = await chain_of(tx, order)
    assignee = chosen.assignee_post_id or _post_of(rules_chain.assignee(found))
    clocked = order
    if order.due_at is None:
        _, clocked = await starts_clock(tx, order, chosen.limit_days)
    was_unassigned = order.state is OrderState.UNASSIGNED
    issued = rules_delivery.issue(
        order, issuer=tx.caller.acting_post(), assignee=assignee, five=chosen.onto(order.five),
        deadline=clocked.deadline, due_at=clocked.due_at, at=tx.now,
    )  # fmt: skip
    if issued.state is OrderState.UNASSIGNED:
        event: Event = told.OrderUnassigned(order=facts(issued, tx), gap="no post of the chain takes orders")
    elif was_unassigned:
        seconds = issued.unassigned_seconds - order.unassigned_seconds
        event = told.OrderAssigned(order=facts(issued, tx), unassigned_seconds=seconds)
    else:
        event = told.OrderIssued(order=facts(issued, tx), issued_at=tx.now)
    return await write(tx, issued, event, parts=[*inspectors(found, issued), *taking_part])


async def serve_order(tx: Tx, order_id: UUID, expected: int | None, words: str, evidence: tuple[UUID, ...]) -> Order:
    """The notice is in the entity's hands, with a receipt; from now on it cannot be returned."""
    order = await store.lock_order(tx, order_id)
    tx.caller.require(*ISSUES, area_code=order.area_code, sectors=order.sectors)
    require_version(order, expected)
    delivery = Act(at=tx.now, by_posts=(tx.caller.acting_post(),), words=words, evidence=evidence)
    served = rules_delivery.serve(order, delivery)
    event = told.OrderServed(order=facts(served, tx), served_at=tx.now, evidence=evidence)
    return await write(tx, served, event, why=words)


async def sign_for_order(tx: Tx, order_id: UUID, expected: int | None) -> Order:
    """The department signs for the task. Raises NotTheAssignee (403)."""
    order = await store.lock_order(tx, order_id)
    rules.require_assignee(order, tx.caller.acting_post())
    require_version(order, expected)
    signed = rules_delivery.sign_for(order, by_post=tx.caller.acting_post(), at=tx.now)
    return await write(tx, signed, told.OrderSignedFor(order=facts(signed, tx)))


async def return_order(tx: Tx, order_id: UUID, expected: int | None, reason: str) -> Order:
    """The department returns the task: it is not theirs. The clock runs on. Raises OrderCannotBeReturned."""
    order = await store.lock_order(tx, order_id)
    rules.require_assignee(order, tx.caller.acting_post())
    require_version(order, expected)
    back = rules_delivery.return_order(order, by_post=tx.caller.acting_post(), reason=reason, at=tx.now)
    return await write(tx, back, told.OrderReturned(order=facts(back, tx), reason=reason), why=reason)


async def extend_order(
    tx: Tx, order_id: UUID, expected: int | None, asked_by: UUID, due_at: datetime, reason: str
) -> Order:
    """More time, approved by the caller's post, which is not the one that asks, before the order is due.

    Raises ExtensionTooLate, AnotherMustApprove, ExtensionsUsedUp (409), ExtensionTooLong, PostNotThere (422).
    """
    order = await store.lock_order(tx, order_id)
    tx.caller.require("leader", "inspector", area_code=order.area_code, sectors=order.sectors)
    require_version(order, expected)
    rules.require_open(order, "extend")
    await require_post(tx, order, "/asked_by_post_id", asked_by)
    approved_by = tx.caller.acting_post()
    extended = rules_extension.extend(
        order, asked_by=asked_by, approved_by=approved_by, reason=reason, due_at=due_at, at=tx.now, policy=EXTENSIONS
    )
    return await write(tx, extended, told.OrderExtended(order=facts(extended, tx), reason=reason), why=reason)


async def rectify_order(
    tx: Tx, order_id: UUID, expected: int | None, words: str, evidence: tuple[UUID, ...], helped: tuple[UUID, ...],
    parts_open: str = "",
) -> Order:  # fmt: skip
    """Reported done, with evidence, by a post or by the entity itself; `helped` are posts that had a hand in it.

    Of a joint order every part is done, or `parts_open` says why not. Raises PartsUnfinished (409).
    """
    order = await store.lock_order(tx, order_id)
    own: tuple[UUID, ...] = ()
    if rules.entity_object(order) not in tx.caller.parties:
        tx.caller.require(*RECTIFIES, area_code=order.area_code, sectors=order.sectors)
        own = (tx.caller.post_id,) if tx.caller.post_id is not None else ()
    require_version(order, expected)
    rules.require_open(order, "rectify")
    rules_joint.require_parts(order, parts_open)
    helpers = await require_helpers(tx, order, helped)
    order = rules_pauses.lifted(order, at=tx.now, days=await city_days(tx))
    hands = tuple(dict.fromkeys((*own, *helped, *rules_joint.hands(order))))
    done = Act(at=tx.now, by_posts=hands, words=words, evidence=evidence)
    until = rules_clock.inspect_due_at(DEADLINES, tx.now)
    rectified = rules_rounds.rectify(
        order,
        done=done,
        entered_by=tx.caller.post_id,
        inspect_due_at=until,
        persons={tx.caller.subject, *helpers, *rules_joint.persons(order)},
    )
    event = told.OrderRectified(
        order=facts(rectified, tx), evidence=evidence, rectified_at=tx.now,
        unfinished=rules_joint.unfinished(order), unfinished_why=parts_open,
    )  # fmt: skip
    return await write(tx, rectified, event, why=words)


async def inspect_order(
    tx: Tx, order_id: UUID, expected: int | None, *, passed: bool, words: str, evidence: tuple[UUID, ...],
    together_with: tuple[UUID, ...] = (),
) -> Order:  # fmt: skip
    """Another person of another post looks: passed and closed with evidence, or failed and the next round.

    Raises RectifierMayNotInspect (409), which names who may, PostNotThere (422) for who cannot have been there.
    """
    order = await store.lock_order(tx, order_id)
    own = tx.caller.acting_post()
    if own not in order.hands:  # Whoever had a hand in it is refused in any case, and told who may.
        tx.caller.require(*INSPECTS, area_code=order.area_code, sectors=order.sectors)
    require_version(order, expected)
    rules.require_open(order, "inspect")
    others = await require_others(tx, order, together_with)
    candidates = tuple(link.post_id for link in rules_chain.inspectors(await chain_of(tx, order)))
    people = await tenures.holders_of(tx, candidates) | {post: one.people for post, one in others.items()}
    look = Act(at=tx.now, by_posts=(own, *together_with), words=words, evidence=evidence)
    seen = rules_rounds.inspect(
        order, look=look, passed=passed, candidates=candidates, people=people | {own: frozenset({tx.caller.subject})}
    )
    if seen.state is not OrderState.CLOSED:
        failed = told.OrderInspectionFailed(order=facts(seen, tx), reason=words, evidence=evidence)
        return await write(tx, seen, failed, why=words)
    on_time = bool(rules_clock.closed_on_time(seen))
    event = told.OrderClosed(order=facts(seen, tx), closed_at=tx.now, on_time=on_time, evidence=evidence)
    return await write(tx, seen, event, why=words)


async def withdraw_order(tx: Tx, order_id: UUID, expected: int | None, reason: str) -> Order:
    """It should never have been issued: ended with a reason that stays on record."""
    order = await store.lock_order(tx, order_id)
    tx.caller.require(*ISSUES, area_code=order.area_code, sectors=order.sectors)
    require_version(order, expected)
    ended = rules_delivery.withdraw(order, by_post=tx.caller.acting_post(), reason=reason, at=tx.now)
    return await write(tx, ended, told.OrderWithdrawn(order=facts(ended, tx), reason=reason), why=reason)


def open_moves(order: Order) -> tuple[str, ...]:
    """The verbs of people that are open now; disputes, mergers and raising come as facts of others."""
    by_facts = {"dispute", "merge", "raise_to_major"}
    return tuple(move for move in rules.open_moves(order) if move not in by_facts)


def _post_of(link: rules_chain.Link | None) -> UUID | None:
    return None if link is None else link.post_id
