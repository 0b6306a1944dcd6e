"""What a coordinating body 议事协调机构 is: posts and organisations that sit together by a document, with dates.

Who sat in it then is asked for years later, so seats are ended and never taken away. A body without a chair or an
office is shown with that gap and is not refused: it is founded by one document and filled by the next.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

MOST_SEATS = 500
"""[DEF] Seats of all times; [SEED] a city's fire committee has more than 100 members."""
PLACES_MOST = 50
"""[DEF] So many places at most meet together."""
PLACES_LEAST = 2
Fault = tuple[str, str, tuple[str, str]]


class BodyKind(StrEnum):
    """What kind of body it is ([DEF], after systems rows 17 to 21, 81, 115, 165, 183)."""

    PARTY_COMMITTEE = "party_committee"
    SAFETY_COMMITTEE = "safety_committee"
    SPECIAL_COMMITTEE = "special_committee"
    LEADING_GROUP = "leading_group"
    TASK_FORCE = "task_force"
    JOINT_MEETING = "joint_meeting"


class SeatPart(StrEnum):
    """The part that somebody takes in a body; several may chair it (双主任)."""

    CHAIR = "chair"
    DEPUTY_CHAIR = "deputy_chair"
    OFFICE = "office"
    MEMBER = "member"


class PartyKind(StrEnum):
    """Who can sit in a body: a post or an organisation, never a named person."""

    POST = "post"
    ORGANIZATION = "organization"


class BodyGap(StrEnum):
    """What a body lacks to work."""

    NO_CHAIR = "no_chair"
    NO_OFFICE = "no_office"


