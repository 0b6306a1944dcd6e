"""The door for events: areas that are merged or split take the rights over them along."""

from __future__ import annotations

from gateway.subjects import actions_areas
from libs.common.db import Tx
from libs.common.hearing import on
from libs.contracts.areas import AreaMerged, AreaSplit
from libs.contracts.event import Heard


async def on_area_merged(event: Heard[AreaMerged], tx: Tx) -> None:
    """An area passed to another."""
    told = event.data
    await actions_areas.follow_area(tx, told.state.code, [told.into], told.at, told.document)


async def on_area_split(event: Heard[AreaSplit], tx: Tx) -> None:
    """An area passed to several others; one that goes on keeps what was given over it."""
    told = event.data
    if not told.goes_on:
        await actions_areas.follow_area(tx, told.state.code, told.into, told.at, told.document)


LISTENS = (on(AreaMerged, on_area_merged), on(AreaSplit, on_area_split))
