"""What is kept of an entry of the blacklist, and which moves are open in each state."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class EntryState(StrEnum):
    """Where an entry is."""

    PROPOSED = "proposed"
    NOTICED = "noticed"
    OBJECTED = "objected"
    LISTED = "listed"
    DISMISSED = "dismissed"
    WITHDRAWN = "withdrawn"
    REPAIRED = "repaired"
    EXPIRED = "expired"
    REVOKED = "revoked"


_S = EntryState
LIVE = (_S.PROPOSED, _S.NOTICED, _S.OBJECTED, _S.LISTED)
PUBLISHED = (_S.LISTED, _S.REPAIRED, _S.EXPIRED)
"""What the public is told of: who is on it, and for a while who came off it. What was revoked never was."""


class ServedHow(StrEnum):
    """How a notice was served (行政送达; [DEF] the usual four)."""

    DIRECT = "direct"
    POST = "post"
    ELECTRONIC = "electronic"
    PUBLIC_NOTICE = "public_notice"


@dataclass(frozen=True, kw_only=True, slots=True)
class Terms:
    """The ground and the terms of the pack, frozen when the entry is proposed."""

    ground: str
    zh: str
    en: str
    source: str
    months: int
    defence_days: int
    defence_unit: str
    repair_after_months: int
    removal_shown_days: int


@dataclass(frozen=True, kw_only=True, slots=True)
class DefenceTime:
    """How long a firm may state and defend: so many days from the day after, to 24:00, moved on to a working day."""

    amount: int
    unit: str
    roll_forward: bool = True
    ends: str = "end_of_day"


@dataclass(frozen=True, kw_only=True, slots=True)
class ListedFact:
    """A fact behind an entry as it was when the entry was proposed."""

    id: UUID
    kind: str
    tag: str
    ordinal: int | None
    source_id: UUID
    at: datetime
    document: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Served:
    """The notice: facts, ground, and the right to state and defend reached the firm, as the papers show."""

    at: datetime
    by_post: UUID
    how: ServedHow
    words: str
    evidence: tuple[UUID, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Said:
    """What the firm said: by a party of its own, or on paper, entered by a post."""

    at: datetime
    words: str
    evidence: tuple[UUID, ...]
    by_party: UUID | None
    by_post: UUID | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Ruling:
    """What a post decided: yes or no, with its document and reasons."""

    at: datetime
    by_post: UUID
    by_subject: str
    yes: bool
    document: str
    words: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Repair:
    """An application for early removal, and what was decided about it."""

    asked: Said
    ruling: Ruling | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One entry. `hands` and `hand_subjects` proposed or served it: none of them decides about it."""

    id: UUID
    version: int
    area_code: str
    sectors: tuple[str, ...]
    exercise: bool
    correlation_id: UUID
    firm_id: UUID
    credit_code: str
    firm_name: str
    pack_number: int
    terms: Terms
    facts: tuple[ListedFact, ...]
    words: str
    state: EntryState
    proposed_at: datetime
    proposed_by: UUID
    hands: tuple[UUID, ...]
    hand_subjects: tuple[str, ...]
    notice: Served | None = None
    defence_until: datetime | None = None
    objection: Said | None = None
    review: Ruling | None = None
    decision: Ruling | None = None
    listed_at: datetime | None = None
    ends_at: datetime | None = None
    repair_from: datetime | None = None
    repairs: tuple[Repair, ...] = ()
    ended_at: datetime | None = None
    ended: Ruling | None = None


def pending_repair(entry: Entry) -> Repair | None:
    """The application that waits for a decision."""
    return entry.repairs[-1] if entry.repairs and entry.repairs[-1].ruling is None else None


def open_moves(entry: Entry) -> tuple[str, ...]:
    """The verbs that may be used in this state."""
    match entry.state:
        case EntryState.PROPOSED:
            return ("serve", "withdraw")
        case EntryState.NOTICED:
            return (*(() if entry.objection else ("object",)), "decide", "withdraw")
        case EntryState.OBJECTED:
            return ("review-objection", "withdraw")
        case EntryState.LISTED:
            return ("decide-repair" if pending_repair(entry) else "ask-repair", "revoke")
        case _:
            return ()
