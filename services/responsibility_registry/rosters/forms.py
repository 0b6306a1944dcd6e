"""The shapes of rosters, shifts, swaps and gaps at the doors."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from libs.common.forms import AreaCode, Code, Form, Line, Moment, Name, Sector, Shown, Words
from libs.common.ids import new_id
from services.responsibility_registry import examples_rosters as examples
from services.responsibility_registry.rosters import rules
from services.responsibility_registry.rosters.actions import NewRoster
from services.responsibility_registry.rosters.actions_shifts import Assigned
from services.responsibility_registry.rosters.actions_swaps import NewSwap
from services.responsibility_registry.rosters.rules import Break, Hours, Member, Plan, Rota, RotaDays, StandsFor, Term

Hour = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$", examples=["20:00"])]
Subject = Annotated[Line, Field(min_length=1, max_length=128, description="the subject of an account")]
Turn = Annotated[tuple[Annotated[int, Field(ge=0, lt=rules.MOST_MEMBERS)], ...], Field(max_length=rules.MOST_A_TURN)]


class MemberIn(Form):
    """Who takes turns: a post; of a shared post, one who holds it."""

    model_config = examples.example(examples.MEMBER)

    post_id: UUID
    subject: Subject | None = None

    def member(self) -> Member:
        """As the rules take it."""
        return Member(post_id=self.post_id, subject=self.subject)


class HoursIn(Form):
    """From when to when, city time; an end that is not later is of the next day."""

    model_config = examples.example(examples.HOURS)

    begins: Hour
    ends: Hour


class RotaIn(Form):
    """One row of a roster: so many of a role in each of its hours, by turns."""

    model_config = examples.example(examples.ROTA)

    code: Code
    role: Code = Field(description="as `GET /v1/rosters/kinds` lists them")
    days: RotaDays = RotaDays.EVERY_DAY
    hours: Annotated[tuple[HoursIn, ...], Field(min_length=1, max_length=rules.MOST_HOURS)]
    turns: Annotated[
        tuple[Turn, ...],
        Field(
            min_length=1, max_length=rules.MOST_TURNS,
            description="the numbers in `members`, from 0 on, of those who stand together; of a weekly rota Monday to"
            " Sunday, where an empty one is a day without duty",
        ),
    ]  # fmt: skip
    needs: int = Field(ge=1, le=rules.MOST_A_TURN, description="so many have to stand")
    first_day: date = Field(description="the day of the first turn, from which turns are counted")
    turn_days: int = Field(default=1, ge=1, le=92, description="7: the turns change by the week")

    def rota(self) -> Rota:
        """As the rules take it."""
        hours = tuple(Hours(begins=one.begins, ends=one.ends) for one in self.hours)
        return Rota(
            code=self.code, role=self.role, days=self.days, hours=hours, turns=self.turns, needs=self.needs,
            first_day=self.first_day, turn_days=self.turn_days,
        )  # fmt: skip


class BreakIn(Form):
    """School is closed from the first to the last day."""

    first_day: date
    last_day: date


class TermIn(Form):
    """School is kept from the first to the last day, on working days, except in its breaks."""

    model_config = examples.example(examples.TERM)

    first_day: date
    last_day: date
    breaks: Annotated[tuple[BreakIn, ...], Field(max_length=20)] = ()

    def term(self) -> Term:
        """As the rules take it."""
        breaks = tuple(Break(first_day=one.first_day, last_day=one.last_day) for one in self.breaks)
        return Term(first_day=self.first_day, last_day=self.last_day, breaks=breaks)


class _Rule(Form):
    name: Name
    place: Annotated[Line, Field(max_length=200, description="where one finds who is on duty")] = ""
    members: Annotated[tuple[MemberIn, ...], Field(min_length=1, max_length=rules.MOST_MEMBERS)]
    rotas: Annotated[tuple[RotaIn, ...], Field(min_length=1, max_length=rules.MOST_ROTAS)]
    terms: Annotated[tuple[TermIn, ...], Field(max_length=rules.MOST_TERMS)] = ()

    def plan(self, first_day: date) -> Plan:
        """The rule from a day on."""
        return Plan(
            first_day=first_day, members=tuple(one.member() for one in self.members),
            rotas=tuple(one.rota() for one in self.rotas), terms=tuple(one.term() for one in self.terms),
        )  # fmt: skip


class RosterIn(_Rule):
    """What is to be staffed, by whom, in which hours and by which turns."""

    model_config = examples.example(examples.ROSTER)

    id: UUID | None = Field(default=None, description="chosen by you, so that a retry is harmless")
    kind: Code = Field(description="as `GET /v1/rosters/kinds` lists them")
    area_code: AreaCode
    sectors: Annotated[tuple[Sector, ...], Field(max_length=16)] = ()
    stands_for: StandsFor
    party_id: UUID | None = Field(default=None, description="the post, organisation or grid; a room has none")
    first_day: date = Field(description="nobody is put on duty before this day, nor before today")
    exercise: bool = False

    def new(self) -> NewRoster:
        """The roster as the verb takes it."""
        return NewRoster(
            id=self.id or new_id(), kind=self.kind, name=self.name, place=self.place, area_code=self.area_code,
            sectors=self.sectors, stands_for=self.stands_for, party_id=self.party_id,
            plan=self.plan(self.first_day), exercise=self.exercise,
        )  # fmt: skip


class ChangeRosterIn(_Rule):
    """The whole rule as it is to be from the first day on that is not published, and why."""

    model_config = examples.example(examples.CHANGE_ROSTER)

    reason: Words


class PublishIn(Form):
    """The first day that is not published yet."""

    model_config = examples.example(examples.PUBLISH)

    to: date


class RosterReasonIn(Form):
    """Why."""

    model_config = examples.example(examples.ROSTER_REASON)

    reason: Words


class ShiftIn(Form):
    """Who is to stand when, beside the roster's rule, and why."""

    model_config = examples.example(examples.SHIFT)

    id: UUID | None = Field(default=None, description="chosen by you, so that a retry is harmless")
    roster_id: UUID
    rota: Code
    post_id: UUID
    subject: Subject | None = None
    begins_at: Moment
    ends_at: Moment
    reason: Words

    def new(self) -> Assigned:
        """The shift as the verb takes it."""
        return Assigned(
            id=self.id or new_id(), roster_id=self.roster_id, rota=self.rota,
            member=Member(post_id=self.post_id, subject=self.subject), begins_at=self.begins_at.astimezone(UTC),
            ends_at=self.ends_at.astimezone(UTC), reason=self.reason,
        )  # fmt: skip


