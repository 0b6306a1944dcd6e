"""Both loops in the order of their days: loop A, and between its steps what loop B will look back on."""

import httpx
from rich.console import Console

from infra.city.data_files import read_city
from infra.city.keys import CityKeys
from infra.demonstration import shipped_city
from infra.secrets import Secrets
from infra.settings import PlatformSettings
from infra.tour import before_b, loop_a, loop_b
from infra.tour.stage import Stage
from infra.tour.telling import tell_trace, where_to_look


async def play(settings: PlatformSettings, secrets: Secrets, console: Console) -> None:
    """Play both loops and print each step with its rule and deadline. Raises TourStopped, naming the step."""
    keys = CityKeys(read_city(shipped_city()).profile.code)
    async with httpx.AsyncClient(base_url=settings.gateway_url, timeout=30, trust_env=False) as client:
        stage = Stage(client, secrets, console)
        console.rule("演示数据,情节虚构 · demonstration: the places are real, the events are invented")
        report = await loop_a.report_to_notice(stage, keys)
        await before_b.earlier_fire(stage, keys, "2026-10-18 15:10", "tour-first-fire")
        await loop_a.late_to_closure(stage, report)
        check = await before_b.workshop_check(stage, keys)
        await before_b.earlier_fire(stage, keys, "2026-11-09 20:40", "tour-second-fire")
        await before_b.nothing_was_done(stage, check)
        await loop_a.look_back(stage, report)
        incident = await loop_b.play_loop_b(stage, keys)
        traces = {"Loop A": report.correlation_id, "Loop B": incident["correlation_id"]}
        for name, trace in traces.items():
            await tell_trace(stage, name, trace)
        await stage.post("administrator", "/v1/clock", {"offset_seconds": 0})
        where_to_look(stage, settings.issuer, traces)
