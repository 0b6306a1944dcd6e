"""What other slices do with a fact that was entered, corrected or revoked, in the same transaction.

Whoever counts decisions of firms is told here, once for each version of a fact: its firm, kind, day and authority,
and whether it is void. Their verbs take no fact back to this slice, so slices form no ring.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, time

from libs.common.clocks import CITY_ZONE
from libs.common.db import Tx
from services.responsibility_registry.accountability import actions_facts as accountability
from services.responsibility_registry.accountability.rules_facts import Noted
from services.responsibility_registry.credit import actions_facts as credit
from services.responsibility_registry.credit.rules_facts import CreditFactKind, ToldFact
from services.responsibility_registry.enforcement import rules
from services.responsibility_registry.enforcement.policies import KINDS
from services.responsibility_registry.enforcement.rules import EnforcementFact
from services.responsibility_registry.organizations.rules_organizations import is_credit_code


async def pass_on(tx: Tx, facts: Sequence[EnforcementFact]) -> None:
    """Let every slice that counts know of these facts as they stand now."""
    await accountability.note_enforced(tx, [_noted(one, tx.now) for one in facts])
    # By firm, so that two imports about the same firms cannot block each other.
    for one in sorted(facts, key=lambda fact: (fact.firm_id or "", fact.id)):
        await _credit(tx, one)


async def _credit(tx: Tx, fact: EnforcementFact) -> None:
    """What was decided against a firm with a credit code counts for its credit, as long as it is so."""
    if not fact.void and fact.firm_id is not None and is_credit_code(fact.firm_id):
        await credit.count(tx, _told(fact), fact.version)
    elif fact.version > 1:
        await credit.uncount(tx, CreditFactKind.ENFORCEMENT, fact.id, _NO_MORE, fact.version)


def _told(fact: EnforcementFact) -> ToldFact:
    return ToldFact(
        kind=CreditFactKind.ENFORCEMENT, source_id=fact.id, at=begins_at(fact), area_code=fact.area_code,
        sectors=fact.sectors, correlation_id=fact.correlation_id, credit_code=fact.firm_id, name=fact.firm_name,
        tag=fact.kind, authority=fact.authority_code, document=fact.decision_number,
    )  # fmt: skip


def begins_at(fact: EnforcementFact) -> datetime:
    """The instant at which a decision counts: the beginning of its day in the city."""
    return datetime.combine(fact.decided_on, time(), CITY_ZONE).astimezone(UTC)


def _noted(fact: EnforcementFact, at: datetime) -> Noted:
    return Noted(
        id=fact.id, incident_version=fact.version, number=fact.decision_number, kind=rules.counts_as(fact, KINDS),
        area_code=fact.area_code, sectors=fact.sectors, exercise=fact.exercise, correlation_id=fact.correlation_id,
        object_id=fact.object_id, level_ordinal=_NO_LEVEL, production_related=False, people_harmed=0,
        at=begins_at(fact), heard_at=at, firm_id=fact.firm_id, firm_name=fact.firm_name, object_known=True,
        void=fact.void, category=fact.category,
    )  # fmt: skip


_NO_MORE = "the decision was revoked, or is against another"
_NO_LEVEL = 4
"""A decision has no level: it opens no case by itself, only by a trigger."""
