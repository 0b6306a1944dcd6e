"""The doors of bodies."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from starlette.responses import Response

from libs.common.aggregates import load
from libs.common.clocks import now
from libs.common.db import Tx
from libs.common.doors import Change, Read, Write
from libs.common.forms import AreaCode, PageOut
from libs.common.ids import new_id
from libs.common.openapi import refuses
from libs.common.pagination import Asked, Page, listed, page
from libs.common.problems import IdTaken
from libs.common.scope import Scope
from libs.common.strict_routes import router
from services.responsibility_registry.bodies import actions, rules, store
from services.responsibility_registry.bodies.actions import NewBody, NewSeat
from services.responsibility_registry.bodies.forms import (
    BodyOut,
    EndBodyIn,
    FoundIn,
    ProlongIn,
    SeatIn,
    SeatOut,
    UnseatIn,
)
from services.responsibility_registry.bodies.rules import Body, BodyKind

routes = router("bodies", prefix="/v1/bodies")
_SAME = tuple(name for name in BodyOut.model_fields if name not in {"seats", "gaps", "actions"})
_MOVE = (rules.BodyCannotMove, rules.BodyAlreadyEnded, rules.BodyWrong)


def show(body: Body, scope: Scope) -> BodyOut:
    """A body, and what the caller may do with it."""
    may = scope.holds(*actions.KEEPERS, area_code=body.area_code, sectors=body.sectors)
    return BodyOut(
        **{name: getattr(body, name) for name in _SAME}, gaps=rules.gaps(body, now()),
        seats=tuple(SeatOut.model_validate(one) for one in body.seats), actions=rules.open_moves(body) if may else (),
    )  # fmt: skip


def _utc(instant: datetime | None) -> datetime | None:
    return None if instant is None else instant.astimezone(UTC)


def _seat(said: SeatIn) -> NewSeat:
    return NewSeat(party_id=said.party_id, party_kind=said.party_kind, part=said.part, since=_utc(said.since))


@routes.post(
    "",
    status_code=201,
    response_model=BodyOut,
    summary="设立议事协调机构 Found a body",
    responses=refuses(rules.BodyWrong, IdTaken),
)
async def found(body: FoundIn, door: Write) -> Response:
    """A safety committee, a special committee, a leading group, a task force (工作专班, which has an end) or a joint
    meeting between places, by its document. For who leads the area, or keeps the registry."""
    said = body.model_dump(exclude={"id", "seats", "valid_from", "valid_to"})
    new = NewBody(
        id=body.id or new_id(), seats=tuple(_seat(one) for one in body.seats), valid_from=_utc(body.valid_from),
        valid_to=_utc(body.valid_to), **said,
    )  # fmt: skip
    return await door.perform(lambda tx: actions.found_body(tx, new), show, created=True, show_again=store.find_body)


@routes.get("", response_model=PageOut[BodyOut], summary="议事协调机构列表 List bodies")
async def list_bodies(
    door: Read, asked: Asked, area_code: AreaCode | None = None, kind: BodyKind | None = None,
    parent_id: UUID | None = None, party_id: UUID | None = None, live: bool | None = None,
) -> Response:  # fmt: skip
    """Bodies by area with all below it, by kind, by the body they belong to, by who sits or sat in them, or those
    that still work."""

    async def find(tx: Tx) -> Page[Body]:
        within = await door.within(tx, area_code)
        chosen = store.list_bodies(areas=within, kind=kind, parent_id=parent_id, party_id=party_id, live=live)
        return await page(
            tx, chosen, keys=store.ORDER, asked=asked, load=lambda row: load(Body, row),
            fingerprint=["bodies", area_code, kind, str(parent_id), str(party_id), live],
        )  # fmt: skip

    return await door.look(find, listed(show))


@routes.get("/{body_id}", response_model=BodyOut, summary="议事协调机构详情 One body")
async def get_body(body_id: UUID, door: Read) -> Response:
    """One body, everybody who sits or sat in it, and what it lacks to work."""
    return await door.look(lambda tx: store.find_body(tx, body_id), show)


@routes.post(
    "/{body_id}/seat",
    response_model=BodyOut,
    summary="增列成员 Give a seat",
    responses=refuses(*_MOVE, rules.AlreadySeated),
)
async def seat(body_id: UUID, body: SeatIn, door: Change) -> Response:
    """A post or an organisation sits in it from an instant on, and takes part in the meetings and tasks that come."""
    expected, new = door.expected_version, _seat(body)
    return await door.perform(
        lambda tx: actions.give_seat(tx, body_id, expected, new), show, show_again=store.find_body
    )


@routes.post(
    "/{body_id}/unseat",
    response_model=BodyOut,
    summary="终止成员身份 End a seat",
    responses=refuses(*_MOVE),
)
async def unseat(body_id: UUID, body: UnseatIn, door: Change) -> Response:
    """It sits there no more, from now or a later instant on; the seat stays on record with its dates."""
    expected = door.expected_version
    return await door.perform(
        lambda tx: actions.end_seat(tx, body_id, expected, body.party_id, body.part, _utc(body.at), body.reason),
        show, show_again=store.find_body,
    )  # fmt: skip


@routes.post(
    "/{body_id}/prolong", response_model=BodyOut, summary="延长期限 Prolong a term", responses=refuses(*_MOVE)
)
async def prolong(body_id: UUID, body: ProlongIn, door: Change) -> Response:
    """A task force works on until a later instant, by a document; otherwise it ends by itself when its term is."""
    expected, until = door.expected_version, body.until.astimezone(UTC)
    return await door.perform(
        lambda tx: actions.prolong_body(tx, body_id, expected, until, body.document), show, show_again=store.find_body
    )


@routes.post(
    "/{body_id}/end", response_model=BodyOut, summary="撤销议事协调机构 End a body", responses=refuses(*_MOVE)
)
async def end(body_id: UUID, body: EndBodyIn, door: Change) -> Response:
    """It works no more. Its meetings stay on record, and its tasks go on to their ends."""
    expected = door.expected_version
    return await door.perform(
        lambda tx: actions.end_body(tx, body_id, expected, body.reason), show, show_again=store.find_body
    )
