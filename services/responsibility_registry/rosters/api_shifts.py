"""The doors of shifts."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from starlette.responses import Response

from libs.common.aggregates import load
from libs.common.db import Tx
from libs.common.doors import Change, Read, Write
from libs.common.forms import AreaCode, Moment, PageOut
from libs.common.openapi import refuses
from libs.common.pagination import Asked, Page, listed, page
from libs.common.problems import IdTaken, NotFound, RoleMissing
from libs.common.strict_routes import router
from services.responsibility_registry.rosters import actions_shifts, store_shifts
from services.responsibility_registry.rosters.forms import (
    HandOverShiftIn,
    ReassignShiftIn,
    RosterReasonIn,
    ShiftIn,
)
from services.responsibility_registry.rosters.forms_shown import ShiftOut, show_shift
from services.responsibility_registry.rosters.rules import Member
from services.responsibility_registry.rosters.rules_refusals import (
    NotOnThisShift,
    PersonOnDuty,
    RosterHasEnded,
    RosterWrong,
    ShiftCannotMove,
)
from services.responsibility_registry.rosters.rules_shifts import Shift

shift_routes = router("shifts", prefix="/v1/shifts")


@shift_routes.post(
    "", status_code=201, response_model=ShiftOut, summary="加派班次 Assign a shift beside the rule",
    responses=refuses(RoleMissing, RosterHasEnded, PersonOnDuty, RosterWrong, IdTaken, NotFound),
)  # fmt: skip
async def assign(body: ShiftIn, door: Write) -> Response:
    """Put somebody on a roster beside its rule, to fill a gap or to strengthen it. Nobody stands two exclusive shifts
    at a time. For leaders, administrators and duty officers there."""
    new = body.new()
    return await door.perform(
        lambda tx: actions_shifts.assign_shift(tx, new), show_shift, created=True,
        show_again=actions_shifts.find_shift,
    )  # fmt: skip


@shift_routes.get("", response_model=PageOut[ShiftOut], summary="班次列表 List shifts")
async def list_shifts(
    door: Read, asked: Asked, area_code: AreaCode | None = None, roster_id: UUID | None = None,
    post_id: UUID | None = None, begins_at: Moment | None = None, ends_at: Moment | None = None,
) -> Response:  # fmt: skip
    """Shifts within your scope and those that your posts stand, in the order of time: by area with all below it, by
    roster, by post, those that are on between two instants."""
    span = _utc(begins_at), _utc(ends_at)

    async def find(tx: Tx) -> Page[Shift]:
        within = await door.within(tx, area_code)
        return await page(
            tx, store_shifts.list_shifts(tx, areas=within, roster_id=roster_id, post_id=post_id, span=span),
            keys=store_shifts.ORDER, asked=asked, load=lambda row: load(Shift, row),
            fingerprint=["shifts", area_code, str(roster_id), str(post_id), str(begins_at), str(ends_at)],
        )  # fmt: skip

    return await door.look(find, listed(show_shift))


@shift_routes.get("/{shift_id}", response_model=ShiftOut, summary="班次详情 One shift")
async def get_shift(shift_id: UUID, door: Read) -> Response:
    """One shift, with the note to the next one."""
    return await door.look(lambda tx: actions_shifts.find_shift(tx, shift_id), show_shift)


@shift_routes.post(
    "/{shift_id}/reassign", response_model=ShiftOut, summary="改派班次 Give a shift to another",
    responses=refuses(RoleMissing, ShiftCannotMove, PersonOnDuty, RosterWrong),
)  # fmt: skip
async def reassign(shift_id: UUID, body: ReassignShiftIn, door: Change) -> Response:
    """Another post, or another holder of a shared post, stands it. For leaders, administrators and duty
    officers there."""
    expected = door.expected_version
    to = Member(post_id=body.post_id, subject=body.subject)
    return await door.perform(
        lambda tx: actions_shifts.reassign_shift(tx, shift_id, expected, to, body.reason), show_shift,
        show_again=actions_shifts.find_shift,
    )  # fmt: skip


@shift_routes.post(
    "/{shift_id}/cancel", response_model=ShiftOut, summary="取消班次 Cancel a shift",
    responses=refuses(RoleMissing, ShiftCannotMove),
)  # fmt: skip
async def cancel(shift_id: UUID, body: RosterReasonIn, door: Change) -> Response:
    """Nobody stands it; where too few are left, the gap is told within half a minute."""
    expected = door.expected_version
    return await door.perform(
        lambda tx: actions_shifts.cancel_shift(tx, shift_id, expected, body.reason), show_shift,
        show_again=actions_shifts.find_shift,
    )  # fmt: skip


@shift_routes.post(
    "/{shift_id}/hand-over", response_model=ShiftOut, summary="交班 Hand a shift over",
    responses=refuses(NotOnThisShift, ShiftCannotMove, RosterWrong),
)  # fmt: skip
async def hand_over(shift_id: UUID, body: HandOverShiftIn, door: Change) -> Response:
    """Whoever stands it leaves what is open to the next shift of the roster, in words. Once; from its begin on."""
    expected = door.expected_version
    return await door.perform(
        lambda tx: actions_shifts.hand_over_shift(tx, shift_id, expected, body.to_shift_id, body.note), show_shift,
        show_again=actions_shifts.find_shift,
    )  # fmt: skip


@shift_routes.post(
    "/{shift_id}/take-over", response_model=ShiftOut, summary="接班 Take a shift over",
    responses=refuses(NotOnThisShift, ShiftCannotMove),
)  # fmt: skip
async def take_over(shift_id: UUID, door: Change) -> Response:
    """Whoever stands the shift that it was handed over to has read the note and goes on."""
    expected = door.expected_version
    return await door.perform(
        lambda tx: actions_shifts.take_over_shift(tx, shift_id, expected), show_shift,
        show_again=actions_shifts.find_shift,
    )  # fmt: skip


def _utc(instant: datetime | None) -> datetime | None:
    return None if instant is None else instant.astimezone(UTC)
