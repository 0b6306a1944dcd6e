"""What the responsibility registry tells of organisations; beside its other facts, for length's sake."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from libs.contracts.event import SHARED, Event
from libs.contracts.values import Value


class OrganizationState(Value):
    """A body of Party or government, an institution, a company of the state; never a private firm."""

    code: str
    name_zh: str
    name_en: str
    kind: str
    credit_code: str | None
    area_code: str
    sectors: tuple[str, ...]
    area_codes: tuple[str, ...]
    """The areas that a development-zone committee answers for across the lines of government; else empty."""
    parent_id: UUID | None
    valid_from: date
    valid_to: date | None


class OrganizationRegistered(Event, type="responsibility_registry.organization.registered.v1", sensitivity=SHARED):
    """An organisation is on the books."""

    state: OrganizationState


class OrganizationChanged(Event, type="responsibility_registry.organization.changed.v1", sensitivity=SHARED):
    """An organisation was renamed, moved under another, or given other areas."""

    state: OrganizationState


class OrganizationEnded(Event, type="responsibility_registry.organization.ended.v1", sensitivity=SHARED):
    """An organisation ends on a day; what it did stays on record."""

    state: OrganizationState
    reason: str
