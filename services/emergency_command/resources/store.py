"""All SQL about teams; every read takes the scope of its transaction.

The search for the nearest team walks `team_skills` in the order of distance, one kind of team at a time: inside
a kind the nearer team is the faster one, so nobody is passed over for a slower neighbour.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from math import cos, degrees, log, pi, radians, tan
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Float,
    Integer,
    Select,
    Text,
    TextualSelect,
    bindparam,
    literal,
    select,
    text,
)

from libs.common.aggregates import find, load, lock, record, record_new, selected
from libs.common.db import Tx
from libs.common.pagination import Key
from libs.common.places import distance_m
from libs.common.ranges import in_range
from libs.contracts.event import Event
from services.emergency_command.resources.model import team_skills, teams
from services.emergency_command.resources.rules import Team, TeamStatus

_MOST_ALIKE = 20_000
"""So many teams are read to find those that a batch means: forty for each of its rows."""
_FARTHEST_NORTH = 85.0  # Mercator ends nowhere: towards the poles a spot is held at this latitude

_NEAREST = text(
    """WITH RECURSIVE kinds AS (
      SELECT asked.capability,
          (SELECT min(s.kind) FROM team_skills s WHERE s.capability = asked.capability) AS kind
        FROM unnest(CAST(:capabilities AS text[])) AS asked (capability)
      UNION ALL
      SELECT k.capability,
          (SELECT min(s.kind) FROM team_skills s WHERE s.capability = k.capability AND s.kind > k.kind)
        FROM kinds k WHERE k.kind IS NOT NULL)
    SELECT near.team_id FROM kinds k CROSS JOIN LATERAL (
      SELECT s.team_id FROM team_skills s
        WHERE s.skill = hashtextextended(k.capability || '/' || k.kind, 0)
        ORDER BY s.spot <-> point(:x, :y) LIMIT :most) near
    WHERE k.kind IS NOT NULL"""
).columns(team_skills.c.team_id)
_FORGET = text("DELETE FROM team_skills WHERE team_id = ANY(:ids)").bindparams(
    bindparam("ids", type_=ARRAY(team_skills.c.team_id.type))
)
_KNOW = text(
    "INSERT INTO team_skills (team_id, capability, kind, spot) VALUES (:team_id, :capability, :kind, point(:x, :y))"
).bindparams(bindparam("x", type_=Float(53)), bindparam("y", type_=Float(53)))


async def find_team(tx: Tx, team_id: UUID) -> Team:
    """The team within the scope; NotFound otherwise."""
    return await find(tx, teams, Team, team_id)


async def find_teams(tx: Tx, ids: Collection[UUID]) -> dict[UUID, Team]:
    """Those of the teams that exist within the scope."""
    rows = await tx.all(selected(teams, tx.scope).where(teams.c.id.in_(ids)))
    return {row["id"]: load(Team, row) for row in rows}


async def lock_team(tx: Tx, team_id: UUID, expected: int | None = None) -> Team:
    """The team, locked; NotFound or StaleVersion."""
    return await lock(tx, teams, Team, team_id, expected)


async def lock_teams(tx: Tx, ids: Collection[UUID]) -> dict[UUID, Team]:
    """Those of the teams that exist, locked in the order of their ids."""
    asked = selected(teams, tx.scope).where(teams.c.id.in_(ids)).order_by(teams.c.id).with_for_update(of=teams)
    return {row["id"]: load(Team, row) for row in await tx.all(asked)}


async def ids_by_key(tx: Tx, keys: Collection[tuple[str, ...]]) -> dict[tuple[str, ...], UUID]:
    """The ids of those of the teams that exist, by area and name; of several with one name the lowest id."""
    asked = selected(teams, tx.scope).with_only_columns(teams.c.id, teams.c.area_code, teams.c.name)
    areas, names = {key[0] for key in keys}, {key[1] for key in keys}
    asked = asked.where(teams.c.area_code.in_(areas), teams.c.name.in_(names)).order_by(teams.c.id.desc())
    return {(row["area_code"], row["name"]): row["id"] for row in await tx.all(asked.limit(_MOST_ALIKE))}


async def take_free_teams(tx: Tx, ids: Collection[UUID]) -> dict[UUID, Team]:
    """Those of the teams that are free this very moment, locked, and out of the search; one that somebody else is
    taking is skipped. One statement: nobody finds a team that is being claimed. `record_claimed` writes them.
    """
    free = selected(teams, tx.scope).where(teams.c.id.in_(ids), teams.c.status == TeamStatus.FREE)
    taken = free.with_for_update(of=teams, skip_locked=True).cte("taken")
    gone = team_skills.delete().where(team_skills.c.team_id.in_(select(taken.c.id))).cte("gone")
    return {row["id"]: load(Team, row) for row in await tx.all(select(taken).add_cte(gone))}


async def record_claimed(tx: Tx, team: Team, event: Event) -> Team:
    """Write a team that was taken out of the search already."""
    return await record(tx, teams, team, event)


async def add_teams(tx: Tx, added: Sequence[tuple[Team, Event]]) -> Sequence[Team]:
    """Write new teams, each with its event, in a few round trips."""
    written = await record_new(tx, teams, added)
    await _index(tx, written)
    return written


async def record_team(tx: Tx, team: Team, event: Event, *, why: str = "") -> Team:
    """Write the team's next version with its event; only a free team is found by the search."""
    written = await record(tx, teams, team, event, why=why)
    await _index(tx, [written])
    return written


