"""The verbs of consequences: what applies to firms at an instant, and what a department reports that it did."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from libs.common.db import Tx
from libs.common.problems import RoleMissing
from libs.contracts import credit as told
from services.responsibility_registry.consequences import rules, store
from services.responsibility_registry.consequences.rules import Feedback
from services.responsibility_registry.credit import actions as credit
from services.responsibility_registry.credit import rules_grades
from services.responsibility_registry.credit.actions import Reckoned
from services.responsibility_registry.credit.rules_packs import Consequence, CreditEffect, CreditGrade, CreditWay

__all__ = ["CreditEffect", "CreditGrade", "CreditWay"]

ASKS = ("agency", "auditor", "administrator", "inspector", "leader")
"""Who asks about firms beyond its own scope: joint measures are taken across areas and sectors ([DEF])."""
REPORTS = ("agency", "inspector", "leader")
"""Who reports what its department did, for firms in its area, of whatever sector."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Applied:
    """What applies to a firm. `reckoned` is None where it has no file: nothing applies by credit. `checks` is the
    rule that says how often it is checked."""

    credit_code: str
    at: datetime
    reckoned: Reckoned | None
    consequences: tuple[Consequence, ...]
    checks: Consequence | None


@dataclass(frozen=True, kw_only=True, slots=True)
class NewFeedback:
    """What a department did."""

    id: UUID
    credit_code: str
    consequence: str
    done_at: datetime
    document: str
    words: str
    evidence: tuple[UUID, ...]


async def applying(tx: Tx, credit_codes: Sequence[str], at: datetime) -> list[Applied]:
    """What applies to each of these firms at an instant, in the order asked. Grade, blacklist and what follows are
    told to authorities of whatever area; a firm asks about itself. Raises RoleMissing (403)."""
    own = await credit.firms_by_code(tx, credit_codes)
    if any(one not in own for one in credit_codes) and not tx.caller.has_role(*ASKS):
        raise RoleMissing(ASKS)
    async with tx.system("consequences:what applies"):
        firms = await credit.firms_by_code(tx, credit_codes)
        found = await credit.reckon_each(tx, list(firms.values()), at)
    by_code = {one.firm.credit_code: one for one in found}
    return [_applied(code, at, by_code.get(code)) for code in credit_codes]


async def report(tx: Tx, new: NewFeedback) -> Feedback:
    """A department did something with a firm because of how it stood then. Raises FirmNotOnFile, DoneInTheFuture,
    ConsequenceNotInForce (422)."""
    if not tx.caller.has_role(*REPORTS):
        raise RoleMissing(REPORTS)
    if new.done_at > tx.now:
        raise rules.DoneInTheFuture
    (applied,) = await applying(tx, [new.credit_code], new.done_at)
    reckoned = applied.reckoned
    if reckoned is None:
        raise rules.FirmNotOnFile(new.credit_code)
    firm = reckoned.firm
    tx.caller.require(*REPORTS, area_code=firm.area_code, sectors=())
    one = next((one for one in applied.consequences if one.id == new.consequence), None)
    if one is None:
        raise rules.ConsequenceNotInForce(new.consequence, reckoned.standing.grade)
    done = Feedback(
        id=new.id, version=0, area_code=firm.area_code, sectors=firm.sectors, exercise=False,
        correlation_id=firm.correlation_id, firm_id=firm.id, credit_code=firm.credit_code, consequence=one.id,
        zh=one.zh, en=one.en, way=one.way, department=one.department, pack_number=reckoned.pack.number,
        done_at=new.done_at, document=new.document, words=new.words, evidence=new.evidence, reported_at=tx.now,
        reported_by=tx.caller.subject,
    )  # fmt: skip
    event = told.CreditFeedbackReported(
        firm_id=firm.id, credit_code=firm.credit_code, consequence=one.id, way=one.way, department=one.department,
        done_at=new.done_at, evidence=new.evidence,
    )  # fmt: skip
    return await store.add_feedback(tx, done, event, credit.parts_of(firm))


async def find_feedback(tx: Tx, feedback_id: UUID) -> Feedback:
    """One report within the scope, or one's own; NotFound (404) otherwise."""
    async with tx.system("consequences:is it one's own"):
        found = await store.find_feedback(tx, feedback_id)
    if found.reported_by == tx.caller.subject:
        return found
    return await store.find_feedback(tx, feedback_id)


def _applied(credit_code: str, at: datetime, found: Reckoned | None) -> Applied:
    consequences = () if found is None else rules_grades.applying(found.standing, found.pack.consequences)
    return Applied(
        credit_code=credit_code, at=at, reckoned=found, consequences=consequences,
        checks=rules_grades.strictest(consequences),
    )  # fmt: skip
