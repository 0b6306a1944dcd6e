"""The verbs of the blacklist until a firm is listed: propose, serve, object, review, decide, withdraw."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from libs.common.aggregates import require_version
from libs.common.calendars import load_calendar
from libs.common.clocks import CITY_ZONE, due_at
from libs.common.db import Tx
from libs.contracts import credit as told
from services.responsibility_registry.blacklist import rules, rules_refusals, store
from services.responsibility_registry.blacklist.rules_kept import (
    DefenceTime,
    Entry,
    EntryState,
    ListedFact,
    Ruling,
    Said,
    Served,
    ServedHow,
    Terms,
)
from services.responsibility_registry.credit import actions as credit
from services.responsibility_registry.credit import actions_facts, rules_grades
from services.responsibility_registry.credit.actions import Reckoned
from services.responsibility_registry.credit.rules_facts import CreditFactKind, Fact, ToldFact
from services.responsibility_registry.credit.rules_packs import Ground

PROPOSES = ("inspector", "leader")
"""Who proposes, serves, withdraws, and enters what a firm hands in on paper ([DEF])."""
DECIDES = ("leader",)
"""Who reviews objections and decides, through a post that proposed and served nothing of it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class NewEntry:
    """Which firm is proposed, for which ground of the pack, and why."""

    id: UUID
    firm_id: UUID
    ground: str
    words: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Word:
    """What the firm says, as its door takes it."""

    words: str
    evidence: tuple[UUID, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """What a post decides, as its door takes it."""

    yes: bool
    words: str
    document: str = ""


async def propose(tx: Tx, new: NewEntry) -> Entry:
    """Propose a firm whose facts meet a ground. Nothing is told to it yet, and nothing follows.

    Raises GroundNotMet, AlreadyProposed (409).
    """
    firm = await credit.find_firm(tx, new.firm_id)
    tx.caller.require_every(*PROPOSES, area_code=firm.area_code, sectors=firm.sectors)
    post = tx.caller.acting_post()
    found = await credit.reckon(tx, firm.id, tx.now)
    ground, facts = _grounded(found, new.ground)
    async with tx.system("blacklist:is there one"):
        live = await store.live_entry(tx, firm.id)
    if live is not None:
        raise rules_refusals.AlreadyProposed(live)
    terms = found.pack.listing
    entry = Entry(
        id=new.id, version=0, area_code=firm.area_code, sectors=firm.sectors, exercise=False,
        correlation_id=firm.correlation_id, firm_id=firm.id, credit_code=firm.credit_code, firm_name=firm.name,
        pack_number=found.pack.number,
        terms=Terms(
            ground=ground.id, zh=ground.zh, en=ground.en, source=ground.source, months=ground.months,
            defence_days=terms.defence_days, defence_unit=terms.defence_unit,
            repair_after_months=terms.repair_after_months, removal_shown_days=terms.removal_shown_days,
        ),
        facts=tuple(_listed(one) for one in facts), words=new.words, state=EntryState.PROPOSED, proposed_at=tx.now,
        proposed_by=post, hands=(post,), hand_subjects=(tx.caller.subject,),
    )  # fmt: skip
    event = told.BlacklistProposed(entry=told_of(entry), proposed_by=post)
    return await store.record_entry(tx, entry, event, why=new.words)


async def serve(
    tx: Tx, entry_id: UUID, expected: int | None, how: ServedHow, words: str, evidence: tuple[UUID, ...]
) -> Entry:
    """The notice with facts, ground and the right to state and defend reached the firm; the time for that runs from
    now ([DEF] working days from the day after, to 24:00). Raises EntryNotOpenToThis (409)."""
    entry = await _locked(tx, entry_id, expected, PROPOSES)
    notice = Served(at=tx.now, by_post=tx.caller.acting_post(), how=how, words=words, evidence=evidence)
    allowed = DefenceTime(amount=entry.terms.defence_days, unit=entry.terms.defence_unit)
    until = due_at(tx.now, allowed, await load_calendar(tx)).at
    after = rules.serve(entry, notice, until=until, subject=tx.caller.subject)
    async with tx.system("blacklist:its parties"):
        firm = await credit.find_firm(tx, entry.firm_id)
    event = told.BlacklistNoticeServed(entry=told_of(after), how=how, evidence=evidence)
    return await store.record_entry(tx, after, event, why=words, parts=credit.parts_of(firm))


async def object_to(tx: Tx, entry_id: UUID, expected: int | None, word: Word) -> Entry:
    """The firm objects in time: nothing is decided until another post has reviewed it.

    Raises NotTheFirm (403), EntryNotOpenToThis, ObjectionTooLate (409).
    """
    entry = await store.lock_entry(tx, entry_id)
    said = await said_by_firm(tx, entry, word)
    require_version(entry, expected)
    after = rules.object_to(entry, said)
    event = told.BlacklistObjected(entry=told_of(after), evidence=word.evidence)
    return await store.record_entry(tx, after, event, why=word.words)


async def review_objection(tx: Tx, entry_id: UUID, expected: int | None, verdict: Verdict) -> Entry:
    """Another post reviews the objection; upheld, the proposal ends. Raises EntryNotOpenToThis, AnotherMustDecide."""
    entry = await _locked(tx, entry_id, expected, DECIDES)
    after = rules.review(entry, ruling(tx, verdict))
    event = told.BlacklistObjectionReviewed(
        entry=told_of(after), upheld=verdict.yes, reviewed_by=tx.caller.acting_post(), words=verdict.words
    )
    return await store.record_entry(tx, after, event, why=verdict.words)


async def decide(tx: Tx, entry_id: UUID, expected: int | None, verdict: Verdict) -> Entry:
    """The authority decides: listed from now on, or not. What was voided since is a ground no more.

    Raises EntryNotOpenToThis, AnotherMustDecide, DefenceRunning, GroundNotMet (409).
    """
    entry = await _locked(tx, entry_id, expected, DECIDES)
    after = rules.decide(entry, ruling(tx, verdict), tz=CITY_ZONE)
    post = tx.caller.acting_post()
    if not verdict.yes:
        dismissed = told.BlacklistDismissed(entry=told_of(after), decided_by=post, words=verdict.words)
        return await store.record_entry(tx, after, dismissed, why=verdict.words)
    async with tx.system("blacklist:does it still hold"):
        _grounded(await credit.reckon(tx, entry.firm_id, entry.proposed_at), entry.terms.ground)
    listed = told.BlacklistListed(entry=told_of(after), decided_by=post, document=verdict.document)
    written = await store.record_entry(tx, after, listed, why=verdict.words)
    await actions_facts.count(tx, listing_fact(written, document=verdict.document), written.version)
    return written


async def withdraw(tx: Tx, entry_id: UUID, expected: int | None, reason: str) -> Entry:
    """Taken back before anybody decided. Raises EntryNotOpenToThis (409)."""
    after = rules.withdraw(await _locked(tx, entry_id, expected, PROPOSES), at=tx.now)
    return await store.record_entry(
        tx, after, told.BlacklistWithdrawn(entry=told_of(after), reason=reason), why=reason
    )


async def find_entry(tx: Tx, entry_id: UUID) -> Entry:
    """One entry, for whoever reads entries there, and for the firm once it was noticed; NotFound (404) otherwise."""
    return await store.find_entry(tx, entry_id)


async def said_by_firm(tx: Tx, entry: Entry, word: Word) -> Said:
    """What the firm says itself, by a party of its own; or on paper, entered by a post with the page as evidence.

    Raises NotTheFirm (403).
    """
    async with tx.system("blacklist:who speaks"):
        firm = await credit.find_firm(tx, entry.firm_id)
    party = credit.speaks_for(firm, tx.caller.parties)
    if party is not None:
        return Said(at=tx.now, words=word.words, evidence=word.evidence, by_party=party, by_post=None)
    enters = tx.caller.holds(*PROPOSES, area_code=entry.area_code, sectors=entry.sectors)
    if not enters or not word.evidence:
        raise rules_refusals.NotTheFirm
    post = tx.caller.acting_post()
    return Said(at=tx.now, words=word.words, evidence=word.evidence, by_party=None, by_post=post)


def ruling(tx: Tx, verdict: Verdict) -> Ruling:
    """What the acting post decides now."""
    return Ruling(
        at=tx.now, by_post=tx.caller.acting_post(), by_subject=tx.caller.subject, yes=verdict.yes,
        document=verdict.document, words=verdict.words,
    )  # fmt: skip


def listing_fact(entry: Entry, *, document: str) -> ToldFact:
    """The listing as a fact of the firm's credit, from its beginning to its end as that is known now."""
    return ToldFact(
        kind=CreditFactKind.BLACKLISTED, source_id=entry.id, at=rules.listed_from(entry), area_code=entry.area_code,
        sectors=entry.sectors, correlation_id=entry.correlation_id, credit_code=entry.credit_code,
        name=entry.firm_name, tag=entry.terms.ground, ends_at=entry.ended_at or entry.ends_at, document=document,
    )  # fmt: skip


def told_of(entry: Entry) -> told.EntryFacts:
    """The entry as events carry it."""
    return told.EntryFacts(
        firm_id=entry.firm_id, credit_code=entry.credit_code, ground=entry.terms.ground,
        pack_number=entry.pack_number, state=entry.state, facts=tuple(one.id for one in entry.facts),
        defence_until=entry.defence_until, listed_at=entry.listed_at, ends_at=entry.ends_at, ended_at=entry.ended_at,
    )  # fmt: skip


def _grounded(found: Reckoned, ground_id: str) -> tuple[Ground, Sequence[Fact]]:
    """The ground and the facts that make it. Raises GroundNotMet."""
    ground = next((one for one in found.pack.listing.grounds if one.id == ground_id), None)
    facts = () if ground is None else rules_grades.grounded(found.facts, ground, found.standing.at)
    if ground is None or not facts:
        raise rules_refusals.GroundNotMet(ground_id)
    return ground, facts


def _listed(fact: Fact) -> ListedFact:
    return ListedFact(
        id=fact.id, kind=fact.kind, tag=fact.tag, ordinal=fact.ordinal, source_id=fact.source_id, at=fact.at,
        document=fact.document,
    )  # fmt: skip


async def _locked(tx: Tx, entry_id: UUID, expected: int | None, roles: tuple[str, ...]) -> Entry:
    entry = await store.lock_entry(tx, entry_id)
    tx.caller.require(*roles, area_code=entry.area_code, sectors=entry.sectors)
    require_version(entry, expected)
    return entry
