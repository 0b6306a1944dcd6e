"""The tour: both loops as they would run in a real city, played through the public API on the simulated clock."""

import httpx
from rich.console import Console

from infra.city.data_files import read_city
from infra.city.keys import CityKeys
from infra.demonstration import shipped_city
from infra.secrets import Secrets
from infra.settings import PlatformSettings
from infra.tour.loop_a import play_loop_a
from infra.tour.stage import Stage
from infra.tour.telling import tell_trace, where_to_look


async def play(settings: PlatformSettings, secrets: Secrets, console: Console) -> None:
    """Play both loops and print each step with its rule and deadline. Raises TourStopped, naming the step."""
    keys = CityKeys(read_city(shipped_city()).profile.code)
    async with httpx.AsyncClient(base_url=settings.gateway_url, timeout=30, trust_env=False) as client:
        stage = Stage(client, secrets, console)
        console.rule("演示数据,情节虚构 · demonstration: the places are real, the events are invented")
        trace_a = await play_loop_a(stage, keys)
        await tell_trace(stage, "Loop A", trace_a)
        await stage.post("administrator", "/v1/clock", {"offset_seconds": 0})
        where_to_look(stage, settings.gateway_url, {"loop A": trace_a})
