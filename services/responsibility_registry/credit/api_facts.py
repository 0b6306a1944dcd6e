"""The doors of facts: what an authority enters from a document, and what it takes back."""

from __future__ import annotations

from uuid import UUID

from starlette.responses import Response

from libs.common.doors import Change, Read, Write
from libs.common.openapi import refuses
from libs.common.problems import IdTaken, NotFound, PostUnsaid, RoleMissing
from libs.common.scope import Scope
from libs.common.strict_routes import router
from services.responsibility_registry.credit import actions_facts as actions
from services.responsibility_registry.credit import rules_facts as rules
from services.responsibility_registry.credit.forms import CreditFactIn, CreditFactOut, VoidFactIn
from services.responsibility_registry.credit.rules_facts import Fact

routes = router("credit-facts", prefix="/v1/credit-facts")
_SAME = tuple(name for name in CreditFactOut.model_fields if name != "actions")


def show_fact(fact: Fact, scope: Scope) -> CreditFactOut:
    """A fact, and what the caller may do with it."""
    may = scope.holds(*actions.VOIDS, area_code=fact.area_code, sectors=fact.sectors)
    open_to = fact.entered_by is not None and fact.voided_at is None and may
    return CreditFactOut(**{name: getattr(fact, name) for name in _SAME}, actions=("void",) if open_to else ())


@routes.post(
    "", status_code=201, response_model=CreditFactOut, summary="登记信用事实 Enter a fact of credit",
    responses=refuses(NotFound, RoleMissing, PostUnsaid, rules.FactWrong, IdTaken),
)  # fmt: skip
async def enter(body: CreditFactIn, door: Write) -> Response:
    """What a document says of a firm on file: its grade of standardisation, an honour, a commitment broken. A score
    is never entered ([S] Work Safety Law 2021 Art 78: a record of what was done). Everything else follows from what
    is done here. For inspectors and leaders over all of the firm's sectors."""
    new = body.new()
    return await door.perform(
        lambda tx: actions.enter_fact(tx, new), show_fact, created=True, show_again=actions.find_fact
    )


@routes.get("/{fact_id}", response_model=CreditFactOut, summary="信用事实详情 One fact of credit")
async def get_fact(fact_id: UUID, door: Read) -> Response:
    """One fact, with where it is on record."""
    return await door.look(lambda tx: actions.find_fact(tx, fact_id), show_fact)


@routes.post(
    "/{fact_id}/void", response_model=CreditFactOut, summary="撤销信用事实 Void a fact of credit",
    responses=refuses(RoleMissing, rules.FactNotEntered, rules.FactAlreadyVoided),
)  # fmt: skip
async def void(fact_id: UUID, body: VoidFactIn, door: Change) -> Response:
    """What was entered was not so: it stays on record with the reason, and counts no more. For leaders."""
    expected = door.expected_version
    return await door.perform(
        lambda tx: actions.void_fact(tx, fact_id, expected, body.reason), show_fact, show_again=actions.find_fact
    )
