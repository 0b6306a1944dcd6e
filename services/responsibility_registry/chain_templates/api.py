"""The doors of chain templates."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import Query
from starlette.responses import Response

from libs.common.aggregates import load
from libs.common.doors import Read, Write
from libs.common.forms import AreaCode, Code, PageOut
from libs.common.ids import new_id
from libs.common.openapi import refuses
from libs.common.pagination import Asked, listed, page
from libs.common.problems import IdTaken, NotFound
from libs.common.scope import Scope
from libs.common.strict_routes import router
from services.responsibility_registry.chain_templates import actions, store
from services.responsibility_registry.chain_templates import rules_refusals as rules
from services.responsibility_registry.chain_templates.forms import (
    AdoptTemplateIn,
    ChainCatalogueOut,
    ChainTemplateIn,
    ChainTemplateOut,
    RepealTemplateIn,
)
from services.responsibility_registry.chain_templates.rules import EVERYWHERE, ChainTemplate

routes = router("chain-templates", prefix="/v1/chain-templates")
Day = Annotated[
    date | None, Query(ge=date(1949, 10, 1), le=date(2200, 12, 31), description="a day of the city; today")
]
_REFUSED = (rules.ChainEditionStale, rules.ChainTemplateWrong, IdTaken)


def show(template: ChainTemplate, scope: Scope) -> ChainTemplateOut:
    """An edition, and what the caller may do with its code in its own area."""
    shipped = template.area_code == EVERYWHERE
    may = scope.holds_every("administrator", area_code=template.area_code, sectors=template.sectors)
    moves = ("adopt",) if shipped else ("enter", "adopt") if template.repealed else ("enter", "adopt", "repeal")
    allowed = moves if may or (shipped and scope.has_role("administrator")) else ()
    said = {name: getattr(template, name) for name in ChainTemplateOut.model_fields if name != "actions"}
    return ChainTemplateOut.model_validate({**said, "actions": allowed})


@routes.post(
    "", status_code=201, response_model=ChainTemplateOut, summary="登记责任链模板 Enter a chain template",
    responses=refuses(*_REFUSED),
)  # fmt: skip
async def enter(body: ChainTemplateIn, door: Write) -> Response:
    """What chain of contacts has to stand over each forest plot, river reach, road section, building, group of
    households or village ([SEED] 五包、河长、路长、楼长、联户长), from a day on, with its source. A later edition of
    the same code takes its place from its own day; the one before stays. Of a wider and a narrower area that keep one
    code, the narrower one's holds there. From then on what is missing is told as gaps. For administrators."""
    entered = body.entered()
    return await door.perform(
        lambda tx: actions.enter_template(tx, entered), show, created=True, show_again=actions.find_template
    )


@routes.get("", response_model=PageOut[ChainTemplateOut], summary="责任链模板各版 List editions of chain templates")
async def list_templates(
    door: Read, asked: Asked, area_code: AreaCode | None = None, code: Code | None = None
) -> Response:
    """Every edition that an area keeps, repeals too, by code. What ships with the platform is in the catalogue."""
    return await door.look(
        lambda tx: page(
            tx, store.list_templates(area_code=area_code, code=code), keys=store.ORDER, asked=asked,
            load=lambda row: load(ChainTemplate, row), fingerprint=["chain-templates", area_code, code],
        ),
        listed(show),
    )  # fmt: skip


@routes.get(
    "/catalogue", response_model=ChainCatalogueOut, summary="现行责任链模板 The chain templates as they hold",
    responses=refuses(NotFound),
)  # fmt: skip
async def get_catalogue(door: Read, area_code: AreaCode, day: Day = None) -> Response:
    """The templates that hold in an area on a day: what ships with the platform, and what the area and those around
    it entered or adopted."""

    def shown(found: tuple[date, Sequence[ChainTemplate]], scope: Scope) -> ChainCatalogueOut:
        on, held = found
        return ChainCatalogueOut(area_code=area_code, day=on, templates=tuple(show(one, scope) for one in held))

    return await door.look(lambda tx: actions.catalogue_of(tx, area_code, day), shown)


@routes.get(
    "/{template_id}", response_model=ChainTemplateOut, summary="责任链模板详情 One edition of a chain template"
)
async def get_template(template_id: UUID, door: Read) -> Response:
    """One edition by its id, also one that ships with the platform."""
    return await door.look(lambda tx: actions.find_template(tx, template_id), show)


@routes.post(
    "/{template_id}/adopt", status_code=201, response_model=ChainTemplateOut,
    summary="采用责任链模板 Adopt a chain template", responses=refuses(*_REFUSED, rules.ChainTemplateGone),
)  # fmt: skip
async def adopt(template_id: UUID, body: AdoptTemplateIn, door: Write) -> Response:
    """An area makes an edition that ships with the platform, or that a wider area keeps, its own from a day on, as it
    stands: from then on what is missing is told as gaps. For administrators."""
    made = body.id or new_id()
    return await door.perform(
        lambda tx: actions.adopt_template(
            tx, template_id, body.area_code, body.edition, made, body.valid_from, body.source
        ),
        show, location=lambda one: f"/v1/chain-templates/{one.id}", show_again=actions.find_template,
    )  # fmt: skip


@routes.post(
    "/{template_id}/repeal", status_code=201, response_model=ChainTemplateOut,
    summary="废止责任链模板 Repeal a chain template", responses=refuses(*_REFUSED, rules.ChainTemplateGone),
)  # fmt: skip
async def repeal(template_id: UUID, body: RepealTemplateIn, door: Write) -> Response:
    """A template no longer holds from a day on in the area that keeps it: an edition that says so, with its source.
    Its gaps close; who was in which link stays on the books. For administrators."""
    made = body.id or new_id()
    return await door.perform(
        lambda tx: actions.repeal_template(tx, template_id, body.edition, made, body.valid_from, body.source),
        show, location=lambda one: f"/v1/chain-templates/{one.id}", show_again=actions.find_template,
    )  # fmt: skip
