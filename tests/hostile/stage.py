"""The city that is attacked: the small one, with both loops played so that there is something of everything."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from infra.environment import (
    AUDIT_ADMINISTRATOR,
    REGISTRY_ADMINISTRATOR,
    SECURITY_ADMINISTRATOR,
    SYSTEM_ADMINISTRATOR,
)
from infra.settings import Shape
from tests.journeys.command import Command, point
from tests.journeys.running import RunningCity, running_city
from tests.journeys.small_city import WORKSHOP_VILLAGE
from tests.journeys.stories import Posts

QUOTA_FACTOR = 1_000
SUBJECTS = (
    "police-331002004000",
    REGISTRY_ADMINISTRATOR,
    "call-taker-331002004000",
    SYSTEM_ADMINISTRATOR,
    "county-duty-331002000000",
    "grid-331002004208",
    SECURITY_ADMINISTRATOR,
    "administrator",
    "township-deputy-331002004000",
    "citizens-app",
    "auditor",
    AUDIT_ADMINISTRATOR,
    "system-119",
    "landlord-tour-house",
)
"""Who attacks: each kind of office, agency, app and party, those first whom most doors let in."""


@asynccontextmanager
async def attacked_city(shape: Shape) -> AsyncIterator[RunningCity]:
    """The running city with open and closed cases of both loops, and quotas that attackers do not reach."""
    async with running_city(shape, quota_factor=QUOTA_FACTOR) as city:
        posts = await Posts.of(city)
        closed = await posts.verify_for_a_resident()
        await posts.close(closed)
        for _ in range(2):
            await posts.tell(words="充电线从窗口拉出")
            await posts.verify_for_a_resident()
            await posts.find_on_the_spot()
        command = await Command.of(city)
        for number in range(3):
            place = point(121.418 + number / 50, 28.604)
            await command.detect(place, f"H{number}a", area_code=WORKSHOP_VILLAGE, zone=f"H{number}")
            await command.detect(place, f"H{number}b", area_code=WORKSHOP_VILLAGE, zone=f"H{number}")
        yield city
