"""What the responsibility registry tells of letters of responsibility; beside its other facts, for length's sake."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from libs.contracts.event import SHARED, Event
from libs.contracts.values import FileId, Value


class LetterTold(Value):
    """A letter without its text, which its hash stands for; an entity is its party here, never a name."""

    state: str
    from_post_id: UUID
    to_post_id: UUID | None
    to_tier: str
    entity_party_id: UUID | None
    under_letter_id: UUID | None
    text_sha256: str
    valid_from: datetime
    valid_to: datetime
    sign_by: datetime
    signed_at: datetime | None


class LetterIssued(Event, type="responsibility_registry.letter.issued.v1", sensitivity=SHARED):
    """A post offered a letter to the post or entity that it is to bind; the issuer's signature is on it."""

    state: LetterTold


class LetterSigned(Event, type="responsibility_registry.letter.signed.v1", sensitivity=SHARED):
    """Whom it binds signed the letter; `evidence` is the page where it was signed on paper."""

    state: LetterTold
    evidence: tuple[FileId, ...] = ()


class LetterReturned(Event, type="responsibility_registry.letter.returned.v1", sensitivity=SHARED):
    """Whom it was to bind did not sign, and said why."""

    state: LetterTold
    reason: str


class LetterWithdrawn(Event, type="responsibility_registry.letter.withdrawn.v1", sensitivity=SHARED):
    """The issuer took the letter back before it was signed."""

    state: LetterTold
    reason: str


class LetterLate(Event, type="responsibility_registry.letter.late.v1", sensitivity=SHARED):
    """Nobody signed the letter by the instant by which it was to be signed; told once."""

    state: LetterTold
