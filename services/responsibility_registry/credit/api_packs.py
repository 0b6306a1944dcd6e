"""The doors of credit packs: what facts weigh, grades, consequences, and the terms of the blacklist."""

from __future__ import annotations

from uuid import UUID

from starlette.responses import Response

from libs.common.aggregates import load
from libs.common.doors import Read, Write
from libs.common.forms import AreaCode, PageOut
from libs.common.openapi import refuses
from libs.common.pagination import Asked, listed, page
from libs.common.problems import RoleMissing
from libs.common.scope import Scope
from libs.common.strict_routes import router
from services.responsibility_registry.credit import actions_packs as actions
from services.responsibility_registry.credit import store_packs as store
from services.responsibility_registry.credit.forms_packs import CreditPackIn, CreditPackOut
from services.responsibility_registry.credit.policies import SHIPPED
from services.responsibility_registry.credit.rules_packs import CreditPackWrong, Pack

routes = router("credit-packs", prefix="/v1/credit-packs")


def show(pack: Pack, _: Scope) -> CreditPackOut:
    """A pack as everybody may read it."""
    return CreditPackOut.model_validate(pack)


@routes.post(
    "", status_code=201, response_model=CreditPackOut, summary="启用信用规则包 Adopt a credit pack",
    responses=refuses(RoleMissing, CreditPackWrong),
)  # fmt: skip
async def adopt(body: CreditPackIn, door: Write) -> Response:
    """The next number holds in the area from a day on that is not past ([DEF] each figure names its own source).

    Firms are graded anew on that day; what was graded before stays. For who administers the whole area.
    """
    pack = body.pack()
    return await door.perform(lambda tx: actions.adopt_pack(tx, pack), show, show_again=actions.find_pack)


@routes.get("", response_model=PageOut[CreditPackOut], summary="信用规则包列表 List credit packs")
async def list_packs(door: Read, asked: Asked, area_code: AreaCode | None = None) -> Response:
    """The packs that were adopted, the newest number first; the earlier ones stay."""
    return await door.look(
        lambda tx: page(
            tx, store.list_packs(area_code=area_code), keys=store.ORDER, asked=asked,
            load=lambda row: load(Pack, row), fingerprint=["credit-packs", area_code],
        ),
        listed(show),
    )  # fmt: skip


@routes.get("/shipped", response_model=CreditPackOut, summary="随附信用规则包 The pack that ships with the platform")
async def get_shipped(door: Read) -> Response:
    """What holds where nothing was adopted: number 0, an example to adopt one's own from."""
    async with door.read() as tx:
        return door.answer(show(SHIPPED, tx.scope))


@routes.get("/in-force", response_model=CreditPackOut, summary="现行信用规则包 The pack that holds for an area")
async def get_in_force(door: Read, area_code: AreaCode) -> Response:
    """The pack that holds today: adopted for the area or for one that it lies in, else the shipped one."""
    return await door.look(lambda tx: actions.pack_for(tx, area_code, tx.now), show)


@routes.get("/{pack_id}", response_model=CreditPackOut, summary="信用规则包详情 One credit pack")
async def get_pack(pack_id: UUID, door: Read) -> Response:
    """One pack with the source of each of its figures."""
    return await door.look(lambda tx: actions.find_pack(tx, pack_id), show)
