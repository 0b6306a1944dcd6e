"""The doors of listed supervision."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, time
from typing import Annotated
from uuid import UUID

from fastapi import Query
from starlette.responses import Response

from libs.common.aggregates import load
from libs.common.clocks import CITY_ZONE
from libs.common.db import Tx
from libs.common.doors import Change, Read, Write
from libs.common.forms import AreaCode, Code, PageOut
from libs.common.openapi import refuses
from libs.common.pagination import Asked, Page, listed, page
from libs.common.problems import IdTaken, NotFound, PostUnsaid, RoleMissing
from libs.common.scope import Scope
from libs.common.strict_routes import router
from services.responsibility_registry.listings import actions, actions_time, rules, rules_counts, rules_who, store
from services.responsibility_registry.listings.actions import ListingOfOrder
from services.responsibility_registry.listings.api_shown import show, show_archive, show_quarter
from services.responsibility_registry.listings.forms import (
    DelistIn,
    IssueListingIn,
    ListingIn,
    ListingReasonIn,
    PublishListingIn,
)
from services.responsibility_registry.listings.forms_shown import ArchivesOut, ListingOut, ListingStatisticsOut
from services.responsibility_registry.listings.policies import POLICY
from services.responsibility_registry.listings.rules import Listing, ListingState
from services.responsibility_registry.listings.rules_counts import Archive, QuarterCount

routes = router("listings", prefix="/v1/listings")

_LEVEL = (RoleMissing, PostUnsaid, NotFound, rules_who.NotOfThisLevel, rules.ListingCannotMove)
Year = Annotated[int, Query(ge=2000, le=2100)]
Quarter = Annotated[int, Query(ge=1, le=4)]


@routes.post(
    "", status_code=201, response_model=ListingOut, summary="提请挂牌督办 Propose to list an order",
    responses=refuses(
        RoleMissing, PostUnsaid, NotFound, rules_who.OrderNotListable, actions.OrderListedAlready, rules.ListingWrong,
        IdTaken,
    ),
)  # fmt: skip
async def register(body: ListingIn, door: Write) -> Response:
    """Register the order of a major hazard, or one that failed again and again, to be listed ([P] local rules; which
    orders [DEF] policy listing 1). The level that is named decides within its working days."""
    new = body.new()
    return await door.perform(
        lambda tx: actions.register_listing(tx, new), show, created=True, show_again=actions.find_listing
    )


@routes.get("", response_model=PageOut[ListingOut], summary="挂牌督办列表 List listings")
async def list_listings(
    door: Read, asked: Asked, area_code: AreaCode | None = None, level: Code | None = None,
    state: ListingState | None = None, order_id: UUID | None = None, overdue: bool = False,
) -> Response:  # fmt: skip
    """Listings within your scope, the newest first: one level's archive by `level`; `overdue` shows what is past its
    limit."""

    async def find(tx: Tx) -> Page[ListingOfOrder]:
        within = await door.within(tx, area_code)
        found = await page(
            tx,
            store.list_listings(
                tx, state=state, level=level, order_id=order_id, areas=within, overdue_at=tx.now if overdue else None
            ),
            keys=store.ORDER, asked=asked, load=lambda row: load(Listing, row),
            fingerprint=["listings", area_code, level, state, str(order_id), overdue],
        )  # fmt: skip
        return await actions.with_page(tx, found)

    return await door.look(find, listed(show))


@routes.get("/archives", response_model=ArchivesOut, summary="三级管理档案 The archives of each level")
async def get_archives(door: Read, area_code: AreaCode | None = None) -> Response:
    """How many listings each level keeps ([SEED] 三级管理档案), by state, within your scope and an area with all
    below it; the entries are those of the list by `level`."""

    async def find(tx: Tx) -> Sequence[Archive]:
        return await actions_time.archives_of(tx, await door.within(tx, area_code))

    def shown(found: Sequence[Archive], _: Scope) -> ArchivesOut:
        levels = tuple(show_archive(one) for one in found)
        return ArchivesOut(area_code=area_code, levels=levels, policy_version=POLICY.name)

    return await door.look(find, shown)


@routes.get("/statistics", response_model=ListingStatisticsOut, summary="挂牌督办季度统计 A quarter in numbers")
async def get_statistics(door: Read, year: Year, quarter: Quarter, area_code: AreaCode | None = None) -> Response:
    """What was listed, published, supervised and taken off in a quarter at each level within your scope, and by when
    that is to be with the safety office ([P] the 15th of the next quarter's first month)."""
    days = [rules_counts.first_day(year, number) for number in (quarter, quarter + 1)]
    begin, end = (datetime.combine(day, time(), CITY_ZONE).astimezone(UTC) for day in days)

    async def find(tx: Tx) -> Sequence[QuarterCount]:
        return await actions_time.quarter_of(tx, await door.within(tx, area_code), begin, end)

    def shown(found: Sequence[QuarterCount], _: Scope) -> ListingStatisticsOut:
        return ListingStatisticsOut(
            area_code=area_code, year=year, quarter=quarter, source=POLICY.statistics_source,
            report_due_on=rules_counts.due_on(year, quarter, POLICY),
            levels=tuple(show_quarter(one) for one in found),
        )  # fmt: skip

    return await door.look(find, shown)


@routes.get(
    "/{listing_id}", response_model=ListingOut, summary="挂牌督办详情 One listing", responses=refuses(NotFound)
)
async def get_listing(listing_id: UUID, door: Read) -> Response:
    """One listing within your scope, or of an order within it, with every promise and the rule behind it."""
    return await door.look(lambda tx: actions.find_listing(tx, listing_id), show)


@routes.post(
    "/{listing_id}/issue", response_model=ListingOut, summary="下达挂牌督办通知书 List by a notice",
    responses=refuses(*_LEVEL, rules_who.OrderNotListable, rules.ListingWrong),
)  # fmt: skip
async def issue(listing_id: UUID, body: IssueListingIn, door: Change) -> Response:
    """A leader's post of the level lists it; the notice names unit, supervisor and content ([P]). The limit equals
    the order's due time and follows its extensions and pauses. Another level than the proposed one may take it on."""
    expected = door.expected_version
    return await door.perform(
        lambda tx: actions.issue_listing(tx, listing_id, expected, body.notice()), show,
        show_again=actions.find_listing,
    )  # fmt: skip


@routes.post(
    "/{listing_id}/refuse", response_model=ListingOut, summary="不予挂牌 Do not list", responses=refuses(*_LEVEL)
)
async def refuse(listing_id: UUID, body: ListingReasonIn, door: Change) -> Response:
    """The level that was named does not list it, and says why."""
    expected = door.expected_version
    return await door.perform(
        lambda tx: actions.refuse_listing(tx, listing_id, expected, body.reason), show,
        show_again=actions.find_listing,
    )  # fmt: skip


@routes.post(
    "/{listing_id}/publish", response_model=ListingOut, summary="登记公布 Enter the publication",
    responses=refuses(*_LEVEL, rules.ListingWrong),
)  # fmt: skip
async def publish(listing_id: UUID, body: PublishListingIn, door: Change) -> Response:
    """Enter where and when the listing was published, and once it was taken off, its end ([P] in local media). The
    words are open to everybody from now on: telephone and identity numbers, and a person's name, are refused."""
    expected = door.expected_version
    return await door.perform(
        lambda tx: actions.publish_listing(tx, listing_id, expected, body.shown()), show,
        show_again=actions.find_listing,
    )  # fmt: skip


@routes.post(
    "/{listing_id}/delist", response_model=ListingOut, summary="摘牌 Take off the list", responses=refuses(*_LEVEL)
)
async def delist(listing_id: UUID, body: DelistIn, door: Change) -> Response:
    """A leader's post of the level takes off what has passed; the look-back gets its time ([DEF] ninety days)."""
    expected = door.expected_version
    return await door.perform(
        lambda tx: actions.delist(tx, listing_id, expected, body.words), show, show_again=actions.find_listing
    )
