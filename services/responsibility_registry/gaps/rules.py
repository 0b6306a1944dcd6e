"""A gap as a fact with a beginning and an end: opened once, changed, closed once; what is found says which."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

Key = tuple[str, str, str, str | None, str | None]
"""Area, link, tier, sector and template: at one time a gap is open once."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Gap:
    """Nobody fills a link at an area, for these categories; closed when somebody does, and never deleted.

    Where `template` names one, a link of its chains does not stand over so many `grounds_lacking` at the area.
    """

    id: UUID
    version: int
    area_code: str
    sectors: tuple[str, ...]
    exercise: bool
    correlation_id: UUID
    link: str
    tier: str
    sector: str | None
    categories: tuple[str, ...]
    why: str
    opened_at: datetime
    closed_at: datetime | None = None
    template: str | None = None
    grounds_lacking: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Missing:
    """What was found at an area: a link that nobody fills, for whichever categories and reason."""

    area_code: str
    link: str
    tier: str
    sector: str | None
    categories: tuple[str, ...]
    why: str
    template: str | None = None
    grounds_lacking: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class GapPolicy:
    """How long an area settles before it is looked at, and how often it is looked at then."""

    policy: str
    version: str
    valid_from: date
    valid_to: date | None
    settle_seconds: int
    look_every_seconds: int
    source: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Moves:
    """What becomes of gaps: those to open, those that changed and those that closed."""

    opened: tuple[Missing, ...]
    changed: tuple[Gap, ...]
    closed: tuple[Gap, ...]


def moves(open_now: Iterable[Gap], found: Iterable[Missing], now: datetime) -> Moves:
    """What has to be told so that the open gaps are those that were found; nothing where they are already."""
    known = {_key(gap): gap for gap in open_now}
    there = _merged(found)
    changed = tuple(
        replace(known[key], categories=one.categories, why=one.why, grounds_lacking=one.grounds_lacking)
        for key, one in there.items()
        if key in known and _said(known[key]) != _said(one)
    )
    closed = tuple(replace(gap, closed_at=max(now, gap.opened_at)) for key, gap in known.items() if key not in there)
    return Moves(opened=tuple(one for key, one in there.items() if key not in known), changed=changed, closed=closed)


def _merged(found: Iterable[Missing]) -> Mapping[Key, Missing]:
    """One for each area and link; where categories lack it for different reasons, the first reason stands for all."""
    merged: dict[Key, Missing] = {}
    for one in sorted(found, key=_order):
        before = merged.get(_key(one))
        categories = {*one.categories, *(before.categories if before else ())}
        merged[_key(one)] = replace(before or one, categories=tuple(sorted(categories)))
    return merged


def _order(one: Missing) -> tuple[str, ...]:
    return one.area_code, one.link, one.tier, one.sector or "", one.template or "", one.why


def _said(one: Gap | Missing) -> tuple[tuple[str, ...], str, int | None]:
    """What of a gap may change while it is open."""
    return one.categories, one.why, one.grounds_lacking


def _key(one: Gap | Missing) -> Key:
    return one.area_code, one.link, one.tier, one.sector, one.template
