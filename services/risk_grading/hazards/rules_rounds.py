"""The course of a hazard after verification: its order's facts, its gravity, merging, looking back, reopening."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from services.risk_grading.hazards.rules import (
    Cause,
    Finding,
    Handling,
    Hazard,
    HazardCannotMove,
    HazardClocks,
    HazardIncomplete,
    HazardMergedAway,
    HazardState,
    MajorPlan,
    Reopening,
    Severity,
    closed,
    require_open,
    with_hands,
)


class OrderFact(StrEnum):
    """What an order's events tell its hazard."""

    ISSUED = "issued"
    RECTIFIED = "rectified"
    INSPECTION_FAILED = "inspection_failed"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


_S = HazardState
ORDER_MOVES: Mapping[OrderFact, Mapping[HazardState, HazardState]] = {
    OrderFact.ISSUED: dict.fromkeys((_S.VERIFIED, _S.REOPENED, _S.RECTIFYING), _S.RECTIFYING),
    OrderFact.RECTIFIED: {_S.RECTIFYING: _S.PENDING_REVIEW},
    OrderFact.INSPECTION_FAILED: {_S.PENDING_REVIEW: _S.RECTIFYING},
    OrderFact.CLOSED: {_S.PENDING_REVIEW: _S.CLOSED},
    # Nobody else would look after it: it is to be verified anew, which leads to another order or to none.
    OrderFact.WITHDRAWN: {_S.RECTIFYING: _S.REGISTERED},
}


class AnotherPostMustLook(HazardCannotMove):
    """Whoever verified, fixed or rectified does not alone say that it is gone ([DEF] separation of duties)."""

    code = "another_post_must_look"


class LookBackTooEarly(HazardCannotMove):
    """It may be found again at any time, but is called gone for good only when its time has come."""

    code = "look_back_too_early"


def dismiss(hazard: Hazard, *, finding: Finding) -> Hazard:
    """Seen on site: no hazard, and why. A reopened one goes back to where it was, and another post must say so."""
    require_open(hazard, "dismiss")
    if not finding.words.strip():
        raise HazardIncomplete(("/words", "required", ("请写明为何不是隐患。", "say why it is no hazard")))
    if hazard.round > 1:
        _require_another_post(hazard, finding.by_posts)
    back = HazardState.DISMISSED if hazard.closed_at is None else HazardState.CLOSED
    again = hazard.look_back_due_at and max(hazard.look_back_due_at, finding.at)
    return replace(
        hazard, state=back, dismissed_reason=finding.words, look_back_due_at=again,
        hands=with_hands(hazard, finding.by_posts),
    )  # fmt: skip


def follows(hazard: Hazard, order_id: UUID) -> bool:
    """Whether the facts of this order still concern the hazard: not after a merge, and not of an older order
    while a newer one is linked. A listener asks before it tells."""
    return hazard.state is not HazardState.MERGED and hazard.order_id in {None, order_id}


def follow_order(
    hazard: Hazard, fact: OrderFact, *, order_id: UUID, due_at: datetime | None, hands: tuple[UUID, ...] = (),
    at: datetime, clocks: HazardClocks,
) -> Hazard:  # fmt: skip
    """The hazard moves as its order did. `hands` are the posts that rectified or helped; `due_at` is the order's.
    A registered one is taken up where it was verified before (its last order was withdrawn). Raises
    HazardCannotMove where the order tells what cannot be."""
    if hazard.state is HazardState.MERGED:
        raise HazardMergedAway(
            hazard,
            f"已并入 {hazard.merged_into}，其指令单在那里跟进。",
            f"merged into {hazard.merged_into}: its orders are followed there",
        )
    seen_before = hazard.state is _S.REGISTERED and hazard.verification is not None
    state = ORDER_MOVES[fact].get(_S.VERIFIED if seen_before else hazard.state)
    if state is None or (hazard.order_id != order_id and fact is not OrderFact.ISSUED):
        zh = f"指令单 {order_id} 报「OrderFact.{fact}」，而隐患为「HazardState.{hazard.state}」。"
        raise HazardCannotMove(hazard, zh, f"order {order_id} says {fact} of a hazard that is {hazard.state}")
    moved = replace(hazard, state=state, order_id=order_id, due_at=due_at, hands=with_hands(hazard, hands))
    if fact is OrderFact.WITHDRAWN:
        return replace(moved, order_id=None, due_at=None)
    return closed(moved, at=at, clocks=clocks) if state is HazardState.CLOSED else moved


def raise_to_major(hazard: Hazard, *, basis: str) -> Hazard:
    """Graver than thought, by a named criterion: a limit applies from now on; the order renews its own clock."""
    require_open(hazard, "raise_to_major")
    _say("/basis", basis)
    return replace(hazard, severity=Severity.MAJOR, severity_basis=basis, handling=Handling.WITHIN_LIMIT)