async def list_nearest(
    tx: Tx, capabilities: Collection[str], lon: float, lat: float, *, most: int
) -> Sequence[tuple[Team, float]]:
    """The `most` nearest free teams of each kind for each capability, with their straight metres.

    Asked under a system scope: the search looks over every border.
    """
    near = nearest(capabilities, lon, lat, most=most).subquery("near")
    found = selected(teams, tx.scope).where(teams.c.id.in_(select(near.c.team_id)))
    known = [load(Team, row) for row in await tx.all(found)]
    return [(team, distance_m((lon, lat), (team.lon, team.lat))) for team in known]


def nearest(capabilities: Collection[str], lon: float, lat: float, *, most: int) -> TextualSelect:
    """The search behind `list_nearest`: the ids alone."""
    x, y = _spot(lon, lat)
    return _NEAREST.bindparams(
        bindparam("capabilities", list(capabilities), type_=ARRAY(Text)), bindparam("x", x, type_=Float(53)),
        bindparam("y", y, type_=Float(53)), bindparam("most", most, type_=Integer),
    )  # fmt: skip


def list_teams(
    tx: Tx, *, area: tuple[str, str] | None, capability: str | None, kind: str | None, status: TeamStatus | None,
    near: tuple[float, float] | None,
) -> tuple[Select[Any], Sequence[Key]]:  # fmt: skip
    """The teams within the scope, filtered, and their order: by area, or the nearest to a point first."""
    asked = selected(teams, tx.scope)
    equal = {"kind": kind, "status": status}
    asked = asked.where(*(teams.c[name] == value for name, value in equal.items() if value is not None))
    if area is not None:
        asked = asked.where(in_range(teams, area))
    if capability is not None:
        asked = asked.where(teams.c.capabilities.contains([capability]))
    if near is None:
        return asked, _BY_AREA
    apart = _apart(*near).label("apart")
    return asked.add_columns(apart), ((apart, "asc"), (teams.c.id, "asc"))


def _apart(lon: float, lat: float) -> ColumnElement[Any]:
    """The square of the distance on the plane around the point: enough to put neighbours in order."""
    east = (teams.c.lon - literal(lon, Float(53))) * literal(cos(radians(lat)), Float(53))
    north = teams.c.lat - literal(lat, Float(53))
    return east * east + north * north


async def _index(tx: Tx, written: Sequence[Team]) -> None:
    free = [team for team in written if team.status is TeamStatus.FREE]
    rows = [
        {"team_id": team.id, "capability": capability, "kind": team.kind, "x": x, "y": y}
        for team in free
        for x, y in [_spot(team.lon, team.lat)]
        for capability in dict.fromkeys(team.capabilities)
    ]
    async with tx.system("teams:skills"):
        await tx.execute(_FORGET, {"ids": [team.id for team in written]})
        if rows:
            await tx.execute(_KNOW, rows)


def _spot(lon: float, lat: float) -> tuple[float, float]:
    """The Mercator projection, in degrees: near a place its distances stand in the same order as the true ones."""
    held = max(-_FARTHEST_NORTH, min(_FARTHEST_NORTH, lat))
    return lon, degrees(log(tan(pi / 4 + radians(held) / 2)))


_BY_AREA: Sequence[Key] = ((teams.c.area_code, "asc"), (teams.c.id, "asc"))
