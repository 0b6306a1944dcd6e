"""The doors of links of liability."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query
from starlette.responses import Response

from libs.common.aggregates import load
from libs.common.clocks import city_day, now
from libs.common.db import Tx
from libs.common.doors import Change, Read, Write
from libs.common.forms import AreaCode, Code, Line, PageOut
from libs.common.openapi import refuses
from libs.common.pagination import Asked, Page, listed, page
from libs.common.problems import IdTaken, RoleMissing
from libs.common.scope import Scope
from libs.common.strict_routes import router
from services.responsibility_registry.liability_links import actions, rules, store
from services.responsibility_registry.liability_links.forms import Day, EndLinkIn, LinkIn, LinkOut
from services.responsibility_registry.liability_links.policies import RELATIONS
from services.responsibility_registry.liability_links.rules import LiabilityLink

routes = router("liability-links", prefix="/v1/liability-links")
_FIELDS = tuple(name for name in LinkOut.model_fields if name not in {"relation_zh", "relation_en", "actions"})
Party = Annotated[Line | None, Query(max_length=36, description="a credit code, or a risk object's id")]


def show(link: LiabilityLink, scope: Scope) -> LinkOut:
    """A link, and what the caller may do with it."""
    may = scope.holds_every(*actions.KEEPS, area_code=link.area_code, sectors=link.sectors)
    called = RELATIONS.get(link.relation)
    return LinkOut(
        **{name: getattr(link, name) for name in _FIELDS},
        relation_zh=called.zh if called else link.relation, relation_en=called.en if called else link.relation,
        actions=rules.open_moves(link, city_day(now())) if may else (),
    )  # fmt: skip


@routes.post(
    "", status_code=201, response_model=LinkOut, summary="登记关联 Register a link of liability",
    responses=refuses(rules.LinkWrong, rules.LinkExists, RoleMissing, IdTaken),
)  # fmt: skip
async def register(body: LinkIn, door: Write) -> Response:
    """Say that two parties share what happens to one of them (连坐), as which relation, from which day, by which
    paper: a haulier and a building site, a tenant and the owner, a vehicle and its platform. A decision or a fire on
    one proposes a measure against the other, as the city's rule for the relation says ([SEED] 工程车“连坐”)."""
    new = body.new()
    return await door.perform(
        lambda tx: actions.register_link(tx, new), show, created=True, show_again=store.find_link
    )


@routes.get("", response_model=PageOut[LinkOut], summary="关联列表 List links of liability")
async def list_links(
    door: Read, asked: Asked, area_code: AreaCode | None = None, relation: Code | None = None,
    party_id: Party = None, on: Day | None = None,
) -> Response:  # fmt: skip
    """Links within your scope, the newest first: by area, by relation, of one party, or those that are there on a
    day."""

    async def find(tx: Tx) -> Page[LiabilityLink]:
        within = await door.within(tx, area_code)
        return await page(
            tx, store.list_links(tx, areas=within, relation=relation, party_id=party_id, on=on), keys=store.ORDER,
            asked=asked, load=lambda row: load(LiabilityLink, row),
            fingerprint=["liability-links", area_code, relation, party_id, str(on)],
        )  # fmt: skip

    return await door.look(find, listed(show))


@routes.get("/{link_id}", response_model=LinkOut, summary="关联详情 One link of liability")
async def get_link(link_id: UUID, door: Read) -> Response:
    """One link by its id."""
    return await door.look(lambda tx: store.find_link(tx, link_id), show)


@routes.post(
    "/{link_id}/end", response_model=LinkOut, summary="终止关联 End a link of liability",
    responses=refuses(rules.LinkAlreadyEnded, rules.LinkWrong, RoleMissing),
)  # fmt: skip
async def end(link_id: UUID, body: EndLinkIn, door: Change) -> Response:
    """They belong together no more from today or a later day on; what happened before counts by it as it was."""
    expected = door.expected_version
    return await door.perform(
        lambda tx: actions.end_link(tx, link_id, expected, body.on, body.reason), show, show_again=store.find_link
    )
