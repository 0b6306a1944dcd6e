"""The shapes of the doors of letters."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from libs.common.forms import AreaCode, Form, Line, Moment, Name, Sector, Shown, Words
from libs.common.ids import new_id
from libs.common.texts import Text
from services.responsibility_registry import examples
from services.responsibility_registry.letters.actions import NewLetter
from services.responsibility_registry.letters.rules import TEXT_MAX, LetterState, SignedHow
from services.responsibility_registry.letters.rules_progress import RoundLight

Hash = Annotated[
    str, Field(pattern=r"^[0-9a-f]{64}$", description="`text_sha256` of the letter, as you have read it")
]
Evidence = Annotated[tuple[UUID, ...], Field(min_length=1, max_length=20)]


class LetterIn(Form):
    """Whom a letter is to bind, to what, from when to when."""

    model_config = examples.example(examples.LETTER)

    id: UUID | None = Field(default=None, description="chosen by you, so that a retry is harmless")
    title: Name
    text: Annotated[Text, Field(min_length=1, max_length=TEXT_MAX, description="the exact text that is signed")]
    to_post_id: UUID | None = Field(default=None, description="the post below; else name an entity")
    entity: Annotated[Line, Field(max_length=200, description="the firm or person that it binds, where no post")] = ""
    entity_party_id: UUID | None = Field(default=None, description="what the entity takes part as, if it signs here")
    under_letter_id: UUID | None = Field(default=None, description="the signed letter that binds the issuer itself")
    area_code: AreaCode | None = Field(default=None, description="the lower post's where it is left out")
    sectors: Annotated[tuple[Sector, ...], Field(max_length=16)] = ()
    valid_from: Moment
    valid_to: Moment
    sign_by: Moment

    def new(self) -> NewLetter:
        """The letter as the verb takes it."""
        return NewLetter(
            id=self.id or new_id(), title=self.title, text=self.text, to_post_id=self.to_post_id, entity=self.entity,
            entity_party_id=self.entity_party_id, under_letter_id=self.under_letter_id, area_code=self.area_code,
            sectors=self.sectors, valid_from=self.valid_from.astimezone(UTC),
            valid_to=self.valid_to.astimezone(UTC), sign_by=self.sign_by.astimezone(UTC),
        )  # fmt: skip


class SignIn(Form):
    """The text that is signed, by its hash."""

    model_config = examples.example(examples.SIGN_LETTER)

    text_sha256: Hash


class SignedOnPaperIn(Form):
    """The signed page."""

    model_config = examples.example(examples.SIGNED_ON_PAPER)

    evidence: Evidence


class ReasonIn(Form):
    """Why it is not signed, or taken back."""

    model_config = examples.example(examples.RETURN_LETTER)

    reason: Words


class SignatureOut(Shown):
    """One signature: `digest` is the SHA-256 over the lines letter id, `text_sha256`, signer, instant."""

    post_id: UUID | None
    party_id: UUID | None
    at: datetime
    how: SignedHow
    text_sha256: str
    digest: str
    evidence: tuple[UUID, ...]


class LetterOut(Shown):
    """A letter. `text_sha256` is the SHA-256 of the title, an empty line and the text, in UTF-8."""

    id: UUID
    version: int
    title: str
    text: str
    text_sha256: str
    from_post_id: UUID
    to_post_id: UUID | None
    to_tier: str
    entity: str
    entity_party_id: UUID | None
    under_letter_id: UUID | None
    area_code: str
    sectors: tuple[str, ...]
    valid_from: datetime
    valid_to: datetime
    sign_by: datetime
    state: LetterState
    signatures: tuple[SignatureOut, ...]
    reason: str
    late_told_at: datetime | None
    correlation_id: UUID
    actions: tuple[str, ...]


class TierProgressOut(Shown):
    """The letters of one tier: `signed_share` is null where none was issued."""

    tier: str
    issued: int
    signed: int
    waiting: int
    late: int
    returned: int
    withdrawn: int
    light: RoundLight
    signed_share: float | None


class ProgressOut(Shown):
    """How far a year's letters are, tier by tier."""

    area_code: str
    year: int
    tiers: tuple[TierProgressOut, ...]
