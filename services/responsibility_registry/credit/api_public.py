"""The door for everybody: a firm's grade where its pack makes it public, and whether it is on the blacklist."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends
from starlette.responses import Response

from libs.common.db import Tx
from libs.common.doors import Door, public_door
from libs.common.openapi import refuses
from libs.common.problems import NotFound
from libs.common.scope import Scope
from libs.common.strict_routes import router
from services.responsibility_registry.credit import actions, rules
from services.responsibility_registry.credit.actions import Reckoned
from services.responsibility_registry.credit.forms import CreditCode, PublicGradeOut

routes = router("public-credit", prefix="/v1/public-credit")
Public = Annotated[Door, Depends(public_door("public:credit", "read"))]


def show(found: Reckoned, _: Scope) -> PublicGradeOut:
    """What the public is told."""
    public = rules.shown_to_the_public(found.firm, found.standing, found.pack)
    return PublicGradeOut(
        credit_code=found.firm.credit_code, name=found.firm.name, grade=found.standing.grade if public else None,
        listed=found.standing.listed, at=found.standing.at,
    )  # fmt: skip


@routes.get(
    "/firms/{credit_code}", response_model=PublicGradeOut, summary="企业信用公开查询 A firm's public grade",
    responses=refuses(NotFound),
)  # fmt: skip
async def get_public_grade(credit_code: CreditCode, door: Public) -> Response:
    """The grade of a firm by its code, where its pack makes that grade public ([DEF] the best and the worst), and
    whether it is on the blacklist ([S] Work Safety Law 2021 Art 78: told to society). 404 for all others, and for
    sole traders, whose name is a person's."""
    return await door.look(lambda tx: _public(tx, credit_code), show)


async def _public(tx: Tx, credit_code: str) -> Reckoned:
    found = await actions.reckon_each(tx, list((await actions.firms_by_code(tx, [credit_code])).values()), tx.now)
    for one in found:
        told = one.standing.listed and not rules.bears_a_persons_name(credit_code)
        if told or rules.shown_to_the_public(one.firm, one.standing, one.pack):
            return one
    raise NotFound("credit_firms", credit_code)
