"""A shift: one post, or one holder of it, stands one role from when to when; and where nobody does.

Planned by the roster's rule, or assigned beside it; given to another with a reason; handed over with a note that the
next shift takes over. Nobody stands two exclusive shifts at a time: the database itself refuses it.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from services.responsibility_registry.rosters.rules import Member, Roster, RosterPolicy, Rota
from services.responsibility_registry.rosters.rules_pattern import Occurrence
from services.responsibility_registry.rosters.rules_refusals import NotOnThisShift, RosterWrong, ShiftCannotMove

Busy = tuple[UUID, datetime]
"""A post on turn, and the begin of the piece of duty in which its person stands elsewhere."""

_LONGEST_ASSIGNED = timedelta(hours=36)
"""[DEF] Nobody is put on duty for longer by one assignment."""


class ShiftState(StrEnum):
    """Planned → handed over → taken over, or cancelled."""

    PLANNED = "planned"
    HANDED_OVER = "handed_over"
    TAKEN_OVER = "taken_over"
    CANCELLED = "cancelled"


@dataclass(frozen=True, kw_only=True, slots=True)
class HandOver:
    """The note from one shift to the next: what is open, and when it was taken over."""

    note: str
    at: datetime
    to_shift_id: UUID
    to_post_id: UUID
    taken_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Shift:
    """One shift. `person` is what must not be in two places: the subject, or the post where no holder is known."""

    id: UUID
    version: int
    area_code: str
    sectors: tuple[str, ...]
    exercise: bool
    correlation_id: UUID
    roster_id: UUID
    roster_kind: str
    roster_name: str
    place: str
    rota: str
    role: str
    day: date
    begins_at: datetime
    ends_at: datetime
    post_id: UUID
    subject: str | None
    person: str
    exclusive: bool
    provisional: bool
    state: ShiftState
    reason: str = ""
    hand_over: HandOver | None = None


class Uncovered(StrEnum):
    """Why nobody stands: nobody was named, the post is vacant, or who is on turn stands elsewhere."""

    NOBODY = "nobody"
    VACANT = "vacant"
    ON_DUTY_ELSEWHERE = "on_duty_elsewhere"


@dataclass(frozen=True, kw_only=True, slots=True)
class CoverGap:
    """So many are missing in a rota from when to when."""

    rota: str
    role: str
    day: date
    begins_at: datetime
    ends_at: datetime
    missing: int
    why: Uncovered


def person_of(member: Member, holders: Mapping[UUID, Collection[str]]) -> str:
    """What must not stand in two places: the named subject; the one holder of the post; else the post itself."""
    held = holders.get(member.post_id, ())
    if member.subject is not None:
        return member.subject
    return next(iter(held)) if len(held) == 1 else f"post:{member.post_id}"


def stands(shift: Shift, at: datetime) -> bool:
    """Whether it is somebody's duty at an instant: from its begin on, and at its end no more."""
    return shift.state is not ShiftState.CANCELLED and shift.begins_at <= at < shift.ends_at


def rota_of(
    roster: Roster, code: str, begins: datetime, ends: datetime, now: datetime, policy: RosterPolicy
) -> Rota:  # fmt: skip
    """The rota that somebody is assigned to beside the rule, in hours that can still be stood. Raises RosterWrong."""
    rota = next((one for one in roster.plans[-1].rotas if one.code == code), None)
    faults = []
    if rota is None:
        faults.append(("/rota", "unknown_rota", ("值班表没有该轮值。", "the roster has no such rota")))
    if not timedelta() < ends - begins <= _LONGEST_ASSIGNED or ends <= now:
        said = (
            "班次须尚未结束，且不超过 36 小时。",
            "a shift ends later than now, and lasts 36 hours at most",
        )
        faults.append(("/ends_at", "out_of_range", said))
    if begins > now + timedelta(days=policy.longest_ahead_days):
        said = (
            f"最多提前 {policy.longest_ahead_days} 天安排。",
            f"nobody is assigned more than {policy.longest_ahead_days} days ahead",
        )
        faults.append(("/begins_at", "out_of_range", said))
    if faults or rota is None:
        raise RosterWrong(*faults)
    return rota


def is_of(shift: Shift, post: UUID | None, subject: str) -> bool:
    """Whether a caller stands it: by its post, and where it names a person by being that one."""
    return shift.post_id == post and shift.subject in (None, subject)


def require_of(shift: Shift, post: UUID | None, subject: str) -> None:
    """Raises NotOnThisShift for anybody else."""
    if not is_of(shift, post, subject):
        raise NotOnThisShift


def reassign(shift: Shift, member: Member, person: str, *, reason: str, now: datetime) -> Shift:
    """Somebody else stands it. Raises ShiftCannotMove once it is over, handed over or cancelled."""
    _require_changeable(shift, now)
    if (shift.post_id, shift.subject) == (member.post_id, member.subject):
        raise RosterWrong(("/post_id", "unchanged", ("该班次已由其承担。", "they stand it already")))
    return replace(shift, post_id=member.post_id, subject=member.subject, person=person, reason=reason)


def cancel(shift: Shift, *, reason: str, now: datetime) -> Shift:
    """Nobody stands it: what it leaves open is a gap. Raises ShiftCannotMove."""
    _require_changeable(shift, now)
    return replace(shift, state=ShiftState.CANCELLED, reason=reason)


