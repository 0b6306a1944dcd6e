"""The shapes of the report of gaps and overlaps, as a list and as a layer of a map."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from itertools import groupby
from typing import Any, Literal
from uuid import UUID

import orjson
from pydantic import Field

from libs.common.forms import Shown
from libs.common.scope import Scope
from services.responsibility_registry.gaps.actions import Finding, Found
from services.responsibility_registry.gaps.rules import Gap


class FoundPostOut(Shown):
    """A post whose duty has to do with it; without names where the registry has none."""

    id: UUID
    duty_id: UUID
    name_zh: str | None
    name_en: str | None


class FindingOut(Shown):
    """A gap or an overlap at an area, in a link, for these categories. `posts`: of an overlap those that claim the
    same, the one that goes before first; of a gap those that stand vacant."""

    kind: Literal["gap", "overlap"]
    area_code: str
    tier: str
    link: str
    link_tier: str
    sector: str | None
    categories: tuple[str, ...]
    why: str
    posts: list[FoundPostOut]
    clause: str
    source: str


class ReportOut(Shown):
    """A page of the report. It may be short, or empty, while there is more: so many areas are looked at for each."""

    at: datetime
    items: list[FindingOut]
    next: str | None = Field(description="the cursor of the next page; null at the end", examples=[None])


class GapRecordOut(Shown):
    """A gap as it was told: when it was found, and when somebody answered again."""

    id: UUID
    version: int
    area_code: str
    link: str
    tier: str
    sector: str | None
    categories: tuple[str, ...]
    why: str
    opened_at: datetime
    closed_at: datetime | None
    template: str | None = Field(description="the chain template whose link it is; null: of the responsible chain")
    grounds_lacking: int | None = Field(description="over how many grounds at the area the link does not stand")
    correlation_id: UUID


class GapMarkOut(Shown):
    """What a map says of an area."""

    area_code: str
    name: str | None
    gaps: int
    overlaps: int
    findings: list[FindingOut]


class GapFeatureOut(Shown):
    """An area with its shape; without geometry where none is known."""

    type: Literal["Feature"]
    id: str
    geometry: dict[str, Any] | None
    properties: GapMarkOut


class GapLayerOut(Shown):
    """A GeoJSON FeatureCollection (RFC 7946) with two members of our own, `at` and `next`."""

    type: Literal["FeatureCollection"]
    at: datetime
    features: list[GapFeatureOut]
    next: str | None = Field(description="the cursor of the next page; null at the end", examples=[None])


def show_finding(one: Finding, found: Found) -> dict[str, Any]:
    """One finding as JSON."""
    posts = []
    for id_, duty_id in zip(one.post_ids, one.duty_ids, strict=True):
        name = found.names.get(id_)
        said = {"name_zh": name and name.zh, "name_en": name and name.en}
        posts.append({"id": id_, "duty_id": duty_id, **said})
    return {
        "kind": one.kind, "area_code": one.area_code, "tier": one.tier, "link": one.role, "link_tier": one.link_tier,
        "sector": one.sector, "categories": one.categories, "why": one.why, "posts": posts, "clause": one.clause,
        "source": one.source,
    }  # fmt: skip


def show_report(found: Found, at: datetime, following: str | None) -> dict[str, Any]:
    """A page of the report as JSON."""
    return {"at": at, "items": [show_finding(one, found) for one in found.findings], "next": following}


def show_layer(found: Found, drawn: Mapping[str, Any], at: datetime, following: str | None) -> dict[str, Any]:
    """A page of the report as GeoJSON: a feature for each area."""
    features = []
    for code, group in groupby(found.findings, key=lambda one: one.area_code):
        here, drawing = list(group), drawn.get(code)
        gaps = sum(one.kind == "gap" for one in here)
        shape = drawing.shape if drawing else None
        mark = {
            "area_code": code, "name": drawing.name if drawing else None, "gaps": gaps, "overlaps": len(here) - gaps,
            "findings": [show_finding(one, found) for one in here],
        }  # fmt: skip
        geometry = None if shape is None else orjson.loads(shape)
        features.append({"type": "Feature", "id": code, "geometry": geometry, "properties": mark})
    return {"type": "FeatureCollection", "at": at, "features": features, "next": following}


def show_gap(gap: Gap, scope: Scope) -> GapRecordOut:
    """A gap as it was told."""
    del scope
    return GapRecordOut.model_validate(gap)
