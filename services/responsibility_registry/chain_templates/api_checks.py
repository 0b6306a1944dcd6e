"""The doors to whether chains stand: findings, the same as a layer of a map, a roll-up, and the chain of one unit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Depends, Query
from starlette.responses import Response

from libs.common.db import Tx
from libs.common.doors import Read
from libs.common.forms import AreaCode, Code, Moment
from libs.common.openapi import refuses
from libs.common.pagination import BadCursor, encode_cursor, fingerprint_of, unpack
from libs.common.problems import NotFound
from libs.common.strict_routes import router
from services.responsibility_registry.chain_templates import actions_checks as actions
from services.responsibility_registry.chain_templates.actions_checks import ChainsFound, Rolled
from services.responsibility_registry.chain_templates.forms_checks import (
    ChainLayerOut,
    ChainReportOut,
    ChainSummaryOut,
    UnitChainOut,
    show_layer,
    show_report,
    show_summary,
    show_unit,
)
from services.responsibility_registry.chain_templates.rules_refusals import UnitSaidOnce

check_routes = router("chain-checks", prefix="/v1/chain-checks")
_MOST_FOUND, _MOST_DRAWN = 500, 100
At = Annotated[Moment | None, Query(description="now where it is left out")]
Template = Annotated[Code, Query(description="a template's code, as in `/v1/chain-templates/catalogue`")]


@dataclass(frozen=True, kw_only=True, slots=True)
class Asking:
    """What is asked of the chains."""

    template: str
    area_code: str
    at: datetime | None
    cursor: str | None

    def mark(self, *more: str) -> str:
        """What a cursor belongs to: the instant too, where one is named."""
        return fingerprint_of(["chain-checks", self.template, self.area_code, str(self.at), *more], ())

    def after(self, parts: int, *more: str) -> list[str] | None:
        """The place behind which the page begins, of so many parts. Raises BadCursor (400)."""
        if self.cursor is None:
            return None
        mark, *place = unpack(self.cursor)
        if mark != self.mark(*more) or len(place) != parts or not all(isinstance(one, str) for one in place):
            raise BadCursor
        return place

    def following(self, last: tuple[str, ...] | None, *more: str) -> str | None:
        """The cursor of the next page."""
        return None if last is None else encode_cursor(self.mark(*more), last)


async def asked_chains(
    template: Template,
    area_code: Annotated[AreaCode, Query(description="this area and all below it")],
    at: At = None,
    cursor: Annotated[str | None, Query(max_length=1000, description="`next` of the page before")] = None,
) -> Asking:
    """The query parameters of the questions about an area."""
    return Asking(template=template, area_code=area_code, at=at, cursor=cursor)


AskedChains = Annotated[Asking, Depends(asked_chains)]


@check_routes.get(
    "",
    response_model=ChainReportOut,
    summary="责任链核查 Whether chains stand",
    responses=refuses(BadCursor, NotFound),
)
async def check(door: Read, asking: AskedChains, limit: Annotated[int, Query(ge=1, le=_MOST_FOUND)] = 50) -> Response:
    """Every link of every unit's chain that nobody fills (`missing`), that answers for another ground (`break`), that
    has fewer or more posts than the template asks, and every post or person who carries more grounds than it allows
    (`over_span`), looked for at that instant ([SEED] 每一地块责任链完整). A link is said once at its own ground, not
    again at each unit below. 1,000 areas are looked at for a page: it may be short while `next` says there is
    more."""

    async def find(tx: Tx) -> tuple[ChainsFound, datetime]:
        at = asking.at or tx.now
        return await _found(tx, asking, at, limit), at

    return await door.look(
        find, lambda found, _: show_report(asking.template, *found, asking.following(found[0].last))
    )


@check_routes.get(
    "/map", response_model=ChainLayerOut, summary="责任链图层 Chains as a map layer",
    responses=refuses(BadCursor, NotFound),
)  # fmt: skip
async def layer(door: Read, asking: AskedChains, limit: Annotated[int, Query(ge=1, le=_MOST_DRAWN)] = 50) -> Response:
    """The same as GeoJSON in WGS 84: a feature for each area with what is wrong there; its geometry is null where no
    shape is known. `limit` counts findings, and an area's may go on on the next page."""

    async def find(tx: Tx) -> tuple[ChainsFound, Mapping[str, Any], datetime]:
        at = asking.at or tx.now
        found = await _found(tx, asking, at, limit)
        return found, await actions.drawn_of(tx, found), at

    return await door.look(
        find, lambda found, _: show_layer(asking.template, *found, asking.following(found[0].last))
    )


@check_routes.get(
    "/summary", response_model=ChainSummaryOut, summary="责任链汇总 Chains by tier",
    responses=refuses(BadCursor, NotFound),
)  # fmt: skip
async def sum_up(
    door: Read, asking: AskedChains,
    tier: Annotated[Literal["county", "township", "village"], Query(description="a row for each")] = "township",
    limit: Annotated[int, Query(ge=1, le=_MOST_DRAWN)] = 50,
) -> Response:  # fmt: skip
    """How many units each village, township or county has, and how many of their chains are full, without a link, or
    broken; with the findings that are said there by kind. Areas without units and findings are left out."""

    async def find(tx: Tx) -> tuple[Rolled, datetime]:
        at, after = asking.at or tx.now, asking.after(1, tier)
        place = None if after is None else after[0]
        return await actions.summary(tx, asking.template, asking.area_code, at, tier, place, limit), at

    def shown(found: tuple[Rolled, datetime], _: object) -> dict[str, Any]:
        last = None if found[0].last is None else (found[0].last,)
        return show_summary(asking.template, tier, *found, asking.following(last, tier))

    return await door.look(find, shown)


@check_routes.get(
    "/unit", response_model=UnitChainOut, summary="一个单元的责任链 The chain of one unit",
    responses=refuses(NotFound, UnitSaidOnce),
)  # fmt: skip
async def get_unit_chain(
    door: Read, template: Template, area_code: AreaCode | None = None, grid_id: UUID | None = None,
    object_id: UUID | None = None, at: At = None,
) -> Response:  # fmt: skip
    """Who is in which link over one area, grid or risk object, since when and by which document, from the widest
    ground to the narrowest, for now or for any instant; with what is wrong in each link."""

    async def find(tx: Tx) -> dict[str, Any]:
        if sum(one is not None for one in (area_code, grid_id, object_id)) != 1:
            raise UnitSaidOnce
        when = at or tx.now
        found = await actions.chain_of_unit(
            tx, template, when, area_code=area_code, grid_id=grid_id, object_id=object_id
        )
        return show_unit(*found, when)

    return await door.look(find, lambda found, _: found)


async def _found(tx: Tx, asking: Asking, at: datetime, limit: int) -> ChainsFound:
    after = asking.after(2)
    place = None if after is None else (after[0], after[1])
    return await actions.report(tx, asking.template, asking.area_code, at, place, limit)
