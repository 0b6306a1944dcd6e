"""An incident as people look at it: with its clocks, teams, leaders and signs, each read once for a whole page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from libs.common.db import Tx
from services.emergency_command.copies import store as copies
from services.emergency_command.dispatch import actions as dispatch
from services.emergency_command.dispatch.actions import SentTeam
from services.emergency_command.incidents import rules, rules_reports, store, store_parts
from services.emergency_command.incidents.actions_facts import harm_of
from services.emergency_command.incidents.rules import Incident, Regrade
from services.emergency_command.incidents.rules_reports import ReportClock
from services.emergency_command.incidents.rules_signs import Sign
from services.emergency_command.on_scene import actions as on_scene
from services.emergency_command.on_scene.rules import LeaderCall


@dataclass(frozen=True, kw_only=True, slots=True)
class StageLine:
    """One stage of a team's way, and its light now."""

    stage: str
    due_at: datetime
    done_at: datetime | None
    light: str
    late_seconds: int
    label: dict[str, str]
    source: str


@dataclass(frozen=True, kw_only=True, slots=True)
class TeamLine:
    """One team on its way to the incident."""

    dispatch_id: UUID
    version: int
    team_id: UUID
    team_name: str
    team_kind: str
    capability: str
    mode: str
    state: str
    distance_m: int
    travel_seconds: int
    sent_at: datetime
    stages: tuple[StageLine, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Sending:
    """Teams that were sent in one go; `id` is that of the first of their dispatches."""

    id: UUID
    teams: tuple[TeamLine, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class LeaderLine:
    """One leader called to the incident; without a post nobody holds it: a gap."""

    call_id: UUID
    version: int
    post_id: UUID | None
    post_name: dict[str, str] | None
    stands_in_for: UUID | None
    post_kind: str
    tier: str
    row_at_least: int
    state: str
    called_at: datetime
    arrived_at: datetime | None
    arrived_by: str | None
    source: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ReportLine:
    """One situation report: owed, made or void, and how late."""

    clock: ReportClock
    state: str
    late_seconds: int


@dataclass(frozen=True, kw_only=True, slots=True)
class NextRow:
    """The row of leaders that the next step of harm would reach: shown, and not called."""

    at_least: int
    label: dict[str, str]
    post_kinds: tuple[str, ...]
    source: str


@dataclass(frozen=True, kw_only=True, slots=True)
class IncidentView:
    """An incident with everything that hangs on it. `truncated` names the lists that have reached their limit."""

    incident: Incident
    reports: tuple[ReportLine, ...]
    regrades: tuple[Regrade, ...]
    teams: tuple[TeamLine, ...]
    leaders: tuple[LeaderLine, ...]
    signs: tuple[Sign, ...]
    short: tuple[tuple[str, int], ...]
    next_row: NextRow | None
    truncated: tuple[str, ...] = ()

    @property
    def id(self) -> UUID:
        """The incident's id."""
        return self.incident.id

    @property
    def version(self) -> int:
        """The incident's version."""
        return self.incident.version

    @property
    def correlation_id(self) -> UUID:
        """The incident's trace."""
        return self.incident.correlation_id

    @property
    def lights(self) -> dict[str, int]:
        """How many stages of its teams stand green, red, running or void."""
        return dict(Counter(stage.light for team in self.teams for stage in team.stages))


async def find_view(tx: Tx, incident_id: UUID) -> IncidentView:
    """One incident within the scope, with everything that hangs on it; NotFound otherwise."""
    return (await views_of(tx, [await store.find_incident(tx, incident_id)]))[0]


async def after(tx: Tx, verb: Awaitable[Incident]) -> IncidentView:
    """What an incident looks like after a verb."""
    return (await views_of(tx, [await verb]))[0]


async def sending_of(sending: Awaitable[Sequence[SentTeam]]) -> Sending:
    """Teams that were sent just now, as the incident shows them."""
    return _sending(await sending)


async def find_sending(tx: Tx, dispatch_id: UUID) -> Sending:
    """The same again, as they stand now; NotFound outside the scope."""
    return _sending(await dispatch.sent_together(tx, dispatch_id))


def _sending(sent: Sequence[SentTeam]) -> Sending:
    ordered = sorted(sent, key=lambda one: (one.dispatch.travel_seconds, one.dispatch.team_id))
    return Sending(id=min(one.id for one in sent), teams=tuple(_team(one) for one in ordered))


async def views_of(tx: Tx, incidents: Sequence[Incident]) -> list[IncidentView]:
    """Incidents with everything that hangs on them within the scope; the same few queries for one as for a page."""
    ids = [incident.id for incident in incidents]
    clocks, regrades = await store_parts.clocks_of(tx, ids), await store_parts.regrades_of(tx, ids)
    signs, sent = await store_parts.signs_of(tx, ids), await dispatch.sent_teams(tx, ids)
    calls = await on_scene.calls_of(tx, ids)
    names = await copies.names_of(tx, {call.post_id for call in calls if call.post_id is not None})
    async with tx.system("incidents:shortages"):
        short = await store_parts.shortages_of(tx, ids)
    cut = _truncated(len(ids), alarms=signs.values(), report_clocks=clocks.values(), regrades=regrades.values(),
                     teams=[sent])  # fmt: skip
    return [
        IncidentView(
            incident=one, reports=tuple(_report(clock, tx.now) for clock in clocks.get(one.id, ())),
            regrades=tuple(regrades.get(one.id, ())), signs=tuple(signs.get(one.id, ())),
            teams=tuple(_team(found) for found in sent if found.dispatch.incident_id == one.id),
            leaders=tuple(
                _leader(call, names.get(call.post_id) if call.post_id else None)
                for call in calls
                if call.incident_id == one.id
            ),
            short=tuple(short.get(one.id, ())), next_row=_next_row(one), truncated=cut,
        )
        for one in incidents
    ]  # fmt: skip


def _truncated(incidents: int, **lists: Iterable[Sequence[object]]) -> tuple[str, ...]:
    """The lists of which as much was read as is read at most: there may be more."""
    most = store_parts.MOST_OF_ONE * max(1, incidents)
    return tuple(name for name, found in lists.items() if sum(map(len, found)) >= most)


def _report(clock: ReportClock, now: datetime) -> ReportLine:
    return ReportLine(
        clock=clock, state=rules_reports.state(clock), late_seconds=rules_reports.late_seconds(clock, now)
    )


def _team(sent: SentTeam) -> TeamLine:
    one = sent.dispatch
    stages = tuple(
        StageLine(
            stage=found.clock.stage, due_at=found.clock.due_at, done_at=found.done_at, light=found.light,
            late_seconds=found.late_seconds, label={"zh": found.clock.zh, "en": found.clock.en},
            source=found.clock.source,
        )
        for found in sent.stages
    )  # fmt: skip
    return TeamLine(
        dispatch_id=one.id, version=one.version, team_id=one.team_id, team_name=sent.team_name,
        team_kind=one.team_kind, capability=one.capability, mode=one.mode, state=one.state,
        distance_m=one.distance_m, travel_seconds=one.travel_seconds, sent_at=one.sent_at, stages=stages,
    )  # fmt: skip


def _leader(call: LeaderCall, name: object) -> LeaderLine:
    return LeaderLine(
        call_id=call.id, version=call.version, post_id=call.post_id,
        post_name=dict(name) if isinstance(name, dict) else None, stands_in_for=call.stands_in_for,
        post_kind=call.post_kind, tier=call.tier, row_at_least=call.row_at_least, state=call.state,
        called_at=call.called_at, arrived_at=call.arrived_at, arrived_by=call.arrived_by, source=call.source,
    )  # fmt: skip


def _next_row(incident: Incident) -> NextRow | None:
    row = on_scene.next_row(incident.kind, harm_of(incident))
    if row is None or incident.state in (rules.IncidentState.ENDED, rules.IncidentState.REVIEWED):
        return None
    return NextRow(
        at_least=row.at_least, label={"zh": row.zh, "en": row.en},
        post_kinds=tuple(seat.post_kind for seat in row.posts), source=row.source,
    )  # fmt: skip
