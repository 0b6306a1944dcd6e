"""The doors of teams."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query
from starlette.responses import Response

from libs.common.aggregates import load
from libs.common.db import Tx
from libs.common.doors import Change, Read, Write
from libs.common.forms import AreaCode, Code, ImportedOut, Items, PageOut, show_import
from libs.common.imports import AskedImport, RowTwice, import_as_asked, natural_key
from libs.common.languages import Said
from libs.common.openapi import refuses
from libs.common.pagination import Asked, Page, listed, page
from libs.common.places import Crs, Place, area_range, distance_m
from libs.common.problems import FieldError, IdTaken
from libs.common.scope import Scope
from libs.common.strict_routes import router
from libs.common.validation import InvalidParameter
from services.emergency_command.resources import actions, rules, store
from services.emergency_command.resources.forms import NEAR, OutOfServiceIn, TeamOut, TeamRowIn
from services.emergency_command.resources.rules import Team, TeamMoveRefused, TeamStatus
from services.emergency_command.vocabulary import Capability

routes = router("teams", prefix="/v1/teams")
Near = Annotated[str | None, Query(pattern=NEAR, description="longitude,latitude", examples=["121.4212,28.6075"])]
_NAMES = {"take_out": "out-of-service", "return_to_service": "return-to-service"}


def show(team: Team, scope: Scope, near: Place | None = None) -> TeamOut:
    """A team, and what the caller may do with it now."""
    apart = None if near is None else round(distance_m((near.lon, near.lat), (team.lon, team.lat)))
    return TeamOut(
        id=team.id, version=team.version, name=team.name, kind=team.kind, capabilities=team.capabilities,
        area_code=team.area_code, sectors=team.sectors, place=Place(lon=team.lon, lat=team.lat),
        turnout="dispatch" if team.turnout is rules.Turnout.OWN else "request", status=team.status,
        claimed_by=team.claimed_by, reason=team.reason, distance_m=apart, correlation_id=team.correlation_id,
        actions=_moves(team, scope),
    )  # fmt: skip


def _moves(team: Team, scope: Scope) -> tuple[str, ...]:
    own = team.id in scope.parties
    if not own and not scope.holds(*actions.KEEPERS, area_code=team.area_code, sectors=team.sectors):
        return ()
    return tuple(_NAMES[move] for move in rules.open_moves(team) if move in _NAMES)


@routes.post(
    "/import", response_model=ImportedOut, summary="批量导入救援力量 Import teams",
    responses=refuses(RowTwice, IdTaken), openapi_extra=natural_key("area_code", "name"),
)  # fmt: skip
async def import_teams(body: Items[TeamRowIn], door: Write, how: AskedImport) -> Response:
    """Insert or change up to 500 teams by id, or by area and name ([DEF]); a repeat changes nothing, and a claim
    outlives it. For administrators.

    A place in another county than the team's area is refused (`other_area`); one that nobody knows passes.
    """
    rows = [one.team() for one in body.items]
    return await door.perform(lambda tx: import_as_asked(tx, rows, actions.import_teams, how), show_import)


@routes.get("", response_model=PageOut[TeamOut], summary="救援力量列表 List teams")
async def list_teams(
    door: Read, asked: Asked, area_code: AreaCode | None = None, capability: Capability | None = None,
    kind: Code | None = None, status: TeamStatus | None = None, near: Near = None, crs: Crs = Crs.WGS84,
) -> Response:  # fmt: skip
    """Teams within your scope, by area; near a point the nearest first, as the crow flies."""
    within = None if area_code is None else area_range(area_code)
    point = None if near is None else _point(near, crs)

    async def find(tx: Tx) -> Page[Team]:
        spot = None if point is None else (point.lon, point.lat)
        chosen, keys = store.list_teams(tx, area=within, capability=capability, kind=kind, status=status, near=spot)
        mark = ["teams", area_code, capability, kind, status, near, crs]
        return await page(tx, chosen, keys=keys, asked=asked, load=lambda row: load(Team, row), fingerprint=mark)

    return await door.look(find, listed(lambda team, scope: show(team, scope, point)))


def _point(near: str, crs: Crs) -> Place:
    lon, lat = (float(number) for number in near.split(","))
    if abs(lon) > 180 or abs(lat) > 90:
        fault = FieldError(
            "outside_the_globe",
            Said("请写作 经度,纬度（度）。", "longitude,latitude in degrees"),
            parameter="near",
            place="query",
        )
        raise InvalidParameter(errors=[fault])
    return Place(lon=lon, lat=lat, crs=crs)


@routes.get("/{team_id}", response_model=TeamOut, summary="救援力量详情 One team")
async def get_team(team_id: UUID, door: Read) -> Response:
    """One team within your scope."""
    return await door.look(lambda tx: store.find_team(tx, team_id), show)


@routes.post(
    "/{team_id}/out-of-service", response_model=TeamOut, summary="停用 Take a team out of service",
    responses=refuses(TeamMoveRefused),
)  # fmt: skip
async def out_of_service(team_id: UUID, body: OutOfServiceIn, door: Change) -> Response:
    """The team cannot be sent, for a reason. A claimed team declines its dispatch first."""
    expected = door.expected_version
    return await door.perform(
        lambda tx: actions.take_out(tx, team_id, expected, body.reason), show, show_again=store.find_team
    )


@routes.post(
    "/{team_id}/return-to-service", response_model=TeamOut, summary="恢复 Return a team to service",
    responses=refuses(TeamMoveRefused),
)  # fmt: skip
async def return_to_service(team_id: UUID, door: Change) -> Response:
    """The team can be sent again."""
    expected = door.expected_version
    return await door.perform(
        lambda tx: actions.return_to_service(tx, team_id, expected), show, show_again=store.find_team
    )
