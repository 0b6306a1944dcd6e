"""Grids as the units of another slice's chains."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from libs.common.db import Tx
from services.responsibility_registry.grids import store_units as store
from services.responsibility_registry.grids.store_units import GridUnit

__all__ = ["GridUnit", "grids_of_codes", "places_with", "units_by_id", "units_of"]
MOST_OF_AN_AREA = 999
"""A grid's serial has three digits: so many at most are of one kind and one area."""


async def units_of(tx: Tx, kind: str, codes: Collection[str], at: datetime) -> Sequence[GridUnit]:
    """The grids of a kind that belong to these very areas at an instant, by code; for another slice."""
    return await store.units_of(tx, kind, codes, at, MOST_OF_AN_AREA * max(len(codes), 1))


async def units_by_id(tx: Tx, ids: Sequence[UUID], at: datetime) -> dict[UUID, GridUnit]:
    """Those of the grids that hold at an instant; for another slice."""
    return await store.units_by_id(tx, ids, at)


async def places_with(tx: Tx, kind: str, asked: Sequence[tuple[str, str, str]], at: datetime) -> frozenset[str]:
    """Of (place, first area, last area) the places that have a grid of a kind in the range; for another slice."""
    return await store.places_with(tx, kind, asked, at)


async def grids_of_codes(tx: Tx, codes: Collection[str]) -> Mapping[str, tuple[UUID, str, str]]:
    """The id, area and kind of those of the grids that exist, by their codes; for another slice."""
    return await store.by_codes(tx, codes)
