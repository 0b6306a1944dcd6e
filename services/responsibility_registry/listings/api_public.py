"""The doors of published listings, which are open to everybody."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Depends
from starlette.responses import Response

from libs.common.aggregates import load
from libs.common.db import Tx
from libs.common.doors import Door, public_door
from libs.common.forms import AreaCode, Code, PageOut
from libs.common.openapi import refuses
from libs.common.pagination import Asked, Page, listed, page
from libs.common.problems import NotFound
from libs.common.strict_routes import router
from services.responsibility_registry.listings import actions, store
from services.responsibility_registry.listings.actions import ListingOfOrder
from services.responsibility_registry.listings.api_shown import show_published
from services.responsibility_registry.listings.forms_shown import PublishedListingOut
from services.responsibility_registry.listings.policies import POLICY
from services.responsibility_registry.listings.rules import Listing

routes = router("published-listings", prefix="/v1/published-listings")
Anybody = Annotated[Door, Depends(public_door("public:listings", "read"))]


@routes.get("", response_model=PageOut[PublishedListingOut], summary="挂牌督办公开 Published listings")
async def list_published(
    door: Anybody, asked: Asked, area_code: AreaCode | None = None, level: Code | None = None
) -> Response:
    """What is listed in public, the newest first, as it was published ([P] 向社会公布): no names of persons, nothing
    of who reported. What was taken off stays for half a year ([DEF]). Open to everybody."""

    async def find(tx: Tx) -> Page[ListingOfOrder]:
        within = await door.within(tx, area_code)
        found = await page(
            tx, store.list_published(tx, level=level, areas=within, days_after=POLICY.public_days_after_delisting),
            keys=store.ORDER, asked=asked, load=lambda row: load(Listing, row),
            fingerprint=["published-listings", area_code, level],
        )  # fmt: skip
        return await actions.with_page(tx, found)

    return await door.look(find, listed(show_published))


@routes.get(
    "/{listing_id}", response_model=PublishedListingOut, summary="公开的挂牌督办 One published listing",
    responses=refuses(NotFound),
)  # fmt: skip
async def get_published(listing_id: UUID, door: Anybody) -> Response:
    """One listing as it was published, with its limit as it is now. Open to everybody."""
    return await door.look(lambda tx: actions.find_published(tx, listing_id), show_published)