def lower_to_ordinary(hazard: Hazard, *, basis: str) -> Hazard:
    """Less grave than thought. No deadline moves by this: that takes an approved extension of the order."""
    require_open(hazard, "lower_to_ordinary")
    _say("/basis", basis)
    return replace(hazard, severity=Severity.ORDINARY, severity_basis=basis)


def file_plan(hazard: Hazard, plan: MajorPlan) -> Hazard:
    """The treatment plan of a major hazard, all six parts. A newer one takes the place of the older."""
    require_open(hazard, "file_plan")
    for name in ("goal", "measures", "organisation", "contingency"):
        _say(f"/plan/{name}", getattr(plan, name))
    if plan.funds_fen < 0:
        raise HazardIncomplete(("/plan/funds_fen", "negative", ("资金不得为负。", "funds are 0 fen or more")))
    return replace(hazard, plan=plan)


def merge(hazard: Hazard, survivor: Hazard) -> tuple[Hazard, Hazard]:
    """The same danger twice: (the hazard, merged away; the survivor). The survivor keeps the earlier deadlines, the
    graver severity, the reports and hands of both, and the hazard's order or verification where it has none."""
    require_open(hazard, "merge")
    require_open(survivor, "merge")
    if hazard.id == survivor.id or hazard.exercise != survivor.exercise:
        raise HazardIncomplete(
            (
                "/into",
                "cannot_merge",
                ("须为另一隐患，且同为实战或同为演练。", "another hazard, both real or both exercise"),
            )
        )
    both = (hazard, survivor)
    gravest = max(both, key=lambda each: (each.severity is Severity.MAJOR, each is survivor))
    further = hazard.order_id is not None or (hazard.state is _S.VERIFIED and survivor.state is _S.REGISTERED)
    working = hazard if survivor.order_id is None and further else survivor
    kept = replace(
        survivor,
        state=working.state,
        order_id=working.order_id,
        verification=working.verification,
        proposal=working.proposal,
        severity=gravest.severity or working.severity,
        severity_basis=gravest.severity_basis or working.severity_basis,
        handling=Handling.WITHIN_LIMIT if gravest.severity is Severity.MAJOR else working.handling,
        due_at=min((each.due_at for each in both if each.due_at is not None), default=None),
        verify_due_at=min(each.verify_due_at for each in both),
        life_at_risk=any(each.life_at_risk for each in both),
        report_ids=tuple(dict.fromkeys((*survivor.report_ids, *hazard.report_ids))),
        hands=with_hands(survivor, hazard.hands),
        merged_from=(*survivor.merged_from, hazard.id),
    )
    return replace(hazard, state=HazardState.MERGED, merged_into=survivor.id), kept


def look_back(hazard: Hazard, *, finding: Finding, gone: bool) -> Hazard:
    """回头看: gone for good → archived, with evidence and when its time has come; still there → reopened, next
    round. Never by those alone who had a hand in it. Raises AnotherPostMustLook, LookBackTooEarly."""
    require_open(hazard, "look_back")
    _require_another_post(hazard, finding.by_posts)
    if not finding.evidence:
        raise HazardIncomplete(("/evidence", "required", ("请附回头看所见的照片。", "a photo of what was found")))
    if not gone:
        looked = replace(hazard, looked_back=finding)
        return reopen(looked, Reopening(cause=Cause.LOOK_BACK, at=finding.at, words=finding.words))
    if hazard.look_back_due_at is not None and finding.at < hazard.look_back_due_at:
        at = hazard.look_back_due_at.isoformat()
        raise LookBackTooEarly(hazard, f"{at} 起才可归档。", f"it can be archived from {at} on")
    return replace(hazard, state=HazardState.ARCHIVED, looked_back=finding)


def reopen(hazard: Hazard, reopening: Reopening) -> Hazard:
    """Disputed, found again or come back: the next round of the same hazard. While that round runs, a further
    dispute or finding joins it and starts nothing new."""
    require_open(hazard, "reopen")
    _say("/words", reopening.words)
    joined = replace(hazard, reopenings=(*hazard.reopenings, reopening))
    if hazard.state not in {HazardState.CLOSED, HazardState.ARCHIVED, HazardState.DISMISSED}:
        return joined
    return replace(joined, state=HazardState.REOPENED, round=hazard.round + 1, order_id=None, due_at=None)


def look_back_due(hazard: Hazard, now: datetime) -> bool:
    """Whether somebody has to look back now."""
    return (
        hazard.state is HazardState.CLOSED and hazard.look_back_due_at is not None and now >= hazard.look_back_due_at
    )


def _require_another_post(hazard: Hazard, by_posts: tuple[UUID, ...]) -> None:
    """Raises AnotherPostMustLook unless a post is there that had no hand in it."""
    if not set(by_posts) - set(hazard.hands):
        raise AnotherPostMustLook(
            hazard,
            "请另带一个未参与核实、处置和整改的岗位。",
            "take a post along that neither verified, fixed nor rectified it",
        )


def _say(pointer: str, words: str) -> None:
    if not words.strip():
        raise HazardIncomplete((pointer, "required", ("请用文字写明。", "say it in words")))
