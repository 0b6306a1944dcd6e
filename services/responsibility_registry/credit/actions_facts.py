"""The verbs of facts: count one, take it back, enter one by hand, void it; and find the firm of what waits.

Each fact counts once, whatever order it is told in: what is told is kept by kind and source with its version, and
only what is newer changes anything; a fact that is taken back before it was told never counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from libs.common.aggregates import require_version
from libs.common.db import Tx
from libs.common.ids import new_id
from libs.common.imports import id_of
from libs.common.problems import IdTaken
from libs.contracts import credit as told
from services.responsibility_registry.copies import store as copies
from services.responsibility_registry.credit import rules_facts as rules
from services.responsibility_registry.credit import store, store_facts
from services.responsibility_registry.credit.actions import NewFirm, opened
from services.responsibility_registry.credit.rules import Firm
from services.responsibility_registry.credit.rules_facts import ENTERED, CreditFactKind, Fact, ToldFact
from services.responsibility_registry.credit.store_facts import Note
from services.responsibility_registry.organizations.rules_organizations import is_credit_code

ENTERS = ("inspector", "leader")
"""Who enters facts from documents ([DEF])."""
VOIDS = ("leader",)
"""Who says that an entered fact was not so ([DEF])."""
_COUNTY = 6
"""So many digits of an area's code say its county."""
_LAST = 2**31 - 1
"""What is taken back for good: nothing that is told later is newer."""
_SWEPT = timedelta(minutes=5)


@dataclass(frozen=True, kw_only=True, slots=True)
class NewFact:
    """A fact as an authority enters it, from a document."""

    id: UUID
    firm_id: UUID
    kind: CreditFactKind
    tag: str
    at: datetime
    ends_at: datetime | None
    authority: str
    document: str
    words: str
    evidence: tuple[UUID, ...]


async def count(tx: Tx, fact: ToldFact, version: int = 1) -> None:
    """A fact counts for its firm from now on, once; a newer version of it counts instead of the one before.

    The firm's file is opened where it has none. What names a risk object alone is brought to its firm by the next
    sweep: the object may be told of before or after. What names neither a firm's code nor anything that leads to one
    counts for nobody. For other slices too: the caller has decided that it is so, and by whose right.
    """
    by_object = fact.credit_code is None and fact.party_id is None
    async with tx.system("credit:count"):
        note = Note(
            kind=fact.kind, source_id=fact.source_id, version=version, void=False, reason="", told=fact,
            party_id=fact.party_id, pending=True, try_at=tx.now,
        )  # fmt: skip
        if await store_facts.take(tx, note) and not by_object:
            await _place(tx, note)


async def uncount(tx: Tx, kind: CreditFactKind, source_id: UUID, reason: str, version: int = _LAST) -> None:
    """A fact was not so, or is no more: it counts no more, nor when it is told later with no newer version."""
    async with tx.system("credit:uncount"):
        before = await store_facts.told_before(tx, kind, source_id)
        note = Note(
            kind=kind, source_id=source_id, version=version, void=True, reason=reason, told=before,
            party_id=None if before is None else before.party_id, pending=False, try_at=tx.now,
        )  # fmt: skip
        if await store_facts.take(tx, note):
            await _void(tx, note)


async def enter_fact(tx: Tx, new: NewFact) -> Fact:
    """An authority enters what a document says of a firm. Raises FactWrong (422), IdTaken (409)."""
    firm = await store.find_firm(tx, new.firm_id)
    tx.caller.require_every(*ENTERS, area_code=firm.area_code, sectors=firm.sectors)
    entered = ToldFact(
        kind=new.kind, source_id=new.id, at=new.at, area_code=firm.area_code, sectors=firm.sectors,
        correlation_id=firm.correlation_id, credit_code=firm.credit_code, name=firm.name, tag=new.tag,
        ends_at=new.ends_at, authority=new.authority, document=new.document, words=new.words, evidence=new.evidence,
        entered_by=tx.caller.acting_post(),
    )  # fmt: skip
    rules.check_entered(entered, tx.now)
    async with tx.system("credit:is it entered"):
        if await store_facts.known_fact(tx, new.id) is not None:
            raise IdTaken
    await count(tx, entered)
    return await store_facts.find_fact(tx, new.id)


async def void_fact(tx: Tx, fact_id: UUID, expected: int | None, reason: str) -> Fact:
    """What was entered was not so. Raises FactNotEntered, FactAlreadyVoided (409)."""
    fact = await store_facts.lock_fact(tx, fact_id)
    tx.caller.require(*VOIDS, area_code=fact.area_code, sectors=fact.sectors)
    require_version(fact, expected)
    rules.void_entered(fact, reason=reason, at=tx.now)
    await uncount(tx, fact.kind, fact.source_id, reason)
    return await store_facts.find_fact(tx, fact_id)


async def find_fact(tx: Tx, fact_id: UUID) -> Fact:
    """One fact, for whoever sees its firm's file; NotFound (404) otherwise."""
    return await store_facts.find_fact(tx, fact_id)


