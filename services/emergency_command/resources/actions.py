"""The verbs of teams: import them, find the nearest, claim and free them, take them out of service."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from libs.common.aggregates import require_version
from libs.common.db import Tx
from libs.common.imports import Imported, import_rows, known_ids, require_once, without_id
from libs.common.languages import Said
from libs.common.places import distance_m
from libs.common.problems import RoleMissing, Unprocessable
from libs.contracts.emergency_command import TeamChanged, TeamRegistered, TeamState
from services.emergency_command.copies import store as copies
from services.emergency_command.resources import rules, store
from services.emergency_command.resources.policies import SECTORS, TRAVEL
from services.emergency_command.resources.rules import Ranked, Team, Turnout
from services.emergency_command.resources.rules_area import in_other_county
from services.emergency_command.resources.rules_sectors import sectors_of

NOUN = "teams"
"""What the ids of rows without an id are made of, besides their area and name."""
KEEPERS = ("commander", "duty_officer")
"""Who takes a team out of service and back, besides the team itself."""
TURNOUT_WORDS = {Turnout.OWN: "dispatch", Turnout.OTHER_SERVICE: "request"}
"""How doors and events say who sends a team: we dispatch it, or request it from its own service."""


async def import_teams(tx: Tx, entered: Sequence[Team]) -> Imported:
    """Insert or change teams by their ids; a repeat changes nothing. For an administrator of each area and of every
    sector that a team then has, and of the area where a known team stands now.

    Whether a known team is free is not the import's to say: a claim outlives it. Raises Unprocessable (422) for a
    team whose base lies in another county than its area: it would be sent as the nearest to that county's fires.
    """
    for one in entered:
        tx.caller.require_every("administrator", area_code=one.area_code, sectors=one.sectors)

    async def add(new: Sequence[Team]) -> object:
        return await store.add_teams(tx, [(one, TeamRegistered(state=state_of(one))) for one in new])

    async def change(after: Team) -> object:
        return await store.record_team(tx, after, TeamChanged(state=state_of(after)))

    async with tx.system("teams:import"):
        if keys := without_id(entered, _key, NOUN):
            entered = known_ids(entered, _key, NOUN, await store.ids_by_key(tx, keys))
        require_once(entered, _id)
        current = await store.lock_teams(tx, [one.id for one in entered])
        for known in current.values():
            tx.caller.require("administrator", area_code=known.area_code, sectors=known.sectors)
        await _require_places(tx, entered)
        rows = [_kept(one, current.get(one.id)) for one in sorted(entered, key=_id)]
        return await import_rows(rows, current, _id, add=add, change=change)


def with_sectors(team: Team) -> Team:
    """The team with the sectors that follow from what it can do."""
    return replace(team, sectors=sectors_of(team.capabilities, SECTORS))


async def rank_free(
    tx: Tx, capabilities: Collection[str], lon: float, lat: float, *, most: int
) -> Mapping[str, tuple[Ranked, ...]]:
    """Free teams by capability, by the time that each is expected to take; exact for the first `most`."""
    async with tx.system("teams:nearest"):
        near = await store.list_nearest(tx, capabilities, lon, lat, most=most)
    return {capability: rules.rank(near, capability, TRAVEL) for capability in capabilities}


async def claim_teams(tx: Tx, claims: Mapping[UUID, UUID]) -> dict[UUID, Team]:
    """Claim teams, each for its dispatch; returns those that were still free. Never waits for another dispatcher."""
    claimed = {}
    async with tx.system("teams:claim"):
        for team_id, team in sorted((await store.take_free_teams(tx, list(claims))).items()):
            after = rules.claim(team, claims[team_id])
            claimed[team_id] = await store.record_claimed(tx, after, TeamChanged(state=state_of(after)))
    return claimed


async def claim_team(tx: Tx, team_id: UUID, dispatch_id: UUID) -> Team:
    """Claim this very team, waiting for its row. Raises TeamAlreadyClaimed, TeamMoveRefused (409)."""
    async with tx.system("teams:claim"):
        after = rules.claim(await store.lock_team(tx, team_id), dispatch_id)
        return await store.record_team(tx, after, TeamChanged(state=state_of(after)))


async def require_seen(tx: Tx, team_id: UUID) -> None:
    """Whoever names a team by hand sees it: NotFound (404), as its page says, for absent and out of sight alike."""
    await store.find_team(tx, team_id)


async def travel_of(tx: Tx, team_id: UUID, lon: float, lat: float) -> Ranked:
    """How far one team has to go, and how long it is expected to take; NotFound for no such team."""
    async with tx.system("teams:travel"):
        team = await store.find_team(tx, team_id)
    metres = distance_m((lon, lat), (team.lon, team.lat))
    seconds = rules.travel_seconds(team.kind, metres, TRAVEL)
    return Ranked(team=team, distance_m=round(metres), travel_seconds=seconds)


async def hold_teams(tx: Tx, ids: Collection[UUID]) -> None:
    """Lock several teams before they are given back one by one: in the order of their ids, as an import does."""
    async with tx.system("teams:hold"):
        await store.lock_teams(tx, ids)


async def free_team(tx: Tx, team_id: UUID, dispatch_id: UUID) -> Team:
    """The dispatch that has the team gives it back."""
    async with tx.system("teams:free"):
        after = rules.free(await store.lock_team(tx, team_id), dispatch_id)
        return await store.record_team(tx, after, TeamChanged(state=state_of(after)))


async def take_out(tx: Tx, team_id: UUID, expected: int | None, reason: str) -> Team:
    """Out of service, with the reason; a claimed team declines its dispatch first."""
    team = rules.take_out(await _lock_kept(tx, team_id, expected), reason=reason)
    return await store.record_team(tx, team, TeamChanged(state=state_of(team)), why=reason)


async def return_to_service(tx: Tx, team_id: UUID, expected: int | None) -> Team:
    """Free again."""
    team = rules.return_to_service(await _lock_kept(tx, team_id, expected))
    return await store.record_team(tx, team, TeamChanged(state=state_of(team)))


async def teams_by_id(tx: Tx, ids: Iterable[UUID]) -> dict[UUID, Team]:
    """Teams for another slice of this service, over every border; the verb decides what it discloses."""
    async with tx.system("teams:names"):
        return await store.find_teams(tx, set(ids))


async def _require_places(tx: Tx, entered: Sequence[Team]) -> None:
    """Every base lies in its team's county, as far as anybody knows; the fault is told of its longitude."""
    found = await copies.locate_each(tx, [(one.lon, one.lat) for one in entered])
    faults = [
        (
            f"/items/{number}/lon",
            "other_area",
            Said(
                f"驻地在 {area} 内，而力量属于 {one.area_code}。",
                f"the place lies in {area}, and the team is of {one.area_code}",
            ),
        )
        for number, (one, area) in enumerate(zip(entered, found, strict=True))
        if in_other_county(one.area_code, area)
    ]
    if faults:
        raise Unprocessable(errors=faults)


async def _lock_kept(tx: Tx, team_id: UUID, expected: int | None) -> Team:
    team = await store.lock_team(tx, team_id)
    if team_id not in tx.caller.parties and not tx.caller.holds(
        *KEEPERS, area_code=team.area_code, sectors=team.sectors
    ):
        raise RoleMissing(KEEPERS)
    require_version(team, expected)
    return team


def _kept(entered: Team, known: Team | None) -> Team:
    if known is None:
        return entered
    return replace(entered, status=known.status, claimed_by=known.claimed_by, reason=known.reason)


def _id(team: Team) -> UUID:
    return team.id


def _key(team: Team) -> tuple[str, str]:
    return team.area_code, team.name


def state_of(team: Team) -> TeamState:
    """The team as events carry it."""
    return TeamState(
        name=team.name, kind=team.kind, capabilities=team.capabilities, lon=team.lon, lat=team.lat,
        area_code=team.area_code, turnout=TURNOUT_WORDS[team.turnout], status=team.status,
    )  # fmt: skip
