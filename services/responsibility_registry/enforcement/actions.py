"""The verbs of enforcement facts: enter one or many, correct one, revoke one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from libs.common.aggregates import require_version
from libs.common.clocks import city_day
from libs.common.db import Tx
from libs.common.ids import new_id
from libs.common.imports import Imported, require_once
from libs.contracts import enforcement as told
from services.responsibility_registry.enforcement import rules, store
from services.responsibility_registry.enforcement.actions_passed_on import begins_at, pass_on
from services.responsibility_registry.enforcement.actions_subject import Known, Named, known_of, subject_faults
from services.responsibility_registry.enforcement.policies import KINDS
from services.responsibility_registry.enforcement.rules import EnforcementFact, EntryAct, FactWrong, Fault
from services.responsibility_registry.enforcement.store import Number

__all__ = ["Named"]

ENTERS = ("agency", "inspector", "administrator")
"""Who enters, corrects and revokes: the systems of those who decide, their inspectors, and who keeps the books of the
area, each for every sector of the fact ([DEF])."""


@dataclass(frozen=True, kw_only=True, slots=True)
class NewFact:
    """A decision as it is entered: by whom, under which number, against whom, and what it says."""

    id: UUID | None
    authority_code: str
    decision_number: str
    against: Named
    area_code: str
    sectors: tuple[str, ...]
    kind: str
    decided_on: date
    law: str
    article: str
    major_hazard: bool
    amount_fen: int | None
    category: str
    object_id: UUID | None
    effective_from: date | None
    effective_to: date | None
    words: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Document:
    """By which paper, and why, an entry is corrected or a decision revoked."""

    number: str
    reason: str


async def enter_fact(tx: Tx, new: NewFact) -> EnforcementFact:
    """Enter a decision. Entered again it is the same fact, also where it was corrected or revoked since.

    Raises RoleMissing (403), FactWrong (422), DecisionDiffers (409).
    """
    (fact,) = await _checked(tx, [new], at="")
    known = await _known(tx, [fact])
    if (before := known.get((fact.authority_id, fact.number_key))) is None:
        return (await _add(tx, [fact]))[0]
    if await _differing(tx, [fact], known):
        raise rules.DecisionDiffers
    return before


async def import_facts(tx: Tx, entered: Sequence[NewFact]) -> Imported:
    """Enter many; what is on record already is left as it is.

    Raises RoleMissing (403), FactWrong (422) with the faults of all rows at once, RowTwice (422).
    """
    checked = await _checked(tx, entered, at="/items/{}")
    require_once(checked, _number, "/decision_number")
    known = await _known(tx, checked)
    faults = await _differing(tx, checked, known)
    if faults:
        raise FactWrong(*faults)
    new = [one for one in checked if _number(one) not in known]
    # In the order of their numbers, so that two imports of the same rows cannot block each other.
    await _add(tx, sorted(new, key=_number))
    return Imported(created=len(new), unchanged=len(checked) - len(new))


async def correct_fact(
    tx: Tx, fact_id: UUID, expected: int | None, said: NewFact, document: Document
) -> EnforcementFact:
    """What was entered was wrong: a further entry says it anew, and the fact counts as it is known now.

    Raises RoleMissing (403), FactRevoked (409), NothingCorrected, FactWrong (422).
    """
    before = await store.lock_fact(tx, fact_id)
    tx.caller.require_every(*ENTERS, area_code=before.area_code, sectors=before.sectors)
    require_version(before, expected)
    (after,) = await _checked(tx, [_said_of(before, said)], at="")
    corrected = rules.correct(before, after)
    event = told.EnforcementFactCorrected(state=state_of(corrected), document=document.number, reason=document.reason)
    written = await store.record_fact(tx, corrected, event, why=document.reason)
    return await _entered(tx, written, EntryAct.CORRECTED, document)


async def revoke_fact(tx: Tx, fact_id: UUID, expected: int | None, document: Document) -> EnforcementFact:
    """The decision was taken back where it was made, or by a court: it is void, and counts no more.

    Raises RoleMissing (403), FactRevoked (409).
    """
    before = await store.lock_fact(tx, fact_id)
    tx.caller.require_every(*ENTERS, area_code=before.area_code, sectors=before.sectors)
    require_version(before, expected)
    void = rules.revoke(before)
    event = told.EnforcementFactRevoked(state=state_of(void), document=document.number, reason=document.reason)
    written = await store.record_fact(tx, void, event, why=document.reason)
    return await _entered(tx, written, EntryAct.REVOKED, document)


async def facts_standing(
    tx: Tx, most: int, *, firm_id: str | None = None, post_id: UUID | None = None
) -> Sequence[EnforcementFact]:  # fmt: skip
    """What was decided against a firm or a post and stands, the latest first, of what the caller sees."""
    return await store.facts_standing(tx, most, firm_id=firm_id, post_id=post_id)


def state_of(fact: EnforcementFact) -> told.EnforcementFactState:
    """The fact as events carry it: of a person neither the key nor the number by which others could find them."""
    of_person = fact.subject_kind is rules.SubjectKind.PERSON
    return told.EnforcementFactState(
        kind=fact.kind, decision_number="" if of_person else fact.decision_number, authority_id=fact.authority_id,
        authority_code=fact.authority_code, subject_kind=fact.subject_kind, firm_id=fact.firm_id,
        firm_name=fact.firm_name, post_id=fact.post_id, decided_on=fact.decided_on, decided_at=begins_at(fact),
        law=fact.law, article=fact.article, major_hazard=fact.major_hazard, amount_fen=fact.amount_fen,
        category=fact.category, object_id=fact.object_id, effective_from=fact.effective_from,
        effective_to=fact.effective_to, void=fact.void,
    )  # fmt: skip


def _said_of(fact: EnforcementFact, changed: NewFact) -> NewFact:
    """A correction as an entry: the number and its authority are the fact's own."""
    return replace(changed, id=fact.id, authority_code=fact.authority_code, decision_number=fact.decision_number)