RUN_IT = (SeatPart.CHAIR, SeatPart.DEPUTY_CHAIR, SeatPart.OFFICE)
"""Who calls its meetings and writes them up, besides who leads the area."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Seat:
    """Who sits in a body, as what, and from when to when."""

    party_id: UUID
    party_kind: PartyKind
    part: SeatPart
    since: datetime
    until: datetime | None = None
    ended_reason: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Body:
    """`area_codes` are places that it works for besides its own; meetings are asked for from `counted_from` on."""

    id: UUID
    version: int
    area_code: str
    sectors: tuple[str, ...]
    exercise: bool
    correlation_id: UUID
    kind: BodyKind
    name_zh: str
    name_en: str
    document: str
    valid_from: datetime
    counted_from: datetime
    area_codes: tuple[str, ...] = ()
    parent_id: UUID | None = None
    valid_to: datetime | None = None
    seats: tuple[Seat, ...] = ()
    ended_at: datetime | None = None
    ended_reason: str | None = None


class BodyWrong(Exception):
    """What was entered about a body does not do; `errors` are (pointer, code, detail)."""

    status = 422
    code = "body_wrong"
    title = ("议事协调机构信息有误", "The body is wrong")

    def __init__(self, *errors: Fault) -> None:
        super().__init__(*errors)
        self.errors = errors


class BodyCannotMove(Exception):
    """The verb is not open: `open_moves` are."""

    status = 409
    code = "body_cannot_move"
    title = ("该机构当前状态不允许此操作", "The body is not in a state for this")

    def __init__(self, body: Body, zh: str, en: str) -> None:
        super().__init__(zh, en)
        self.state = "active" if body.ended_at is None else "ended"
        self.open_moves = open_moves(body)


class BodyAlreadyEnded(BodyCannotMove):
    """It was dissolved, or its term was over: found another one."""

    code = "body_already_ended"


class AlreadySeated(BodyCannotMove):
    """Nobody takes the same part twice at a time."""

    code = "already_seated"


def check(body: Body, found: tuple[Fault, ...] = ()) -> Body:
    """The body, if it holds together; `found` is what was found wrong before. Raises BodyWrong."""
    faults = [*found]
    if body.kind is BodyKind.TASK_FORCE and body.valid_to is None:
        faults.append(("/valid_to", "required", ("工作专班须有期限。", "a task force has an end")))
    if body.valid_to is not None and body.valid_to <= body.valid_from:
        said = ("valid_to 须晚于 valid_from。", "valid_to does not come after valid_from")
        faults.append(("/valid_to", "before_its_beginning", said))
    if body.kind is BodyKind.JOINT_MEETING and len({*body.area_codes, body.area_code}) < PLACES_LEAST:
        said = ("联席会议须列明至少两个地方。", "a joint meeting is between two places at least")
        faults.append(("/area_codes", "required", said))
    seated = [(one.party_id, one.part) for one in body.seats]
    for number, one in enumerate(seated):
        if one in seated[:number]:
            said = ("同一成员不能以同一身份重复列入。", "the same part is taken twice")
            faults.append((f"/seats/{number}", "seated_twice", said))
    if faults:
        raise BodyWrong(*faults)
    return body


def require_live(body: Body) -> None:
    """Raises BodyAlreadyEnded where it has ended."""
    if body.ended_at is not None:
        raise BodyAlreadyEnded(
            body, f"该机构已于 {body.ended_at} 撤销；请另行设立。", f"it ended at {body.ended_at}: found another one"
        )


def give_seat(body: Body, seat: Seat) -> Body:
    """Somebody sits in it from an instant on. Raises BodyAlreadyEnded, AlreadySeated, BodyWrong."""
    require_live(body)
    if seat.since < body.valid_from:
        said = ("不得早于机构设立之时。", "not before the body was founded")
        raise BodyWrong(("/since", "before_its_beginning", said))
    if any((one.party_id, one.part) == (seat.party_id, seat.part) and _lasts(one, seat.since) for one in body.seats):
        raise AlreadySeated(
            body, "该成员已以此身份列入；请先终止。", "it takes this part already: end that seat first"
        )
    if len(body.seats) >= MOST_SEATS:
        said = (
            f"成员记录不得超过 {MOST_SEATS} 条；请另行设立机构。",
            f"at most {MOST_SEATS} seats: found another body",
        )
        raise BodyWrong(("/party_id", "too_many", said))
    return replace(body, seats=(*body.seats, seat))


def end_seat(body: Body, *, party_id: UUID, part: SeatPart, at: datetime, now: datetime, reason: str) -> Body:
    """Somebody sits in it no more from an instant on, not in the past. Raises BodyAlreadyEnded, BodyWrong."""
    require_live(body)
    if at < now:
        said = ("此前的成员身份不得更改；请填现在或以后的时间。", "what was until now stays so: name now or later")
        raise BodyWrong(("/at", "in_the_past", said))
    sought = [one for one in body.seats if (one.party_id, one.part) == (party_id, part) and _lasts(one, now)]
    if not sought:
        said = ("该成员目前没有此身份。", "it does not take this part now")
        raise BodyWrong(("/party_id", "not_seated", said))
    ended = replace(sought[0], until=max(at, sought[0].since), ended_reason=reason)
    return replace(body, seats=tuple(ended if one is sought[0] else one for one in body.seats))


def prolong(body: Body, until: datetime, document: str) -> Body:
    """Its term goes on to a later instant, by a document. Raises BodyAlreadyEnded, BodyWrong."""
    require_live(body)
    if body.valid_to is None or until <= body.valid_to:
        said = ("只能把原定期限延后。", "only a term that has an end is prolonged, and to a later instant")
        raise BodyWrong(("/until", "not_later", said))
    return replace(body, valid_to=until, document=document)


def end(body: Body, *, at: datetime, reason: str) -> Body:
    """It works no more; what it decided goes on. Raises BodyAlreadyEnded."""
    require_live(body)
    return replace(body, ended_at=at, ended_reason=reason)


def open_moves(body: Body) -> tuple[str, ...]:
    """The verbs that may be used now."""
    if body.ended_at is not None:
        return ()
    return ("seat", "unseat", "end") if body.valid_to is None else ("seat", "unseat", "prolong", "end")


def seated(body: Body, at: datetime) -> tuple[Seat, ...]:
    """Who sits in it at an instant."""
    return tuple(one for one in body.seats if one.since <= at and _lasts(one, at))


def run_by(body: Body, at: datetime) -> tuple[UUID, ...]:
    """The posts and organisations that call its meetings and write them up."""
    return tuple(one.party_id for one in seated(body, at) if one.part in RUN_IT)


def gaps(body: Body, at: datetime) -> tuple[BodyGap, ...]:
    """What it lacks to work, while it works ([DEF])."""
    if body.ended_at is not None:
        return ()
    parts = {one.part for one in seated(body, at)}
    lacking = {BodyGap.NO_CHAIR: SeatPart.CHAIR, BodyGap.NO_OFFICE: SeatPart.OFFICE}
    return tuple(gap for gap, part in lacking.items() if part not in parts)


def _lasts(seat: Seat, at: datetime) -> bool:
    return seat.until is None or seat.until > at
