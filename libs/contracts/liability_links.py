"""What the responsibility registry tells of links of liability: who shares what happens to one of them."""

from __future__ import annotations

from datetime import date

from libs.contracts.event import SHARED, Event
from libs.contracts.values import Value


class LiabilityLinkState(Value):
    """One link. A firm stands under its unified credit code, a risk object under its id; it is there from the
    beginning of `valid_from` to the beginning of `valid_to`."""

    relation: str
    from_kind: str
    from_id: str
    from_name: str
    to_kind: str
    to_id: str
    to_name: str
    valid_from: date
    valid_to: date | None
    document: str


class LiabilityLinkRegistered(Event, type="responsibility_registry.liability_link.registered.v1", sensitivity=SHARED):
    """Two parties share what happens to one of them, as one relation, from a day on."""

    state: LiabilityLinkState


class LiabilityLinkEnded(Event, type="responsibility_registry.liability_link.ended.v1", sensitivity=SHARED):
    """They belong together no more from the day `valid_to` on."""

    state: LiabilityLinkState
    reason: str
