"""What an incident is, how bad it is by law, and how it comes to its end. Whether it is production-related is
asked first: that decides the law and the lead."""

from collections.abc import Iterable, Mapping
from dataclasses import astuple, dataclass, replace
from datetime import date, datetime, tzinfo
from enum import StrEnum
from typing import Any
from uuid import UUID


class IncidentState(StrEnum):
    """Open → controlled (and back, should it flare up) → ended → reviewed."""

    OPEN = "open"
    CONTROLLED = "controlled"
    ENDED = "ended"
    REVIEWED = "reviewed"


class ProductionRelated(StrEnum):
    """The first question of an accident; unknown until somebody answers for the answer."""

    UNKNOWN = "unknown"
    YES = "yes"
    NO = "no"


@dataclass(frozen=True, kw_only=True, slots=True)
class Casualties:
    """People harmed, as known now; the missing stand in the casualty line ([S] SO 493 Art 12)."""

    dead: int = 0
    missing: int = 0
    serious: int = 0
    minor: int = 0
    trapped: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Band:
    """[at_least, below): "以上" holds the number, "以下" does not ([S] SO 493 Art 3); None is without end."""

    ordinal: int
    at_least: int
    below: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Metric:
    """One measure of harm: which figures it adds up, and its bands."""

    name: str
    zh: str
    en: str
    counts: tuple[str, ...]
    bands: tuple[Band, ...]
    source: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Level:
    """One of four levels: ordinal 1 is the worst; the words belong to this scale only."""

    ordinal: int
    colour: str
    code: str
    zh: str
    en: str


