"""What a lead 线索 is: one body hands over to another what it is for the other to look into.

The receiver signs for it within a limit, refuses it with a reason, or forwards it to whose it is; whoever has signed
for it tells what came of it. It may speak of people: nobody but sender, receiver, auditors and leaders knows of it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

MOST_HOPS = 10
"""[DEF] So often a lead is forwarded at most: then somebody above has to say whose it is."""
Fault = tuple[str, str, tuple[str, str]]


class LeadState(StrEnum):
    """Where a lead is."""

    SENT = "sent"
    RECEIVED = "received"
    REFUSED = "refused"
    CONCLUDED = "concluded"


class LeadOutcome(StrEnum):
    """What came of it."""

    CASE_FILED = "case_filed"
    NOT_FILED = "not_filed"
    DEALT_WITH = "dealt_with"
    UNFOUNDED = "unfounded"


class Part(StrEnum):
    """As what a body acts on a lead."""

    SENDER = "sender"
    RECEIVER = "receiver"


@dataclass(frozen=True, kw_only=True, slots=True)
class Limit:
    """Within how long a receipt is due; the fields of a deadline policy."""

    amount: int
    unit: str
    ends: str
    roll_forward: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class LeadKind:
    """One kind, as data: to whom it goes, and how soon it is to be signed for."""

    code: str
    zh: str
    en: str
    receipt: Limit
    source: str


@dataclass(frozen=True, kw_only=True, slots=True)
class LimitPolicy:
    """The kinds that there are, shaped like `policies/limits-*.json`."""

    policy: str
    version: str
    valid_from: date
    valid_to: date | None
    kinds: tuple[LeadKind, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Hop:
    """Once from one body to another: by which post, when, and why it was forwarded."""

    from_organization_id: UUID
    to_organization_id: UUID
    by_post: UUID
    at: datetime
    reason: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Lead:
    """One lead. `from_organization_id` handed it over first; the receiver is the last of its hops."""

    id: UUID
    version: int
    area_code: str
    sectors: tuple[str, ...]
    exercise: bool
    correlation_id: UUID
    kind: str
    title: str
    grounds: str
    attachments: tuple[UUID, ...]
    case_id: UUID | None
    from_organization_id: UUID
    to_organization_id: UUID
    hops: tuple[Hop, ...]
    sent_at: datetime
    receipt_due_at: datetime
    state: LeadState = LeadState.SENT
    received_at: datetime | None = None
    received_by: UUID | None = None
    document: str = ""
    reason: str = ""
    outcome: LeadOutcome | None = None
    outcome_words: str = ""
    outcome_attachments: tuple[UUID, ...] = ()
    concluded_at: datetime | None = None
    missed_told_at: datetime | None = None
    policy_version: str


class LeadWrong(Exception):
    """What was entered about a lead does not do; `errors` are (pointer, code, detail)."""

    status = 422
    code = "lead_wrong"
    title = ("线索信息有误", "The lead is wrong")

    def __init__(self, *errors: Fault) -> None:
        super().__init__(*errors)
        self.errors = errors


class LeadCannotMove(Exception):
    """The lead's state does not allow the verb."""

    status = 409
    code = "lead_cannot_move"
    title = ("线索当前状态不允许此操作", "The lead is not in a state for this")

    def __init__(self, lead: Lead) -> None:
        super().__init__(
            f"线索状态为「LeadState.{lead.state}」，不能这样操作；可用操作见 open_moves。",
            f"it is {lead.state}: `open_moves` says what may be done",
        )
        self.state: str = lead.state
        self.open_moves = open_moves(lead)


class NotTheReceiver(Exception):
    """A lead is answered by the body that it was handed to; its sender enters only what came back on paper."""

    status = 403
    code = "not_the_receiver"
    title = ("须由受移送单位操作", "The body that it was handed to does this")

    def __init__(self) -> None:
        super().__init__(
            "请以受移送单位的岗位操作（Acting-Post）；该单位不在平台上的，由移送单位凭书面回执文号登记。",
            "act for a post of the receiving body (Acting-Post); of a body without posts here its sender enters the"
            " paper, with its `document`",
        )


