"""The shapes of the answers whether chains stand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any, Literal
from uuid import UUID

import orjson
from pydantic import Field

from libs.common.forms import Shown
from services.responsibility_registry.chain_templates.actions_checks import ChainsFound, Posts, Rolled
from services.responsibility_registry.chain_templates.rules import ChainTemplate
from services.responsibility_registry.chain_templates.rules_found import (
    ChainFinding,
    ChainFindingKind,
    LinkState,
    UnitChain,
)


class ChainPostOut(Shown):
    """A post that has to do with a finding; without names where the registry has none."""

    id: UUID
    name_zh: str | None
    name_en: str | None


class ChainFindingOut(Shown):
    """What is wrong with one link over one ground. `unit_code`: the grid's code or the object's id; null where the
    ground is the area itself. `found` of at least `at_least` and at most `at_most` posts, or grounds of one post."""

    kind: Literal["missing", "break", "too_few", "too_many", "over_span"]
    why: str
    area_code: str
    link: str
    on: str
    unit_id: UUID | None
    unit_code: str | None
    found: int
    at_least: int
    at_most: int | None
    posts: list[ChainPostOut]


class ChainReportOut(Shown):
    """A page of the findings. It may be short, or empty, while there is more: so many areas are looked at."""

    template: str
    at: datetime
    items: list[ChainFindingOut]
    next: str | None = Field(description="the cursor of the next page; null at the end", examples=[None])


class ChainMarkOut(Shown):
    """What a map says of an area."""

    area_code: str
    name: str | None
    findings: list[ChainFindingOut]


class ChainFeatureOut(Shown):
    """An area with its shape; without geometry where none is known."""

    type: Literal["Feature"]
    id: str
    geometry: dict[str, Any] | None
    properties: ChainMarkOut


class ChainLayerOut(Shown):
    """A GeoJSON FeatureCollection (RFC 7946) with members of our own: `template`, `at` and `next`."""

    type: Literal["FeatureCollection"]
    template: str
    at: datetime
    features: list[ChainFeatureOut]
    next: str | None = Field(description="the cursor of the next page; null at the end", examples=[None])


class ChainTallyOut(Shown):
    """How the chains of an area and all below it stand: units, with a full chain, with a link that nobody fills, with
    a link that answers for another ground; and the findings that are said at these areas, by kind."""

    area_code: str
    name: str | None
    units: int
    full: int
    orphans: int
    broken: int
    links_missing: int
    links_broken: int
    too_few: int
    too_many: int
    over_span: int


class ChainSummaryOut(Shown):
    """A page of the roll-up. It may be short, or empty, while there is more."""

    template: str
    tier: str
    at: datetime
    items: list[ChainTallyOut]
    next: str | None = Field(description="the cursor of the next page; null at the end", examples=[None])


class ChainSeatOut(Shown):
    """Who is in a link since when: `post_id` acts, for `vacant_post_id` where it stands in; by which document, and by
    which assignment, duty or pairing."""

    post_id: UUID
    name_zh: str | None
    name_en: str | None
    vacant_post_id: UUID | None
    superior_post_id: UUID | None
    since: datetime
    document: str
    held_id: UUID


class ChainLinkStateOut(Shown):
    """One link over one unit. Its ground is the area, or (`unit_id`) a grid or object in it; null: none."""

    link: str
    zh: str
    en: str
    on: str
    held_by: str
    area_code: str | None
    unit_id: UUID | None
    seats: list[ChainSeatOut]
    findings: list[ChainFindingOut]


class UnitChainOut(Shown):
    """The chain over one unit, the widest link first; `full` where nothing is missing and nothing broken."""

    template: str
    edition: int
    at: datetime
    area_code: str
    unit_id: UUID | None
    unit_code: str
    name: str
    full: bool
    links: list[ChainLinkStateOut]


def show_finding(one: ChainFinding, posts: Posts) -> dict[str, Any]:
    """One finding as JSON."""
    named = [{"id": id_, **_names(id_, posts)} for id_ in one.post_ids]
    return {
        "kind": one.kind, "why": one.why, "area_code": one.area_code, "link": one.link, "on": one.on,
        "unit_id": one.unit_id, "unit_code": one.unit_code or None, "found": one.found, "at_least": one.least,
        "at_most": one.most, "posts": named,
    }  # fmt: skip


def _names(post_id: UUID, posts: Posts) -> dict[str, str | None]:
    post = posts.get(post_id)
    return {"name_zh": post.name_zh if post else None, "name_en": post.name_en if post else None}


def show_report(code: str, found: ChainsFound, at: datetime, following: str | None) -> dict[str, Any]:
    """A page of the findings as JSON."""
    items = [show_finding(one, found.posts) for one in found.findings]
    return {"template": code, "at": at, "items": items, "next": following}


def show_layer(
    code: str, found: ChainsFound, drawn: Mapping[str, Any], at: datetime, following: str | None
) -> dict[str, Any]:  # fmt: skip
    """A page of the findings as GeoJSON: a feature for each area."""
    features = []
    for area_code, group in groupby(found.findings, key=lambda one: one.area_code):
        drawing = drawn.get(area_code)
        mark = {
            "area_code": area_code, "name": drawing.name if drawing else None,
            "findings": [show_finding(one, found.posts) for one in group],
        }  # fmt: skip
        shape = drawing.shape if drawing else None
        geometry = None if shape is None else orjson.loads(shape)
        features.append({"type": "Feature", "id": area_code, "geometry": geometry, "properties": mark})
    return {"type": "FeatureCollection", "template": code, "at": at, "features": features, "next": following}


def show_summary(code: str, tier: str, found: Rolled, at: datetime, following: str | None) -> dict[str, Any]:
    """A page of the roll-up as JSON."""
    items = []
    for one in found.tallies:
        drawing, counts = found.names.get(one.area_code), one.findings
        said = {name: counts.get(kind, 0) for name, kind in _COUNTS}
        items.append(
            {"area_code": one.area_code, "name": drawing.name if drawing else None, "units": one.units,
             "full": one.full, "orphans": one.orphans, "broken": one.broken, **said}
        )  # fmt: skip
    return {"template": code, "tier": tier, "at": at, "items": items, "next": following}


def show_unit(template: ChainTemplate, chain: UnitChain, posts: Posts, at: datetime) -> dict[str, Any]:
    """The chain of one unit as JSON."""
    return {
        "template": template.code, "edition": template.edition, "at": at, "area_code": chain.unit.area_code,
        "unit_id": chain.unit.id, "unit_code": chain.unit.code, "name": chain.unit.name, "full": chain.full,
        "links": [_link(one, posts) for one in chain.links],
    }  # fmt: skip


def _link(state: LinkState, posts: Posts) -> dict[str, Any]:
    seats: Sequence[dict[str, Any]] = [
        {
            "post_id": one.post_id, **_names(one.post_id, posts), "vacant_post_id": one.vacant_post_id,
            "superior_post_id": one.holding.superior_post_id, "since": one.holding.since,
            "document": one.holding.document, "held_id": one.holding.id,
        }
        for one in state.seats
    ]  # fmt: skip
    link, ground = state.link, state.ground
    return {
        "link": link.code, "zh": link.zh, "en": link.en, "on": link.on, "held_by": link.held_by,
        "area_code": None if ground is None else ground.area_code,
        "unit_id": None if ground is None else ground.unit_id, "seats": seats,
        "findings": [show_finding(one, posts) for one in state.findings],
    }  # fmt: skip


_COUNTS = (
    ("links_missing", ChainFindingKind.MISSING), ("links_broken", ChainFindingKind.BREAK),
    ("too_few", ChainFindingKind.TOO_FEW), ("too_many", ChainFindingKind.TOO_MANY),
    ("over_span", ChainFindingKind.OVER_SPAN),
)  # fmt: skip
