"""What an enforcement fact is: one decision of one authority against a firm, a post or a person, decided elsewhere.

The platform decides none of them. A decision is known by its authority and its number: entered again it is the same
fact, and another content under the same number is refused. What was entered is corrected, or revoked, by a further
entry, and never overwritten. Of a natural person nothing is kept but an opaque key ([S] PIPL Art 6: no more than the
purpose needs).
"""

import json
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any
from uuid import UUID

COUNTED = "EF."
"""What the kinds begin with under which accountability counts these facts."""
_BRACKETS = str.maketrans("【[［〖(（】]］〗)）", "〔〔〔〔〔〔〕〕〕〕〕〕")
_LAW = re.compile(r"^《?(?:中华人民共和国)?(?P<name>.+?)》?(?:[〔(（\[].*)?$")
Fault = tuple[str, str, tuple[str, str]]


class SubjectKind(StrEnum):
    """Whom a decision is against."""

    FIRM = "firm"
    POST = "post"
    PERSON = "person"


class EntryAct(StrEnum):
    """What one entry did to the fact."""

    ENTERED = "entered"
    CORRECTED = "corrected"
    REVOKED = "revoked"


@dataclass(frozen=True, kw_only=True, slots=True)
class FactKind:
    """One kind, as data: against whom, whether it has an amount, and whether its effect lasts for a period."""

    code: str
    zh: str
    en: str
    of: tuple[SubjectKind, ...]
    amount: bool
    period: bool
    source: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Law:
    """A law that rules speak of, by every name that it is cited by, without the country's."""

    code: str
    names: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class CountsAs:
    """Decisions of a kind under a law that count as more than their kind."""

    kind: str
    law: str
    major_hazard: bool
    counts_as: str
    source: str


@dataclass(frozen=True, kw_only=True, slots=True)
class KindPolicy:
    """The kinds that there are, shaped like `policies/kinds-*.json`."""

    policy: str
    version: str
    valid_from: date
    valid_to: date | None
    kinds: tuple[FactKind, ...]
    laws: tuple[Law, ...]
    counted: tuple[CountsAs, ...]
    source: str


@dataclass(frozen=True, kw_only=True, slots=True)
class EnforcementFact:
    """One decision as it stands. `firm_id` is the unified credit code, or the organisation's id where it has none;
    the effect begins with the day `effective_from` and is over on the day `effective_to`."""

    id: UUID
    version: int
    area_code: str
    sectors: tuple[str, ...]
    exercise: bool
    correlation_id: UUID
    authority_id: UUID
    authority_code: str
    decision_number: str
    number_key: str
    kind: str
    subject_kind: SubjectKind
    firm_id: str | None
    firm_name: str
    post_id: UUID | None
    person_key: str
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
    void: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One entry about a fact: what it said, why, by which document; it is never changed."""

    fact_id: UUID
    number: int
    act: EntryAct
    content: Mapping[str, Any]
    digest: str
    document: str
    reason: str
    by_post: UUID | None
    entered_at: datetime


class FactWrong(Exception):
    """What was entered about a decision does not do; `errors` are (pointer, code, detail)."""

    status = 422
    code = "enforcement_fact_wrong"
    title = ("执法事实信息有误", "The enforcement fact is wrong")

    def __init__(self, *errors: Fault) -> None:
        super().__init__(*errors)
        self.errors = errors


class DecisionDiffers(Exception):
    """One number of one authority is one decision: another content is a correction, or another number."""

    status = 409
    code = "decision_differs"
    title = ("该文号已录入，内容不同", "This decision is on record with another content")

    def __init__(self) -> None:
        super().__init__(*DIFFERS)


class FactRevoked(Exception):
    """What was revoked stays so."""

    status = 409
    code = "enforcement_fact_revoked"
    title = ("该决定已撤销", "The decision was revoked")
    state = "revoked"
    open_moves: tuple[str, ...] = ()

    def __init__(self) -> None:
        super().__init__(
            "决定已撤销，不再更正；新的决定请按新文号录入。", "it is void: enter a new decision under its own number"
        )


class NothingCorrected(Exception):
    """A correction says something else than what stands."""

    status = 422
    code = "nothing_corrected"
    title = ("内容没有变化", "Nothing is corrected")

    def __init__(self) -> None:
        super().__init__("所填内容与现存内容相同。", "what you sent is what stands already")


DIFFERS = (
    "同一机关的同一文号只对应一项决定；内容有误请更正原记录，另一决定请核对文号。",
    "one number of one authority is one decision: correct that record, or check the number",
)
_ABOUT_THE_FACT = frozenset(
    {"id", "version", "exercise", "correlation_id", "authority_id", "authority_code", "decision_number", "number_key",
     "void"}
)  # fmt: skip
CONTENT = tuple(name for name in EnforcementFact.__slots__ if name not in _ABOUT_THE_FACT)
"""What a decision says, beside whose it is and under which number."""


def number_key(number: str) -> str:
    """A decision's number as it is compared: brackets of any kind and spaces make no other number."""
    return "".join(number.split()).translate(_BRACKETS).upper()