class ReassignShiftIn(Form):
    """Who stands it instead, and why."""

    model_config = examples.example(examples.REASSIGN_SHIFT)

    post_id: UUID
    subject: Subject | None = None
    reason: Words


class HandOverShiftIn(Form):
    """What is open, for the next shift."""

    model_config = examples.example(examples.HAND_OVER_SHIFT)

    to_shift_id: UUID
    note: Words


class SwapIn(Form):
    """Which shift is to be stood by whom: in return for one of theirs, or given to a post."""

    model_config = examples.example(examples.SWAP)

    id: UUID | None = Field(default=None, description="chosen by you, so that a retry is harmless")
    shift_id: UUID = Field(description="the shift that you stand")
    with_shift_id: UUID | None = Field(default=None, description="theirs, which you stand in return")
    to: MemberIn | None = Field(default=None, description="who takes it, where none comes in return")
    reason: Words

    def new(self) -> NewSwap:
        """The swap as the verb takes it."""
        return NewSwap(
            id=self.id or new_id(), shift_id=self.shift_id, with_shift_id=self.with_shift_id,
            to=None if self.to is None else self.to.member(), reason=self.reason,
        )  # fmt: skip


class MemberOut(Shown):
    """Who takes turns; `subject` is told to who keeps the roster, and to themselves."""

    post_id: UUID
    subject: str | None


class HoursOut(Shown):
    """From when to when, city time."""

    begins: str
    ends: str


class RotaOut(Shown):
    """One row of a roster."""

    code: str
    role: str
    days: RotaDays
    hours: tuple[HoursOut, ...]
    turns: tuple[tuple[int, ...], ...]
    needs: int
    first_day: date
    turn_days: int


class BreakOut(Shown):
    """When school is closed."""

    first_day: date
    last_day: date


class TermOut(Shown):
    """When school is kept."""

    first_day: date
    last_day: date
    breaks: tuple[BreakOut, ...]


class PlanOut(Shown):
    """The rule from a day on, until the next one."""

    first_day: date
    members: tuple[MemberOut, ...]
    rotas: tuple[RotaOut, ...]
    terms: tuple[TermOut, ...]


class RosterOut(Shown):
    """A roster. Shifts are on the books for every day before `published_to`."""

    id: UUID
    version: int
    kind: str
    name: str
    place: str
    area_code: str
    sectors: tuple[str, ...]
    exercise: bool
    stands_for: StandsFor
    party_id: UUID | None
    plans: tuple[PlanOut, ...]
    published_to: date
    policy_version: str
    ended_at: datetime | None
    ended_reason: str | None
    correlation_id: UUID
    actions: tuple[str, ...]
