"""The verbs of gaps: look at areas, and tell of each gap once as it opens, changes and closes; and the report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from libs.common.db import Tx
from libs.common.ids import new_id
from libs.contracts.gaps import GapChanged, GapClosed, GapOpened, GapState
from services.responsibility_registry.areas import actions as areas
from services.responsibility_registry.areas.rules import Drawing
from services.responsibility_registry.chain_templates import actions_checks as chains
from services.responsibility_registry.chain_templates.rules import ChainTemplate
from services.responsibility_registry.chain_templates.rules_found import ChainFault, ChainFinding
from services.responsibility_registry.duties import actions_findings, actions_register
from services.responsibility_registry.duties.actions_findings import EVERY, MOST_LOOKED_AT, Found
from services.responsibility_registry.duties.rules_findings import Finding, FindingKind
from services.responsibility_registry.gaps import rules, store
from services.responsibility_registry.gaps.policies import POLICY
from services.responsibility_registry.gaps.rules import Gap, Missing

__all__ = ["MOST_LOOKED_AT", "Finding", "Found", "drawn_of", "look", "report", "unlooked"]
_MOST_NEW = 500
_GRAVITY = tuple(ChainFault)


async def look(tx: Tx, now: datetime, most: int) -> int:
    """Look at the areas that are due, and tell what changed there since the last look; returns how many were due.

    Duties begin and end by the clock, so every area is looked at, not those only where somebody entered something.
    """
    await store.add_looks(tx, now - timedelta(seconds=POLICY.settle_seconds), _MOST_NEW)
    codes = await store.lock_due(tx, now - timedelta(seconds=POLICY.look_every_seconds), most)
    if not codes:
        return 0
    here = await actions_register.register_of(tx, codes, now)
    found = _missing(await actions_findings.findings_of(tx, codes, now, here))
    found += _of_chains(await chains.findings_told(tx, codes, now))
    await _tell(tx, rules.moves(await store.lock_open(tx, codes), found, now), now)
    await store.note_looks(tx, codes, now)
    return len(codes)


async def unlooked(now: datetime, tx: Tx) -> Sequence[UUID]:
    """Areas at which nobody looked for twice the time in which each is promised a look: for the watchdog."""
    late = timedelta(seconds=2 * POLICY.look_every_seconds)
    return await store.unlooked_areas(tx, now - late, now - late - timedelta(seconds=POLICY.settle_seconds))


async def report(
    tx: Tx, area_code: str, at: datetime, category: str | None, after: tuple[str, str] | None, limit: int
) -> Found:
    """Gaps and overlaps in an area at an instant, looked for anew; a page of them."""
    categories = EVERY if category is None else (category,)
    return await actions_findings.report(tx, area_code, at, categories, after, limit)


async def drawn_of(tx: Tx, found: Found) -> Mapping[str, Drawing]:
    """The names and shapes of the areas in a report."""
    return await areas.drawn_of(tx, {one.area_code for one in found.findings})


def _missing(found: Sequence[Finding]) -> list[Missing]:
    return [
        Missing(
            area_code=one.area_code, link=one.role, tier=one.link_tier, sector=one.sector,
            categories=one.categories, why=one.why,
        )
        for one in found
        if one.kind is FindingKind.GAP
    ]  # fmt: skip


def _of_chains(found: Sequence[tuple[ChainTemplate, ChainFinding]]) -> list[Missing]:
    """One for each link of a template at an area, whatever is wrong there: the gravest reason, and on how many
    grounds anything is."""
    said: dict[tuple[str, str, str], tuple[ChainTemplate, list[ChainFinding]]] = {}
    for template, one in found:
        said.setdefault((one.area_code, template.code, one.link), (template, []))[1].append(one)
    return [
        Missing(
            area_code=area_code, link=link, tier=next(one.on for one in template.links if one.code == link),
            template=code,
            sector=template.sectors[0] if len(template.sectors) == 1 else None,
            categories=(template.category,) if template.category else (),
            why=min(each, key=lambda one: _GRAVITY.index(one.why)).why,
            grounds_lacking=len({one.unit_code for one in each}),
        )
        for (area_code, code, link), (template, each) in said.items()
    ]  # fmt: skip


async def _tell(tx: Tx, told: rules.Moves, now: datetime) -> None:
    for one in told.opened:
        gap = Gap(
            id=new_id(), version=0, area_code=one.area_code, sectors=(one.sector,) if one.sector else (),
            exercise=False, correlation_id=new_id(), link=one.link, tier=one.tier, sector=one.sector,
            categories=one.categories, why=one.why, opened_at=now, template=one.template,
            grounds_lacking=one.grounds_lacking,
        )  # fmt: skip
        await store.record_gap(tx, gap, GapOpened(state=_state(gap)))
    for gap in told.changed:
        await store.record_gap(tx, gap, GapChanged(state=_state(gap)))
    for gap in told.closed:
        await store.record_gap(tx, gap, GapClosed(state=_state(gap)))


def _state(gap: Gap) -> GapState:
    return GapState(
        area_code=gap.area_code, link=gap.link, tier=gap.tier, sector=gap.sector, categories=gap.categories,
        why=gap.why, opened_at=gap.opened_at, closed_at=gap.closed_at, template=gap.template,
        grounds_lacking=gap.grounds_lacking,
    )  # fmt: skip