def law_of(law: str, policy: KindPolicy) -> str | None:
    """The code of a law that rules speak of; None for any other."""
    found = _LAW.match("".join(law.split()))
    name = found["name"] if found else law
    return next((one.code for one in policy.laws if name in one.names), None)


def counts_as(fact: EnforcementFact, policy: KindPolicy) -> str:
    """The kind under which accountability counts the fact."""
    law = law_of(fact.law, policy)
    rules = (one for one in policy.counted if one.kind == fact.kind and one.law == law)
    fitting = (one.counts_as for one in rules if fact.major_hazard or not one.major_hazard)
    return next(fitting, f"{COUNTED}{fact.kind}")


def content_of(fact: EnforcementFact) -> dict[str, Any]:
    """What the decision says, as plain JSON values."""
    return {name: _plain(getattr(fact, name)) for name in CONTENT}


def digest_of(fact: EnforcementFact) -> str:
    """The hash over what the decision says: two entries with one digest say the same."""
    said = json.dumps(content_of(fact), sort_keys=True, ensure_ascii=False)
    return sha256(said.encode()).hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return sorted(value)
    return value if value is None or isinstance(value, bool | int) else str(value)


def faults_of(fact: EnforcementFact, policy: KindPolicy, today: date) -> Iterable[Fault]:
    """What is wrong with a decision as it was entered."""
    kind = next((one for one in policy.kinds if one.code == fact.kind), None)
    if kind is None:
        known = "、".join(one.code for one in policy.kinds)
        yield "/kind", "unknown_kind", (f"种类须为 {known} 之一。", f"a kind is one of {known}")
        return
    if not fact.number_key:
        yield "/decision_number", "required", ("请填写决定书文号。", "say the number of the decision")
    if fact.subject_kind not in kind.of:
        yield "/kind", "not_against_this", (
            f"{kind.zh}不针对这类对象。", f"no {kind.en} is decided against a {fact.subject_kind}"
        )  # fmt: skip
    if fact.decided_on > today:
        yield "/decided_on", "in_the_future", ("决定日期不得晚于今天。", "nothing is decided on a day to come")
    if fact.amount_fen is not None and not kind.amount:
        yield "/amount_fen", "no_amount", (f"{kind.zh}没有金额。", f"a {kind.en} has no amount")
    yield from _of_period(fact, kind)


def _of_period(fact: EnforcementFact, kind: FactKind) -> Iterable[Fault]:
    begins, ends = fact.effective_from, fact.effective_to
    if not kind.period and (begins is not None or ends is not None):
        yield "/effective_from", "no_period", (f"{kind.zh}没有起止期。", f"a {kind.en} has no period")
    if ends is not None and (begins is None or ends <= begins):
        yield "/effective_to", "before_its_beginning", (
            "止期须晚于起期。", "it ends after the day `effective_from`, which has to be said"
        )  # fmt: skip


def same(fact: EnforcementFact, digests: Collection[str]) -> bool:
    """Whether an entry says what was entered of the decision before, be it the first entry or a correction: a load
    that is run again after a correction finds its rows known."""
    return digest_of(fact) in digests


def correct(before: EnforcementFact, after: EnforcementFact) -> EnforcementFact:
    """The decision says something else from now on. Raises FactRevoked (409), NothingCorrected (422)."""
    if before.void:
        raise FactRevoked
    said = replace(before, **{name: getattr(after, name) for name in CONTENT})
    if digest_of(said) == digest_of(before):
        raise NothingCorrected
    return said


def revoke(fact: EnforcementFact) -> EnforcementFact:
    """The decision is void: it counts no more. Raises FactRevoked (409)."""
    if fact.void:
        raise FactRevoked
    return replace(fact, void=True)


def open_moves(fact: EnforcementFact) -> tuple[str, ...]:
    """The verbs that may be used now."""
    return () if fact.void else ("correct", "revoke")


def in_force(fact: EnforcementFact, today: date) -> bool:
    """Whether the effect of a decision that has a period lasts on a day; without an end until it is revoked."""
    begun = fact.effective_from is not None and fact.effective_from <= today
    return not fact.void and begun and (fact.effective_to is None or today < fact.effective_to)