async def place_facts(tx: Tx, now: datetime, limit: int) -> int:
    """Look again for the firm of what waits: its risk object may have been told of since."""
    waiting = await store_facts.lock_pending(tx, now, limit)
    for note in waiting:
        await _place(tx, note)
    return len(waiting)


async def unplaced(now: datetime, tx: Tx) -> Sequence[UUID]:
    """Facts at which nobody has looked in time, for the watchdog."""
    return await store_facts.ids_waiting(tx, now - _SWEPT)


async def _place(tx: Tx, note: Note) -> None:
    if note.told is None:
        return
    before = await store_facts.known_fact(tx, _id_of(note.kind, note.source_id))
    # What is told by a code goes where the code is corrected to; else a fact stays with the firm it was counted for.
    stays = before is not None and note.told.credit_code is None
    firm_id = before.firm_id if before is not None and stays else await _firm_of(tx, note.told)
    waits = firm_id is None and await _may_be_told(tx, note.told)
    await store_facts.settle(tx, note, pending=waits, try_at=tx.now + store_facts.RETRY)
    if firm_id is None:
        return
    counted = rules.counted_as(before, note.told, firm_id) if before else _fact(tx, note.told, firm_id)
    event = told.CreditFactCounted(fact=_told_of(counted), evidence=counted.evidence)
    await store_facts.record_fact(tx, counted, event, why=counted.document)
    for one in sorted({firm_id, before.firm_id if before else firm_id}):
        await store.mark(tx, one)


async def _void(tx: Tx, note: Note) -> None:
    fact = await store_facts.known_fact(tx, _id_of(note.kind, note.source_id))
    if fact is not None and fact.voided_at is None:
        after = rules.void(fact, reason=note.reason, at=tx.now)
        event = told.CreditFactVoided(fact=_told_of(after), reason=note.reason)
        await store_facts.record_fact(tx, after, event, why=note.reason)
        await store.mark(tx, fact.firm_id)


async def _firm_of(tx: Tx, fact: ToldFact) -> UUID | None:
    """The firm that a fact is about; its file is opened where it has none. None: nobody's, or not known yet."""
    if fact.credit_code is None and fact.party_id is not None:
        known = await store.firm_of_party(tx, fact.party_id)
        return None if known is None else known.id
    new = await _named(tx, fact)
    if new is None or not is_credit_code(new.credit_code):
        return None
    await store.lock_opening(tx, new.credit_code)
    on_file: Firm | None = (await store.firms_of(tx, [new.credit_code])).get(new.credit_code)
    return (on_file or await opened(tx, new)).id


async def _named(tx: Tx, fact: ToldFact) -> NewFirm | None:
    """The firm by its code, or by the risk object: an entity that is a firm and has a code."""
    if fact.credit_code is not None:
        return NewFirm(
            credit_code=fact.credit_code, name=fact.name or fact.credit_code, area_code=fact.area_code,
            sectors=fact.sectors, party_ids=(),
        )  # fmt: skip
    known = None
    if fact.object_id is not None:
        known = (await copies.find_objects(tx, [fact.object_id])).get(fact.object_id)
    if known is None or known.entity_kind != "firm" or known.entity_code is None:
        return None
    if known.area_code[:_COUNTY] != fact.area_code[:_COUNTY]:
        # Whoever enters an incident may name any object: one of another county is not brought into it by that.
        return None
    return NewFirm(
        credit_code=known.entity_code, name=known.entity_name, area_code=known.area_code,
        sectors=known.sectors or fact.sectors, party_ids=(),
    )  # fmt: skip


async def _may_be_told(tx: Tx, fact: ToldFact) -> bool:
    """Whether the fact's risk object is one that nobody has told of yet."""
    if fact.credit_code is not None or fact.object_id is None:
        return False
    return fact.object_id not in await copies.find_objects(tx, [fact.object_id])


def _fact(tx: Tx, fact: ToldFact, firm_id: UUID) -> Fact:
    return Fact(
        id=_id_of(fact.kind, fact.source_id), version=0, area_code=fact.area_code, sectors=fact.sectors,
        exercise=False, correlation_id=fact.correlation_id or new_id(), firm_id=firm_id, kind=fact.kind,
        tag=fact.tag, ordinal=fact.ordinal, source_id=fact.source_id, at=fact.at, ends_at=fact.ends_at,
        authority=fact.authority, document=fact.document, words=fact.words, evidence=fact.evidence,
        entered_by=fact.entered_by, counted_at=tx.now,
    )  # fmt: skip


def _id_of(kind: CreditFactKind, source_id: UUID) -> UUID:
    """What was entered has its own id; else one of its kind and source."""
    return source_id if kind in ENTERED else id_of("credit-facts", kind, str(source_id))


def _told_of(fact: Fact) -> told.CreditFactFacts:
    return told.CreditFactFacts(
        firm_id=fact.firm_id, kind=fact.kind, tag=fact.tag, source_id=fact.source_id, at=fact.at,
        ends_at=fact.ends_at, authority=fact.authority,
    )  # fmt: skip
