"""The shapes of the door of the duty ledger."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from pydantic import Field

from libs.common.forms import Shown
from services.responsibility_registry.duty_items.forms import LabelOut
from services.responsibility_registry.duty_items.rules import Bearer


class PartyOut(Shown):
    """Who bears a duty."""

    bearer: Bearer
    id: UUID
    name: LabelOut


class LedgerEntryOut(Shown):
    """One duty of somebody."""

    party: PartyOut
    item_id: UUID
    code: str
    edition: int
    words: LabelOut
    valid_from: date
    source: str
    duty_ids: tuple[UUID, ...] = Field(
        description="the assignments that make it theirs; none: tier, kind or name does"
    )


class LedgerListOut(Shown):
    """One of the lists, with what is on it of whom was asked about."""

    list: str
    name: LabelOut
    entries: tuple[LedgerEntryOut, ...]


class LedgerOut(Shown):
    """The duties of a post, of an organisation with its posts, or of a firm at an instant."""

    party: PartyOut
    at: datetime
    lists: tuple[LedgerListOut, ...]
    truncated: bool = Field(description="whether the organisation has more posts than are listed")
