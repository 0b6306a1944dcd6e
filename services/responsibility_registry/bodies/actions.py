"""The verbs of bodies: found one, give and end seats, prolong and end it; and who takes part in what it works on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from libs.common.aggregates import require_version
from libs.common.db import Tx
from libs.common.ids import new_id
from libs.contracts import bodies as told
from libs.contracts.event import Event
from services.responsibility_registry.areas import actions as areas
from services.responsibility_registry.bodies import rules, store
from services.responsibility_registry.bodies.rules import Body, BodyKind, BodyWrong, Fault, PartyKind, Seat, SeatPart
from services.responsibility_registry.classification.actions import unknown_sectors
from services.responsibility_registry.organizations import actions as posts
from services.responsibility_registry.organizations import actions_organizations as organizations

KEEPERS = ("leader", "administrator")
"""Who sets bodies up and fills them: whoever leads there, or keeps the registry by the document."""


@dataclass(frozen=True, kw_only=True, slots=True)
class NewSeat:
    """Who is to sit in a body, and as what; from now on where no beginning is said."""

    party_id: UUID
    party_kind: PartyKind
    part: SeatPart
    since: datetime | None = None

    def seat(self, otherwise: datetime) -> Seat:
        """The seat; it begins at `otherwise` where nothing is said."""
        return Seat(
            party_id=self.party_id, party_kind=self.party_kind, part=self.part, since=self.since or otherwise
        )  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class NewBody:
    """A body to be; from now on where no beginning is said."""

    id: UUID
    kind: BodyKind
    name_zh: str
    name_en: str
    area_code: str
    sectors: tuple[str, ...]
    area_codes: tuple[str, ...]
    parent_id: UUID | None
    document: str
    valid_from: datetime | None
    valid_to: datetime | None
    exercise: bool
    seats: tuple[NewSeat, ...]


async def found_body(tx: Tx, new: NewBody) -> Body:
    """Set a body up, by a document. Of every sector of it, by one grant; a body for all sectors names none.

    Raises BodyWrong (422).
    """
    tx.caller.require_every(*KEEPERS, area_code=new.area_code, sectors=new.sectors)
    begins = new.valid_from or tx.now
    body = Body(
        id=new.id, version=0, area_code=new.area_code, sectors=new.sectors, exercise=new.exercise,
        correlation_id=tx.cause.correlation_id or new_id(), kind=new.kind, name_zh=new.name_zh, name_en=new.name_en,
        document=new.document, valid_from=begins, counted_from=max(begins, tx.now), area_codes=new.area_codes,
        parent_id=new.parent_id, valid_to=new.valid_to, seats=tuple(seat.seat(begins) for seat in new.seats),
    )  # fmt: skip
    rules.check(body, (*unknown_sectors(new.sectors), *await _unknown(tx, body)))
    return await _write(tx, body, told.BodyFounded(body=facts(body)), why=new.document)


async def give_seat(tx: Tx, body_id: UUID, expected: int | None, new: NewSeat) -> Body:
    """A post or an organisation sits in it, and takes part in what it works on from now on.

    Raises BodyAlreadyEnded, AlreadySeated (409), BodyWrong (422).
    """
    body = await _lock(tx, body_id, expected)
    seat = new.seat(tx.now)
    if faults := await _unknown_parties(tx, [("/party_id", seat)]):
        raise BodyWrong(*faults)
    after = rules.give_seat(body, seat)
    return await _write(tx, after, told.BodySeatGiven(body=facts(after), seat=_seat(seat)))


async def end_seat(
    tx: Tx, body_id: UUID, expected: int | None, party_id: UUID, part: SeatPart, at: datetime | None, reason: str
) -> Body:
    """It sits there no more; what it took part in before it goes on seeing ([DEF]: it answers for it).

    Raises BodyAlreadyEnded (409), BodyWrong (422).
    """
    body = await _lock(tx, body_id, expected)
    after = rules.end_seat(body, party_id=party_id, part=part, at=at or tx.now, now=tx.now, reason=reason)
    ended = next(one for one, before in zip(after.seats, body.seats, strict=True) if one != before)
    event = told.BodySeatEnded(body=facts(after), seat=_seat(ended), reason=reason)
    return await _write(tx, after, event, why=reason)


async def prolong_body(tx: Tx, body_id: UUID, expected: int | None, until: datetime, document: str) -> Body:
    """A task force works on until a later instant. Raises BodyAlreadyEnded (409), BodyWrong (422)."""
    body = await _lock(tx, body_id, expected)
    after = rules.prolong(body, until, document)
    event = told.BodyProlonged(body=facts(after), from_valid_to=body.valid_to or until)
    return await _write(tx, after, event, why=document)


async def end_body(tx: Tx, body_id: UUID, expected: int | None, reason: str) -> Body:
    """It works no more; its meetings stay on record and its tasks go on. Raises BodyAlreadyEnded (409)."""
    body = await _lock(tx, body_id, expected)
    return await _end(tx, body, reason)


async def end_over(tx: Tx, now: datetime, limit: int) -> int:
    """End the bodies whose term is over; returns how many."""
    over = await store.lock_over(tx, now, limit)
    for body in over:
        await _end(tx, body, f"期满 the term was over at {body.valid_to}")
    return len(over)


async def lock_to_look(tx: Tx, now: datetime, limit: int) -> Sequence[Body]:
    """Bodies of which it is time to ask whether they have met often enough; for another slice."""
    return await store.lock_to_look(tx, now, limit)


async def note_look(tx: Tx, body: Body, at: datetime) -> None:
    """When to look at a body again; for another slice."""
    await store.note_look(tx, body.id, at)


async def find_body(tx: Tx, body_id: UUID) -> Body:
    """One body; NotFound (404). For another slice too."""
    return await store.find_body(tx, body_id)


async def parties_of(tx: Tx, body: Body) -> list[tuple[UUID, str]]:
    """Who takes part in what it works on now: its seats, and of an organisation its first responsible posts."""
    seats = rules.seated(body, tx.now)
    units = {one.party_id: one.part for one in seats if one.party_kind is PartyKind.ORGANIZATION}
    first = await organizations.first_posts_of(tx, units)
    parties = [(one.party_id, f"body_{one.part}") for one in seats]
    parties += [(post.post_id, f"body_{units[unit]}") for unit, several in first.items() for post in several]
    return list(dict.fromkeys(parties))


async def run_by(tx: Tx, body: Body) -> tuple[UUID, ...]:
    """The posts that chair it or keep its office now; of an organisation its first responsible posts."""
    named = rules.run_by(body, tx.now)
    first = await organizations.first_posts_of(tx, named)
    posts_of_units = (post.post_id for several in first.values() for post in several)
    return tuple(dict.fromkeys((*(one for one in named if one not in first), *posts_of_units)))


def facts(body: Body) -> told.BodyFacts:
    """The body as its events carry it."""
    return told.BodyFacts(
        kind=body.kind, name_zh=body.name_zh, name_en=body.name_en, area_codes=body.area_codes,
        parent_id=body.parent_id, document=body.document, valid_from=body.valid_from, valid_to=body.valid_to,
        seats=tuple(_seat(one) for one in body.seats),
    )  # fmt: skip


def _seat(seat: Seat) -> told.SeatFacts:
    return told.SeatFacts(
        party_id=seat.party_id, party_kind=seat.party_kind, part=seat.part, since=seat.since, until=seat.until
    )


async def _lock(tx: Tx, body_id: UUID, expected: int | None) -> Body:
    body = await store.lock_body(tx, body_id)
    tx.caller.require(*KEEPERS, area_code=body.area_code, sectors=body.sectors)
    require_version(body, expected)
    return body


async def _end(tx: Tx, body: Body, reason: str) -> Body:
    after = rules.end(body, at=tx.now, reason=reason)
    event = told.BodyEnded(body=facts(after), ended_at=tx.now, reason=reason)
    return await _write(tx, after, event, why=reason)


async def _write(tx: Tx, body: Body, event: Event, *, why: str = "") -> Body:
    # Looked at at once after each change: the sweep finds out by itself when to look again.
    look_at = tx.now if body.ended_at is None else None
    return await store.record_body(tx, body, event, why=why, look_at=look_at)


async def _unknown(tx: Tx, body: Body) -> list[Fault]:
    """What the body names and the registry does not know."""
    named = [("/area_code", body.area_code)]
    named += [(f"/area_codes/{number}", code) for number, code in enumerate(body.area_codes)]
    there = await areas.known_areas(tx, {code for _, code in named})
    said = ("登记册中没有此区划。", "the registry has no such area")
    faults: list[Fault] = [(pointer, "unknown_area", said) for pointer, code in named if code not in there]
    if body.parent_id is not None and not await store.is_there(tx, body.parent_id):
        faults.append(("/parent_id", "unknown_body", ("登记册中没有此机构。", "the registry has no such body")))
    return faults + await _unknown_parties(tx, [(f"/seats/{number}", one) for number, one in enumerate(body.seats)])


async def _unknown_parties(tx: Tx, seats: Sequence[tuple[str, Seat]]) -> list[Fault]:
    of_kind = {kind: [one.party_id for _, one in seats if one.party_kind is kind] for kind in PartyKind}
    there = {
        PartyKind.POST: {*await posts.posts_by_id(tx, of_kind[PartyKind.POST])},
        PartyKind.ORGANIZATION: {*await organizations.organizations_by_id(tx, of_kind[PartyKind.ORGANIZATION])},
    }
    said = ("登记册中没有此岗位或单位。", "the registry has no such post or organisation")
    return [
        (pointer if pointer == "/party_id" else f"{pointer}/party_id", "unknown_party", said)
        for pointer, one in seats
        if one.party_id not in there[one.party_kind]
    ]