def hand_over(shift: Shift, to: Shift, *, note: str, now: datetime) -> Shift:
    """What is open goes to the next shift of the roster, in the same role or any other of it.

    Raises ShiftCannotMove before it begins or once handed over, RosterWrong for a shift that does not follow.
    """
    if shift.state is not ShiftState.PLANNED or now < shift.begins_at:
        raise ShiftCannotMove(shift.state, open_moves(shift, now))
    follows = shift.begins_at < to.ends_at and shift.ends_at <= to.ends_at and to.state is not ShiftState.CANCELLED
    if to.id == shift.id or to.roster_id != shift.roster_id or not follows:
        said = ("须为同一值班表的后续班次。", "name a later shift of the same roster")
        raise RosterWrong(("/to_shift_id", "does_not_follow", said))
    left = HandOver(note=note, at=now, to_shift_id=to.id, to_post_id=to.post_id)
    return replace(shift, state=ShiftState.HANDED_OVER, hand_over=left)


def handed(shift: Shift, now: datetime) -> HandOver:
    """The note that waits for the next shift. Raises ShiftCannotMove where there is none."""
    if shift.state is not ShiftState.HANDED_OVER or shift.hand_over is None:
        raise ShiftCannotMove(shift.state, open_moves(shift, now))
    return shift.hand_over


def take_over(shift: Shift, *, now: datetime) -> Shift:
    """The next shift has read the note and goes on. Raises ShiftCannotMove."""
    note = replace(handed(shift, now), taken_at=now)
    return replace(shift, state=ShiftState.TAKEN_OVER, hand_over=note)


def open_moves(shift: Shift, now: datetime) -> tuple[str, ...]:
    """The verbs that may be used now, by whom each is for."""
    if shift.state is ShiftState.HANDED_OVER:
        return ("take-over",)
    if shift.state is not ShiftState.PLANNED:
        return ()
    changed = ("reassign", "cancel") if now < shift.ends_at else ()
    asked = ("ask-swap",) if now < shift.begins_at else ()
    return (*changed, *asked, *(("hand-over",) if now >= shift.begins_at else ()))


def _require_changeable(shift: Shift, now: datetime) -> None:
    if shift.state is not ShiftState.PLANNED or now >= shift.ends_at:
        raise ShiftCannotMove(shift.state, open_moves(shift, now))


def uncovered(
    pieces: Iterable[Occurrence], shifts: Sequence[Shift], vacant: Collection[UUID], elsewhere: Collection[Busy] = ()
) -> Iterator[CoverGap]:  # fmt: skip
    """Where fewer stand than are needed, cut at the instants at which their number changes.

    A shift of a post that stands vacant covers nothing, unless it names a person. `elsewhere` are posts on turn, with
    the begin of the piece, whose people stand another shift then.
    """
    by_rota: dict[str, list[Shift]] = {}
    for shift in shifts:
        if shift.state is not ShiftState.CANCELLED:
            by_rota.setdefault(shift.rota, []).append(shift)
    for piece in pieces:
        over = [
            one
            for one in by_rota.get(piece.rota, ())
            if one.begins_at < piece.ends_at and one.ends_at > piece.begins_at
        ]
        there = [one for one in over if one.subject is not None or one.post_id not in vacant]
        yield from _gaps(piece, there, _why(piece, over, there, elsewhere))


def _gaps(piece: Occurrence, there: Sequence[Shift], why: Uncovered) -> Iterator[CoverGap]:
    inside = {one for shift in there for one in (shift.begins_at, shift.ends_at)}
    cuts = sorted({piece.begins_at, piece.ends_at, *(one for one in inside if _within(piece, one))})
    begun: tuple[datetime, int] | None = None
    for at in cuts:
        missing = 0
        if at < piece.ends_at:
            standing = {one.person for one in there if one.begins_at <= at < one.ends_at}
            missing = max(0, piece.needs - len(standing))
        if begun is not None and begun[1] != missing:
            if begun[1]:
                yield _gap(piece, begun[0], at, begun[1], why)
            begun = None
        if begun is None:
            begun = at, missing


def _within(piece: Occurrence, at: datetime) -> bool:
    return piece.begins_at < at < piece.ends_at


def _why(piece: Occurrence, over: Sequence[Shift], there: Sequence[Shift], elsewhere: Collection[Busy]) -> Uncovered:
    if len(there) < len(over):
        return Uncovered.VACANT
    standing = {one.post_id for one in over}
    if any((one.post_id, piece.begins_at) in elsewhere for one in piece.members if one.post_id not in standing):
        return Uncovered.ON_DUTY_ELSEWHERE
    return Uncovered.NOBODY


def _gap(piece: Occurrence, begins_at: datetime, ends_at: datetime, missing: int, why: Uncovered) -> CoverGap:
    return CoverGap(
        rota=piece.rota, role=piece.role, day=piece.day, begins_at=begins_at, ends_at=ends_at, missing=missing,
        why=why,
    )  # fmt: skip


def without_overlaps(wanted: Iterable[Shift], standing: Sequence[Shift]) -> list[Shift]:
    """Those of the shifts that can be stood beside the exclusive ones that people stand already; the earlier goes
    before the later."""
    taken: dict[str, list[Shift]] = {}
    for shift in standing:
        taken.setdefault(shift.person, []).append(shift)
    fitting = []
    for shift in wanted:
        others = taken.setdefault(shift.person, [])
        if shift.exclusive and any(overlap(shift, one) for one in others):
            continue
        fitting.append(shift)
        if shift.exclusive:
            others.append(shift)
    return fitting


def overlap(one: Shift, other: Shift) -> bool:
    """Whether two shifts are on at one instant."""
    return one.begins_at < other.ends_at and other.begins_at < one.ends_at
