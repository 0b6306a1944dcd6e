"""The doors of packs: the rules of evaluations, with the history of their weights."""

from __future__ import annotations

from uuid import UUID

from starlette.responses import Response

from libs.common.aggregates import load
from libs.common.doors import Read, Write
from libs.common.forms import AreaCode, Code, PageOut
from libs.common.openapi import refuses
from libs.common.pagination import Asked, listed, page
from libs.common.problems import IdTaken, NotFound
from libs.common.scope import Scope
from libs.common.strict_routes import router
from services.responsibility_registry.evaluations import actions_packs as actions
from services.responsibility_registry.evaluations import store_packs as store
from services.responsibility_registry.evaluations.forms_packs import PackIn, PackOut, WeightOut, WeightsOut
from services.responsibility_registry.evaluations.policies import SHIPPED
from services.responsibility_registry.evaluations.rules_packs import Pack, PackWrong, WeightChange

routes = router("evaluation-packs", prefix="/v1/evaluation-packs")


def show(pack: Pack, _: Scope) -> PackOut:
    """A pack as everybody may read it."""
    return PackOut.model_validate(pack)


def show_weights(found: tuple[WeightChange, ...], _: Scope) -> WeightsOut:
    """Weights from pack to pack."""
    return WeightsOut(
        items=tuple(
            WeightOut(
                indicator=one.indicator, number=one.number, valid_from=one.valid_from, weight=one.weight,
                change_percent=None if one.change_percent is None else str(one.change_percent),
            )
            for one in found
        )
    )  # fmt: skip


@routes.post(
    "",
    status_code=201,
    response_model=PackOut,
    summary="启用考核规则包 Adopt an evaluation pack",
    responses=refuses(PackWrong, IdTaken),
)
async def adopt(body: PackIn, door: Write) -> Response:
    """The next number of a code holds in the area from a day on ([DEF] each figure names its own source).

    Open evaluations are counted by it at once, published ones never. For who administers the whole area.
    """
    pack = body.pack()
    return await door.perform(lambda tx: actions.adopt_pack(tx, pack), show, show_again=actions.find_pack)


@routes.get("", response_model=PageOut[PackOut], summary="考核规则包列表 List evaluation packs")
async def list_packs(
    door: Read, asked: Asked, code: Code | None = None, area_code: AreaCode | None = None
) -> Response:
    """The packs that were adopted, each code's newest number first; the earlier ones stay."""
    return await door.look(
        lambda tx: page(
            tx, store.list_packs(code=code, area_code=area_code), keys=store.ORDER, asked=asked,
            load=lambda row: load(Pack, row), fingerprint=["evaluation-packs", code, area_code],
        ),
        listed(show),
    )  # fmt: skip


@routes.get("/shipped", response_model=PageOut[PackOut], summary="随附规则包 The packs that ship with the platform")
async def list_shipped(door: Read) -> Response:
    """What holds where nothing was adopted: number 0 of each code, an example to adopt one's own from."""
    async with door.read() as tx:
        return door.answer({"items": [show(one, tx.scope) for one in SHIPPED], "next": None})


@routes.get(
    "/weights",
    response_model=WeightsOut,
    summary="权重沿革 The history of weights",
    responses=refuses(NotFound),
)
async def weights(door: Read, code: Code, area_code: AreaCode) -> Response:
    """How each indicator's weight went from pack to pack in an area, with the change in percent: 9 to 30 points is
    +233.3 % ([SEED])."""
    return await door.look(lambda tx: actions.weights_of(tx, code, area_code), show_weights)


@routes.get("/{pack_id}", response_model=PackOut, summary="考核规则包详情 One evaluation pack")
async def get_pack(pack_id: UUID, door: Read) -> Response:
    """One pack with the source of each of its figures."""
    return await door.look(lambda tx: actions.find_pack(tx, pack_id), show)
