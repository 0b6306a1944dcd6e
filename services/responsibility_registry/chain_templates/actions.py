"""The verbs of chain templates: enter an edition, adopt one, repeal; and what holds where."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date
from uuid import UUID

from libs.common.clocks import CITY_ZONE
from libs.common.db import Tx
from libs.common.places import parents
from libs.common.problems import NotFound
from libs.contracts import chain_templates as told
from services.responsibility_registry.areas import actions as areas
from services.responsibility_registry.chain_templates import rules, store
from services.responsibility_registry.chain_templates.policies import SHIPPED
from services.responsibility_registry.chain_templates.rules import EVERYWHERE, ChainTemplate, KnownKinds
from services.responsibility_registry.classification.actions import unknown_categories, unknown_sectors
from services.responsibility_registry.duties.actions import POLICY
from services.responsibility_registry.duties.rules import all_links
from services.responsibility_registry.grids.actions import KINDS
from services.responsibility_registry.pairings.actions import KINDS as PAIRINGS
from services.responsibility_registry.pairings.rules import Target

__all__ = ["adopt_template", "catalogue_of", "enter_template", "find_template", "holding_on", "repeal_template"]
KEEPER = "administrator"
KNOWN = KnownKinds(
    grids=frozenset(one.kind for one in KINDS.kinds), roles=frozenset(link.role for link in all_links(POLICY)),
    pairings=frozenset(one.code for one in PAIRINGS.values() if one.target is Target.OBJECT),
)  # fmt: skip
"""What templates may name."""


async def enter_template(tx: Tx, entered: ChainTemplate) -> ChainTemplate:
    """The first or the next edition of a code in an area; those before stay, and hold until its day.

    For who administers the whole area, of every sector of the template. Raises ChainEditionStale,
    ChainTemplateGone (409), ChainTemplateWrong (422).
    """
    tx.caller.require_every(KEEPER, area_code=entered.area_code, sectors=entered.sectors)
    await store.lock_templates(tx)
    own = await store.editions_of(tx, entered.code, entered.area_code)
    known = [*unknown_sectors(entered.sectors), *unknown_categories([entered.category] if entered.category else [])]
    template = rules.check(entered, own, KNOWN, [*known, *await _of_area(tx, entered, new=not own)])
    if template.repealed:
        event: told.ChainTemplateRepealed | told.ChainTemplateEntered = told.ChainTemplateRepealed(
            code=template.code, edition=template.edition, valid_from=template.valid_from, source=template.source
        )
    else:
        event = told.ChainTemplateEntered(
            code=template.code, edition=template.edition, zh=template.zh, en=template.en, hangs_on=template.hangs_on,
            of=template.of, links=tuple(one.code for one in template.links), valid_from=template.valid_from,
            source=template.source,
        )  # fmt: skip
    return await store.record_template(tx, template, event, why=template.source)


async def adopt_template(
    tx: Tx, template_id: UUID, area_code: str, edition: int, new_id: UUID, valid_from: date, source: str
) -> ChainTemplate:  # fmt: skip
    """An edition that ships with the platform, or that a wider area keeps, holds in an area by its own word from a
    day on, as it stands: from then on its findings are told. NotFound (404); raises what entering raises."""
    before = await find_template(tx, template_id)
    if before.area_code not in (EVERYWHERE, area_code, *parents(area_code)):
        raise NotFound("chain_templates", template_id)
    return await enter_template(
        tx,
        replace(
            before, id=new_id, version=0, correlation_id=new_id, area_code=area_code, edition=edition,
            valid_from=valid_from, repealed=False, source=source,
        ),
    )  # fmt: skip


async def repeal_template(
    tx: Tx, template_id: UUID, edition: int, new_id: UUID, valid_from: date, source: str
) -> ChainTemplate:  # fmt: skip
    """A template no longer holds from a day on in the area that keeps it; what it was stays on the books.

    NotFound (404) for none; raises what entering raises.
    """
    before = await find_template(tx, template_id)
    return await enter_template(
        tx,
        replace(
            before, id=new_id, version=0, correlation_id=new_id, edition=edition, valid_from=valid_from,
            repealed=True, source=source,
        ),
    )  # fmt: skip


async def find_template(tx: Tx, template_id: UUID) -> ChainTemplate:
    """One edition, entered or shipped; NotFound (404) otherwise."""
    shipped = next((one for one in SHIPPED if one.id == template_id), None)
    return shipped or await store.find_template(tx, template_id)


async def holding_on(
    tx: Tx, codes: Collection[str], day: date, code: str | None = None, *, shipped: bool = True
) -> Mapping[str, Sequence[ChainTemplate]]:  # fmt: skip
    """The templates that hold in each of these areas on a day, of one code where it is said; without `shipped` only
    those that an area around has entered or adopted. One statement, whatever the number of areas."""
    around = {one: (one, *parents(one)) for one in codes}
    kept = await store.editions_on(tx, {place for each in around.values() for place in each}, code)
    base = [one for one in SHIPPED if shipped and code in {None, one.code}]
    if not kept:
        everywhere = rules.holding(base, day)
        return dict.fromkeys(codes, everywhere)
    return {
        one: rules.holding([*base, *(each for each in kept if each.area_code in places)], day)
        for one, places in around.items()
    }  # fmt: skip


async def catalogue_of(tx: Tx, area_code: str, day: date | None) -> tuple[date, Sequence[ChainTemplate]]:
    """The templates that hold in an area of the books on a day, today where none is said. NotFound (404)."""
    if not await areas.knows_area(tx, area_code):
        raise NotFound("areas", area_code)
    on = day or tx.now.astimezone(CITY_ZONE).date()
    return on, (await holding_on(tx, [area_code], on))[area_code]


async def _of_area(tx: Tx, template: ChainTemplate, *, new: bool) -> Sequence[tuple[str, str, tuple[str, str]]]:
    if not await areas.knows_area(tx, template.area_code):
        return [("/area_code", "unknown_area", ("登记册中没有此区划。", "the registry has no such area"))]
    if new and await store.codes_in(tx, template.area_code) >= rules.MOST_CODES:
        said = (f"一个区划最多 {rules.MOST_CODES} 个模板。", f"one area keeps {rules.MOST_CODES} templates at most")
        return [("/code", "too_many", said)]
    return []
