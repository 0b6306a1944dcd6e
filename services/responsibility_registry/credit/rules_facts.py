"""A fact of a firm's credit: something that happened at an instant, with where it is on record. Never a score.

[S] Work Safety Law 2021 Art 78: the departments keep a record of what firms did against it, and take decisions about
them together and in time. What was not so is voided with its reason, stays on record, and counts no more.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

MOST_FACTS = 5_000
"""So many facts of one firm are weighed, the newest ([DEF])."""


class CreditFactKind(StrEnum):
    """What a fact is about; its `tag` says more."""

    ORDER_CLOSED = "order_closed"
    """Of an order: on_time or late."""
    ORDER_OVERDUE = "order_overdue"
    """An order that went a step up, once an order."""
    INSPECTION_FAILED = "inspection_failed"
    MAJOR_HAZARD = "major_hazard"
    HAZARD_RECURRED = "hazard_recurred"
    """By cause: dispute, look_back or recurrence."""
    LETTER = "letter"
    """Of responsibility: signed or returned."""
    ACCIDENT = "accident"
    """Of production, by the incident's kind; its level is the fact's ordinal."""
    MEASURE = "measure"
    """Decided by its authority, by kind; while it lasts."""
    ENFORCEMENT = "enforcement"
    """What an enforcing body did: a penalty, a stop, a seizure."""
    STANDARDISATION = "standardisation"
    """安全生产标准化, by grade, while the certificate lasts."""
    HONOUR = "honour"
    COMMITMENT_BROKEN = "commitment_broken"
    BLACKLISTED = "blacklisted"
    """By ground, from listing to removal."""


ENTERED = (CreditFactKind.STANDARDISATION, CreditFactKind.HONOUR, CreditFactKind.COMMITMENT_BROKEN)
"""What authorities enter with its document; everything else follows from what was done in the platform."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Fact:
    """One fact. `source_id` is the order, hazard, letter … that it is about; `ends_at` is when it lasts no more."""

    id: UUID
    version: int
    area_code: str
    sectors: tuple[str, ...]
    exercise: bool
    correlation_id: UUID
    firm_id: UUID
    kind: CreditFactKind
    tag: str
    ordinal: int | None
    source_id: UUID
    at: datetime
    ends_at: datetime | None
    authority: str
    document: str
    words: str
    evidence: tuple[UUID, ...]
    entered_by: UUID | None
    counted_at: datetime
    voided_at: datetime | None = None
    void_reason: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class ToldFact:
    """A fact as it is told: its firm by unified social credit code, else by risk object or by party.

    `name`, `area_code` and `sectors` are the firm's own where its file has to be opened for this.
    """

    kind: CreditFactKind
    source_id: UUID
    at: datetime
    area_code: str
    sectors: tuple[str, ...]
    correlation_id: UUID
    credit_code: str | None = None
    name: str = ""
    object_id: UUID | None = None
    party_id: UUID | None = None
    tag: str = ""
    ordinal: int | None = None
    ends_at: datetime | None = None
    authority: str = ""
    document: str = ""
    words: str = ""
    evidence: tuple[UUID, ...] = ()
    entered_by: UUID | None = None


class FactWrong(Exception):
    """What was entered about a fact does not do; `errors` are (pointer, code, detail)."""

    status = 422
    code = "credit_fact_wrong"
    title = ("信用事实有误", "The fact is wrong")

    def __init__(self, *errors: tuple[str, str, tuple[str, str]]) -> None:
        super().__init__(*errors)
        self.errors = errors


class FactAlreadyVoided(Exception):
    """A fact is voided once."""

    status = 409
    code = "credit_fact_already_voided"
    title = ("该信用事实已撤销", "The fact is voided already")
    state = "voided"
    open_moves: tuple[str, ...] = ()

    def __init__(self) -> None:
        super().__init__("该事实已不计入；如仍属实请另行登记。", "it counts no more: enter another one if it is so")


class FactNotEntered(Exception):
    """What follows from an order, a decision or a listing is undone there, and nowhere else."""

    status = 409
    code = "credit_fact_not_entered"
    title = ("该事实并非人工登记", "Nobody entered this fact")
    open_moves: tuple[str, ...] = ()

    def __init__(self, fact: Fact) -> None:
        super().__init__(
            f"「CreditFactKind.{fact.kind}」由业务办理产生；请在其来源处更正，计分随之改变。",
            f"{fact.kind} follows from what was done: correct it where it came from, and the grade follows",
        )
        self.state: str = fact.kind


def check_entered(told: ToldFact, now: datetime) -> ToldFact:
    """A fact as an authority may enter it. Raises FactWrong with every fault at once."""
    faults = [*_in_time(told, now)]
    if told.kind not in ENTERED:
        said = ("该类事实由业务办理产生，不能人工登记。", "it follows from what was done, and is not entered")
        faults.append(("/kind", "not_entered", said))
    if told.kind is CreditFactKind.STANDARDISATION and told.ends_at is None:
        said = ("标准化等级须写明有效期止。", "a grade of standardisation has an end")
        faults.append(("/ends_at", "required", said))
    if faults:
        raise FactWrong(*faults)
    return told


def _in_time(told: ToldFact, now: datetime) -> Iterable[tuple[str, str, tuple[str, str]]]:
    if told.at > now:
        yield ("/at", "in_the_future", ("事实须已发生。", "it has not happened yet"))
    if told.ends_at is not None and told.ends_at <= told.at:
        yield ("/ends_at", "before_its_beginning", ("止期须晚于发生时间。", "it ends before it begins"))


def void(fact: Fact, *, reason: str, at: datetime) -> Fact:
    """It was not so, and counts no more. Raises FactAlreadyVoided."""
    if fact.voided_at is not None:
        raise FactAlreadyVoided
    return replace(fact, voided_at=at, void_reason=reason)


def void_entered(fact: Fact, *, reason: str, at: datetime) -> Fact:
    """The same by hand, of what was entered by hand. Raises FactNotEntered, FactAlreadyVoided."""
    if fact.entered_by is None:
        raise FactNotEntered(fact)
    return void(fact, reason=reason, at=at)


def counted_as(fact: Fact, told: ToldFact, firm_id: UUID) -> Fact:
    """The fact as it is told now: what lasts may end, what was graded may be graded anew, what was void counts, and
    what was told of the wrong firm is the right one's."""
    return replace(
        fact, firm_id=firm_id, tag=told.tag, ordinal=told.ordinal, at=told.at, ends_at=told.ends_at,
        authority=told.authority, document=told.document, words=told.words, evidence=told.evidence, voided_at=None,
        void_reason="",
    )  # fmt: skip
