"""The door of duty rooms."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

from starlette.responses import Response

from libs.common.doors import Read
from libs.common.forms import AreaCode, Code, Moment, Shown
from libs.common.scope import Scope
from libs.common.strict_routes import router
from services.emergency_command.duty_rooms import actions
from services.emergency_command.duty_rooms.actions import Reached

routes = router("duty-rooms", prefix="/v1/duty-rooms")


class OpenWayOut(Shown):
    """A way to a post that is open at that instant."""

    kind: str
    value: str


class StandingOut(Shown):
    """Who stands a role where, until when; `ways` by which to reach them, the one to be tried first first."""

    shift_id: UUID
    role: str
    post_id: UUID
    name_zh: str | None
    name_en: str | None
    organization: str | None
    roster_kind: str
    roster_name: str
    place: str
    area_code: str
    begins_at: datetime
    ends_at: datetime
    ways: tuple[OpenWayOut, ...]


class StandingsOut(Shown):
    """Who is on duty around a place, the nearest room first."""

    items: tuple[StandingOut, ...]


_PLAIN = tuple(name for name in StandingOut.model_fields if name != "ways")


def show(found: Sequence[Reached], scope: Scope) -> StandingsOut:
    """Everybody who is on duty there."""
    del scope
    shown = [
        {name: getattr(one.standing, name) for name in _PLAIN}
        | {"ways": tuple(OpenWayOut.model_validate(way, from_attributes=True) for way in one.ways)}
        for one in found
    ]
    return StandingsOut(items=tuple(StandingOut.model_validate(one) for one in shown))


@routes.get("", response_model=StandingsOut, summary="值守通讯 Who is on duty around a place")
async def who(
    door: Read, area_code: AreaCode, at: Moment | None = None, kind: Code | None = None
) -> Response:  # fmt: skip
    """Who stands duty in an area and in those that it lies in, now or at an instant, the narrowest area first; 200 at
    most. From command's own copies: it answers also while the registry is down. How to reach them, by the ways that
    are open then, is told to commanders, duty officers, leaders, call-takers and administrators ([DEF])."""
    instant = None if at is None else at.astimezone(UTC)
    return await door.look(lambda tx: actions.who_is_on_duty(tx, area_code, instant, kind), show)
