"""The doors of chain assignments."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query
from starlette.responses import Response

from libs.common.aggregates import load
from libs.common.db import Tx
from libs.common.doors import Change, Read, Write
from libs.common.forms import AreaCode, Code, ImportedOut, Items, Moment, PageOut, show_import
from libs.common.imports import AskedImport, RowTwice, import_as_asked, natural_key
from libs.common.openapi import refuses
from libs.common.pagination import Asked, Page, listed, page
from libs.common.problems import IdTaken
from libs.common.scope import Scope
from libs.common.strict_routes import router
from services.responsibility_registry.chain_templates import actions_assignments as actions
from services.responsibility_registry.chain_templates import rules_assignments as rules
from services.responsibility_registry.chain_templates import store_assignments as store
from services.responsibility_registry.chain_templates.forms_assignments import (
    AssignmentRowIn,
    ChainAssignmentOut,
    EndAssignmentIn,
)
from services.responsibility_registry.chain_templates.rules_assignments import ChainAssignment

assignment_routes = router("chain-assignments", prefix="/v1/chain-assignments")
At = Annotated[Moment | None, Query(description="those that hold then")]


def show(one: ChainAssignment, scope: Scope) -> ChainAssignmentOut:
    """An assignment, and what the caller may do with it."""
    may = scope.holds("administrator", area_code=one.area_code, sectors=one.sectors)
    said = {name: getattr(one, name) for name in ChainAssignmentOut.model_fields if name != "actions"}
    return ChainAssignmentOut.model_validate({**said, "actions": rules.open_moves(one) if may else ()})


@assignment_routes.post(
    "/import", response_model=ImportedOut, summary="批量导入包保分工 Import chain assignments",
    responses=refuses(rules.ChainAssignmentWrong, RowTwice, IdTaken),
    openapi_extra=natural_key(
        "template", "link", "area_code", "grid_code", "object_id", "post_code", "post_id", "valid_from"
    ),
)  # fmt: skip
async def import_assignments(body: Items[AssignmentRowIn], door: Write, how: AskedImport) -> Response:
    """Up to 500 rows of a list of who has charge of what ([SEED] 五包、路长、楼长、联户长名册), each from a day on; a
    repeat changes nothing, and what has ended stays ended. For administrators over the grounds and over the posts."""
    rows = [one.row() for one in body.items]
    return await door.perform(
        lambda tx: import_as_asked(tx, rows, actions.import_assignments, how, rules.ChainAssignmentWrong), show_import
    )


@assignment_routes.get("", response_model=PageOut[ChainAssignmentOut], summary="包保分工列表 List chain assignments")
async def list_assignments(
    door: Read, asked: Asked, area_code: AreaCode | None = None, template: Code | None = None,
    link: Code | None = None, post_id: UUID | None = None, at: At = None,
) -> Response:  # fmt: skip
    """Who is in which link over what, by area; past ones too, unless you ask for an instant."""
    mark = ["chain-assignments", area_code, template, link, str(post_id), str(at)]

    async def find(tx: Tx) -> Page[ChainAssignment]:
        within = await door.within(tx, area_code)
        chosen = store.list_assignments(areas=within, template=template, link=link, post_id=post_id, at=at)
        return await page(
            tx, chosen, keys=store.ORDER, asked=asked, load=lambda row: load(ChainAssignment, row), fingerprint=mark
        )

    return await door.look(find, listed(show))


@assignment_routes.get(
    "/{assignment_id}", response_model=ChainAssignmentOut, summary="包保分工详情 One chain assignment"
)
async def get_assignment(assignment_id: UUID, door: Read) -> Response:
    """One assignment by its id."""
    return await door.look(lambda tx: actions.find_assignment(tx, assignment_id), show)


@assignment_routes.post(
    "/{assignment_id}/end", response_model=ChainAssignmentOut, summary="终止包保分工 End a chain assignment",
    responses=refuses(rules.ChainAssignmentAlreadyEnded, rules.ChainAssignmentWrong),
)  # fmt: skip
async def end(assignment_id: UUID, body: EndAssignmentIn, door: Change) -> Response:
    """The post no longer has charge of the ground from an instant on; it is never deleted. For administrators."""
    expected = door.expected_version
    return await door.perform(
        lambda tx: actions.end_assignment(tx, assignment_id, expected, body.at, body.reason), show,
        show_again=actions.find_assignment,
    )  # fmt: skip
