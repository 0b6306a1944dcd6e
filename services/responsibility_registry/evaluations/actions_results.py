"""What an evaluation comes to: counted anew while it is open, by the pack that holds then; later what was frozen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from libs.common.aggregates import load
from libs.common.clocks import CITY_ZONE
from libs.common.db import Tx
from libs.common.pagination import Page, Paging, page
from libs.common.problems import NotFound
from services.responsibility_registry.evaluations import store, store_counting
from services.responsibility_registry.evaluations.actions_packs import pack_for
from services.responsibility_registry.evaluations.rules import Evaluation
from services.responsibility_registry.evaluations.rules_facts import Fact, Window
from services.responsibility_registry.evaluations.rules_packs import Pack, Span
from services.responsibility_registry.evaluations.rules_scores import Body, Result, results


@dataclass(frozen=True, kw_only=True, slots=True)
class Reckoned:
    """An evaluation's results as of an instant, and the pack by which they were counted."""

    evaluation: Evaluation
    pack: Pack
    as_of: datetime
    results: tuple[Result, ...]


async def reckon(tx: Tx, evaluation: Evaluation) -> Reckoned:
    """Count it. Whoever calls has asked who may see it."""
    pack = await pack_of(tx, evaluation)
    windows = windows_of(evaluation, tx.now)
    async with tx.system("evaluations:count"):
        counted = await store_counting.count(tx, store_counting.source_of(evaluation), pack, windows)
    found = results(pack, evaluation.bodies, counted)
    return Reckoned(evaluation=evaluation, pack=pack, as_of=windows[Span.PERIOD].as_of, results=found)


async def look_into(tx: Tx, evaluation_id: UUID) -> Reckoned:
    """The results of an evaluation for whoever reads it, published or not."""
    return await reckon(tx, await store.find_evaluation(tx, evaluation_id))


async def facts_behind(
    tx: Tx, evaluation: Evaluation, body_key: str, named: str, *, above: bool, asked: Paging
) -> Page[Fact]:
    """The facts behind one number of one body, a page at a time; NotFound (404) for what there is not."""
    body, pack = body_of(evaluation, body_key), await pack_of(tx, evaluation)
    source = store_counting.source_of(evaluation)
    chosen = store_counting.behind(source, body, pack, windows_of(evaluation, tx.now), named, above=above)
    if chosen is None:
        raise NotFound("evaluation_packs", named)
    async with tx.system("evaluations:facts behind"):
        return await page(
            tx, chosen, keys=store_counting.order_of(source), asked=asked, load=lambda row: load(Fact, row),
            fingerprint=["evaluation-facts", str(evaluation.id), body_key, named, above],
        )  # fmt: skip


async def pack_of(tx: Tx, evaluation: Evaluation) -> Pack:
    """The frozen pack, or while it is open the one that holds on the last day. Raises PackUnknown (422)."""
    if evaluation.pack is not None:
        return evaluation.pack
    return await pack_for(tx, evaluation.pack_code, evaluation.area_code, evaluation.last_day)


def body_of(evaluation: Evaluation, key: str) -> Body:
    """One of the evaluated bodies; NotFound (404) otherwise."""
    body = next((one for one in evaluation.bodies if one.key == key), None)
    if body is None:
        raise NotFound("evaluated_bodies", key)
    return body


def end_of(evaluation: Evaluation) -> datetime:
    """24:00 of its last day in the city's time."""
    return _midnight(evaluation.last_day + timedelta(days=1))


def windows_of(evaluation: Evaluation, now: datetime) -> Mapping[Span, Window]:
    """The evaluated period, and the calendar year up to its end; as of now where neither is over."""
    end = end_of(evaluation)
    as_of = min(now, end)
    year = _midnight(date(evaluation.last_day.year, 1, 1))
    return {
        Span.PERIOD: Window(from_at=_midnight(evaluation.first_day), to_at=end, as_of=as_of),
        Span.YEAR: Window(from_at=year, to_at=end, as_of=as_of),
    }


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), CITY_ZONE)
