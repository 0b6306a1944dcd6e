"""The doors of joint orders."""

from __future__ import annotations

from uuid import UUID

from starlette.responses import Response

from libs.common.doors import Change
from libs.common.openapi import refuses
from libs.common.problems import RoleMissing
from libs.common.strict_routes import router
from services.responsibility_registry.orders import actions_joint as actions
from services.responsibility_registry.orders import rules, rules_joint, rules_present, store
from services.responsibility_registry.orders.api_shown import show
from services.responsibility_registry.orders.forms import OrderOut
from services.responsibility_registry.orders.forms_joint import AssistantsIn, PartIn

routes = router("orders", prefix="/v1/orders")
_MOVE = (rules.OrderCannotMove, rules.OrderAlreadyClosed, rules.OrderEnded)
_PART = (rules_joint.NotAnAssistant, rules_joint.PartAlreadyThere)


@routes.post(
    "/{order_id}/name-assistants", response_model=OrderOut, summary="指定协办 Name who assists",
    responses=refuses(*_MOVE, RoleMissing, rules.OrderIncomplete, rules_present.PostNotThere),
)  # fmt: skip
async def name_assistants(order_id: UUID, body: AssistantsIn, door: Change) -> Response:
    """Further posts each do a part of the order (主办、协办): up to twenty, of other areas too. They see it, sign for
    their part and report it; none of them inspects. The post that has the order leads."""
    expected, asked = door.expected_version, [(one.post_id, one.words) for one in body.assistants]
    return await door.perform(
        lambda tx: actions.name_assistants(tx, order_id, expected, asked), show, show_again=store.find_order
    )


@routes.post(
    "/{order_id}/sign-part", response_model=OrderOut, summary="签收协办部分 Sign for a part",
    responses=refuses(*_MOVE, *_PART),
)  # fmt: skip
async def sign_part(order_id: UUID, door: Change) -> Response:
    """Who assists takes its part on."""
    expected = door.expected_version
    return await door.perform(lambda tx: actions.sign_part(tx, order_id, expected), show, show_again=store.find_order)


@routes.post(
    "/{order_id}/report-part", response_model=OrderOut, summary="上报协办部分 Report a part done",
    responses=refuses(*_MOVE, *_PART, rules.OrderIncomplete),
)  # fmt: skip
async def report_part(order_id: UUID, body: PartIn, door: Change) -> Response:
    """Who assists reports its part done, with evidence. The lead reports the whole."""
    expected = door.expected_version
    return await door.perform(
        lambda tx: actions.report_part(tx, order_id, expected, body.words, body.evidence), show,
        show_again=store.find_order,
    )  # fmt: skip
