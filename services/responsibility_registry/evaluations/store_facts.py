"""SQL that keeps facts as they are heard, and freezes them when a period is handed in.

Facts are read under a system scope: the verb that asks has asked for the role over the evaluated area.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, func, literal, select
from sqlalchemy.dialects.postgresql import insert

from libs.common.aggregates import dump, load
from libs.common.db import Tx
from libs.common.ranges import in_range
from services.responsibility_registry.evaluations.model import facts, frozen_facts
from services.responsibility_registry.evaluations.rules_facts import Fact, FactKind


async def keep(tx: Tx, fact: Fact) -> None:
    """Keep a fact as it is known now; one that is older than what is kept changes nothing."""
    values = dump(facts, fact)
    told = insert(facts).values(values)
    newer = facts.c.version < fact.version
    await tx.execute(told.on_conflict_do_update(index_elements=[facts.c.kind, facts.c.id], set_=values, where=newer))


async def began_before(tx: Tx, fact: Fact, at: datetime) -> None:
    """What is read late says at least that the fact began earlier."""
    asked = facts.update().where(facts.c.kind == fact.kind, facts.c.id == fact.id, facts.c.at > at)
    await tx.execute(asked.values(at=at))


async def find(tx: Tx, kind: FactKind, fact_id: UUID) -> Fact | None:
    """A fact as it is kept, locked."""
    asked = select(facts).where(facts.c.kind == kind, facts.c.id == fact_id).with_for_update()
    row = await tx.one_or_none(asked)
    return None if row is None else load(Fact, row)


async def open_vacancy(tx: Tx, post_id: UUID) -> Fact | None:
    """The vacancy of a post that has not ended, locked."""
    asked = select(facts).where(facts.c.kind == FactKind.VACANCY, facts.c.post_id == post_id)
    row = await tx.one_or_none(asked.where(facts.c.done_at.is_(None)).limit(1).with_for_update())
    return None if row is None else load(Fact, row)


async def freeze(
    tx: Tx, evaluation_id: UUID, submission: int, area: tuple[str, str], kinds: Sequence[FactKind], before: datetime
) -> None:
    """Keep the facts of an area and these kinds as they are now, for this hand-in and for ever."""
    names = [column.name for column in facts.columns]
    chosen = select(literal(evaluation_id), literal(submission), *(facts.c[name] for name in names))
    chosen = chosen.where(in_range(facts, area), facts.c.kind.in_(kinds), facts.c.at < before, ~facts.c.void)
    await tx.execute(frozen_facts.insert().from_select(["evaluation_id", "submission", *names], chosen))


async def last_incident(tx: Tx, area: tuple[str, str], worst_ordinal: int) -> Mapping[str, datetime | None]:
    """When the last incident of a level or worse began in an area, and since when incidents are known at all."""
    of_area = and_(facts.c.kind == FactKind.INCIDENT, in_range(facts, area), ~facts.c.void)
    bad = func.max(facts.c.at).filter(facts.c.ordinal <= worst_ordinal)
    row = await tx.one_or_none(select(bad.label("last_at"), func.min(facts.c.at).label("known_since")).where(of_area))
    return dict(row or {})
