"""Does the script of the tour name who and what the city has, and does its time run forward?"""

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from datetime import datetime

from infra.city.data_files import TOUR, CityData
from infra.city.findings import Finding
from infra.city.tour_shapes import Harm, LeadersCome, LoopBScript, People, TeamMoves, TourScript
from libs.contracts.classification import CATEGORIES, SECTORS

Named = tuple[str, str]
"""Row and the word used there."""


def check_tour(data: CityData) -> Iterator[Finding]:
    """Faults of `tour.json`; none where the city has no script."""
    if data.tour is None:
        return
    script = data.tour
    subjects = {one.subject for client in data.clients for one in client.subjects}
    yield from _unknown("subject", _subjects(script), subjects)
    yield from _unknown("named object", _objects(script), {one.key for one in data.objects.named})
    yield from _unknown("area", [("loop_a.village", script.loop_a.village)], {one.code for one in data.areas.records})
    yield from _unknown("category", _categories(script), CATEGORIES)
    yield from _unknown("sector", _sectors(script), SECTORS)
    yield from _unknown("person", _deciders(script), set(People.model_fields))
    yield from _unknown("team", _teams(script.loop_b), set(script.loop_b.teams))
    yield from _unknown("leader", _leaders(script.loop_b), set(script.loop_b.leaders))
    yield from _backwards(script)


def _unknown(what: str, used: Iterator[Named] | list[Named], known: AbstractSet[str]) -> Iterator[Finding]:
    for row, word in used:
        if word not in known:
            yield Finding(file=TOUR, row=row, message=f"{what} {word!r} does not exist")


def _subjects(script: TourScript) -> Iterator[Named]:
    yield from ((f"people.{name}", getattr(script.people, name)) for name in People.model_fields)
    yield from ((f"loop_b.teams.{kind}", subject) for kind, subject in script.loop_b.teams.items())
    yield from ((f"loop_b.leaders.{kind}", subject) for kind, subject in script.loop_b.leaders.items())


def _objects(script: TourScript) -> Iterator[Named]:
    before = script.before_b
    yield "loop_a.house", script.loop_a.house
    for name, one in (
        ("first_fire", before.first_fire),
        ("check", before.check),
        ("second_fire", before.second_fire),
    ):
        yield f"before_b.{name}.risk_object", one.risk_object
    yield "loop_b.risk_object", script.loop_b.risk_object


def _categories(script: TourScript) -> Iterator[Named]:
    yield "loop_a.category", script.loop_a.category
    yield "before_b.check.category", script.before_b.check.category


def _sectors(script: TourScript) -> Iterator[Named]:
    yield from (("loop_a.sectors", code) for code in script.loop_a.sectors)
    yield from (("before_b.check.sectors", code) for code in script.before_b.check.sectors)


def _deciders(script: TourScript) -> Iterator[Named]:
    yield from ((f"loop_b.decisions.{n}.by", one.by) for n, one in enumerate(script.loop_b.decisions, start=1))


def _teams(script: LoopBScript) -> Iterator[Named]:
    for number, act in enumerate(script.night, start=1):
        if isinstance(act, TeamMoves):
            yield f"loop_b.night.{number}.team", act.team


def _leaders(script: LoopBScript) -> Iterator[Named]:
    for number, act in enumerate(script.night, start=1):
        if isinstance(act, Harm):
            yield from ((f"loop_b.night.{number}.called", kind) for kind in act.called)
        elif isinstance(act, LeadersCome):
            yield from ((f"loop_b.night.{number}.leaders", kind) for kind in act.leaders)


def _backwards(script: TourScript) -> Iterator[Finding]:
    """The simulated clock is only set forward: what was due is due once."""
    before: datetime | None = None
    for row, moment in script.moments():
        now = datetime.fromisoformat(moment)
        if before is not None and now < before:
            yield Finding(file=TOUR, row=row, message=f"{moment} is before the step that is played before it")
        before = now
