"""The doors of organisations."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import Field
from starlette.responses import Response

from libs.common.aggregates import load
from libs.common.clocks import now
from libs.common.db import Tx
from libs.common.doors import Change, Read, Write
from libs.common.forms import AreaCode, Code, Form, ImportedOut, Items, Line, Name, PageOut, Shown, Words, show_import
from libs.common.ids import new_id
from libs.common.imports import AskedImport, RowTwice, id_of, import_as_asked, natural_key
from libs.common.openapi import refuses
from libs.common.pagination import Asked, Page, listed, page
from libs.common.places import parents
from libs.common.problems import IdTaken
from libs.common.scope import Scope
from libs.common.strict_routes import router
from services.responsibility_registry import examples
from services.responsibility_registry.organizations import actions_organizations as actions
from services.responsibility_registry.organizations import rules_organizations as rules
from services.responsibility_registry.organizations import store_organizations as store
from services.responsibility_registry.organizations.rules_organizations import (
    AREAS_MOST,
    Answered,
    Organization,
    OrganizationGap,
    OrganizationKind,
)

routes = router("organizations", prefix="/v1/organizations")


class OrganizationIn(Form):
    """One organisation of an import."""

    model_config = examples.example(examples.ORGANIZATION)

    id: Annotated[UUID | None, Field(description="left out: the organisation that has this code")] = None
    code: Name
    name_zh: Name
    name_en: Name
    kind: OrganizationKind
    credit_code: Annotated[
        Line | None, Field(description="unified social credit code, GB 32100-2015", min_length=18, max_length=18)
    ] = None
    area_code: AreaCode
    sectors: Annotated[tuple[Code, ...], Field(max_length=30)] = ()
    area_codes: Annotated[
        tuple[AreaCode, ...], Field(max_length=AREAS_MOST, description="a development zone names each of its areas")
    ] = ()
    parent_id: UUID | None = None
    valid_from: date
    valid_to: date | None = Field(default=None, description="the first day on which it is there no more")

    def organization(self) -> Organization:
        """The organisation as a row to be."""
        said = self.model_dump() | {"id": self.id or id_of(actions.NOUN, self.code)}
        return Organization(version=0, exercise=False, correlation_id=new_id(), **said)


class EndOrganizationIn(Form):
    """When and why it ends."""

    model_config = examples.example(examples.END_ORGANIZATION)

    on: date | None = Field(default=None, description="today where it is left out; never in the past")
    reason: Words


class OrganizationOut(Shown):
    """An organisation, who answers for the whole of it, and what is missing for that."""

    id: UUID
    version: int
    code: str
    name_zh: str
    name_en: str
    kind: OrganizationKind
    credit_code: str | None
    area_code: str
    sectors: tuple[str, ...]
    area_codes: tuple[str, ...]
    parent_id: UUID | None
    valid_from: date
    valid_to: date | None
    ended_reason: str | None
    first_post_ids: tuple[UUID, ...]
    gaps: tuple[OrganizationGap, ...]
    actions: tuple[str, ...]


_FIELDS = tuple(
    name for name in OrganizationOut.model_fields if name not in {"first_post_ids", "gaps", "actions"}
)  # fmt: skip


def show(found: Answered, scope: Scope) -> OrganizationOut:
    """An organisation, and what the caller may do with it."""
    one, today = found.organization, actions.day_of(now())
    may = scope.holds(actions.KEEPER, area_code=one.area_code, sectors=one.sectors)
    return OrganizationOut(
        **{name: getattr(one, name) for name in _FIELDS}, first_post_ids=tuple(post.post_id for post in found.first),
        gaps=rules.gaps(one, found.first, today), actions=rules.open_moves(one, today) if may else (),
    )  # fmt: skip


@routes.post(
    "/import", response_model=ImportedOut, summary="批量导入单位 Import organisations",
    responses=refuses(rules.OrganizationWrong, RowTwice, IdTaken), openapi_extra=natural_key("code"),
)  # fmt: skip
async def import_organizations(body: Items[OrganizationIn], door: Write, how: AskedImport) -> Response:
    """Insert or change up to 500 organisations by id or code; a repeat changes nothing. For administrators.

    A development-zone committee (开发区管委会) names each of the areas that it answers for across the lines of
    government. The unified social credit code is checked by its last sign (GB 32100-2015).
    """
    rows = [one.organization() for one in body.items]
    return await door.perform(
        lambda tx: import_as_asked(tx, rows, actions.import_organizations, how, rules.OrganizationWrong), show_import
    )


@routes.get("", response_model=PageOut[OrganizationOut], summary="单位列表 List organisations")
async def list_organizations(
    door: Read, asked: Asked, area_code: AreaCode | None = None, kind: OrganizationKind | None = None,
    parent_id: UUID | None = None, zone_of: AreaCode | None = None, unanswered: bool = False,
) -> Response:  # fmt: skip
    """Organisations by area with all below it, by kind, by the one above, or the development zones of an area
    (`zone_of`); `unanswered` shows those that are there and have no first responsible post that answers
    ([S] Work Safety Law 2021 Arts 5, 21)."""
    covering = None if zone_of is None else (zone_of, *parents(zone_of))

    async def find(tx: Tx) -> Page[Answered]:
        within = await door.within(tx, area_code)
        day = actions.day_of(tx.now) if unanswered else None
        chosen = store.list_organizations(
            areas=within, kind=kind, parent_id=parent_id, covering=covering, unanswered_on=day
        )
        mark = ["organizations", area_code, kind, str(parent_id), zone_of, unanswered]
        found = await page(
            tx, chosen, keys=store.ORDER, asked=asked, load=lambda row: load(Organization, row), fingerprint=mark
        )
        return Page(items=await actions.each_answered(tx, found.items), next=found.next, count=found.count)

    return await door.look(find, listed(show))


@routes.get("/{organization_id}", response_model=OrganizationOut, summary="单位详情 One organisation")
async def get_organization(organization_id: UUID, door: Read) -> Response:
    """One organisation, its first responsible posts, and what is missing for it to answer."""
    return await door.look(lambda tx: actions.find_answered(tx, organization_id), show)


@routes.post(
    "/{organization_id}/end",
    response_model=OrganizationOut,
    summary="撤销单位 End an organisation",
    responses=refuses(rules.OrganizationAlreadyEnded, rules.OrganizationWrong),
)
async def end(organization_id: UUID, body: EndOrganizationIn, door: Change) -> Response:
    """It is there no more from today or a later day on; its posts and what they did stay on record."""
    expected = door.expected_version
    return await door.perform(
        lambda tx: actions.end_organization(tx, organization_id, expected, body.on, body.reason),
        show, show_again=actions.find_answered,
    )  # fmt: skip
