"""The doors of hazards: the verbs by which people move them. Those of the order move them by its events alone."""

from __future__ import annotations

from uuid import UUID

from starlette.responses import Response

from libs.common.doors import Change, Write
from libs.common.openapi import refuses
from libs.common.strict_routes import router
from services.risk_grading.hazards import actions, actions_register, store
from services.risk_grading.hazards.api import show
from services.risk_grading.hazards.forms import (
    BasisIn,
    DismissIn,
    FixIn,
    HazardOut,
    LookBackIn,
    MergeIn,
    PartIn,
    PlanIn,
    ReopenIn,
    VerifyIn,
)
from services.risk_grading.hazards.rules import HazardCannotMove, HazardIncomplete, HazardMergedAway
from services.risk_grading.hazards.rules_presence import PresenceNotBelieved
from services.risk_grading.hazards.rules_rounds import AnotherPostMustLook, LookBackTooEarly

verbs = router("hazards", prefix="/v1/hazards/{hazard_id}")
_REFUSED = refuses(HazardCannotMove, HazardMergedAway, HazardIncomplete)
_SEEN = refuses(HazardCannotMove, HazardMergedAway, HazardIncomplete, PresenceNotBelieved)
_LOOKED = refuses(HazardCannotMove, HazardMergedAway, HazardIncomplete, AnotherPostMustLook, LookBackTooEarly)


@verbs.post("/verify", response_model=HazardOut, summary="现场核实 Verify a hazard", responses=_SEEN)
async def verify(hazard_id: UUID, body: VerifyIn, door: Change) -> Response:
    """Seen on site: ordinary or major by a named criterion, fixed at once or within a limit.

    A major hazard is never fixed at once, and a limit needs the proposal of the five items ([P] order 16 of 2008).
    Posts in `with_posts` are held now and reach the hazard's area ([DEF]); each of them counts as a hand.
    """
    expected = door.expected_version
    return await door.perform(
        lambda tx: actions.verify_hazard(tx, hazard_id, expected, body.asked()), show, show_again=store.find_hazard
    )


@verbs.post("/fix-at-once", response_model=HazardOut, summary="即查即改 Fixed on the spot", responses=_SEEN)
async def fix_at_once(hazard_id: UUID, body: FixIn, door: Change) -> Response:
    """Closed without an order, by different photos from before and after; somebody else looks back later."""
    expected = door.expected_version
    return await door.perform(
        lambda tx: actions.fix_hazard(
            tx, hazard_id, expected, words=body.words, before=body.before_evidence, after=body.after_evidence,
            with_posts=body.with_posts,
        ),
        show, show_again=store.find_hazard,
    )  # fmt: skip


@verbs.post(
    "/part", status_code=201, response_model=HazardOut, summary="拆分隐患 Tell a further hazard apart",
    responses=_REFUSED,
)  # fmt: skip
async def part(hazard_id: UUID, body: PartIn, door: Write) -> Response:
    """A further hazard from the same report, with a course of its own; reports and trace are inherited ([DEF])."""
    return await door.perform(
        lambda tx: actions_register.part_hazard(tx, hazard_id, body.asked()), show,
        location=lambda further: f"/v1/hazards/{further.id}", show_again=store.find_hazard,
    )  # fmt: skip


@verbs.post("/dismiss", response_model=HazardOut, summary="排除隐患 Dismiss a hazard", responses=_LOOKED)
async def dismiss(hazard_id: UUID, body: DismissIn, door: Change) -> Response:
    """Seen on site, and no hazard. In a later round another post than before has to say so ([DEF])."""
    expected = door.expected_version
    return await door.perform(
        lambda tx: actions.dismiss_hazard(tx, hazard_id, expected, reason=body.reason, evidence=body.evidence),
        show, show_again=store.find_hazard,
    )  # fmt: skip


@verbs.post("/raise", response_model=HazardOut, summary="提级为重大隐患 Raise to major", responses=_REFUSED)
async def raise_to_major(hazard_id: UUID, body: BasisIn, door: Change) -> Response:
    """Graver than thought, by a named criterion. The order's clock is renewed: due is the earlier of the two."""
    expected = door.expected_version
    return await door.perform(
        lambda tx: actions.raise_hazard(tx, hazard_id, expected, body.basis), show, show_again=store.find_hazard
    )


@verbs.post("/lower", response_model=HazardOut, summary="降级为一般隐患 Lower to ordinary", responses=_REFUSED)
async def lower_to_ordinary(hazard_id: UUID, body: BasisIn, door: Change) -> Response:
    """Less grave than thought. No deadline moves by this: that takes an approved extension of the order."""
    expected = door.expected_version
    return await door.perform(
        lambda tx: actions.lower_hazard(tx, hazard_id, expected, body.basis), show, show_again=store.find_hazard
    )


@verbs.post("/file-plan", response_model=HazardOut, summary="报送治理方案 File a treatment plan", responses=_REFUSED)
async def file_plan(hazard_id: UUID, body: PlanIn, door: Change) -> Response:
    """The treatment plan of a major hazard, all six parts ([P] order 16 of 2008); a newer one takes its place."""
    expected = door.expected_version
    return await door.perform(
        lambda tx: actions.file_plan(tx, hazard_id, expected, body.plan()), show, show_again=store.find_hazard
    )


@verbs.post("/merge", response_model=HazardOut, summary="合并隐患 Merge into another hazard", responses=_REFUSED)
async def merge(hazard_id: UUID, body: MergeIn, door: Change) -> Response:
    """The same danger twice: this one ends, the other keeps the earlier deadline and the graver severity."""
    expected = door.expected_version
    return await door.perform(
        lambda tx: actions.merge_hazard(tx, hazard_id, expected, body.into), show, show_again=store.find_hazard
    )


@verbs.post("/look-back", response_model=HazardOut, summary="回头看 Look back", responses=_LOOKED)
async def look_back(hazard_id: UUID, body: LookBackIn, door: Change) -> Response:
    """Gone for good when its day has come → archived; there again → the next round. Never by a hand in it ([DEF])."""
    expected = door.expected_version
    return await door.perform(
        lambda tx: actions.look_back(
            tx, hazard_id, expected, gone=body.gone, words=body.words, evidence=body.evidence
        ),
        show, show_again=store.find_hazard,
    )  # fmt: skip


@verbs.post("/reopen", response_model=HazardOut, summary="隐患复发 It has come back", responses=_REFUSED)
async def reopen(hazard_id: UUID, body: ReopenIn, door: Change) -> Response:
    """Found again after it was over: the next round of the same hazard; while one runs, the finding joins it."""
    expected = door.expected_version
    return await door.perform(
        lambda tx: actions.reopen_hazard(tx, hazard_id, expected, body.words), show, show_again=store.find_hazard
    )
