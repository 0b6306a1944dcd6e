"""The doors of duties."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, Field, model_validator
from starlette.responses import Response

from libs.common.aggregates import load
from libs.common.clocks import CITY_ZONE
from libs.common.db import Tx
from libs.common.doors import Change, Read, Write
from libs.common.forms import AreaCode, Code, Form, ImportedOut, Items, Name, PageOut, Shown, Words, show_import
from libs.common.ids import new_id
from libs.common.imports import AskedImport, RowTwice, import_as_asked, natural_key
from libs.common.openapi import refuses
from libs.common.pagination import Asked, Page, listed, page
from libs.common.problems import IdTaken
from libs.common.scope import Scope
from libs.common.strict_routes import router
from services.responsibility_registry import examples
from services.responsibility_registry.duties import actions, actions_rows, rules, store
from services.responsibility_registry.duties.actions import Handover
from services.responsibility_registry.duties.actions_rows import DutyRow
from services.responsibility_registry.duties.rules import Duty
from services.responsibility_registry.duties.rules_reassign import FirstResponsibleHeld

routes = router("duties", prefix="/v1/duties")


class DutyIn(Form):
    """One duty: a post answers in a link of the chain for an area, from the city's midnight of a date on."""

    model_config = examples.example(examples.DUTY)

    id: UUID | None = None
    post_id: UUID
    area_code: AreaCode
    categories: Annotated[tuple[Code, ...], Field(max_length=50)] = ()
    sectors: Annotated[tuple[Code, ...], Field(max_length=30)] = ()
    link: Code
    valid_from: date
    clause: Words

    def duty(self) -> Duty:
        """The duty as a row to be."""
        return Duty(
            id=self.id or new_id(), version=0, area_code=self.area_code, sectors=self.sectors, exercise=False,
            correlation_id=new_id(), post_id=self.post_id, role=self.link, categories=self.categories,
            clause=self.clause, valid_from=datetime.combine(self.valid_from, time(), CITY_ZONE),
        )  # fmt: skip


class DutyRowIn(Form):
    """One duty of an import. The post is named by its code, as in spreadsheets, or by its id."""

    model_config = examples.example(examples.DUTY_ROW)

    id: Annotated[UUID | None, Field(description="left out: the duty of this post, area, link and beginning")] = None
    post_code: Annotated[Name | None, Field(description="the post by its code")] = None
    post_id: Annotated[UUID | None, Field(description="the post by its id, where no code is given")] = None
    area_code: AreaCode
    categories: Annotated[tuple[Code, ...], Field(max_length=50)] = ()
    sectors: Annotated[tuple[Code, ...], Field(max_length=30)] = ()
    link: Code
    valid_from: date
    clause: Words

    @model_validator(mode="after")
    def _names_one_post(self) -> DutyRowIn:
        if (self.post_code is None) == (self.post_id is None):
            raise PostSaidOnce("用 post_code 或 post_id 之一指明岗位 Name the post by post_code or by post_id")
        return self

    def row(self) -> DutyRow:
        """The duty as a row to be, and how its post is named."""
        post_id = self.post_id or UUID(int=0)
        said = {name: getattr(self, name) for name in DutyIn.model_fields if name != "post_id"}
        duty = DutyIn.model_construct(**said, post_id=post_id).duty()
        return DutyRow(duty=duty, post_code=self.post_code, own_id=self.id is not None)


class PostSaidOnce(ValueError):
    """A row names its post in two ways, or in none."""

    code = "post_said_once"


class End(Form):
    """From when on the duty no longer holds, and why."""

    model_config = examples.example(examples.END)

    at: AwareDatetime
    reason: Words


class ReassignIn(Form):
    """To which post the duty passes, from when on, and why."""

    model_config = examples.example(examples.REASSIGN)

    post_id: UUID
    at: AwareDatetime
    reason: Words
    clause: Annotated[Words | None, Field(description="the same clause where it is left out")] = None


class DutyOut(Shown):
    """A duty."""

    id: UUID
    version: int
    post_id: UUID
    area_code: str
    categories: tuple[str, ...]
    sectors: tuple[str, ...]
    link: str
    clause: str
    valid_from: datetime
    valid_to: datetime | None
    actions: tuple[str, ...]


