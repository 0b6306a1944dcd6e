"""The doors of swaps."""

from __future__ import annotations

from uuid import UUID

from starlette.responses import Response

from libs.common.aggregates import load
from libs.common.doors import Change, Read, Write
from libs.common.forms import PageOut
from libs.common.openapi import refuses
from libs.common.pagination import Asked, listed, page
from libs.common.problems import IdTaken, NotFound, RoleMissing
from libs.common.strict_routes import router
from services.responsibility_registry.rosters import actions_swaps, store_swaps
from services.responsibility_registry.rosters.forms import RosterReasonIn, SwapIn
from services.responsibility_registry.rosters.forms_shown import SwapOut, show_swap
from services.responsibility_registry.rosters.rules_refusals import (
    NotOnThisShift,
    PersonOnDuty,
    RosterWrong,
    ShiftCannotMove,
    SwapCannotMove,
)
from services.responsibility_registry.rosters.rules_swaps import OwnSwap, Swap, SwapState

swap_routes = router("shift-swaps", prefix="/v1/shift-swaps")
_DECIDING = (RoleMissing, OwnSwap, SwapCannotMove)


@swap_routes.post(
    "", status_code=201, response_model=SwapOut, summary="申请换班 Ask for a swap",
    responses=refuses(NotOnThisShift, RosterWrong, IdTaken, NotFound),
)  # fmt: skip
async def ask(body: SwapIn, door: Write) -> Response:
    """Ask another to stand a shift of yours that has not begun: in return for one of theirs, or to take it. Nothing
    changes until they accept, and until it is approved where the kind of roster says so ([DEF])."""
    new = body.new()
    return await door.perform(
        lambda tx: actions_swaps.ask_swap(tx, new), show_swap, created=True, show_again=actions_swaps.find_swap
    )


@swap_routes.get("", response_model=PageOut[SwapOut], summary="换班列表 List swaps")
async def list_swaps(
    door: Read, asked: Asked, roster_id: UUID | None = None, post_id: UUID | None = None,
    shift_id: UUID | None = None, state: SwapState | None = None,
) -> Response:  # fmt: skip
    """Swaps within your scope and those that concern your posts, the newest first: by roster, post, shift, state."""
    return await door.look(
        lambda tx: page(
            tx, store_swaps.list_swaps(tx, roster_id=roster_id, post_id=post_id, state=state, shift_id=shift_id),
            keys=store_swaps.ORDER, asked=asked, load=lambda row: load(Swap, row),
            fingerprint=["swaps", str(roster_id), str(post_id), str(shift_id), state],
        ),
        listed(show_swap),
    )  # fmt: skip


@swap_routes.get("/{swap_id}", response_model=SwapOut, summary="换班详情 One swap")
async def get_swap(swap_id: UUID, door: Read) -> Response:
    """One swap and where it stands."""
    return await door.look(lambda tx: actions_swaps.find_swap(tx, swap_id), show_swap)


@swap_routes.post(
    "/{swap_id}/accept", response_model=SwapOut, summary="同意换班 Accept a swap",
    responses=refuses(NotOnThisShift, SwapCannotMove, ShiftCannotMove, PersonOnDuty, RosterWrong),
)  # fmt: skip
async def accept(swap_id: UUID, door: Change) -> Response:
    """Whoever is asked agrees. Where nobody has to approve, the shifts change hands at once."""
    expected = door.expected_version
    return await door.perform(
        lambda tx: actions_swaps.accept_swap(tx, swap_id, expected), show_swap, show_again=actions_swaps.find_swap
    )


@swap_routes.post(
    "/{swap_id}/decline", response_model=SwapOut, summary="不同意换班 Decline a swap",
    responses=refuses(NotOnThisShift, SwapCannotMove),
)  # fmt: skip
async def decline(swap_id: UUID, body: RosterReasonIn, door: Change) -> Response:
    """Whoever is asked does not agree."""
    expected = door.expected_version
    return await door.perform(
        lambda tx: actions_swaps.decline_swap(tx, swap_id, expected, body.reason), show_swap,
        show_again=actions_swaps.find_swap,
    )  # fmt: skip


@swap_routes.post(
    "/{swap_id}/withdraw", response_model=SwapOut, summary="撤回换班 Withdraw a swap",
    responses=refuses(NotOnThisShift, SwapCannotMove),
)  # fmt: skip
async def withdraw(swap_id: UUID, body: RosterReasonIn, door: Change) -> Response:
    """Whoever asked takes it back."""
    expected = door.expected_version
    return await door.perform(
        lambda tx: actions_swaps.withdraw_swap(tx, swap_id, expected, body.reason), show_swap,
        show_again=actions_swaps.find_swap,
    )  # fmt: skip


@swap_routes.post(
    "/{swap_id}/approve", response_model=SwapOut, summary="批准换班 Approve a swap",
    responses=refuses(*_DECIDING, ShiftCannotMove, PersonOnDuty, RosterWrong),
)  # fmt: skip
async def approve(swap_id: UUID, body: RosterReasonIn, door: Change) -> Response:
    """Leaders and administrators approve, never a swap of their own post; the shifts change hands at once."""
    expected = door.expected_version
    return await door.perform(
        lambda tx: actions_swaps.approve_swap(tx, swap_id, expected, body.reason), show_swap,
        show_again=actions_swaps.find_swap,
    )  # fmt: skip


@swap_routes.post(
    "/{swap_id}/refuse", response_model=SwapOut, summary="不批准换班 Refuse a swap", responses=refuses(*_DECIDING)
)
async def refuse(swap_id: UUID, body: RosterReasonIn, door: Change) -> Response:
    """Not approved: both stand what they stood."""
    expected = door.expected_version
    return await door.perform(
        lambda tx: actions_swaps.refuse_swap(tx, swap_id, expected, body.reason), show_swap,
        show_again=actions_swaps.find_swap,
    )  # fmt: skip
