"""The city's clock moves in a demonstration and nowhere else."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from libs.common import clocks
from tests.cluster import FreshDatabase, eventually
from tests.gateway.running import Running, county_grant, running_gateway


@pytest.fixture(autouse=True)
def real_time_afterwards() -> Iterator[None]:
    """The offset belongs to the process: no other test may inherit it."""
    yield
    clocks.allow_demonstration()
    clocks.set_offset(0)


async def test_the_clock_is_moved_told_and_followed(gateway: Running) -> None:
    before = await gateway.bearer()
    wanted = datetime(2026, 10, 12, 11, 40, tzinfo=UTC)
    answer = await gateway.http.post("/v1/clock", json={"at": wanted.isoformat()}, headers=before)
    assert answer.status_code == 200
    assert abs(datetime.fromisoformat(answer.json()["now"]) - wanted) < timedelta(seconds=5)
    offset = answer.json()["offset_seconds"]
    await eventually(lambda: clocks.offset_seconds() == offset, what="the process follows")
    seen = (await gateway.http.get("/v1/clock", headers=before)).json()
    assert (seen["offset_seconds"], seen["demonstration"], seen["in_step"]) == (offset, True, True)
    fresh = await gateway.token()
    headers = {"Authorization": f"Bearer {fresh}"}
    # Tokens go by the real clock, so one that is issued now is good now.
    back = await gateway.http.post("/v1/clock", json={"offset_seconds": 0}, headers=headers)
    assert back.json()["offset_seconds"] == 0
    await eventually(lambda: clocks.offset_seconds() == 0, what="the process follows back")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "clock_said_twice"),
        ({"offset_seconds": 1, "at": "2026-10-12T11:40:00Z"}, "clock_said_twice"),
        ({"offset_seconds": 1e12}, "clock_too_far"),
        ({"at": "2026-10-12T11:40:00"}, "invalid_body"),
    ],
)
async def test_an_unclear_time_is_refused(gateway: Running, body: dict[str, object], code: str) -> None:
    answer = await gateway.http.post("/v1/clock", json=body, headers=await gateway.bearer())
    assert (answer.status_code, answer.json()["code"]) == (422, code)


@pytest.mark.parametrize("role", ["inspector", "administrator", "system_administrator"])
async def test_only_a_system_administrator_of_the_city_moves_it(gateway: Running, role: str) -> None:
    headers = await gateway.person(county_grant(role=role, sectors=None))
    answer = await gateway.http.post("/v1/clock", json={"offset_seconds": 5}, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "role_missing")
    assert (await gateway.http.get("/v1/clock", headers=headers)).status_code == 200


async def test_outside_a_demonstration_nobody_moves_it(fresh_database: FreshDatabase) -> None:
    async with running_gateway(fresh_database, demonstration=False) as gateway:
        headers = await gateway.bearer()
        answer = await gateway.http.post("/v1/clock", json={"offset_seconds": 5}, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (403, "demonstration_off")
        assert (await gateway.http.get("/v1/clock", headers=headers)).json()["demonstration"] is False


async def test_nobody_is_in_step_with_a_move_that_has_not_arrived(gateway: Running) -> None:
    headers = await gateway.bearer()
    told = (await gateway.http.post("/v1/clock", json={"offset_seconds": 86_400.123456789}, headers=headers)).json()
    assert told["offset_seconds"] == 86_400.123457
    clocks.set_offset(0)
    seen = (await gateway.http.get("/v1/clock", headers=headers)).json()
    assert seen["offset_seconds"] == told["offset_seconds"]
    assert not seen["in_step"] or clocks.offset_seconds() == told["offset_seconds"]

    async def in_step() -> bool:
        return (await gateway.http.get("/v1/clock", headers=headers)).json()["in_step"] is True

    await eventually(in_step, what="the process follows")