async def _checked(tx: Tx, entered: Sequence[NewFact], *, at: str) -> list[EnforcementFact]:
    """The facts to be. Raises RoleMissing (403), and FactWrong (422) with every row's faults at once."""
    for one in entered:
        tx.caller.require_every(*ENTERS, area_code=one.area_code, sectors=one.sectors)
    known = await known_of(tx, [(one.authority_code, one.area_code, one.against) for one in entered])
    made, faults = [], list[Fault]()
    for number, one in enumerate(entered):
        wrong = list(subject_faults(one.authority_code, one.area_code, one.against, known))
        if not wrong:
            fact = _fact(one, known)
            wrong = list(rules.faults_of(fact, KINDS, city_day(tx.now)))
            made.append(fact)
        faults += ((f"{at.format(number)}{pointer}", code, said) for pointer, code, said in wrong)
    if faults:
        raise FactWrong(*faults)
    return made


def _fact(new: NewFact, known: Known) -> EnforcementFact:
    found = known.subject(new.against)
    return EnforcementFact(
        id=new.id or new_id(), version=0, area_code=new.area_code, sectors=tuple(sorted(set(new.sectors))),
        exercise=False, correlation_id=new_id(), authority_id=known.authorities[new.authority_code].id,
        authority_code=new.authority_code, decision_number=new.decision_number,
        number_key=rules.number_key(new.decision_number), kind=new.kind, subject_kind=found.kind,
        firm_id=found.firm_id, firm_name=found.firm_name, post_id=new.against.post_id,
        person_key=new.against.person_key, decided_on=new.decided_on, law=new.law, article=new.article,
        major_hazard=new.major_hazard, amount_fen=new.amount_fen, category=new.category, object_id=new.object_id,
        effective_from=new.effective_from, effective_to=new.effective_to, words=new.words,
    )  # fmt: skip


async def _known(tx: Tx, facts: Sequence[EnforcementFact]) -> dict[Number, EnforcementFact]:
    """What is on record under these numbers, also out of the caller's sight: a number is taken for everybody."""
    async with tx.system("enforcement: known numbers"):
        return await store.facts_by_number(tx, [_number(one) for one in facts])


async def _differing(
    tx: Tx, facts: Sequence[EnforcementFact], known: Mapping[Number, EnforcementFact]
) -> list[Fault]:
    async with tx.system("enforcement: known contents"):
        digests = await store.digests_of(tx, [one.id for one in known.values()])
    return [
        (f"/items/{place}/decision_number", rules.DecisionDiffers.code, rules.DIFFERS)
        for place, one in enumerate(facts)
        if (before := known.get(_number(one))) is not None and not rules.same(one, digests.get(before.id, ()))
    ]


async def _add(tx: Tx, facts: Sequence[EnforcementFact]) -> Sequence[EnforcementFact]:
    rows = [(one, told.EnforcementFactEntered(state=state_of(one))) for one in facts]
    written = await store.add_facts(tx, rows)
    await store.add_entries(tx, [_entry(tx, one, EntryAct.ENTERED, None) for one in written])
    await pass_on(tx, written)
    return written


async def _entered(tx: Tx, fact: EnforcementFact, act: EntryAct, document: Document) -> EnforcementFact:
    await store.add_entries(tx, [_entry(tx, fact, act, document)])
    await pass_on(tx, [fact])
    return fact


def _entry(tx: Tx, fact: EnforcementFact, act: EntryAct, document: Document | None) -> rules.Entry:
    return rules.Entry(
        fact_id=fact.id, number=fact.version, act=act, content=rules.content_of(fact), digest=rules.digest_of(fact),
        document=document.number if document else "", reason=document.reason if document else "",
        by_post=tx.caller.post_id, entered_at=tx.now,
    )  # fmt: skip


def _number(fact: EnforcementFact) -> Number:
    return fact.authority_id, fact.number_key
