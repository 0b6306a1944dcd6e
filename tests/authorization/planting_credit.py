"""Credit and the blacklist: a firm whose facts meet a ground, and an entry in each state that a verb begins in."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from libs.common.ids import new_id
from libs.common.scope import Grant, Scope
from libs.contracts import credit as told
from libs.contracts.sample_values import cast
from services.responsibility_registry.blacklist.actions import told_of
from services.responsibility_registry.blacklist.rules_kept import (
    Entry,
    EntryState,
    Repair,
    Said,
    Served,
    ServedHow,
    Terms,
)
from services.responsibility_registry.blacklist.store import record_entry
from services.responsibility_registry.credit import actions, actions_facts
from services.responsibility_registry.credit.actions import NewFirm
from services.responsibility_registry.credit.actions_facts import NewFact
from services.responsibility_registry.credit.rules_facts import CreditFactKind
from tests.authorization.callers import COUNTY
from tests.authorization.house import House
from tests.authorization.operations import Ids

_SERVICE = "responsibility_registry"
_POST = UUID("5d3c1f52-8a0e-5c0b-9f4e-2f3a61a0c7f1")
_BUREAU = Scope(
    subject="enforcement bureau", client_id="test", posts=frozenset({_POST}), post_id=_POST,
    grants=(Grant(area_from=COUNTY[0], area_to=COUNTY[1], sectors=None, role="inspector"),),
)  # fmt: skip
_AT = {
    "91331002MA2DEM001M": (EntryState.PROPOSED, ("serve", "withdraw")),
    "91331002MA2DEM003U": (EntryState.NOTICED, ("object", "decide")),
    "91331002MA2DEM004Y": (EntryState.OBJECTED, ("review-objection",)),
    "91331002MA2DEM0052": (EntryState.LISTED, ("ask-repair", "revoke")),
    "91331002MA2DEM0065": (EntryState.LISTED, ("decide-repair",)),
}
"""A firm each, for which verbs its entry is planted."""


async def plant_credit(house: House, ids: Ids) -> None:
    """Two broken commitments of the firm of the examples, and five entries of others."""
    doors = house.databases[_SERVICE]
    for _ in range(2):
        async with doors.unit_of_work(_BUREAU) as tx:
            fact = NewFact(
                id=new_id(), firm_id=UUID(ids["/v1/credit-firms/"]), kind=CreditFactKind.COMMITMENT_BROKEN, tag="any",
                at=tx.now - timedelta(days=1), ends_at=None, authority="区应急管理局(演示)", document="核查记录",
                words="承诺未兑现", evidence=(),
            )  # fmt: skip
            ids["/v1/credit-facts/"] = str((await actions_facts.enter_fact(tx, fact)).id)
    for code, (state, verbs) in _AT.items():
        entry_id = str(await _entry(house, code, state, repair="decide-repair" in verbs))
        ids["/v1/blacklist-entries/"] = entry_id
        ids |= {f"POST /v1/blacklist-entries/{{entry_id}}/{verb}": entry_id for verb in verbs}


async def _entry(house: House, code: str, state: EntryState, *, repair: bool) -> UUID:
    async with house.databases[_SERVICE].unit_of_work(_BUREAU) as tx:
        new = NewFirm(credit_code=code, name="某企业(演示)", area_code=cast.VILLAGE, sectors=("fire",), party_ids=())
        firm = await actions.open_firm(tx, new)
        before = tx.now - timedelta(days=400)
        notice = Served(at=before, by_post=_POST, how=ServedHow.DIRECT, words="送达", evidence=(new_id(),))
        said = Said(at=before, words="已改正", evidence=(), by_party=firm.id, by_post=None)
        served, on = state is not EntryState.PROPOSED, state is EntryState.LISTED
        entry = Entry(
            id=new_id(), version=0, area_code=firm.area_code, sectors=firm.sectors, exercise=False,
            correlation_id=firm.correlation_id, firm_id=firm.id, credit_code=code, firm_name=firm.name, pack_number=0,
            terms=Terms(
                ground="orders_overdue", zh="逾期", en="overdue", source="[DEF] x", months=36, defence_days=10,
                defence_unit="workday", repair_after_months=12, removal_shown_days=30,
            ),
            facts=(), words="x", state=state, proposed_at=before, proposed_by=_POST, hands=(_POST,),
            hand_subjects=(_BUREAU.subject,), notice=notice if served else None,
            # The time for a defence of what may be objected to still runs.
            defence_until=tx.now + timedelta(days=9 if state is EntryState.NOTICED else -9) if served else None,
            objection=said if state is EntryState.OBJECTED else None, listed_at=tx.now if on else None,
            ends_at=tx.now + timedelta(days=900) if on else None, repair_from=before if on else None,
            repairs=(Repair(asked=said),) if repair else (),
        )  # fmt: skip
        event = told.BlacklistProposed(entry=told_of(entry), proposed_by=_POST)
        return (await record_entry(tx, entry, event, why="x", parts=actions.parts_of(firm))).id