def show(duty: Duty, scope: Scope) -> DutyOut:
    """A duty, and what the caller may do with it."""
    may = scope.holds("administrator", area_code=duty.area_code, sectors=duty.sectors)
    return DutyOut(
        id=duty.id, version=duty.version, post_id=duty.post_id, area_code=duty.area_code,
        categories=duty.categories, sectors=duty.sectors, link=duty.role, clause=duty.clause,
        valid_from=duty.valid_from, valid_to=duty.valid_to, actions=rules.open_moves(duty) if may else (),
    )  # fmt: skip


@routes.post(
    "/import", response_model=ImportedOut, summary="批量导入责任分工 Import duties",
    responses=refuses(rules.DutyWrong, RowTwice, IdTaken),
    openapi_extra=natural_key("post_code", "area_code", "link", "categories", "valid_from"),
)  # fmt: skip
async def import_duties(body: Items[DutyRowIn], door: Write, how: AskedImport) -> Response:
    """Insert or change up to 500 duties by id, or by post, area, link, categories and beginning ([DEF]); a repeat
    changes nothing. For administrators."""
    rows = [one.row() for one in body.items]
    return await door.perform(
        lambda tx: import_as_asked(tx, rows, actions_rows.import_duty_rows, how, rules.DutyWrong), show_import
    )


@routes.post(
    "",
    status_code=201,
    response_model=DutyOut,
    summary="分配责任 Assign a duty",
    responses=refuses(rules.DutyWrong, FirstResponsibleHeld, IdTaken),
)
async def assign(body: DutyIn, door: Write) -> Response:
    """A post answers from a date on. Two first-responsible posts at once are refused (党政同责, [P] 2018)."""
    return await door.perform(
        lambda tx: actions.assign_duty(tx, body.duty(), body.clause), show, created=True, show_again=store.find_duty
    )


@routes.get("", response_model=PageOut[DutyOut], summary="责任清单 List duties")
async def list_duties(
    door: Read, asked: Asked, area_code: AreaCode | None = None, post_id: UUID | None = None, link: Code | None = None
) -> Response:
    """Duties, past ones too, by area (with what it came of or became), post or link."""
    mark = ["duties", area_code, str(post_id), link]

    async def find(tx: Tx) -> Page[Duty]:
        within = await door.within(tx, area_code)
        chosen = store.list_duties(areas=within, post_id=post_id, role=link)
        return await page(
            tx, chosen, keys=store.ORDER, asked=asked, load=lambda row: load(Duty, row), fingerprint=mark
        )

    return await door.look(find, listed(show))


@routes.get("/{duty_id}", response_model=DutyOut, summary="责任详情 One duty")
async def get_duty(duty_id: UUID, door: Read) -> Response:
    """One duty by its id, as it is now."""
    return await door.look(lambda tx: store.find_duty(tx, duty_id), show)


@routes.post(
    "/{duty_id}/reassign",
    status_code=201,
    response_model=DutyOut,
    summary="移交责任 Reassign a duty",
    responses=refuses(rules.DutyWrong, rules.DutyAlreadyEnded, FirstResponsibleHeld),
)
async def reassign(duty_id: UUID, body: ReassignIn, door: Change) -> Response:
    """The duty passes to another post at one instant: the one ends and the new one begins, or neither. Where two
    reassign at once, one of them is refused (党政同责, [P] 2018): there are never two first-responsible posts."""
    expected = door.expected_version
    to = Handover(post_id=body.post_id, at=body.at, reason=body.reason, clause=body.clause or "")
    return await door.perform(
        lambda tx: actions.reassign_duty(tx, duty_id, expected, to), show,
        location=lambda made: f"/v1/duties/{made.id}", show_again=store.find_duty,
    )  # fmt: skip


@routes.post(
    "/{duty_id}/end",
    response_model=DutyOut,
    summary="终止责任 End a duty",
    responses=refuses(rules.DutyWrong, rules.DutyAlreadyEnded),
)
async def end(duty_id: UUID, body: End, door: Change) -> Response:
    """The duty no longer holds from an instant on; it is never deleted."""
    expected = door.expected_version
    return await door.perform(
        lambda tx: actions.end_duty(tx, duty_id, expected, body.at, body.reason), show, show_again=store.find_duty
    )
