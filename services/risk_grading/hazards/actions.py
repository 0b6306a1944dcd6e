"""The verbs by which people move hazards: verify, fix, dismiss, raise, lower, plan, merge, look back, reopen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from libs.common.aggregates import require_version
from libs.common.clocks import CITY_ZONE
from libs.common.db import Tx
from libs.common.problems import NotFound
from libs.common.timeline import link_traces
from libs.contracts import risk_grading as told
from libs.contracts.risk_grading import HazardFacts
from services.risk_grading.copies import store as copies
from services.risk_grading.hazards import (
    rules,
    rules_orders,
    rules_parts,
    rules_presence,
    rules_reminders,
    rules_rounds,
    store,
)
from services.risk_grading.hazards.actions_facts import tell, tell_verified
from services.risk_grading.hazards.actions_register import SEES, SORTS
from services.risk_grading.hazards.policies import clocks_of
from services.risk_grading.hazards.rules import (
    Cause,
    Finding,
    Handling,
    Hazard,
    HazardIncomplete,
    MajorPlan,
    Proposal,
    Reopening,
    Severity,
)
from services.risk_grading.objects import actions as objects

JUDGES = ("inspector", "duty_officer")
"""Who says how grave a hazard is, and files the plan of a major one."""


@dataclass(frozen=True, kw_only=True, slots=True)
class VerifyAsked:
    """What a post saw on site. `with_posts` stood there too; `limit_days` is left to the deadline policy if None."""

    severity: Severity
    basis: str
    handling: Handling
    words: str = ""
    proposal: Proposal | None = None
    limit_days: int | None = None
    evidence: tuple[UUID, ...] = ()
    with_posts: tuple[UUID, ...] = ()
    object_id: UUID | None = None


async def verify_hazard(tx: Tx, hazard_id: UUID, expected: int | None, asked: VerifyAsked) -> Hazard:
    """Seen on site: there is a hazard, this grave, handled so; `within_limit` asks the registry for an order.

    Raises RoleMissing (403), HazardCannotMove (409), HazardIncomplete and PresenceNotBelieved (422).
    """
    hazard = await _lock(tx, hazard_id, expected, SEES)
    await _require_object(tx, hazard, asked.object_id)
    finding = await _seen_with(tx, hazard, asked.words, asked.evidence, asked.with_posts)
    proposal = asked.proposal
    if proposal is not None and asked.limit_days is not None:
        proposal = replace(proposal, due_at=rules_parts.due_of(asked.limit_days, tx.now, CITY_ZONE))
    verified = rules.verify(
        rules_parts.link_object(hazard, asked.object_id), finding=finding, severity=asked.severity,
        basis=asked.basis, handling=asked.handling, proposal=proposal,
    )  # fmt: skip
    return await tell_verified(tx, verified, why=asked.basis)


async def fix_hazard(
    tx: Tx, hazard_id: UUID, expected: int | None, *, words: str, before: Sequence[UUID], after: Sequence[UUID],
    with_posts: Sequence[UUID],
) -> Hazard:  # fmt: skip
    """即查即改: fixed on the spot, photos from before (else those of the verification) and after; needs no order.

    Raises RoleMissing (403), HazardCannotMove (409), HazardIncomplete and PresenceNotBelieved (422).
    """
    hazard = await _lock(tx, hazard_id, expected, SEES)
    seen = hazard.verification
    earlier = tuple(before) or (seen.evidence if seen is not None else ())
    fix = replace(await _seen_with(tx, hazard, words, after, with_posts), before=earlier)
    fixed = rules.fix_at_once(hazard, fix=fix, clocks=clocks_of(hazard.clocks_version))
    return await tell(
        tx,
        fixed,
        lambda facts: told.HazardFixedAtOnce(
            hazard=facts, verified_by=fix.by_posts[0], verified_at=seen.at if seen is not None else fix.at,
            look_back_at=fixed.look_back_due_at, before_evidence=fix.before, after_evidence=fix.evidence,
        ),
        why=words,
    )  # fmt: skip


async def dismiss_hazard(
    tx: Tx, hazard_id: UUID, expected: int | None, *, reason: str, evidence: Sequence[UUID]
) -> Hazard:
    """Seen on site, and no hazard: with the reason that the reporter is told."""
    hazard = await _lock(tx, hazard_id, expected, SEES)
    dismissed = rules_rounds.dismiss(hazard, finding=_seen(tx, reason, evidence))
    return await tell(
        tx,
        dismissed,
        lambda facts: told.HazardDismissed(hazard=facts, reason=reason, evidence=tuple(evidence)),
        why=reason,
    )


async def raise_hazard(tx: Tx, hazard_id: UUID, expected: int | None, basis: str) -> Hazard:
    """Graver than thought, by a named criterion; the order renews its clock, due = the earlier of the two.

    One that was being fixed on the spot has no order: it is told as verified within a limit, so that it gets one.
    """
    hazard = await _lock(tx, hazard_id, expected, JUDGES)
    raised = await _regrade(tx, rules_rounds.raise_to_major(hazard, basis=basis), basis, raised=True)
    if rules_orders.lacks_order(hazard, raised):
        return await tell_verified(tx, raised, why=basis)
    return raised


async def lower_hazard(tx: Tx, hazard_id: UUID, expected: int | None, basis: str) -> Hazard:
    """Less grave than thought; no deadline moves by this, that takes an approved extension of the order."""
    hazard = await _lock(tx, hazard_id, expected, JUDGES)
    return await _regrade(tx, rules_rounds.lower_to_ordinary(hazard, basis=basis), basis, raised=False)


async def file_plan(tx: Tx, hazard_id: UUID, expected: int | None, plan: MajorPlan) -> Hazard:
    """The treatment plan of a major hazard, in its six parts ([P] order 16 of 2008)."""
    hazard = await _lock(tx, hazard_id, expected, JUDGES)
    planned = rules_rounds.file_plan(hazard, plan)
    return await tell(tx, planned, lambda facts: told.HazardPlanFiled(hazard=facts, until=plan.until), why=plan.goal)


async def merge_hazard(tx: Tx, hazard_id: UUID, expected: int | None, into: UUID) -> Hazard:
    """The same danger twice: this hazard ends in the survivor, which keeps what is earlier and graver of both.

    Both are locked in the order of their ids, so that two merges cannot block each other. Returns this hazard.
    """
    if into == hazard_id:
        raise HazardIncomplete(("/into", "itself", ("请指明另一隐患。", "name another hazard")))
    versions = {hazard_id: expected, into: None}
    locked = {one: await _lock(tx, one, versions[one], SORTS) for one in sorted(versions)}
    gone, kept = rules_rounds.merge(locked[hazard_id], locked[into])
    gone = await tell(
        tx,
        gone,
        lambda facts: told.HazardMerged(hazard=facts, into=kept.id, into_state=kept.state),
        why=f"into {into}",
    )
    await tell(
        tx, kept, lambda facts: told.HazardAbsorbed(hazard=facts, absorbed=gone.id), why=f"absorbs {hazard_id}"
    )
    await link_traces(tx, gone.correlation_id, kept.correlation_id, "hazards merged")
    return gone


async def look_back(
    tx: Tx, hazard_id: UUID, expected: int | None, *, gone: bool, words: str, evidence: Sequence[UUID]
) -> Hazard:
    """回头看: gone for good → archived; still there → the next round. Never by a hand that had a part in it.

    Only the acting post counts: a hand cannot bring a witness by naming one.
    """
    hazard = await _lock(tx, hazard_id, expected, SEES)
    looked = rules_rounds.look_back(hazard, finding=_seen(tx, words, evidence), gone=gone)
    if gone:
        shown = tuple(evidence)
        return await tell(tx, looked, lambda facts: told.HazardArchived(hazard=facts, evidence=shown), why=words)
    return await tell_reopened(tx, hazard, looked, evidence=tuple(evidence))


async def reopen_hazard(tx: Tx, hazard_id: UUID, expected: int | None, words: str) -> Hazard:
    """It has come back: the next round of the same hazard; while a later round runs, the finding joins it."""
    hazard = await _lock(tx, hazard_id, expected, SORTS)
    again = Reopening(cause=Cause.RECURRENCE, at=tx.now, words=words, by_post=tx.caller.acting_post())
    return await tell_reopened(tx, hazard, rules_rounds.reopen(hazard, again))


async def tell_reopened(tx: Tx, before: Hazard, after: Hazard, *, evidence: tuple[UUID, ...] = ()) -> Hazard:
    """Write a hazard that was reopened, with its new clock to verify; or what joined the round that runs."""
    last = after.reopenings[-1]
    if after.round == before.round:
        return await tell(
            tx,
            after,
            lambda facts: told.HazardReopeningJoined(
                hazard=facts, reason=last.words, cause=last.cause, evidence=evidence
            ),
            why=last.words,
        )
    restarted = rules_reminders.restart_verification(
        before, after, now=tx.now, clocks=clocks_of(after.clocks_version)
    )
    return await tell(
        tx,
        restarted,
        lambda facts: told.HazardReopened(
            hazard=facts,
            reason=last.words,
            cause=last.cause,
            verify_by_at=restarted.verify_due_at,
            evidence=evidence,
        ),
        why=last.words,
    )


async def correlation_of(tx: Tx, hazard_id: UUID) -> UUID | None:
    """The trace of a hazard within the scope, or None; for what follows from it in another slice."""
    try:
        return (await store.find_hazard(tx, hazard_id)).correlation_id
    except NotFound:
        return None


async def concerns(tx: Tx, hazard_id: UUID, object_id: UUID) -> bool:
    """Whether a hazard within the scope is one of this object, or of none that is known."""
    try:
        hazard = await store.find_hazard(tx, hazard_id)
    except NotFound:
        return False
    return hazard.object_id in (None, object_id)


async def _lock(tx: Tx, hazard_id: UUID, expected: int | None, roles: Sequence[str]) -> Hazard:
    hazard = await store.lock_hazard(tx, hazard_id)
    tx.caller.require(*roles, area_code=hazard.area_code, sectors=hazard.sectors)
    require_version(hazard, expected)
    return hazard


async def _require_object(tx: Tx, hazard: Hazard, object_id: UUID | None) -> None:
    """A hazard names an object that its post may see, in the hazard's own county."""
    if object_id is None:
        return
    known = await objects.known_object(tx, object_id)
    if known is None or not rules_parts.same_county(known.area_code, hazard.area_code):
        raise HazardIncomplete(
            (
                "/risk_object_id",
                "unknown",
                (
                    "您的职责范围及本县（市、区）内没有此风险对象。",
                    "no such risk object within your scope and this county",
                ),
            )
        )


def _seen(tx: Tx, words: str, evidence: Sequence[UUID]) -> Finding:
    """What the acting post saw now. Raises PostUnsaid (422) where the caller names none of several."""
    return Finding(at=tx.now, by_posts=(tx.caller.acting_post(),), words=words, evidence=tuple(evidence))


async def _seen_with(
    tx: Tx, hazard: Hazard, words: str, evidence: Sequence[UUID], with_posts: Sequence[UUID]
) -> Finding:
    """The same, with the posts that stood there too. Raises PresenceNotBelieved (422)."""
    seen = _seen(tx, words, evidence)
    known = await copies.find_posts(tx, with_posts)
    posts = rules_presence.check_present(with_posts, known, acting=seen.by_posts[0], area_code=hazard.area_code)
    return replace(seen, by_posts=posts)


async def _regrade(tx: Tx, regraded: Hazard, basis: str, *, raised: bool) -> Hazard:
    def event(facts: HazardFacts) -> told.HazardRegraded:
        return told.HazardRegraded(hazard=facts, raised=raised, reason=basis)

    return await tell(tx, regraded, event, why=basis)
