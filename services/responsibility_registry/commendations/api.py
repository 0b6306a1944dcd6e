"""The doors of commendations."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query
from starlette.responses import Response

from libs.common.aggregates import load
from libs.common.clocks import city_day, now
from libs.common.db import Tx
from libs.common.doors import Change, Read, Write
from libs.common.forms import AreaCode, Line, PageOut
from libs.common.openapi import refuses
from libs.common.pagination import Asked, Page, listed, page
from libs.common.problems import IdTaken, RoleMissing
from libs.common.scope import Scope
from libs.common.strict_routes import router
from services.responsibility_registry.commendations import actions, rules, store
from services.responsibility_registry.commendations.forms import CommendationIn, CommendationOut, RevokeCommendationIn
from services.responsibility_registry.commendations.policies import LEVELS
from services.responsibility_registry.commendations.rules import Commendation

routes = router("commendations", prefix="/v1/commendations")
HonouredId = Annotated[
    Line | None, Query(max_length=36, description="of a post or organisation, or a firm's credit code")
]
Level = Annotated[int | None, Query(ge=1, le=9)]
_SAID_APART = {"level_zh", "level_en", "worn", "actions"}
_FIELDS = tuple(name for name in CommendationOut.model_fields if name not in _SAID_APART)


def show(one: Commendation, scope: Scope) -> CommendationOut:
    """An honour, and what the caller may do with it."""
    may = scope.holds_every(*actions.ENTERS, area_code=one.area_code, sectors=one.sectors)
    level = next((each for each in LEVELS.levels if each.ordinal == one.level_ordinal), None)
    return CommendationOut(
        **{name: getattr(one, name) for name in _FIELDS}, level_zh=level.zh if level else "",
        level_en=level.en if level else "", worn=rules.is_worn(one, city_day(now())),
        actions=rules.open_moves(one) if may else (),
    )  # fmt: skip


@routes.post(
    "", status_code=201, response_model=CommendationOut, summary="录入表彰 Enter a commendation",
    responses=refuses(rules.CommendationWrong, rules.CommendationExists, RoleMissing, IdTaken),
)  # fmt: skip
async def award(body: CommendationIn, door: Write) -> Response:
    """Enter the decision of an authority to honour a post, an organisation or a firm, for what it did. There are
    three levels ([SEED] 三级表彰): an honour is of the level of its authority."""
    new = body.new()
    return await door.perform(
        lambda tx: actions.award(tx, new), show, created=True, show_again=store.find_commendation
    )


@routes.get("", response_model=PageOut[CommendationOut], summary="表彰列表 List commendations")
async def list_commendations(
    door: Read, asked: Asked, area_code: AreaCode | None = None, honoured_id: HonouredId = None,
    level_ordinal: Level = None, worn: bool = False,
) -> Response:  # fmt: skip
    """Honours within your scope, the latest first: by area, of somebody, of a level, or those that are worn now."""

    async def find(tx: Tx) -> Page[Commendation]:
        within = await door.within(tx, area_code)
        chosen = store.list_commendations(
            tx, areas=within, honoured_id=honoured_id, level=level_ordinal,
            worn_on=city_day(tx.now) if worn else None,
        )  # fmt: skip
        return await page(
            tx, chosen, keys=store.ORDER, asked=asked, load=lambda row: load(Commendation, row),
            fingerprint=["commendations", area_code, honoured_id, level_ordinal, worn],
        )  # fmt: skip

    return await door.look(find, listed(show))


@routes.get("/{commendation_id}", response_model=CommendationOut, summary="表彰详情 One commendation")
async def get_commendation(commendation_id: UUID, door: Read) -> Response:
    """One honour by its id."""
    return await door.look(lambda tx: store.find_commendation(tx, commendation_id), show)


@routes.post(
    "/{commendation_id}/revoke", response_model=CommendationOut, summary="撤销表彰 Revoke a commendation",
    responses=refuses(rules.CommendationAlreadyRevoked, RoleMissing),
)  # fmt: skip
async def revoke(commendation_id: UUID, body: RevokeCommendationIn, door: Change) -> Response:
    """The honour is taken back by a decision, with its reason; it stays on record."""
    expected = door.expected_version
    return await door.perform(
        lambda tx: actions.revoke(tx, commendation_id, expected, body.document, body.reason), show,
        show_again=store.find_commendation,
    )  # fmt: skip
