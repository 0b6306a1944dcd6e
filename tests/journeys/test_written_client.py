"""A client that is written from the document runs both loops: the document says what the platform does."""

import compileall
import re
from dataclasses import fields, replace
from typing import Any

import pytest

from tests.journeys.caller import Caller
from tests.journeys.command import Command, point
from tests.journeys.running import RunningCity
from tests.journeys.small_city import WORKSHOP_VILLAGE
from tests.journeys.stories import Posts
from tests.journeys.written_client import WrittenCaller, WrittenClient, written


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> WrittenClient:
    """The client, written once."""
    return written(tmp_path_factory.mktemp("client"))


def through(actors: Any, client: WrittenClient) -> Any:
    """The same people, each acting through the written client."""
    callers = {one.name: getattr(actors, one.name) for one in fields(actors)}
    own = {name: WrittenCaller.like(one, client) for name, one in callers.items() if isinstance(one, Caller)}
    return replace(actors, **own)


def test_the_generator_has_nothing_to_warn_of_and_what_it_writes_compiles(client: WrittenClient) -> None:
    assert not re.findall(r"(?i)warning|unable|error|could not", client.said), client.said
    assert compileall.compile_dir(client.folder, quiet=2)


async def test_loop_a_runs_from_a_report_to_its_closure(city: RunningCity, client: WrittenClient) -> None:
    posts: Posts = through(await Posts.of(city), client)
    case = await posts.verify_for_a_resident()
    assert (case.hazard["state"], case.order["state"]) == ("rectifying", "issued")
    looked = {"passed": True, "words": "现场复核"}
    refused = await posts.police.refused(f"{case.order_path}/inspect", looked, 409, "order_cannot_move")
    assert refused["open_moves"]
    await posts.close(case)
    assert (case.order["state"], case.hazard["state"]) == ("closed", "closed")


async def test_loop_b_runs_from_an_alarm_to_the_end(city: RunningCity, client: WrittenClient) -> None:
    command: Command = through(await Command.of(city), client)
    await command.detect(point(121.418, 28.604), "W1", area_code=WORKSHOP_VILLAGE, zone="W")
    second = await command.detect(point(121.418, 28.604), "W2", area_code=WORKSHOP_VILLAGE, zone="W")
    incident = await command.incident_of(second)
    sent = next(one for one in incident["teams"] if one["team_kind"] == "micro_station")
    for verb in ("depart", "arrive"):
        dispatch = await command.micro_station.act(f"/v1/dispatches/{sent['dispatch_id']}/{verb}", {})
    assert dispatch["state"] == "arrived"
    ended = await command.close(incident)
    assert ended["state"] == "ended"
