"""SQL that counts facts by the conditions of `rules_facts`, in one pass over an evaluation's facts.

A test holds these conditions to the rules, fact by fact. Facts are read under a system scope: the verb that asks has
asked for the role over the evaluated area.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Table, Text, and_, cast, false, func, literal, or_, select
from sqlalchemy.dialects.postgresql import ARRAY

from libs.common.db import Row, Tx
from libs.common.pagination import Key
from libs.common.places import area_range
from libs.common.ranges import in_range
from services.responsibility_registry.evaluations.model import facts, frozen_facts
from services.responsibility_registry.evaluations.rules import BodyKind, Evaluation
from services.responsibility_registry.evaluations.rules_facts import Filter, Formula, Window
from services.responsibility_registry.evaluations.rules_packs import Indicator, Pack, Span
from services.responsibility_registry.evaluations.rules_scores import Body, Counted

Condition = ColumnElement[bool]
_DIGITS = {"province": 2, "city": 4, "county": 6, "township": 9, "village": 12}


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """Which facts are counted, and to which body each belongs."""

    table: Table
    among: Condition
    body: ColumnElement[Any]


def source_of(evaluation: Evaluation) -> Source:
    """The facts as they are heard, or as they were frozen once it was handed in; without what was taken out."""
    table = facts if evaluation.pack is None else frozen_facts
    among = [in_range(table, area_range(evaluation.area_code))]
    if table is frozen_facts:
        among += [table.c.evaluation_id == evaluation.id, table.c.submission == evaluation.submission]
    if evaluation.excluded:
        among.append(table.c.id.not_in(evaluation.excluded))
    if evaluation.body_kind is BodyKind.POSTS:
        return Source(table=table, among=and_(*among), body=cast(table.c.post_id, Text))
    digits = _DIGITS[evaluation.among]
    return Source(table=table, among=and_(*among), body=func.rpad(func.left(table.c.area_code, digits), 12, "0"))


async def count(tx: Tx, source: Source, pack: Pack, windows: Mapping[Span, Window]) -> Mapping[str, Counted]:
    """What each body's facts come to, in one pass."""
    columns = _columns(source.table, pack, windows)
    counted = [func.count().filter(condition).label(name) for name, condition in columns.items()]
    asked = select(source.body.label("body"), *counted).where(source.among, source.body.is_not(None)).group_by("body")
    return {row["body"]: _counted(row, pack) for row in await tx.all(asked)}


def _columns(table: Table, pack: Pack, windows: Mapping[Span, Window]) -> dict[str, Condition]:
    columns: dict[str, Condition] = {}
    sampled: list[Condition] = []
    for number, one in enumerate(pack.indicators):
        below, above = _line(table, one, windows[Span.PERIOD])
        columns |= {f"below_{number}": below, f"above_{number}": above}
        sampled.append(below)
    for number, veto in enumerate(pack.vetoes):
        for place, condition in enumerate(veto.any_of):
            within = _within(table.c.at, windows[condition.span])
            columns[f"veto_{number}_{place}"] = and_(fitting(table, condition.facts), within)
    return columns | {"sample": or_(false(), *sampled)}


def _counted(row: Row, pack: Pack) -> Counted:
    return Counted(
        above={one.id: row[f"above_{number}"] for number, one in enumerate(pack.indicators)},
        below={one.id: row[f"below_{number}"] for number, one in enumerate(pack.indicators)},
        vetoes={
            veto.id: tuple(row[f"veto_{number}_{place}"] for place in range(len(veto.any_of)))
            for number, veto in enumerate(pack.vetoes)
        },
        sample=row["sample"],
    )


def behind(
    source: Source, body: Body, pack: Pack, windows: Mapping[Span, Window], named: str, *, above: bool
) -> Select[Any] | None:
    """The facts behind one number of a body: an indicator's numerator or all below its line, or a veto's; None where
    the pack has neither. What was taken out is not among them."""
    found = _named(source.table, pack, windows, named, above=above)
    if found is None:
        return None
    return select(source.table).where(source.among, source.body == body.key, found)


