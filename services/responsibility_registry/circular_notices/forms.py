"""The shapes of the doors of circular notices."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from libs.common.forms import Form, Shown, Words
from services.responsibility_registry import examples_listings as examples
from services.responsibility_registry.circular_notices.rules import Addressed, CircularState
from services.responsibility_registry.examples import example


class DecideCircularIn(Form):
    """Whether it goes out, in words, and to which organisations besides those whom the ladder names."""

    model_config = example(examples.DECIDE_CIRCULAR)

    issued: bool
    words: Words
    also_to: Annotated[tuple[UUID, ...], Field(max_length=50, description="ids of organisations")] = ()


class SignCircularIn(Form):
    """What who signs has to say about it."""

    model_config = example(examples.SIGN_CIRCULAR)

    words: Words


class CircularReceiptOut(Shown):
    """What one of those addressed owes."""

    party_id: UUID
    kind: Addressed
    signed_at: datetime | None
    signed_by: UUID | None
    words: str


class CircularNoticeOut(Shown):
    """A circular notice about a late order."""

    id: UUID
    version: int
    order_id: UUID
    step: str
    state: CircularState
    words: str
    source: str
    area_code: str
    sectors: tuple[str, ...]
    proposed_at: datetime
    deciding: tuple[UUID, ...]
    decide_by: datetime | None
    decided_at: datetime | None
    decided_by: UUID | None
    decision: str
    sign_by: datetime | None
    receipts: tuple[CircularReceiptOut, ...]
    unsigned: tuple[UUID, ...] = Field(description="who has not signed")
    late: bool = Field(description="the limit that runs has passed")
    policy_version: str
    exercise: bool
    correlation_id: UUID
    actions: tuple[str, ...]
