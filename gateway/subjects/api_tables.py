"""The door to tables of post roles."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import Response
from pydantic import ConfigDict, Field

from gateway.subjects import actions_tables as actions
from gateway.subjects import store_tables as store
from gateway.subjects.rules_reach import GrantBeyondOwn
from gateway.subjects.rules_roles import Role
from gateway.subjects.rules_tables import MOST_ROWS, PostRole, PostRolesWrong, PostRoleTable
from libs.common.doors import Read, Write
from libs.common.forms import Code, Form, Name, PageOut, Shown, Words
from libs.common.openapi import refuses
from libs.common.pagination import Asked, listed
from libs.common.problems import AlreadyExists, RoleMissing
from libs.common.scope import Scope
from libs.common.strict_routes import router

routes = router("post-roles")

_EXAMPLE: dict[str, Any] = {
    "label": "2026-1",
    "source": "[DEF] 岗位职责对应平台角色,市安委办核定",
    "rows": [
        {"kind": "grid_post", "role": "grid_member"},
        {"kind": "police_station", "role": "inspector"},
        {"kind": "township_call_taker", "role": "call_taker", "every_sector": True},
    ],
}


class PostRoleIn(Form):
    """A role that a kind of post gives."""

    kind: Code = Field(description="the kind of post, as the registry names it")
    role: Role
    every_sector: bool = Field(default=False, description="over every sector, and not only over the post's own")


class TableIn(Form):
    """A whole table, with its name and where it comes from."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    label: Name = Field(description="the table's version, in the city's own numbering")
    source: Words = Field(description="begins with the evidence: [S], [P] or [DEF], then the document")
    rows: Annotated[list[PostRoleIn], Field(max_length=MOST_ROWS)]


class PostRoleOut(Shown):
    """A role that a kind of post gives."""

    kind: str
    role: str
    every_sector: bool


class TableOut(Shown):
    """An adopted table."""

    id: UUID
    version: int
    label: str
    source: str
    rows: tuple[PostRoleOut, ...]


def show(table: PostRoleTable, _: Scope) -> TableOut:
    """A table as everybody may read it."""
    return TableOut.model_validate(table)


@routes.post(
    "/v1/post-roles",
    status_code=201,
    response_model=TableOut,
    summary="启用岗位角色表 Adopt a table of post roles",
    responses=refuses(PostRolesWrong, GrantBeyondOwn, RoleMissing, AlreadyExists),
)
async def adopt(body: TableIn, door: Write) -> Response:
    """Say which kinds of post give which roles over their own areas. The youngest table counts, for everybody who
    holds a post, within seconds. For who administers the security of every area and sector ([DEF])."""
    rows = [PostRole(kind=one.kind, role=one.role, every_sector=one.every_sector) for one in body.rows]
    return await door.perform(
        lambda tx: actions.adopt_table(tx, label=body.label, source=body.source, rows=rows),
        show, created=True, show_again=store.find_table,
    )  # fmt: skip


@routes.get("/v1/post-roles", response_model=PageOut[TableOut], summary="岗位角色表 List the tables of post roles")
async def list_tables(asked: Asked, door: Read) -> Response:
    """Every table that was adopted, the youngest first: that one counts."""
    return await door.look(lambda tx: store.list_tables(tx, asked), listed(show))


@routes.get("/v1/post-roles/{id}", response_model=TableOut, summary="岗位角色表详情 One table of post roles")
async def show_table(id: UUID, door: Read) -> Response:  # noqa: A002
    """One adopted table with its source."""
    return await door.look(lambda tx: store.find_table(tx, id), show)
