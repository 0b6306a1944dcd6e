"""A hazard: a control that is missing or has failed. It owns the danger: what it is, how grave, whether it is gone.

The order owns the work: RECTIFYING, PENDING_REVIEW and the closing of a hazard within a limit follow the facts of
its order and are never commanded here. Closed is not yet gone for good: somebody else looks back.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID


class HazardState(StrEnum):
    """Where a hazard is."""

    REGISTERED = "registered"
    VERIFIED = "verified"
    DISMISSED = "dismissed"
    RECTIFYING = "rectifying"
    PENDING_REVIEW = "pending_review"
    CLOSED = "closed"
    ARCHIVED = "archived"
    REOPENED = "reopened"
    MERGED = "merged"


class Severity(StrEnum):
    """一般 or 重大 ([P] order 16 of 2008): major needs time or a stop, or others than the unit itself."""

    ORDINARY = "ordinary"
    MAJOR = "major"


class Handling(StrEnum):
    """即查即改 (no order) or 限期整改 (an order with five fixed items)."""

    FIX_AT_ONCE = "fix_at_once"
    WITHIN_LIMIT = "within_limit"


class Cause(StrEnum):
    """Why a hazard that was over is looked at again."""

    DISPUTE = "dispute"
    LOOK_BACK = "look_back"
    RECURRENCE = "recurrence"


_S = HazardState
_OPEN = (_S.REGISTERED, _S.REOPENED, _S.VERIFIED, _S.RECTIFYING, _S.PENDING_REVIEW)
_GRADED = (_S.REOPENED, _S.VERIFIED, _S.RECTIFYING, _S.PENDING_REVIEW)
# `open_moves` narrows these by severity, handling and round.
MOVES: Mapping[str, tuple[HazardState, ...]] = {
    "verify": (_S.REGISTERED, _S.REOPENED),
    "dismiss": (_S.REGISTERED, _S.REOPENED),
    "fix_at_once": (_S.VERIFIED,),
    "raise_to_major": _GRADED,
    "lower_to_ordinary": _GRADED,
    "file_plan": _GRADED,
    "merge": _OPEN,
    "look_back": (_S.CLOSED,),
    "reopen": (_S.CLOSED, _S.ARCHIVED, _S.DISMISSED, *_GRADED),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """A point in WGS 84, degrees."""

    lon: float
    lat: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Proposal:
    """The five fixed items as the verifying post proposes them; the order fixes them. `due_at` may be left to
    the deadline policy; `funds_fen` is CNY fen and may be 0."""

    responsible: str
    measures: str
    funds_fen: int
    contingency: str
    due_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class MajorPlan:
    """The treatment plan of a major hazard, six parts ([P] order 16 of 2008)."""

    goal: str
    measures: str
    funds_fen: int
    organisation: str
    until: date
    contingency: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """What posts saw or did at the place, with photos (`before` only for a fix on the spot)."""

    at: datetime
    by_posts: tuple[UUID, ...]
    words: str = ""
    evidence: tuple[UUID, ...] = ()
    before: tuple[UUID, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Reopening:
    """One reason for the running round; a second one in the same round joins it."""

    cause: Cause
    at: datetime
    words: str
    by_post: UUID | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Hazard:
    """`hands` are the posts that verified, fixed or rectified: none of them alone may say it is gone.
    `due_at` and `order_id` are the order's; `round` counts the reopenings, from 1."""

    id: UUID
    version: int
    area_code: str
    sectors: tuple[str, ...]
    exercise: bool
    correlation_id: UUID
    category: str
    words: str
    place: Place | None
    place_words: str
    report_ids: tuple[UUID, ...]
    object_id: UUID | None
    state: HazardState
    life_at_risk: bool
    registered_at: datetime
    verify_due_at: datetime
    clocks_version: str
    severity: Severity | None = None
    severity_basis: str = ""
    handling: Handling | None = None
    verification: Finding | None = None
    proposal: Proposal | None = None
    plan: MajorPlan | None = None
    fix: Finding | None = None
    order_id: UUID | None = None
    due_at: datetime | None = None
    round: int = 1
    hands: tuple[UUID, ...] = ()
    reopenings: tuple[Reopening, ...] = ()
    dismissed_reason: str = ""
    closed_at: datetime | None = None
    look_back_due_at: datetime | None = None
    looked_back: Finding | None = None
    merged_into: UUID | None = None
    merged_from: tuple[UUID, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class HazardClocks:
    """Hours to verify and days to look back, shaped like `policies/clocks-*.json`."""

    policy: str
    version: str
    valid_from: date
    valid_to: date | None
    verify_hours: int
    verify_hours_life_at_risk: int
    look_back_days: int
    sources: Mapping[str, str]


class HazardCannotMove(Exception):
    """The verb is not open in this state."""

    status = 409
    code = "hazard_cannot_move"
    title = ("隐患当前状态不允许此操作", "The hazard is not in a state for this")

    def __init__(self, hazard: Hazard, zh: str, en: str) -> None:
        super().__init__(zh, en)
        self.state: str = hazard.state
        self.open_moves = open_moves(hazard)


class HazardMergedAway(HazardCannotMove):
    """It lives on in another hazard: act there."""

    code = "hazard_merged_away"


class HazardIncomplete(Exception):
    """What was entered does not do; `errors` are (pointer, code, detail)."""

    status = 422
    code = "hazard_incomplete"
    title = ("隐患信息不完整", "The hazard is incomplete")

    def __init__(self, *errors: tuple[str, str, tuple[str, str]]) -> None:
        super().__init__(*errors)
        self.errors = errors


def register_hazard(
    *, hazard_id: UUID, area_code: str, sectors: tuple[str, ...], exercise: bool, correlation_id: UUID, category: str,
    words: str, place: Place | None, place_words: str = "", report_ids: tuple[UUID, ...] = (),
    object_id: UUID | None = None, life_at_risk: bool, now: datetime, clocks: HazardClocks,
) -> Hazard:  # fmt: skip
    """A danger that somebody named; the clock to verify it starts and keeps its policy version."""
    hours = clocks.verify_hours_life_at_risk if life_at_risk else clocks.verify_hours
    return Hazard(
        id=hazard_id, version=0, area_code=area_code, sectors=sectors, exercise=exercise,
        correlation_id=correlation_id, category=category, words=words, place=place, place_words=place_words,
        report_ids=report_ids, object_id=object_id, state=HazardState.REGISTERED, life_at_risk=life_at_risk,
        registered_at=now, verify_due_at=now + timedelta(hours=hours), clocks_version=clocks.version,
    )  # fmt: skip


def verify(
    hazard: Hazard, *, finding: Finding, severity: Severity, basis: str, handling: Handling, proposal: Proposal | None
) -> Hazard:
    """Seen on site: there is a hazard, this grave, handled so. Within a limit the five items are proposed; a major
    one is never fixed at once. `basis` names the criterion or pack version. Raises HazardIncomplete."""
    require_open(hazard, "verify")
    if handling is Handling.WITHIN_LIMIT:
        _check_proposal(proposal)
    elif severity is Severity.MAJOR:
        say = ("重大隐患须限期整改。", "a major hazard is fixed within a limit")
        raise HazardIncomplete(("/handling", "major_needs_a_limit", say))
    return replace(
        hazard, state=HazardState.VERIFIED, severity=severity, severity_basis=basis, handling=handling,
        verification=finding, proposal=proposal, hands=with_hands(hazard, finding.by_posts),
    )  # fmt: skip


def fix_at_once(hazard: Hazard, *, fix: Finding, clocks: HazardClocks) -> Hazard:
    """Fixed on the spot without an order: different photos from before and after. Raises HazardIncomplete."""
    require_open(hazard, "fix_at_once")
    asked = {"/before": ("前", "before", fix.before), "/evidence": ("后", "after", fix.evidence)}
    missing = ((at, zh, en) for at, (zh, en, photos) in asked.items() if not photos)
    faults = [(at, "required", (f"请附整改{zh}的照片。", f"a photo from {en} the fix")) for at, zh, en in missing]
    if not faults and set(fix.before) & set(fix.evidence):
        faults = [("/evidence", "same_photo", ("整改前后须为不同的照片。", "before and after are different photos"))]
    if faults:
        raise HazardIncomplete(*faults)
    return closed(replace(hazard, fix=fix, hands=with_hands(hazard, fix.by_posts)), at=fix.at, clocks=clocks)


def closed(hazard: Hazard, *, at: datetime, clocks: HazardClocks) -> Hazard:
    """销号, with the day on which somebody else looks back ([DEF] 30 days)."""
    look_back_due_at = at + timedelta(days=clocks.look_back_days)
    return replace(hazard, state=HazardState.CLOSED, closed_at=at, look_back_due_at=look_back_due_at)


def open_moves(hazard: Hazard) -> tuple[str, ...]:
    """The verbs that may be used now; the facts of the order come by themselves."""
    major = hazard.severity is Severity.MAJOR
    shut = {
        "fix_at_once": hazard.handling is not Handling.FIX_AT_ONCE,
        "raise_to_major": major,
        "lower_to_ordinary": not major,
        "file_plan": not major,
        "reopen": hazard.round == 1 and hazard.state in _GRADED,
    }
    return tuple(verb for verb, states in MOVES.items() if hazard.state in states and not shut.get(verb, False))


def require_open(hazard: Hazard, verb: str) -> None:
    """Raises HazardMergedAway or HazardCannotMove unless the verb is open."""
    if hazard.state is HazardState.MERGED:
        zh = f"已并入 {hazard.merged_into}，请在那里办理。"
        raise HazardMergedAway(hazard, zh, f"merged into {hazard.merged_into}: act there")
    if verb not in open_moves(hazard):
        zh = f"隐患为「HazardState.{hazard.state}」，不能「Move.{verb}」。"
        raise HazardCannotMove(hazard, zh, f"cannot {verb} a hazard that is {hazard.state}")


def with_hands(hazard: Hazard, posts: tuple[UUID, ...]) -> tuple[UUID, ...]:
    """The posts that had a hand in it so far, with these."""
    return tuple(dict.fromkeys((*hazard.hands, *posts)))


def _check_proposal(proposal: Proposal | None) -> None:
    if proposal is None:
        raise HazardIncomplete(("/proposal", "required", ("请拟定五落实。", "propose the five fixed items")))
    said = {"responsible": proposal.responsible, "measures": proposal.measures, "contingency": proposal.contingency}
    faults = [
        (f"/proposal/{name}", "required", (f"请写明「FiveItem.{name}」。", f"say the {name}"))
        for name, words in said.items()
        if not words.strip()
    ]
    if proposal.funds_fen < 0:
        faults.append(("/proposal/funds_fen", "negative", ("资金不得为负。", "funds are 0 fen or more")))
    if faults:
        raise HazardIncomplete(*faults)