def _named(table: Table, pack: Pack, windows: Mapping[Span, Window], named: str, *, above: bool) -> Condition | None:
    for one in pack.indicators:
        if one.id == named:
            below, counted = _line(table, one, windows[Span.PERIOD])
            return counted if above or one.formula is Formula.NUMBER else below
    for veto in pack.vetoes:
        if veto.id == named:
            each = ((fitting(table, one.facts), _within(table.c.at, windows[one.span])) for one in veto.any_of)
            return or_(false(), *(and_(*pair) for pair in each))
    return None


async def counted_ids(
    tx: Tx, source: Source, body: Body, pack: Pack, windows: Mapping[Span, Window], ids: Sequence[UUID]
) -> set[UUID]:
    """Those of the facts that count for a body in any way."""
    each = [*_columns(source.table, pack, windows).values()]
    asked = select(source.table.c.id).where(source.among, source.body == body.key, source.table.c.id.in_(ids))
    return {row["id"] for row in await tx.all(asked.where(or_(*each)))}


def order_of(source: Source) -> Sequence[Key]:
    """Facts, the earliest first."""
    return ((source.table.c.at, "asc"), (source.table.c.kind, "asc"), (source.table.c.id, "asc"))


def _line(table: Table, one: Indicator, window: Window) -> tuple[Condition, Condition]:
    below, above = counting(table, one.formula, window, one.hours)
    fit = fitting(table, one.facts)
    return and_(fit, below), and_(fit, above)


def fitting(table: Table, wanted: Filter) -> Condition:
    """Facts that a filter lets through (`rules_facts.fits`)."""
    found = [~table.c.void, table.c.kind == wanted.kind]
    if wanted.tags:
        found.append(or_(*(table.c.tag.startswith(tag, autoescape=True) for tag in wanted.tags)))
    if wanted.worst_ordinal is not None:
        found.append(and_(table.c.ordinal.is_not(None), table.c.ordinal <= wanted.worst_ordinal))
    if wanted.sectors:
        found.append(table.c.sectors.overlap(literal(list(wanted.sectors), ARRAY(Text))))
    return and_(*found)


def counting(table: Table, formula: Formula, window: Window, hours: int | None) -> tuple[Condition, Condition]:
    """The facts below and above the line (`rules_facts.counts`), as conditions."""
    begun = _within(table.c.at, window)
    match formula:
        case Formula.CLOSED_SHARE:
            below, above = begun, _before(table.c.done_at, window.as_of)
        case Formula.ON_TIME_SHARE:
            below, above = _within(table.c.due_at, window), _by(table.c.done_at, table.c.due_at)
        case Formula.OVERDUE_SHARE:
            undone = or_(table.c.done_at.is_(None), table.c.done_at >= window.as_of)
            below, above = and_(table.c.at < window.as_of, undone), _before(table.c.due_at, window.as_of)
        case Formula.REOPENED_SHARE:
            below = _within(table.c.first_done_at, window)
            above = _before(table.c.reopened_at, window.as_of)
        case Formula.WITHIN_HOURS_SHARE:
            limit = table.c.at + literal(timedelta(hours=hours or 0))
            above = _by(table.c.done_at, limit)
            below = and_(begun, or_(above, limit <= window.as_of))
        case Formula.NUMBER:
            return false(), begun
    return below, and_(below, above)


def _within(column: ColumnElement[Any], window: Window) -> Condition:
    return and_(column.is_not(None), column >= window.from_at, column < window.as_of)


def _before(column: ColumnElement[Any], instant: datetime) -> Condition:
    return and_(column.is_not(None), column < instant)


def _by(column: ColumnElement[Any], limit: ColumnElement[Any]) -> Condition:
    return and_(column.is_not(None), limit.is_not(None), column <= limit)