class ForwardedTooOften(Exception):
    """After so many hands somebody above has to say whose it is."""

    status = 409
    code = "lead_forwarded_too_often"
    title = ("线索转送次数过多", "The lead was forwarded too often")

    def __init__(self, lead: Lead) -> None:
        super().__init__(
            f"已转送 {len(lead.hops)} 次；请报共同上级指定受理单位。",
            f"it went through {len(lead.hops)} hands: ask the body above whose it is",
        )
        self.state: str = lead.state
        self.open_moves = open_moves(lead)


def faults_of(lead: Lead, kind: LeadKind | None) -> Iterable[Fault]:
    """What is wrong with a lead as it was entered."""
    if kind is None:
        yield "/kind", "unknown_kind", ("没有这种移送。", "there is no such kind of lead")
    if lead.to_organization_id == lead.from_organization_id:
        yield "/to_organization_id", "itself", ("不能移送给本单位。", "nobody hands anything over to themselves")


def part_of(lead: Lead, organization_id: UUID | None, *, receiver_absent: bool, document: str) -> Part:
    """As what a body acts. Its sender acts by a paper for a receiver without posts here. Raises NotTheReceiver."""
    if organization_id is not None and organization_id == lead.to_organization_id:
        return Part.RECEIVER
    if organization_id == lead.hops[-1].from_organization_id and receiver_absent and document:
        return Part.SENDER
    raise NotTheReceiver


def receive(lead: Lead, *, by_post: UUID, document: str, now: datetime) -> Lead:
    """Signed for, late too. Raises LeadCannotMove (409)."""
    _require(lead, "receive")
    return replace(lead, state=LeadState.RECEIVED, received_at=now, received_by=by_post, document=document)


def refuse(lead: Lead, *, reason: str) -> Lead:
    """Not taken, and why; the sender hands it to another, or lets it be. Raises LeadCannotMove (409)."""
    _require(lead, "refuse")
    return replace(lead, state=LeadState.REFUSED, reason=reason)


def forward(lead: Lead, *, to: UUID, by_post: UUID, reason: str, now: datetime, due_at: datetime) -> Lead:
    """It is another's: handed on. Raises LeadCannotMove, ForwardedTooOften (409), LeadWrong."""
    _require(lead, "forward")
    if len(lead.hops) >= MOST_HOPS:
        raise ForwardedTooOften(lead)
    if to == lead.to_organization_id:
        raise LeadWrong(("/to_organization_id", "itself", ("已在该单位。", "it is there already")))
    hop = Hop(
        from_organization_id=lead.to_organization_id, to_organization_id=to, by_post=by_post, at=now, reason=reason
    )
    return replace(
        lead, state=LeadState.SENT, to_organization_id=to, hops=(*lead.hops, hop), receipt_due_at=due_at,
        received_at=None, received_by=None, document="", missed_told_at=None,
    )  # fmt: skip


def conclude(
    lead: Lead, *, outcome: LeadOutcome, words: str, attachments: tuple[UUID, ...], document: str, now: datetime
) -> Lead:  # fmt: skip
    """What came of it. Raises LeadCannotMove (409)."""
    _require(lead, "conclude")
    return replace(
        lead, state=LeadState.CONCLUDED, outcome=outcome, outcome_words=words, outcome_attachments=attachments,
        document=document or lead.document, concluded_at=now,
    )  # fmt: skip


def is_missed(lead: Lead, now: datetime) -> bool:
    """Whether it should have been signed for by now, and nobody has been told."""
    return lead.state is LeadState.SENT and lead.receipt_due_at <= now and lead.missed_told_at is None


def open_moves(lead: Lead) -> tuple[str, ...]:
    """The verbs that the state allows."""
    moves = {LeadState.SENT: ("receive", "refuse", "forward"), LeadState.RECEIVED: ("conclude", "forward")}
    return moves.get(lead.state, ())


def _require(lead: Lead, verb: str) -> None:
    if verb not in open_moves(lead):
        raise LeadCannotMove(lead)
