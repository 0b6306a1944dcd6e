"""The shapes of the doors of the blacklist."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from libs.common.forms import Code, Form, Name, Shown, Words
from libs.common.ids import new_id
from libs.contracts.values import FileId
from services.responsibility_registry import examples_credit as examples
from services.responsibility_registry.blacklist.actions import NewEntry, Verdict, Word
from services.responsibility_registry.blacklist.rules_kept import EntryState, ServedHow

Evidence = Annotated[tuple[FileId, ...], Field(max_length=20)]
Paper = Annotated[tuple[FileId, ...], Field(min_length=1, max_length=20)]


class ProposeIn(Form):
    """Which firm, for which ground of the pack, and why."""

    model_config = examples.example(examples.PROPOSE)

    id: UUID | None = Field(default=None, description="chosen by you, so that a retry is harmless")
    firm_id: UUID
    ground: Code
    words: Words

    def new(self) -> NewEntry:
        """The entry as the verb takes it."""
        return NewEntry(id=self.id or new_id(), firm_id=self.firm_id, ground=self.ground, words=self.words)


class ServeNoticeIn(Form):
    """How the notice reached the firm, and what shows that."""

    model_config = examples.example(examples.SERVE)

    how: ServedHow
    words: Words
    evidence: Paper


class ObjectToListingIn(Form):
    """What the firm states; a post that enters its paper adds the page."""

    model_config = examples.example(examples.OBJECT)

    words: Words
    evidence: Evidence = ()

    def word(self) -> Word:
        """What is said, as the verb takes it."""
        return Word(words=self.words, evidence=self.evidence)


class ReviewIn(Form):
    """Whether the objection is right, and why."""

    model_config = examples.example(examples.REVIEW)

    upheld: bool
    words: Words

    def verdict(self) -> Verdict:
        """What is decided, as the verb takes it."""
        return Verdict(yes=self.upheld, words=self.words)


class DecideListingIn(Form):
    """Whether the firm is listed, by which document, and why."""

    model_config = examples.example(examples.DECIDE)

    listed: bool
    document: Name
    words: Words

    def verdict(self) -> Verdict:
        """What is decided, as the verb takes it."""
        return Verdict(yes=self.listed, words=self.words, document=self.document)


class WithdrawEntryIn(Form):
    """Why the proposal is taken back."""

    model_config = examples.example(examples.WITHDRAW)

    reason: Words


class AskRepairIn(Form):
    """How the firm put things right, and what shows that."""

    model_config = examples.example(examples.ASK_REPAIR)

    words: Words
    evidence: Paper

    def word(self) -> Word:
        """What is said, as the verb takes it."""
        return Word(words=self.words, evidence=self.evidence)


class DecideRepairIn(Form):
    """Whether the firm is removed early, by which document, and why."""

    model_config = examples.example(examples.DECIDE_REPAIR)

    granted: bool
    document: Name
    words: Words

    def verdict(self) -> Verdict:
        """What is decided, as the verb takes it."""
        return Verdict(yes=self.granted, words=self.words, document=self.document)


class RevokeEntryIn(Form):
    """By which document the listing is undone, and why."""

    model_config = examples.example(examples.REVOKE)

    document: Name
    reason: Words

    def verdict(self) -> Verdict:
        """What is decided, as the verb takes it."""
        return Verdict(yes=True, words=self.reason, document=self.document)


class TermsOut(Shown):
    """The ground and the terms, frozen when it was proposed."""

    ground: str
    zh: str
    en: str
    source: str
    months: int
    defence_days: int
    defence_unit: str
    repair_after_months: int
    removal_shown_days: int


class ListedFactOut(Shown):
    """A fact behind the entry, as it was when the entry was proposed."""

    id: UUID
    kind: str
    tag: str
    ordinal: int | None
    source_id: UUID
    at: datetime
    document: str


class ServedOut(Shown):
    """How the notice reached the firm."""

    at: datetime
    by_post: UUID
    how: ServedHow
    words: str
    evidence: tuple[UUID, ...]


class SaidOut(Shown):
    """What the firm said: by its own party, or on paper, entered by a post."""

    at: datetime
    words: str
    evidence: tuple[UUID, ...]
    by_party: UUID | None
    by_post: UUID | None


class RulingOut(Shown):
    """What a post decided."""

    at: datetime
    by_post: UUID
    yes: bool
    document: str
    words: str


class RepairOut(Shown):
    """An application for early removal, and what was decided."""

    asked: SaidOut
    ruling: RulingOut | None


class EntryOut(Shown):
    """An entry of the blacklist with all that was said and decided about it."""

    id: UUID
    version: int
    firm_id: UUID
    credit_code: str
    firm_name: str
    area_code: str
    sectors: tuple[str, ...]
    pack_number: int
    terms: TermsOut
    facts: tuple[ListedFactOut, ...]
    words: str
    state: EntryState
    proposed_at: datetime
    proposed_by: UUID
    notice: ServedOut | None
    defence_until: datetime | None
    objection: SaidOut | None
    review: RulingOut | None
    decision: RulingOut | None
    listed_at: datetime | None
    ends_at: datetime | None
    repair_from: datetime | None
    repairs: tuple[RepairOut, ...]
    ended_at: datetime | None
    ended: RulingOut | None
    correlation_id: UUID
    actions: tuple[str, ...]


class PublicEntryOut(Shown):
    """What the public is told: who is on the blacklist and why, from when to when; or that it came off."""

    id: UUID
    credit_code: str
    firm_name: str
    ground_zh: str
    ground_en: str
    document: str
    state: EntryState
    listed_at: datetime | None
    ends_at: datetime | None
    ended_at: datetime | None
