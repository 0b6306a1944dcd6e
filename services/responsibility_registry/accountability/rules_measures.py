"""Measures against a place, a firm or those who held its posts: proposals until their authority decides, with a
period, effects, and the right to object."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from typing import Any
from uuid import UUID


class MeasureState(StrEnum):
    """Proposed → accepted or refused by the authority, or withdrawn when its grounds are void; an accepted one may be
    revoked."""

    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    REVOKED = "revoked"
    WITHDRAWN = "withdrawn"


class Follows(StrEnum):
    """What an effect clings to: the place, the firm, or those who held the posts."""

    PLACE = "place"
    FIRM = "firm"
    HOLDERS = "holders"


@dataclass(frozen=True, kw_only=True, slots=True)
class Effect:
    """One effect of a measure while it lasts; for holders, of which kinds of post."""

    code: str
    follows: Follows
    post_kinds: tuple[str, ...]
    zh: str
    en: str


@dataclass(frozen=True, kw_only=True, slots=True)
class FineBand:
    """The fine of one level of accident: from and up to, both included, in fen."""

    ordinal: int
    min_fen: int
    max_fen: int


@dataclass(frozen=True, kw_only=True, slots=True)
class FinePolicy:
    """The fines of one article, shaped like `policies/fines-*.json`; a grave case multiplies them."""

    policy: str
    version: str
    valid_from: date
    valid_to: date | None
    bands: tuple[FineBand, ...]
    grave_times_min: int
    grave_times_max: int
    source: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Counted:
    """A fact that was counted: which, when and where."""

    id: UUID
    at: datetime
    area_code: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Ground:
    """One condition of the trigger as it stood at the proposal: what was counted of what is needed, [from, to)."""

    zh: str
    en: str
    met: bool
    needed: int
    from_at: datetime
    to_at: datetime
    facts: tuple[Counted, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Measure:
    """One measure against one subject. `key` makes a proposal unique; `authority` alone decides it; without
    `months` it has no end of its own; fines lie between `min_fen` and `max_fen`; `grounds` account for it, of which
    `void_facts` were taken back after it was decided; `link_ids` led from the facts to the subject; `renews` is the
    measure that it would follow."""

    id: UUID
    version: int
    area_code: str
    sectors: tuple[str, ...]
    exercise: bool
    correlation_id: UUID
    key: str
    kind: str
    zh: str
    en: str
    subject_kind: str
    subject_id: str
    case_id: UUID | None
    trigger_id: str
    facts: tuple[UUID, ...]
    authority: str
    months: int | None
    effects: tuple[Effect, ...]
    objection_days: int
    min_fen: int | None = None
    max_fen: int | None = None
    state: MeasureState = MeasureState.PROPOSED
    proposed_at: datetime
    decided_at: datetime | None = None
    decided_by: UUID | None = None
    words: str = ""
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    amount_fen: int | None = None
    objection_until: datetime | None = None
    objected_at: datetime | None = None
    objection: str = ""
    source: str
    policy_version: str
    subject_name: str = ""
    why_zh: str = ""
    why_en: str = ""
    grounds: tuple[Ground, ...] = ()
    void_facts: tuple[UUID, ...] = ()
    link_ids: tuple[UUID, ...] = ()
    renews: UUID | None = None
    ended_told_at: datetime | None = None


class MeasureMoveRefused(Exception):
    """The measure's state does not allow the verb; says the state and the moves that are open."""

    status = 409
    code = "measure_move_refused"
    title = ("措施当前状态不允许此操作", "The measure is not in a state for this")

    def __init__(self, measure: Measure, zh: str, en: str) -> None:
        super().__init__(zh, en)
        self.state = measure.state.value
        self.open_moves = open_moves(measure)


class MeasureAlreadyDecided(MeasureMoveRefused):
    """The authority has decided; it may revoke what it accepted."""

    code = "measure_already_decided"


class MeasureNotInForce(MeasureMoveRefused):
    """Only what was accepted can be objected to or revoked, and an objection comes once and in time."""

    code = "measure_not_in_force"


class NotTheAuthority(Exception):
    """Another body decides this measure."""

    status = 422
    code = "not_the_authority"
    title = ("无权决定该措施", "Another body decides this measure")


class DecisionImpossible(Exception):
    """An accepted measure has a first day, and a fine lies within its band, both ends included."""

    status = 422
    code = "decision_impossible"
    title = ("决定内容不符合规定", "The decision is outside the rule")


def open_moves(measure: Measure) -> tuple[str, ...]:
    """The verbs that the measure's state allows now."""
    if measure.state is MeasureState.PROPOSED:
        return ("accept", "refuse")
    objects = ("object",) if measure.objected_at is None else ()
    return (*objects, "revoke") if measure.state is MeasureState.ACCEPTED else ()