@dataclass(frozen=True, kw_only=True, slots=True)
class GradePolicy:
    """How one law grades harm, shaped like `policies/grade-*.json`, and which post takes the lead."""

    policy: str
    version: str
    valid_from: date
    valid_to: date | None
    law: str
    lead: str
    scale: str
    prefixes: tuple[str, ...]
    production_related: tuple[ProductionRelated, ...]
    levels: tuple[Level, ...]
    metrics: tuple[Metric, ...]
    source: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Incident:
    """One emergency event. `clock_zero_at` starts the clocks, `unit_learned_at` the unit's own; the level stands
    since `level_since_at`."""

    id: UUID
    version: int
    area_code: str
    sectors: tuple[str, ...]
    exercise: bool
    correlation_id: UUID
    code: str
    kind: str
    lon: float
    lat: float
    place_words: str = ""
    risk_object_id: UUID | None = None
    state: IncidentState = IncidentState.OPEN
    occurred_at: datetime
    clock_zero_at: datetime
    unit_learned_at: datetime | None = None
    controlled_at: datetime | None = None
    ended_at: datetime | None = None
    reviewed_at: datetime | None = None
    level_ordinal: int = 4
    scale: str = "incident"
    level_since_at: datetime
    casualties: Casualties = Casualties()
    loss_fen: int = 0
    production_related: ProductionRelated = ProductionRelated.UNKNOWN
    grade_policy: str = ""
    linked: tuple[UUID, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Regrade:
    """One row for each update of harm: what was known, which metrics decided, and where the level went."""

    at: datetime
    casualties: Casualties
    loss_fen: int
    before_ordinal: int
    after_ordinal: int
    decided_by: tuple[str, ...]
    policy: str
    policy_version: str
    in_window: bool


class IncidentMoveRefused(Exception):
    """The incident's state does not allow the verb; says the state and the moves that are open."""

    status = 409
    code = "incident_move_refused"
    title = ("突发事件当前状态不允许此操作", "The incident is not in a state for this")

    def __init__(self, incident: Incident, verb: str) -> None:
        zh = f"突发事件为「IncidentState.{incident.state}」，不能「Move.{verb}」。"
        super().__init__(zh, f"the incident is {incident.state}: {verb} is not open")
        self.state = incident.state.value
        self.open_moves = open_moves(incident)


class IncidentAlreadyEnded(IncidentMoveRefused):
    """It has ended: what comes now is a new incident, linked to it."""

    code = "incident_already_ended"
    title = ("突发事件已结束", "The incident has ended")


class IncidentNotEnded(IncidentMoveRefused):
    """It is reviewed once it has ended."""

    code = "incident_not_ended"
    title = ("突发事件尚未结束", "The incident has not ended yet")


class ProductionNotAnswered(IncidentMoveRefused):
    """Nobody has said yet whether the accident is production-related; or the answer is none, or not asked."""

    code = "production_not_answered"
    title = ("是否生产安全事故须先明确", "Is it production-related? That is asked first")


class FiguresImpossible(Exception):
    """Harm is counted and never negative; levels are 1 to 4; what follows is not earlier."""

    status = 422
    code = "figures_impossible"
    title = ("数据不合理", "These figures cannot be")


_O, _C, _E, _V = IncidentState
MOVES: Mapping[str, tuple[frozenset[IncidentState], IncidentState]] = {
    "control": (frozenset({_O}), _C),
    "flare_up": (frozenset({_C}), _O),
    "end": (frozenset({_O, _C}), _E),
    "review": (frozenset({_E}), _V),
}
ALWAYS = ("update_harm", "link")  # harm and links may become known after the end


def open_moves(incident: Incident) -> tuple[str, ...]:
    """The verbs that are open now."""
    moves = (verb for verb, (states, _) in MOVES.items() if incident.state in states)
    able = tuple(verb for verb in moves if verb != "review" or not must_ask_production(incident))
    return (*able, *ALWAYS, *(("answer_production",) if _is_accident(incident) else ()))


def _is_accident(incident: Incident) -> bool:
    return incident.kind.startswith("12")  # 事故灾难: the class in which the law turns on the answer


def _moved(incident: Incident, verb: str, at: datetime, **changes: Any) -> Incident:
    states, target = MOVES[verb]
    if incident.state not in states:
        over = incident.state in (_E, _V)
        named = IncidentAlreadyEnded if over and verb != "review" else IncidentMoveRefused
        raise (IncidentNotEnded if verb == "review" and not over else named)(incident, verb)
    before = max(t for t in (incident.clock_zero_at, incident.controlled_at, incident.ended_at) if t)
    if at < before:
        zh = f"「Move.{verb}」的时间不得早于 {before.isoformat()}。"
        raise FiguresImpossible(zh, f"{verb} cannot be earlier than {before.isoformat()}")
    return replace(incident, state=target, **changes)


def control(incident: Incident, at: datetime) -> Incident:
    """Under control (a fire: out), not yet ended."""
    return _moved(incident, "control", at, controlled_at=at)


def flare_up(incident: Incident, at: datetime) -> Incident:
    """Out of control again."""
    return _moved(incident, "flare_up", at, controlled_at=None)


def end(incident: Incident, at: datetime) -> Incident:
    """Ended by decision ([S] ERL 2024 Art 86); an alarm that comes now opens a new, linked incident."""
    return _moved(incident, "end", at, ended_at=at)


def review(incident: Incident, at: datetime) -> Incident:
    """The after-action review is complete; raises ProductionNotAnswered while the first question is open."""
    if incident.state is IncidentState.ENDED and must_ask_production(incident):
        raise ProductionNotAnswered(incident, "review")
    return _moved(incident, "review", at, reviewed_at=at)


def link(incident: Incident, other: UUID) -> Incident:
    """Bound to another incident: one followed the other, or was split from it. Known links stay one."""
    return replace(incident, linked=tuple(dict.fromkeys((*incident.linked, other))))


def must_ask_production(incident: Incident) -> bool:
    """Whether the first question of an accident is still open."""
    return incident.production_related is ProductionRelated.UNKNOWN and _is_accident(incident)


def answer_production(incident: Incident, answer: ProductionRelated) -> Incident:
    """Answered, or corrected; then `policy_for` chooses the law again, and `regrade` follows."""
    if answer in (incident.production_related, ProductionRelated.UNKNOWN) or not _is_accident(incident):
        raise ProductionNotAnswered(incident, "answer_production")
    return replace(incident, production_related=answer)


def policy_for(kind: str, answer: ProductionRelated, policies: Iterable[GradePolicy]) -> GradePolicy:
    """The grading law of a kind of event, by the answer to the first question: the longest prefix wins."""
    fitting = {p: law for law in policies if answer in law.production_related for p in law.prefixes}
    return fitting[max((prefix for prefix in fitting if kind.startswith(prefix)), key=len)]


def grade(casualties: Casualties, loss_fen: int, policy: GradePolicy) -> tuple[int, tuple[str, ...]]:
    """The level's ordinal and the metrics that decide it: they are joined by "or", so the worst one wins."""
    found: dict[str, int] = {}
    for metric in policy.metrics:
        total = sum(loss_fen if name == "loss_fen" else getattr(casualties, name) for name in metric.counts)
        bands = (b for b in metric.bands if b.at_least <= total and (b.below is None or total < b.below))
        found[metric.name] = next(bands).ordinal
    worst = min(found.values())
    return worst, tuple(name for name, ordinal in found.items() if ordinal == worst)


def update_harm(
    incident: Incident, casualties: Casualties, loss_fen: int, policy: GradePolicy,
    at: datetime, until: datetime,
) -> tuple[Incident, Regrade]:  # fmt: skip
    """What is known now, and the level that follows, up or down, until the window ends (`until`)."""
    if min(*astuple(casualties), loss_fen) < 0:
        raise FiguresImpossible("人数和金额从 0 起计，不得为负。", "people and money are counted from 0")
    return regrade(replace(incident, casualties=casualties, loss_fen=loss_fen), policy, at, until)


def regrade(incident: Incident, policy: GradePolicy, at: datetime, until: datetime) -> tuple[Incident, Regrade]:
    """The level by harm, with its row. From `until` on (30 days from the accident, 7 for road and fire: [S]
    SO 493 Arts 13, 20) the figures are kept and the level stands."""
    by_harm, decided_by = grade(incident.casualties, incident.loss_fen, policy)
    after = by_harm if at < until else incident.level_ordinal
    since = incident.level_since_at if after == incident.level_ordinal else at
    row = Regrade(
        at=at, casualties=incident.casualties, loss_fen=incident.loss_fen, policy=policy.policy,
        policy_version=policy.version, before_ordinal=incident.level_ordinal, after_ordinal=after,
        decided_by=decided_by, in_window=at < until,
    )  # fmt: skip
    name = f"{policy.policy}-{policy.version}"
    return replace(incident, level_ordinal=after, level_since_at=since, grade_policy=name), row


def incident_code(area_code: str, at: datetime, sequence: int, tz: tzinfo) -> str:
    """The number that people use: county, the city's civil day, the day's sequence there."""
    return f"{area_code[:6]}-{at.astimezone(tz):%Y%m%d}-{sequence:03d}"
