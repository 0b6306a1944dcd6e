"""The doors to the daily heads: one for auditors' programs, one that stands open."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import Depends, Query, Response
from pydantic import Field

from gateway.seal_heads import actions
from gateway.services import Services
from libs.common.daily_heads import newest_days
from libs.common.doors import Door, Read, public_door
from libs.common.forms import Shown
from libs.common.openapi import refuses
from libs.common.problems import Unavailable
from libs.common.strict_routes import router

routes = router("seal-heads")
Public = Annotated[Door, Depends(public_door("seal heads", "read"))]
OPEN_DAYS = 31
"""[DEF] So many days stand open to everybody; whoever looks once a month misses none."""
KEPT_SECONDS = 3600


class SealHeadOut(Shown):
    """What was sealed in one chain on one day of the city; hashes are hexadecimal."""

    service: str = Field(description="whose chain it is")
    day: date
    first_batch: int
    last_batch: int
    batches: int
    root: str = Field(description="the Merkle root over the links of the day's batches")
    previous: str = Field(description="the link of the day before")
    chained: str = Field(description="the link of this day: keep this one line, and every row of the day is pinned")
    algorithm: str


class MissingChain(Shown):
    """A chain whose service could not be asked."""

    service: str
    reason: str


class SealHeadsOut(Shown):
    """Daily heads of every chain, newest day first."""

    items: list[SealHeadOut]
    missing: list[MissingChain]
    complete: bool


@routes.get(
    "/v1/seal-heads",
    response_model=SealHeadsOut,
    summary="每日封存日头 Daily heads of the seals",
    responses=refuses(Unavailable),
)
async def list_seal_heads(
    door: Read,
    services: Services,
    days: Annotated[int, Query(ge=1, le=400, description="so many of the newest days of each chain")] = OPEN_DAYS,
) -> Response:
    """One line a day and chain that pins everything sealed on that day. Keep it outside (on paper, in a newspaper, at
    a timestamp authority): later it tells a forged row of that day, and of all days before, from a true one. Nothing
    here says anything about anybody, so every caller may read it."""
    async with door.read() as tx:
        own = await newest_days(tx, days)
    return door.answer(await actions.compose_heads(services, own, days))


@routes.get(
    "/.well-known/seal-heads.json",
    response_model=SealHeadsOut,
    summary="公开的封存日头 The same for everybody",
    responses=refuses(Unavailable),
)
async def show_open_heads(door: Public, services: Services) -> Response:
    """The heads of the last month without a token, so that anybody can keep them and hold them against us later. They
    are dates, counts of batches and hashes of hashes over salted commitments: nothing can be guessed from them."""
    async with door.read() as tx:
        own = await newest_days(tx, OPEN_DAYS)
    headers = {"Cache-Control": f"public, max-age={KEPT_SECONDS}", "Vary": "Accept"}
    return door.answer(await actions.compose_heads(services, own, OPEN_DAYS), headers=headers)
