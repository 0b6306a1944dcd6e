"""The doors of the work under a listing: plan, visits, inspection, look-back, and what follows where it fails."""

from __future__ import annotations

from uuid import UUID

from starlette.responses import Response

from libs.common.doors import Change
from libs.common.openapi import refuses
from libs.common.problems import NotFound, PostUnsaid, RoleMissing
from libs.common.strict_routes import router
from services.responsibility_registry.listings import actions_work as actions
from services.responsibility_registry.listings import rules, rules_consequences, rules_who
from services.responsibility_registry.listings.actions import find_listing
from services.responsibility_registry.listings.api_shown import show
from services.responsibility_registry.listings.forms import (
    AskListingInspectionIn,
    DecideConsequenceIn,
    InspectListingIn,
    ListingPlanIn,
    LookBackListingIn,
    ProposeConsequenceIn,
    SuperviseListingIn,
)
from services.responsibility_registry.listings.forms_shown import ListingOut

routes = router("listings", prefix="/v1/listings")

_OWN = (NotFound, actions.NotTheAssignee, rules.ListingCannotMove)
_LOOKS = (NotFound, RoleMissing, PostUnsaid, rules.ListingCannotMove)


@routes.post(
    "/{listing_id}/file-plan", response_model=ListingOut, summary="报送整改方案 File the plan",
    responses=refuses(*_OWN, rules.ListingWrong),
)  # fmt: skip
async def file_plan(listing_id: UUID, body: ListingPlanIn, door: Change) -> Response:
    """Whoever has the order, or the entity of a notice, files the plan with its five fields ([P] 五落实), to be done
    within the limit."""
    expected = door.expected_version
    return await door.perform(
        lambda tx: actions.file_plan(tx, listing_id, expected, body.plan()), show, show_again=find_listing
    )


@routes.post(
    "/{listing_id}/supervise", response_model=ListingOut, summary="登记督导 Record a visit of supervision",
    responses=refuses(*_LOOKS, rules_who.OwnWorkNotInspected, rules.ListingWrong),
)  # fmt: skip
async def supervise(listing_id: UUID, body: SuperviseListingIn, door: Change) -> Response:
    """The supervisor, or who inspects there, was on site; the next visit is due thirty days later ([DEF])."""
    expected = door.expected_version
    return await door.perform(
        lambda tx: actions.supervise(tx, listing_id, expected, body.words, body.evidence), show,
        show_again=find_listing,
    )  # fmt: skip


@routes.post(
    "/{listing_id}/ask-inspection", response_model=ListingOut, summary="申请验收 Apply to be inspected",
    responses=refuses(*_OWN, rules_who.OrderNotDone),
)  # fmt: skip
async def ask_inspection(listing_id: UUID, body: AskListingInspectionIn, door: Change) -> Response:
    """The unit applies once its work is reported done; somebody else looks within ten days ([P])."""
    expected = door.expected_version
    return await door.perform(
        lambda tx: actions.ask_inspection(tx, listing_id, expected, body.words, body.evidence), show,
        show_again=find_listing,
    )  # fmt: skip


@routes.post(
    "/{listing_id}/inspect", response_model=ListingOut, summary="挂牌验收 Inspect a listing",
    responses=refuses(*_LOOKS, rules_who.NotOfThisLevel, rules_who.OwnWorkNotInspected, rules_who.OrderNotClosed),
)  # fmt: skip
async def inspect(listing_id: UUID, body: InspectListingIn, door: Change) -> Response:
    """A post of the level that had no hand in it looks, within ten days of the application ([P]). It passes where the
    order is closed by its own inspection; else the unit goes on working, within the same limit."""
    expected = door.expected_version
    return await door.perform(
        lambda tx: actions.inspect(tx, listing_id, expected, passed=body.passed, words=body.words), show,
        show_again=find_listing,
    )  # fmt: skip


@routes.post(
    "/{listing_id}/look-back", response_model=ListingOut, summary="摘牌后回头看 Look back",
    responses=refuses(*_LOOKS, rules_who.OwnWorkNotInspected, rules.ListingTooEarly),
)  # fmt: skip
async def look_back(listing_id: UUID, body: LookBackListingIn, door: Change) -> Response:
    """Look once more when its time has come ([SEED] 检查+督导+回头看; ninety days [DEF]). What is there again is for
    a new order and a new listing."""
    expected = door.expected_version
    return await door.perform(
        lambda tx: actions.look_back(tx, listing_id, expected, gone=body.gone, words=body.words), show,
        show_again=find_listing,
    )  # fmt: skip


@routes.post(
    "/{listing_id}/propose", response_model=ListingOut, summary="提请失败后果 Propose a consequence",
    responses=refuses(*_LOOKS, rules.ListingWrong),
)  # fmt: skip
async def propose(listing_id: UUID, body: ProposeConsequenceIn, door: Change) -> Response:
    """What is to follow where the unit fails: a talk, a held licence, a stop, closing ([P]). A proposal until a post
    of its tier has decided; some come by themselves when the limit passes ([DEF])."""
    expected = door.expected_version
    return await door.perform(
        lambda tx: actions.propose_consequence(tx, listing_id, expected, body.consequence, body.words), show,
        show_again=find_listing,
    )  # fmt: skip


@routes.post(
    "/{listing_id}/decide", response_model=ListingOut, summary="决定失败后果 Decide on a consequence",
    responses=refuses(
        *_LOOKS, rules_who.NotOfThisLevel, rules_consequences.AnotherMustDecideConsequence, rules.ListingWrong
    ),
)  # fmt: skip
async def decide(listing_id: UUID, body: DecideConsequenceIn, door: Change) -> Response:
    """A leader's post of the consequence's tier, and not who proposed it, decides; carrying it out is that body's own
    act."""
    expected = door.expected_version
    return await door.perform(
        lambda tx: actions.decide_consequence(
            tx, listing_id, expected, body.number, accepted=body.accepted, words=body.words
        ),
        show, show_again=find_listing,
    )  # fmt: skip
