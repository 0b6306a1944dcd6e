"""What the responsibility registry tells of credit: firms' files, facts, grades, packs, and what was done about them.

A firm is its unified social credit code here; no name, which for a sole trader is a person's.
"""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from libs.contracts.event import SHARED, Event
from libs.contracts.values import FileId, Value


class FirmFacts(Value):
    """A firm's file as others need it. A is the best grade, D the worst; `listed`: on the blacklist."""

    credit_code: str
    grade: str
    score: int
    listed: bool
    pack_number: int
    graded_at: datetime


class CreditFirmOpened(Event, type="responsibility_registry.credit_firm.opened.v1"):
    """A firm has a file from now on: an authority opened it, or a first fact came in."""

    firm: FirmFacts


class CreditFirmChanged(Event, type="responsibility_registry.credit_firm.changed.v1"):
    """Its name, place or sectors changed, or as what it takes part."""

    firm: FirmFacts
    party_ids: tuple[UUID, ...]


class CreditFirmScored(Event, type="responsibility_registry.credit_firm.scored.v1"):
    """Counted anew, with the same grade."""

    firm: FirmFacts
    standing_id: UUID
    score_before: int


class CreditFirmRegraded(Event, type="responsibility_registry.credit_firm.regraded.v1", sensitivity=SHARED):
    """The grade changed, up or down; `caps` are the rules by which it is this one at best, `facts` what counted."""

    firm: FirmFacts
    standing_id: UUID
    grade_before: str
    fell: bool
    caps: tuple[str, ...]
    facts: tuple[UUID, ...]


class CreditPeriodClosed(Event, type="responsibility_registry.credit_firm.period_closed.v1", sensitivity=SHARED):
    """How the firm stood at the end of a period is kept, with the facts as they were."""

    firm: FirmFacts
    standing_id: UUID
    period: str
    grade: str
    score: int
    ended_at: datetime


class CreditFactFacts(Value):
    """One fact as others need it."""

    firm_id: UUID
    kind: str
    tag: str
    source_id: UUID
    at: datetime
    ends_at: datetime | None
    authority: str


class CreditFactCounted(Event, type="responsibility_registry.credit_fact.counted.v1"):
    """A fact counts for a firm's grade, for the first time or as it is told now."""

    fact: CreditFactFacts
    evidence: tuple[FileId, ...] = ()


class CreditFactVoided(Event, type="responsibility_registry.credit_fact.voided.v1"):
    """It was not so, and counts no more."""

    fact: CreditFactFacts
    reason: str


class CreditPackAdopted(Event, type="responsibility_registry.credit_pack.adopted.v1", sensitivity=SHARED):
    """Rules of credit hold in an area from a day on; what was graded before stays."""

    number: int
    valid_from: date
    rules: tuple[str, ...]
    consequences: tuple[str, ...]
    grounds: tuple[str, ...]
    source: str


class CreditFeedbackReported(Event, type="responsibility_registry.credit_feedback.reported.v1", sensitivity=SHARED):
    """A department says what it did with a firm because of its grade or the blacklist."""

    firm_id: UUID
    credit_code: str
    consequence: str
    way: str
    department: str
    done_at: datetime
    evidence: tuple[FileId, ...] = ()


class EntryFacts(Value):
    """An entry of the blacklist as others need it: for which ground, in which state, from when to when."""

    firm_id: UUID
    credit_code: str
    ground: str
    pack_number: int
    state: str
    facts: tuple[UUID, ...]
    defence_until: datetime | None
    listed_at: datetime | None
    ends_at: datetime | None
    ended_at: datetime | None


class BlacklistProposed(Event, type="responsibility_registry.blacklist_entry.proposed.v1"):
    """A post proposes a firm, from facts that meet a ground; nothing is decided."""

    entry: EntryFacts
    proposed_by: UUID


class BlacklistNoticeServed(Event, type="responsibility_registry.blacklist_entry.notice_served.v1"):
    """The firm was told facts, ground and its right to state and defend, and until when."""

    entry: EntryFacts
    how: str
    evidence: tuple[FileId, ...]


class BlacklistObjected(Event, type="responsibility_registry.blacklist_entry.objected.v1"):
    """The firm objected in time: nothing is decided until that is reviewed."""

    entry: EntryFacts
    evidence: tuple[FileId, ...]


class BlacklistObjectionReviewed(Event, type="responsibility_registry.blacklist_entry.objection_reviewed.v1"):
    """Another post reviewed the objection; upheld, the proposal ends."""

    entry: EntryFacts
    upheld: bool
    reviewed_by: UUID
    words: str


class BlacklistWithdrawn(Event, type="responsibility_registry.blacklist_entry.withdrawn.v1"):
    """The proposal was taken back before anybody decided."""

    entry: EntryFacts
    reason: str


class BlacklistDismissed(Event, type="responsibility_registry.blacklist_entry.dismissed.v1"):
    """The authority decided not to list the firm."""

    entry: EntryFacts
    decided_by: UUID
    words: str


class BlacklistListed(Event, type="responsibility_registry.blacklist_entry.listed.v1", sensitivity=SHARED):
    """The authority decided: the firm is on the blacklist, and published."""

    entry: EntryFacts
    decided_by: UUID
    document: str


class BlacklistRepairAsked(Event, type="responsibility_registry.blacklist_entry.repair_asked.v1"):
    """The firm asks to be removed early, with what shows that it put things right."""

    entry: EntryFacts
    evidence: tuple[FileId, ...]


class BlacklistRepairRefused(Event, type="responsibility_registry.blacklist_entry.repair_refused.v1"):
    """The authority does not grant the early removal, and says why; the listing goes on."""

    entry: EntryFacts
    decided_by: UUID
    words: str


class BlacklistRepaired(Event, type="responsibility_registry.blacklist_entry.repaired.v1", sensitivity=SHARED):
    """Credit is repaired: the firm is off the blacklist before its period is over, and that is published."""

    entry: EntryFacts
    decided_by: UUID
    words: str


class BlacklistExpired(Event, type="responsibility_registry.blacklist_entry.expired.v1", sensitivity=SHARED):
    """The period is over: the firm is off the blacklist, and that is published."""

    entry: EntryFacts


class BlacklistRevoked(Event, type="responsibility_registry.blacklist_entry.revoked.v1", sensitivity=SHARED):
    """The firm should not have been listed: it is off the blacklist, and was never on it for its grade."""

    entry: EntryFacts
    decided_by: UUID
    reason: str
