"""A circular notice 通报 about a late order: proposed by the ladder, issued or refused by who decides, signed for.

Who is addressed signs, as a post or as an organisation through any post of its own. A receipt not there by its
limit is told once, and may still be signed, late. The order's clock and ladder do not wait for it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

MOST_ADDRESSED = 200


class CircularState(StrEnum):
    """Where a circular notice is; that everybody signed is no state but what its receipts say."""

    PROPOSED = "proposed"
    ISSUED = "issued"
    REFUSED = "refused"


class Addressed(StrEnum):
    """What a receipt is asked of."""

    POST = "post"
    ORGANIZATION = "organization"


@dataclass(frozen=True, kw_only=True, slots=True)
class ReceiptClock:
    """How long something may take, to 24:00 of the last day."""

    amount: int
    unit: str
    ends: str
    source: str
    roll_forward: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class CircularPolicy:
    """The clocks, shaped like `policies/circular-notices-*.json`."""

    policy: str
    version: str
    valid_from: date
    valid_to: date | None
    decide: ReceiptClock
    sign: ReceiptClock


@dataclass(frozen=True, kw_only=True, slots=True)
class Receipt:
    """What one of those addressed owes: signed by which post, when, with what to say about it."""

    party_id: UUID
    kind: Addressed
    signed_at: datetime | None = None
    signed_by: UUID | None = None
    words: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class CircularNotice:
    """`step` is the rung of the ladder; `deciding` are the posts that decide, where the chain has any."""

    id: UUID
    version: int
    area_code: str
    sectors: tuple[str, ...]
    exercise: bool
    correlation_id: UUID
    order_id: UUID
    step: str
    state: CircularState
    words: str
    source: str
    policy_version: str
    proposed_at: datetime
    deciding: tuple[UUID, ...]
    receipts: tuple[Receipt, ...]
    decide_by: datetime | None = None
    decided_at: datetime | None = None
    decided_by: UUID | None = None
    decision: str = ""
    sign_by: datetime | None = None
    late_told_for: datetime | None = None


class CircularCannotMove(Exception):
    """The verb is not open in this state."""

    status = 409
    code = "circular_cannot_move"
    title = ("通报当前状态不允许此操作", "The circular notice is not in a state for this")

    def __init__(self, notice: CircularNotice, verb: str) -> None:
        super().__init__(
            f"通报为「CircularState.{notice.state}」，不能「Move.{verb}」。",
            f"cannot {verb} a circular notice that is {notice.state}",
        )
        self.state: str = notice.state
        self.open_moves = open_moves(notice)


class NotYoursToDecideOn(Exception):
    """The posts that the ladder names decide, and nobody in their place."""

    status = 403
    code = "not_yours_to_decide_on"
    title = ("不由本岗位决定", "Other posts decide on this")

    def __init__(self) -> None:
        super().__init__("请由督办阶梯规定的岗位决定。", "the posts that the ladder names decide on it")


class NotAddressed(Exception):
    """Only whom it is addressed to signs for it."""

    status = 403
    code = "not_addressed"
    title = ("通报未发给本岗位或本单位", "It is not addressed to this post or its organisation")

    def __init__(self) -> None:
        super().__init__("请由被通报的岗位或单位签收。", "whom it is addressed to signs for it")


class ReceiptThere(Exception):
    """A receipt is signed once."""

    status = 409
    code = "receipt_there"
    title = ("已签收", "It is signed for already")

    def __init__(self) -> None:
        super().__init__("本岗位或本单位已签收，无需重复。", "this post or organisation has signed for it")


class CircularWrong(Exception):
    """What was entered does not do; `errors` are (pointer, code, detail)."""

    status = 422
    code = "circular_wrong"
    title = ("通报信息有误", "The circular notice is wrong")

    def __init__(self, *errors: tuple[str, str, tuple[str, str]]) -> None:
        super().__init__(*errors)
        self.errors = errors


def open_moves(notice: CircularNotice) -> tuple[str, ...]:
    """The verbs that may be used now."""
    if notice.state is CircularState.PROPOSED:
        return ("decide",)
    return ("sign",) if missing(notice) else ()


def missing(notice: CircularNotice) -> tuple[Receipt, ...]:
    """The receipts that are owed and not there."""
    if notice.state is not CircularState.ISSUED:
        return ()
    return tuple(one for one in notice.receipts if one.signed_at is None)


def require_decider(notice: CircularNotice, post: UUID) -> None:
    """Raises NotYoursToDecideOn (403) for another post than those that the chain names."""
    if notice.deciding and post not in notice.deciding:
        raise NotYoursToDecideOn


def require_addressed(notice: CircularNotice, post: UUID, organization: UUID | None) -> list[Receipt]:
    """What a post owes for itself and its organisation. Raises NotAddressed (403)."""
    mine = [one for one in notice.receipts if one.party_id in {post, organization}]
    if not mine:
        raise NotAddressed
    return mine


def issue(
    notice: CircularNotice,
    *,
    by: UUID | None,
    words: str,
    also_to: Iterable[Receipt],
    at: datetime,
    sign_by: datetime,
) -> CircularNotice:
    """Decided: it goes out, to whom the ladder names and to `also_to`. Raises CircularCannotMove, CircularWrong."""
    _require_proposed(notice)
    every = {one.party_id: one for one in (*also_to, *notice.receipts)}
    if not every or len(every) > MOST_ADDRESSED:
        said = (f"须有 1 至 {MOST_ADDRESSED} 个被通报的岗位或单位。", f"addressed to 1 to {MOST_ADDRESSED}")
        raise CircularWrong(("/also_to", "how_many", said))
    return replace(
        notice, state=CircularState.ISSUED, decided_at=at, decided_by=by, decision=words, sign_by=sign_by,
        receipts=tuple(every.values()),
    )  # fmt: skip


def refuse(notice: CircularNotice, *, by: UUID, words: str, at: datetime) -> CircularNotice:
    """Decided: it does not go out, and why. Raises CircularCannotMove (409)."""
    _require_proposed(notice)
    return replace(notice, state=CircularState.REFUSED, decided_at=at, decided_by=by, decision=words)


def sign(
    notice: CircularNotice, *, post: UUID, organization: UUID | None, words: str, at: datetime
) -> CircularNotice:
    """A post signs for itself, and for its organisation where that is addressed. Raises CircularCannotMove,
    ReceiptThere (409), NotAddressed (403)."""
    mine = require_addressed(notice, post, organization)
    if notice.state is not CircularState.ISSUED:
        raise CircularCannotMove(notice, "sign")
    if all(one.signed_at is not None for one in mine):
        raise ReceiptThere
    signed = tuple(
        replace(one, signed_at=at, signed_by=post, words=words) if one in mine and one.signed_at is None else one
        for one in notice.receipts
    )
    return replace(notice, receipts=signed)


def waits_until(notice: CircularNotice) -> datetime | None:
    """The limit that runs now: to decide, or to sign while receipts are missing."""
    if notice.state is CircularState.PROPOSED:
        return notice.decide_by
    return notice.sign_by if missing(notice) else None


def look_at(notice: CircularNotice) -> datetime | None:
    """When the sweep looks at it: at the limit that runs, unless its passing was told."""
    until = waits_until(notice)
    return None if until == notice.late_told_for else until


def _require_proposed(notice: CircularNotice) -> None:
    if notice.state is not CircularState.PROPOSED:
        raise CircularCannotMove(notice, "decide")
