"""What time does to grades: a firm is graded anew when a fact came in or time changed what counts.

How it stood at the end of each period is kept, with the facts as they are known when the period is closed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from libs.common.db import Tx
from libs.common.ids import new_id
from libs.contracts import credit as told
from services.responsibility_registry.credit import rules, rules_grades, store
from services.responsibility_registry.credit.actions import Reckoned, next_look, reckon_each, told_of
from services.responsibility_registry.credit.actions_packs import begins_at, day_of
from services.responsibility_registry.credit.rules import Firm
from services.responsibility_registry.credit.rules_packs import PeriodKind
from services.responsibility_registry.credit.store import KeptStanding

_SWEPT = timedelta(minutes=10)


async def regrade_due(tx: Tx, now: datetime, limit: int) -> int:
    """Grade each firm that is due; returns how many were looked at."""
    due = await store.lock_due(tx, now, limit)
    for reckoned in await reckon_each(tx, due, now):
        firm = reckoned.firm
        while firm.period_until <= day_of(now):
            firm = await _close_period(tx, firm, reckoned.pack.period)
        await _regrade(tx, replace(reckoned, firm=firm))
    return len(due)


async def ungraded(now: datetime, tx: Tx) -> Sequence[UUID]:
    """Firms that nobody has graded in time, for the watchdog."""
    return await store.ids_undone(tx, now - _SWEPT)


async def _close_period(tx: Tx, firm: Firm, following: PeriodKind) -> Firm:
    """Keep how the firm stood at the last instant of its running period, and begin the next one."""
    end = begins_at(firm.period_until) - timedelta(microseconds=1)
    (at_end,) = await reckon_each(tx, [firm], end)
    name = rules_grades.period_of(day_of(end), at_end.pack.period).name
    kept = await _keep(tx, at_end, name)
    closed = replace(firm, period_until=rules_grades.period_of(firm.period_until, following).next_day)
    event = told.CreditPeriodClosed(
        firm=told_of(closed), standing_id=kept, period=name, grade=at_end.standing.grade,
        score=at_end.standing.score, ended_at=end,
    )  # fmt: skip
    return await store.record_firm(tx, closed, event, at_end.pack, regrade_at=tx.now)


async def _regrade(tx: Tx, reckoned: Reckoned) -> None:
    before, standing = reckoned.firm, reckoned.standing
    following = await next_look(tx, reckoned)
    if rules.stands_as(before, standing):
        await store.regrade_next(tx, before.id, following)
        return
    kept = await _keep(tx, reckoned, "")
    after = rules.graded(before, standing)
    event: told.CreditFirmRegraded | told.CreditFirmScored
    if before.grade == after.grade:
        event = told.CreditFirmScored(firm=told_of(after), standing_id=kept, score_before=before.score)
    else:
        event = told.CreditFirmRegraded(
            firm=told_of(after), standing_id=kept, grade_before=before.grade,
            fell=rules.fell(before.grade, after.grade), caps=tuple(one.rule for one in standing.caps),
            facts=_weighed(reckoned),
        )  # fmt: skip
    await store.record_firm(tx, after, event, reckoned.pack, regrade_at=following)


async def _keep(tx: Tx, reckoned: Reckoned, period: str) -> UUID:
    weighed = set(_weighed(reckoned))
    kept = KeptStanding(
        id=new_id(), firm_id=reckoned.firm.id, at=reckoned.standing.at, period=period, kept_at=tx.now,
        standing=reckoned.standing, facts=tuple(one for one in reckoned.facts if one.id in weighed),
    )  # fmt: skip
    await store.add_standing(tx, kept)
    return kept.id


def _weighed(reckoned: Reckoned) -> tuple[UUID, ...]:
    """The facts that some rule or cap counted, each once."""
    lines = [one.facts for one in reckoned.standing.lines]
    caps = [one.facts for one in reckoned.standing.caps]
    return tuple(dict.fromkeys(fact for facts in (*lines, *caps) for fact in facts))
