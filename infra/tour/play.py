"""Both loops in the order of their days: loop A, and between its steps what loop B will look back on."""

import httpx
from rich.console import Console

from infra.city.data_files import TOUR, CityData, read_city
from infra.city.findings import CityDataWrong
from infra.city.keys import CityKeys
from infra.city.tour_checks import check_tour
from infra.city.tour_shapes import TourScript
from infra.demonstration import shipped_city
from infra.environment import SYSTEM_ADMINISTRATOR
from infra.secrets import Secrets
from infra.settings import PlatformSettings
from infra.tour import before_b, loop_a, loop_b
from infra.tour.stage import Stage, TourStopped
from infra.tour.telling import tell_not_played, tell_trace, where_to_look


async def play(settings: PlatformSettings, secrets: Secrets, console: Console) -> dict[str, str]:
    """Play both loops and print each step with its rule and deadline; the trace of each loop.

    Raises TourStopped, naming the step.
    """
    data, script = script_of(shipped_city())
    keys = CityKeys(data.profile.code)
    async with httpx.AsyncClient(base_url=settings.gateway_url, timeout=30, trust_env=False) as client:
        stage = Stage(client, secrets, console, people=script.people, keys=keys)
        fiction = data.profile.fiction
        console.rule(fiction.zh)
        console.print(fiction.en, soft_wrap=True)
        traces = await _play_all(stage, script)
        for name, trace in traces.items():
            await tell_trace(stage, name, trace)
        await stage.post(SYSTEM_ADMINISTRATOR, "/v1/clock", {"offset_seconds": 0})
        tell_not_played(stage)
        where_to_look(stage, settings.issuer, traces)
    return traces


def script_of(city: str) -> tuple[CityData, TourScript]:
    """A city's data with the script of its tour, checked against them. Raises TourStopped, naming file and row."""
    try:
        data = read_city(city)
    except CityDataWrong as wrong:
        raise TourStopped(f"the city {city} cannot be read: {wrong}") from wrong
    if data.tour is None:
        raise TourStopped(f"the city {city} has no script to play: write its {TOUR}")
    findings = [str(finding) for finding in check_tour(data)]
    if findings:
        raise TourStopped("\n".join(["the script of the tour cannot be played:", *findings]))
    return data, data.tour


async def _play_all(stage: Stage, script: TourScript) -> dict[str, str]:
    """The steps of both loops; the trace of each."""
    a, before = script.loop_a, script.before_b
    report = await loop_a.report_to_notice(stage, a)
    await before_b.earlier_fire(stage, before, before.first_fire)
    await loop_a.late_to_closure(stage, a, report)
    check = await before_b.workshop_check(stage, before.check)
    await before_b.earlier_fire(stage, before, before.second_fire)
    await before_b.nothing_was_done(stage, before.ignored, check)
    await loop_a.look_back(stage, a, report)
    incident = await loop_b.play_loop_b(stage, script.loop_b)
    return {"Loop A": report.correlation_id, "Loop B": incident["correlation_id"]}
