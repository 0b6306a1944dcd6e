"""The shape of `tour.json`: where the demonstration plays, who acts, what they enter and when.

What happens is the tour's code; a city that has no script has no tour.
"""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from infra.city.templates import AreaCode, Strict


def _moment(text: str) -> str:
    """A civil time of the city, to the minute or the second."""
    if datetime.fromisoformat(text).tzinfo is not None or len(text) < len("2026-01-01 00:00"):
        raise ValueError("a civil time such as 2026-01-31 09:30 is wanted")
    return text


Moment = Annotated[str, AfterValidator(_moment)]


class Scene(Strict):
    """One step of the script: its number, its moment, who acts and what is seen."""

    step: str = Field(min_length=1)
    at: Moment
    who: str
    what: str


class People(Strict):
    """Who acts: subjects of `clients.json`."""

    auditor: str
    citizens: str
    call_taker: str
    grid: str
    police: str
    fire_office: str
    patrol: str
    workshop_grid: str
    county_duty: str
    county_emergency: str
    detectors: str
    centre_119: str
    leading_group: str


class FiveItems(Strict):
    """The five fixed items (五落实) of an order, the limit being one of them where it is not the rule's."""

    responsible: str
    measures: str
    funds_fen: int
    contingency: str
    limit_days: int | None = None


class Spoken(Scene):
    """A step whose act carries words."""

    words: str


class CitizenReport(Spoken):
    """What a citizen reports, and where."""

    lon: float
    lat: float
    crs: str
    photos: int = Field(ge=0)


class Verification(Scene):
    """What the grid member finds: a danger fixed at once, and a second one within a limit."""

    second_danger: str
    at_once_basis: str
    within_limit_basis: str
    five_items: FiveItems


class Grades(Strict):
    """What the house is graded with: when found, when fixed at once, when rectified."""

    pack: str
    found: Mapping[str, int]
    fixed: Mapping[str, int]
    rectified: Mapping[str, int]


class Late(Scene):
    """Nobody acts: the order's reminder, and the instant from which it is late."""

    overdue_at: Moment


class Rectification(Spoken):
    """What the responsible entity shows."""

    photos: int = Field(ge=0)


class LoopAScript(Strict):
    """Report to closure."""

    village: AreaCode
    category: str
    sectors: tuple[str, ...]
    house: str
    report: CitizenReport
    accept: Scene
    verify: Verification
    grades: Grades
    fix: Spoken
    serve: Spoken
    answer: Spoken
    late: Late
    rectify: Rectification
    inspect: Spoken
    look_back: Spoken


class EarlierFire(Spoken):
    """A small fire of the same class, at a named object."""

    risk_object: str


class Check(Spoken):
    """A check of the workshop whose order nobody follows."""

    risk_object: str
    category: str
    sectors: tuple[str, ...]
    description: str
    signed_for: str
    five_items: FiveItems


class Ignored(Scene):
    """The order runs out, and is pressed again."""

    again_at: Moment


class BeforeBScript(Strict):
    """What loop B looks back on."""

    kind: str
    first_fire: EarlierFire
    check: Check
    second_fire: EarlierFire
    ignored: Ignored


class Detection(Spoken):
    """A detector's signal."""

    device: str
    source_id: str


class Call(Spoken):
    """A call that the 119 centre passes on."""

    source_id: str


class TeamMoves(Scene):
    """A team tells a stage of its way."""

    do: Literal["move"]
    team: str
    stage: Literal["acknowledge", "depart", "arrive"]


class Asked(Scene):
    """Whether the incident is production-related is answered."""

    do: Literal["ask"]
    answer: Literal["yes", "no"]
    unit_learned_at: Moment | None = None


class Harm(Scene):
    """What is known of the harm now, and the leaders whom that calls."""

    do: Literal["harm"]
    casualties: Mapping[str, int]
    called: tuple[str, ...]


class ReportMade(Scene):
    """A situation report was made: on which clock, and to whom."""

    do: Literal["report"]
    clock: str
    told: str


class LeadersCome(Scene):
    """Leaders check in at the scene."""

    do: Literal["come"]
    leaders: tuple[str, ...]


class Controlled(Scene):
    """The danger is under control."""

    do: Literal["control"]


class Closed(Spoken):
    """The incident ends."""

    do: Literal["close"]


Act = Annotated[TeamMoves | Asked | Harm | ReportMade | LeadersCome | Controlled | Closed, Field(discriminator="do")]


class Decision(Spoken):
    """The authority's decision on a proposed measure, by one of the people."""

    by: str
    measure: str
    starts_on: date


class Review(Scene):
    """The after-action review."""

    lesson: str
    leads_to: str
    conclusion: str


class LoopBScript(Strict):
    """Alarm to accountability. `night` is played in its order; `teams` and `leaders` are subjects by kind."""

    kind: str
    risk_object: str
    zone: str
    linked_group: tuple[str, ...]
    detections: tuple[Detection, Detection]
    call: Call
    teams: Mapping[str, str]
    leaders: Mapping[str, str]
    night: tuple[Act, ...] = Field(min_length=1)
    decisions: tuple[Decision, ...]
    review: Review
    exercise: Spoken


class TourScript(Strict):
    """`tour.json`, of one version and from one source."""

    version: str = Field(min_length=1)
    source: str = Field(min_length=1)
    people: People
    loop_a: LoopAScript
    before_b: BeforeBScript
    loop_b: LoopBScript

    def moments(self) -> Iterator[tuple[str, Moment]]:
        """Every moment with its row, in the order in which the tour plays them."""
        a, before, b = self.loop_a, self.before_b, self.loop_b
        for name in ("report", "accept", "verify", "fix", "serve", "answer"):
            yield f"loop_a.{name}", getattr(a, name).at
        yield "before_b.first_fire", before.first_fire.at
        yield from (("loop_a.late", a.late.at), ("loop_a.late.overdue_at", a.late.overdue_at))
        yield from (("loop_a.rectify", a.rectify.at), ("loop_a.inspect", a.inspect.at))
        yield from (("before_b.check", before.check.at), ("before_b.second_fire", before.second_fire.at))
        yield from (("before_b.ignored", before.ignored.at), ("before_b.ignored.again_at", before.ignored.again_at))
        yield "loop_a.look_back", a.look_back.at
        yield from ((f"loop_b.detections.{number}", one.at) for number, one in enumerate(b.detections, start=1))
        yield "loop_b.call", b.call.at
        yield from ((f"loop_b.night.{number}", one.at) for number, one in enumerate(b.night, start=1))
        yield from ((f"loop_b.decisions.{number}", one.at) for number, one in enumerate(b.decisions, start=1))
        yield from (("loop_b.review", b.review.at), ("loop_b.exercise", b.exercise.at))
