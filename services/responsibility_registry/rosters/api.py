"""The doors of rosters: draw, change, publish, end, read; and where cover has gaps."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated
from uuid import UUID

from fastapi import Query
from starlette.responses import Response

from libs.common.aggregates import load
from libs.common.db import Tx
from libs.common.doors import Change, Read, Write
from libs.common.forms import AreaCode, Code, Moment, PageOut
from libs.common.openapi import refuses
from libs.common.pagination import Asked, Page, listed, page
from libs.common.problems import IdTaken, RoleMissing
from libs.common.strict_routes import router
from services.responsibility_registry.rosters import actions, actions_cover, store
from services.responsibility_registry.rosters.forms import (
    ChangeRosterIn,
    PublishIn,
    RosterIn,
    RosterOut,
    RosterReasonIn,
)
from services.responsibility_registry.rosters.forms_gaps import CoverOut, KindsOut, show_cover
from services.responsibility_registry.rosters.forms_shown import show_roster
from services.responsibility_registry.rosters.policies import POLICY
from services.responsibility_registry.rosters.rules import Roster
from services.responsibility_registry.rosters.rules_refusals import RosterHasEnded, RosterWrong
from services.responsibility_registry.rosters.rules_shifts import CoverGap

routes = router("rosters", prefix="/v1/rosters")
Found = tuple[Roster, datetime, datetime, list[CoverGap]]


@routes.post(
    "", status_code=201, response_model=RosterOut, summary="编制值班表 Draw up a roster",
    responses=refuses(RoleMissing, RosterWrong, IdTaken),
)  # fmt: skip
async def draw(body: RosterIn, door: Write) -> Response:
    """Say what is to be staffed, by whom, in which hours and by which turns; shifts of two weeks follow by themselves
    ([DEF]). A duty room has a leader on duty and a duty officer (领导带班、专人值班). For leaders and
    administrators over the whole area and every sector named."""
    return await door.perform(
        lambda tx: actions.draw_roster(tx, body.new()), show_roster, created=True, show_again=actions.find_roster
    )


@routes.get("", response_model=PageOut[RosterOut], summary="值班表列表 List rosters")
async def list_rosters(
    door: Read, asked: Asked, area_code: AreaCode | None = None, kind: Code | None = None,
    going: bool | None = None, party_id: UUID | None = None,
) -> Response:  # fmt: skip
    """Rosters within your scope, the newest first: by area with all below it, by kind, by what they staff, those that
    go on or have ended."""

    async def find(tx: Tx) -> Page[Roster]:
        within = await door.within(tx, area_code)
        return await page(
            tx, store.list_rosters(tx, areas=within, kind=kind, going=going, party_id=party_id), keys=store.ORDER,
            asked=asked, load=lambda row: load(Roster, row),
            fingerprint=["rosters", area_code, kind, going, str(party_id)],
        )  # fmt: skip

    return await door.look(find, listed(show_roster))


@routes.get("/kinds", response_model=KindsOut, summary="值班表类别 The kinds of rosters")
async def kinds(door: Read) -> Response:
    """Which kinds and roles there are, what each has to have and by which source, who approves swaps, and how far
    ahead shifts are published and gaps told."""

    async def known(tx: Tx) -> KindsOut:
        del tx
        return KindsOut.model_validate(POLICY, from_attributes=True)

    return await door.look(known, lambda found, _: found)


@routes.get("/{roster_id}", response_model=RosterOut, summary="值班表详情 One roster")
async def get_roster(roster_id: UUID, door: Read) -> Response:
    """One roster with its rule, dated from the day on which each version of it holds."""
    return await door.look(lambda tx: actions.find_roster(tx, roster_id), show_roster)


@routes.post(
    "/{roster_id}/change", response_model=RosterOut, summary="调整值班表 Change a roster's rule",
    responses=refuses(RoleMissing, RosterHasEnded, RosterWrong),
)  # fmt: skip
async def change(roster_id: UUID, body: ChangeRosterIn, door: Change) -> Response:
    """Other members, hours or turns from the first day on that is not published; what is published is changed shift
    by shift."""
    expected = door.expected_version
    return await door.perform(
        lambda tx: actions.change_roster(
            tx, roster_id, expected, body.plan(POLICY.valid_from), name=body.name, place=body.place,
            reason=body.reason,
        ),
        show_roster, show_again=actions.find_roster,
    )  # fmt: skip


@routes.post(
    "/{roster_id}/publish", response_model=RosterOut, summary="公布班次 Publish shifts ahead",
    responses=refuses(RoleMissing, RosterHasEnded, RosterWrong),
)  # fmt: skip
async def publish(roster_id: UUID, body: PublishIn, door: Change) -> Response:
    """Put the shifts of every day before a day on the books, 62 days ahead at most ([DEF]). Whoever stands another
    shift then is left out; the gap is told."""
    expected = door.expected_version
    return await door.perform(
        lambda tx: actions.publish_roster(tx, roster_id, expected, body.to), show_roster,
        show_again=actions.find_roster,
    )  # fmt: skip


@routes.post(
    "/{roster_id}/end", response_model=RosterOut, summary="终止值班表 End a roster",
    responses=refuses(RoleMissing, RosterHasEnded),
)  # fmt: skip
async def end(roster_id: UUID, body: RosterReasonIn, door: Change) -> Response:
    """Nobody is put on it any more; shifts that have not begun are cancelled within a minute."""
    expected = door.expected_version
    return await door.perform(
        lambda tx: actions.end_roster(tx, roster_id, expected, body.reason), show_roster,
        show_again=actions.find_roster,
    )  # fmt: skip


@routes.get(
    "/{roster_id}/cover", response_model=CoverOut, summary="值守空档 Where a roster's cover has gaps",
    responses=refuses(RosterWrong),
)  # fmt: skip
async def cover(
    roster_id: UUID, door: Read,
    begins_at: Annotated[Moment | None, Query(description="now where it is left out")] = None,
    days: Annotated[int, Query(ge=1, le=62)] = 7,
) -> Response:  # fmt: skip
    """Where fewer stand than the roster's rule asks for, looked for anew: nobody was named, the post is vacant, or
    who is on turn stands elsewhere."""

    async def find(tx: Tx) -> Found:
        roster = await actions.find_roster(tx, roster_id)
        begins = actions_cover.first_looked_at(begins_at and begins_at.astimezone(UTC), tx.now)
        until = begins + timedelta(days=days)
        return roster, begins, until, await actions_cover.roster_gaps(tx, roster, begins, until)

    return await door.look(find, show_cover)
