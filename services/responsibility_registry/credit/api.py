"""The doors of firms' credit: files, how a firm stands and why, how it stood, and its facts."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query
from starlette.responses import Response

from libs.common.aggregates import load
from libs.common.db import Tx
from libs.common.doors import Change, Read, Write
from libs.common.forms import AreaCode, Code, Moment, PageOut, Sector
from libs.common.openapi import refuses
from libs.common.pagination import Asked, Page, listed, page
from libs.common.problems import RoleMissing
from libs.common.scope import Scope
from libs.common.strict_routes import router
from services.responsibility_registry.credit import actions, rules, store, store_facts
from services.responsibility_registry.credit.actions import NewFirm, Reckoned
from services.responsibility_registry.credit.api_facts import show_fact
from services.responsibility_registry.credit.forms import (
    ChangeFirmIn,
    CreditCode,
    CreditFactOut,
    CreditStandingOut,
    FirmIn,
    FirmOut,
    KeptStandingOut,
)
from services.responsibility_registry.credit.rules import Firm
from services.responsibility_registry.credit.rules_facts import CreditFactKind, Fact
from services.responsibility_registry.credit.rules_packs import CreditGrade
from services.responsibility_registry.credit.store import KeptStanding

routes = router("credit-firms", prefix="/v1/credit-firms")
At = Annotated[Moment | None, Query(description="as of that instant, from what is known now")]
_SAME = tuple(name for name in FirmOut.model_fields if name != "actions")


def show(firm: Firm, scope: Scope) -> FirmOut:
    """A firm's file, and what the caller may do with it."""
    may = scope.holds(*actions.KEEPERS, area_code=firm.area_code, sectors=firm.sectors)
    return FirmOut(**{name: getattr(firm, name) for name in _SAME}, actions=("change",) if may else ())


@routes.post(
    "", status_code=201, response_model=FirmOut, summary="建立企业信用档案 Put a firm on file",
    responses=refuses(RoleMissing, rules.FirmWrong, rules.FirmAlreadyOnFile),
)  # fmt: skip
async def open_firm(body: FirmIn, door: Write) -> Response:
    """A firm by its unified social credit code; nobody else has a file here ([S] Work Safety Law 2021 Art 78: of
    firms). `party_ids` are its own risk objects, or what its sign-in holds: as them it sees its grade and notices,
    and objects. A first fact opens a file by itself. For administrators, leaders and inspectors over the whole of
    it."""
    new = body.new()
    return await door.perform(lambda tx: actions.open_firm(tx, new), show, created=True, show_again=actions.find_firm)


@routes.get("", response_model=PageOut[FirmOut], summary="企业信用列表 List firms by credit")
async def list_firms(
    door: Read, asked: Asked, area_code: AreaCode | None = None, sector: Sector | None = None,
    grade: CreditGrade | None = None, listed_only: bool | None = None, ground: Code | None = None,
    credit_code: CreditCode | None = None,
) -> Response:  # fmt: skip
    """The firms within your scope, the best score first: a ranking by area with all below it and by sector. `ground`
    finds those whose facts meet that ground for the blacklist and who are not on it; `listed_only` those who are (or,
    false, are not). A firm sees its own."""

    async def find(tx: Tx) -> Page[Firm]:
        within = await door.within(tx, area_code)
        chosen = store.list_firms(
            tx.scope, areas=within, sector=sector, grade=grade, listed=listed_only, ground=ground,
            credit_code=credit_code,
        )  # fmt: skip
        mark = ["credit-firms", area_code, sector, grade, listed_only, ground, credit_code]
        return await page(
            tx, chosen, keys=store.ORDER, asked=asked, load=lambda row: load(Firm, row), fingerprint=mark
        )

    return await door.look(find, listed(show))


@routes.get("/{firm_id}", response_model=FirmOut, summary="企业信用档案 One firm's file")
async def get_firm(firm_id: UUID, door: Read) -> Response:
    """One firm's file with its present grade."""
    return await door.look(lambda tx: actions.find_firm(tx, firm_id), show)


@routes.post(
    "/{firm_id}/change", response_model=FirmOut, summary="变更企业信用档案 Change a firm's file",
    responses=refuses(RoleMissing, rules.FirmWrong),
)  # fmt: skip
async def change(firm_id: UUID, body: ChangeFirmIn, door: Change) -> Response:
    """Its name, place, sectors or parties are others from now on; who is a party no more sees nothing more of it."""
    expected = door.expected_version

    async def changed(tx: Tx) -> Firm:
        firm = await actions.find_firm(tx, firm_id)
        return await actions.change_firm(tx, firm_id, expected, NewFirm(credit_code=firm.credit_code, **dict(body)))

    return await door.perform(changed, show, show_again=actions.find_firm)


@routes.get(
    "/{firm_id}/standing", response_model=CreditStandingOut, summary="信用评分明细 How a firm stands, and why"
)
async def get_standing(firm_id: UUID, door: Read, at: At = None) -> Response:
    """The grade now or at an instant, by the pack of that day: each line names its rule, its source, and the facts
    that it counted. The same facts and pack make the same grade, whenever it is asked."""

    def shown(found: Reckoned, scope: Scope) -> CreditStandingOut:
        del scope
        return CreditStandingOut.model_validate(found.standing)

    return await door.look(lambda tx: actions.reckon(tx, firm_id, at or tx.now), shown)


@routes.get("/{firm_id}/history", response_model=PageOut[KeptStandingOut], summary="信用等级沿革 How a firm stood")
async def get_history(firm_id: UUID, door: Read, asked: Asked, periods_only: bool = False) -> Response:
    """What was kept of each change and each period's end, the newest first, with the facts as they were counted."""

    async def find(tx: Tx) -> Page[KeptStanding]:
        await actions.find_firm(tx, firm_id)
        return await page(
            tx, store.list_standings(tx.scope, firm_id, periods_only=periods_only), keys=store.STANDING_ORDER,
            asked=asked, load=lambda row: load(KeptStanding, row),
            fingerprint=["standings", str(firm_id), periods_only],
        )  # fmt: skip

    return await door.look(find, listed(lambda kept, _: KeptStandingOut.model_validate(kept)))


@routes.get("/{firm_id}/facts", response_model=PageOut[CreditFactOut], summary="信用事实列表 The facts of a firm")
async def list_facts(
    firm_id: UUID, door: Read, asked: Asked, kind: CreditFactKind | None = None, voided: bool | None = None
) -> Response:
    """What is on record of a firm, the newest first, also what was voided and why."""

    async def find(tx: Tx) -> Page[Fact]:
        await actions.find_firm(tx, firm_id)
        return await page(
            tx, store_facts.list_facts(firm_id, kind=kind, voided=voided), keys=store_facts.ORDER, asked=asked,
            load=lambda row: load(Fact, row), fingerprint=["credit-facts", str(firm_id), kind, voided],
        )  # fmt: skip

    return await door.look(find, listed(show_fact))