def accept(
    measure: Measure, *, by_post: UUID, authority: str, at: datetime, words: str, starts_on: date, tz: tzinfo,
    amount_fen: int | None = None,
) -> Measure:  # fmt: skip
    """The authority's decision is entered: from 00:00 of `starts_on`, for whole months, with the right to object
    for so many days from the day after. Raises MeasureAlreadyDecided, NotTheAuthority, DecisionImpossible."""
    _require_undecided(measure, authority)
    if measure.max_fen is not None:
        if amount_fen is None or measure.min_fen is None or not measure.min_fen <= amount_fen <= measure.max_fen:
            raise DecisionImpossible(
                f"罚款须在 {measure.min_fen} 至 {measure.max_fen} 分之间。",
                f"the fine lies between {measure.min_fen} and {measure.max_fen} fen",
            )
    elif amount_fen is not None:
        raise DecisionImpossible("该措施不是罚款，请勿填写金额。", "this measure is no fine: leave the amount out")
    ends = None if measure.months is None else _start_of(months_later(starts_on, measure.months), tz)
    until = _start_of(at.astimezone(tz).date() + timedelta(days=measure.objection_days + 1), tz)
    return replace(
        measure, state=MeasureState.ACCEPTED, decided_by=by_post, decided_at=at, words=words, amount_fen=amount_fen,
        starts_at=_start_of(starts_on, tz), ends_at=ends, objection_until=until,
    )  # fmt: skip


def refuse(measure: Measure, *, by_post: UUID, authority: str, at: datetime, words: str) -> Measure:
    """The authority does not take the measure, and says why."""
    _require_undecided(measure, authority)
    return replace(measure, state=MeasureState.REFUSED, decided_by=by_post, decided_at=at, words=words)


def _require_undecided(measure: Measure, authority: str) -> None:
    if measure.state is not MeasureState.PROPOSED:
        raise MeasureAlreadyDecided(
            measure,
            f"措施为「MeasureState.{measure.state}」，不再重新决定。",
            f"the measure is {measure.state}: decided already",
        )
    _require_authority(measure, authority)


def _require_authority(measure: Measure, authority: str) -> None:
    if authority != measure.authority:
        raise NotTheAuthority(
            f"该措施由 {measure.authority} 决定，不由 {authority} 决定。",
            f"{measure.authority} decides this measure, not {authority}",
        )


def at_level(measure: Measure, ordinal: int, policy: FinePolicy) -> Measure:
    """While nobody has decided, the fine's band follows the accident's level; a decided one stays as decided."""
    if measure.state is not MeasureState.PROPOSED or measure.max_fen is None:
        return measure
    low, high = fine_band(ordinal, policy)
    return replace(measure, min_fen=low, max_fen=high)


def object_to(measure: Measure, at: datetime, *, objection: str) -> Measure:
    """Whoever the measure hits objects, once and before `objection_until`; it stands until it is revoked."""
    late = measure.objection_until is not None and at >= measure.objection_until
    return _in_force(measure, "object", late=late, objected_at=at, objection=objection)


def revoke(measure: Measure, at: datetime, *, authority: str, words: str) -> Measure:
    """Taken back by its authority, upon an objection or by itself; it ends now. Raises NotTheAuthority."""
    _require_authority(measure, authority)
    return _in_force(measure, "revoke", state=MeasureState.REVOKED, ends_at=at, words=words)


def _in_force(measure: Measure, verb: str, *, late: bool = False, **changes: Any) -> Measure:
    if late or verb not in open_moves(measure):
        late_zh, late_en = ("已过期限，", " any more") if late else ("", "")
        zh = f"措施为「MeasureState.{measure.state}」，{late_zh}不能「Move.{verb}」。"
        raise MeasureNotInForce(measure, zh, f"the measure is {measure.state}: {verb} is not open{late_en}")
    return replace(measure, **changes)


def holds(measure: Measure, at: datetime) -> bool:
    """Whether the measure's effects hold at this instant."""
    begun = measure.starts_at is not None and measure.starts_at <= at
    decided = measure.state in (MeasureState.ACCEPTED, MeasureState.REVOKED)
    return decided and begun and (measure.ends_at is None or at < measure.ends_at)


def fine_band(ordinal: int, policy: FinePolicy, *, grave: bool = False) -> tuple[int, int]:
    """The fine of a level in fen, from and up to ([S] WSL 2021 Art 114); grave cases are multiplied."""
    band = next(band for band in policy.bands if band.ordinal == ordinal)
    low, high = (policy.grave_times_min, policy.grave_times_max) if grave else (1, 1)
    return band.min_fen * low, band.max_fen * high


def months_later(day: date, months: int) -> date:
    """The first day that no longer counts: the same day so many months on; where that month has none, the first
    of the next, so that a period ends with the last day of its month ([M-H] Civil Code Art 202)."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    try:
        return date(year, month + 1, day.day)
    except ValueError:  # no such day there; December has them all, so the next month is of the same year
        return date(year, month + 2, 1)


def _start_of(day: date, tz: tzinfo) -> datetime:
    return datetime.combine(day, time(), tz).astimezone(UTC)
