"""The doors for who is on duty, and for gaps in cover as they were told."""

from __future__ import annotations

from datetime import UTC
from typing import Annotated
from uuid import UUID

from fastapi import Query
from starlette.responses import Response

from libs.common.aggregates import load
from libs.common.db import Tx
from libs.common.doors import Read
from libs.common.forms import AreaCode, Code, Moment, PageOut
from libs.common.pagination import Asked, Page, listed, page
from libs.common.strict_routes import router
from services.responsibility_registry.rosters import store_gaps, store_shifts
from services.responsibility_registry.rosters.forms_gaps import ShiftGapOut, show_gap
from services.responsibility_registry.rosters.forms_shown import OnDutyOut, show_on_duty
from services.responsibility_registry.rosters.rules_gaps import ShiftGap
from services.responsibility_registry.rosters.rules_shifts import Shift

gap_routes = router("shift-gaps", prefix="/v1/shift-gaps")
duty_routes = router("on-duty", prefix="/v1/on-duty")


@gap_routes.get("", response_model=PageOut[ShiftGapOut], summary="值守空档台账 Gaps in cover as they were told")
async def list_gaps(
    door: Read, asked: Asked, area_code: AreaCode | None = None, roster_id: UUID | None = None,
    role: Code | None = None, is_open: Annotated[bool | None, Query(alias="open")] = None,
) -> Response:  # fmt: skip
    """Each gap within your scope that was found three days ahead ([DEF]) or later, the latest first, with when it was
    told and when enough stood again. Its events are `responsibility_registry.shift_gap.*`."""

    async def find(tx: Tx) -> Page[ShiftGap]:
        within = await door.within(tx, area_code)
        return await page(
            tx, store_gaps.list_gaps(tx, areas=within, roster_id=roster_id, is_open=is_open, role=role),
            keys=store_gaps.ORDER, asked=asked, load=lambda row: load(ShiftGap, row),
            fingerprint=["shift-gaps", area_code, str(roster_id), role, is_open],
        )  # fmt: skip

    return await door.look(find, listed(show_gap))


@duty_routes.get("", response_model=PageOut[OnDutyOut], summary="现在谁值班 Who is on duty")
async def on_duty(
    door: Read, asked: Asked, at: Moment | None = None, area_code: AreaCode | None = None,
    role: Code | None = None, roster_id: UUID | None = None, post_id: UUID | None = None,
) -> Response:  # fmt: skip
    """Who stands duty at an instant, now where none is named: post, place, role and until when; by area with all
    below it, role, roster or post. Everybody who may ask anything here may ask this, as who answers for a place."""

    async def find(tx: Tx) -> Page[Shift]:
        within = await door.within(tx, area_code)
        instant = at.astimezone(UTC) if at else tx.now
        async with tx.system("rosters: who is on duty"):
            chosen = store_shifts.on_duty(
                tx, instant, areas=within, role=role, roster_id=roster_id, post_id=post_id
            )  # fmt: skip
            return await page(
                tx, chosen, keys=store_shifts.ORDER, asked=asked, load=lambda row: load(Shift, row),
                fingerprint=["on-duty", str(at), area_code, role, str(roster_id), str(post_id)],
            )  # fmt: skip

    return await door.look(find, listed(show_on_duty))
