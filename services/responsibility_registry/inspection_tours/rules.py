"""An inspection tour: which bodies are to be visited when, who was there, what was found, and how many are left.

One of the five forms of assessment of the 2018 regulation ([P] 地方党政领导干部安全生产责任制规定). Nobody visits
their own body ([DEF]); a finding becomes an order once, and the order goes on by its own rules.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from uuid import UUID

MOST_FINDINGS = 50
LONGEST_DAYS = 366
_FOUR = Decimal("0.0001")


class TourState(StrEnum):
    """Running → concluded."""

    RUNNING = "running"
    CONCLUDED = "concluded"


@dataclass(frozen=True, kw_only=True, slots=True)
class Planned:
    """Who is to be visited: an area with all below it, or a post. `key` is the area's code or the post's id."""

    key: str
    zh: str
    en: str
    area_code: str
    post_id: UUID | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Tour:
    """A tour over the areas of a level or the posts of a kind; who is to be visited is fixed when it is planned."""

    id: UUID
    version: int
    area_code: str
    sectors: tuple[str, ...]
    exercise: bool
    correlation_id: UUID
    name: str
    body_kind: str
    among: str
    bodies: tuple[Planned, ...]
    first_day: date
    last_day: date
    state: TourState
    planned_at: datetime
    planned_by: UUID
    conclusion: str = ""
    concluded_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """Something that was found; `order_id` once an order was drafted for it. Numbers begin at 1."""

    number: int
    category: str
    words: str
    order_id: UUID | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Visit:
    """One body was visited; its area is the body's, so that the body sees it."""

    id: UUID
    version: int
    area_code: str
    sectors: tuple[str, ...]
    exercise: bool
    correlation_id: UUID
    tour_id: UUID
    body_key: str
    visited_at: datetime
    by_post: UUID
    words: str
    evidence: tuple[UUID, ...]
    findings: tuple[Finding, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Seen:
    """What the visits of one body come to."""

    visits: int
    findings: int
    ordered: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Coverage:
    """How many of the planned bodies were visited; the share is None where nobody was planned, and never 100 %."""

    planned: int
    visited: int
    share: Decimal | None
    visits: int
    findings: int
    ordered: int
    left: tuple[Planned, ...]


class TourCannotMove(Exception):
    """The tour is concluded: nothing is added to it."""

    status = 409
    code = "inspection_tour_cannot_move"
    title = ("巡查已结束", "The inspection tour is concluded")
    open_moves: tuple[str, ...] = ()

    def __init__(self, tour: Tour) -> None:
        super().__init__("巡查已结束；请另行安排。", "this tour is concluded: plan another one")
        self.state: str = tour.state


class TourWrong(Exception):
    """What was entered does not do; `errors` are (pointer, code, detail)."""

    status = 422
    code = "inspection_tour_wrong"
    title = ("巡查信息有误", "The inspection tour is wrong")

    def __init__(self, *errors: tuple[str, str, tuple[str, str]]) -> None:
        super().__init__(*errors)
        self.errors = errors


class OwnBodyNotVisited(Exception):
    """Nobody inspects their own house ([DEF])."""

    status = 409
    code = "own_body_not_visited"
    title = ("不得巡查本单位", "Nobody visits their own body")
    state = "running"
    open_moves: tuple[str, ...] = ("visit",)

    def __init__(self) -> None:
        super().__init__("须由被巡查对象以外的岗位前往。", "a post of another body has to go")


class FindingAlreadyOrdered(Exception):
    """One finding, one order."""

    status = 409
    code = "finding_already_ordered"
    title = ("该问题已交办", "There is an order for the finding already")
    state = "ordered"
    open_moves: tuple[str, ...] = ()

    def __init__(self, order_id: UUID) -> None:
        super().__init__(f"已起草指令单 {order_id}。", f"it is order {order_id}")


def check_days(first: date, last: date) -> None:
    """A tour of a day to a year. Raises TourWrong."""
    if not 0 <= (last - first).days < LONGEST_DAYS:
        raise TourWrong(("/last_day", "period_wrong", ("巡查为一天至一年。", "a tour is a day to a year long")))


def body_of(tour: Tour, key: str) -> Planned:
    """The planned body. Raises TourWrong where it is not in the plan."""
    body = next((one for one in tour.bodies if one.key == key), None)
    if body is None:
        raise TourWrong(("/body", "not_planned", ("该对象不在巡查计划内。", "this body is not in the plan")))
    return body


def require_running(tour: Tour) -> None:
    """Raises TourCannotMove once it is concluded."""
    if tour.state is not TourState.RUNNING:
        raise TourCannotMove(tour)


def check_visit(tour: Tour, visited_at: datetime, begins: datetime, now: datetime) -> None:
    """On a running tour, not before it began and not in the future. Raises TourCannotMove, TourWrong."""
    require_running(tour)
    if not begins <= visited_at <= now:
        said = ("须在巡查开始之后、现在之前。", "after the tour began and not in the future")
        raise TourWrong(("/visited_at", "out_of_range", said))


def conclude(tour: Tour, *, words: str, now: datetime) -> Tour:
    """Over, in words; what was not visited stays said. Raises TourCannotMove."""
    require_running(tour)
    return replace(tour, state=TourState.CONCLUDED, conclusion=words, concluded_at=now)


def order_finding(visit: Visit, number: int, order_id: UUID) -> Visit:
    """The finding with its order."""
    require_unordered(visit, number)
    findings = tuple(replace(one, order_id=order_id) if one.number == number else one for one in visit.findings)
    return replace(visit, findings=findings)


def require_unordered(visit: Visit, number: int) -> Finding:
    """The finding of that number. Raises TourWrong for none, FindingAlreadyOrdered."""
    finding = next((one for one in visit.findings if one.number == number), None)
    if finding is None:
        raise TourWrong(("/finding", "unknown_finding", ("没有该编号的问题。", "there is no finding of that number")))
    if finding.order_id is not None:
        raise FindingAlreadyOrdered(finding.order_id)
    return finding


def coverage(bodies: Sequence[Planned], seen: Mapping[str, Seen]) -> Coverage:
    """Visited over planned, and who is left; several visits to one body cover it once."""
    visited = _visited(bodies, seen)
    share = (Decimal(len(visited)) / Decimal(len(bodies))).quantize(_FOUR, ROUND_HALF_UP) if bodies else None
    return Coverage(
        planned=len(bodies), visited=len(visited), share=share,
        visits=sum(one.visits for one in seen.values()), findings=sum(one.findings for one in seen.values()),
        ordered=sum(one.ordered for one in seen.values()),
        left=tuple(one for one in bodies if one.key not in visited),
    )  # fmt: skip


def _visited(bodies: Sequence[Planned], seen: Mapping[str, Seen]) -> Collection[str]:
    return {one.key for one in bodies if one.key in seen and seen[one.key].visits}
