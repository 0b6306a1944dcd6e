"""The whole catalogue: importing this module imports every module of contracts, so `CATALOGUE` is full."""

from __future__ import annotations

from types import ModuleType

from libs.contracts import (
    accountability,
    areas,
    bodies,
    calendar_years,
    chain_templates,
    circular_notices,
    commendations,
    contacts,
    credit,
    duty_items,
    duty_records,
    emergency_command,
    enforcement,
    evaluations,
    gaps,
    gateway,
    grids,
    inspection_tours,
    leads,
    letters,
    liability_links,
    listings,
    orders,
    organizations,
    plumbing,
    public_reporting,
    responsibility_registry,
    risk_grading,
    rosters,
    sign_in,
    stop_measures,
    tenures,
    work_lists,
)
from libs.contracts.event import CATALOGUE, Event, noun_of, producer_of

__all__ = ["CATALOGUE", "MODULES", "events_of"]

MODULES: tuple[ModuleType, ...] = (
    public_reporting,
    risk_grading,
    responsibility_registry,
    orders,
    gaps,
    areas,
    grids,
    organizations,
    bodies,
    tenures,
    letters,
    listings,
    circular_notices,
    stop_measures,
    duty_items,
    duty_records,
    work_lists,
    accountability,
    enforcement,
    liability_links,
    leads,
    commendations,
    calendar_years,
    chain_templates,
    evaluations,
    inspection_tours,
    rosters,
    contacts,
    credit,
    emergency_command,
    gateway,
    sign_in,
    plumbing,
)


def events_of(producer: str) -> dict[str, list[type[Event]]]:
    """What one producer tells, by noun, each in alphabetical order of types."""
    told: dict[str, list[type[Event]]] = {}
    for event_type in sorted(CATALOGUE):
        if producer_of(event_type) == producer:
            told.setdefault(noun_of(event_type), []).append(CATALOGUE[event_type])
    return told
