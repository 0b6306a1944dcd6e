"""The feed as a stream, heard by httpx-sse: nothing lost, nothing twice, and a clean end for every reason."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator

import httpx
import pytest

from gateway.feed import api_stream, rules_stream
from gateway.feed.rules import Cursor
from gateway.streams import Streams
from tests.cluster import FreshDatabase, eventually
from tests.gateway.feed.facts import OTHER_COUNTY, SYSTEM, Log, names, told
from tests.gateway.feed.listening import STREAM, Heard, has, listener, listening
from tests.gateway.running import Running, county_grant, running_gateway


@pytest.fixture
async def http(gateway: Running) -> AsyncIterator[httpx.AsyncClient]:
    """A client with connections of its own, so that streams wait for nobody."""
    async with httpx.AsyncClient(base_url=gateway.url, trust_env=False, timeout=10) as found:
        yield found


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What takes seconds takes a fraction of one."""
    monkeypatch.setattr(api_stream, "HEARTBEAT_SECONDS", 0.2)
    monkeypatch.setattr(api_stream, "SCOPE_SECONDS", 0.2)
    return


async def test_a_stream_tells_what_happens_and_only_what_may_be_seen(
    gateway: Running, log: Log, http: httpx.AsyncClient
) -> None:
    headers, _ = await listener(gateway)
    async with listening(http, headers | STREAM) as heard:
        facts = [told() for _ in range(3)]
        await log.keep(facts[0], told(area=OTHER_COUNTY), facts[1])
        await log.keep(told(sectors="gas"), facts[2])
        await eventually(has(heard, 3), what="three events")
    assert heard.facts == names(*facts)
    hello, first = heard.events[0], heard.events[1]
    assert (hello.event, hello.retry) == ("hello", rules_stream.RETRY_MILLISECONDS)
    assert first.event == "risk_grading.hazard.closed.v1"
    assert Cursor.of(first.id).position > Cursor.of(hello.id).position
    assert first.json()["data"] == {"words": "隐患已消除"}


async def test_a_listener_that_is_cut_off_three_times_misses_nothing_and_hears_nothing_twice(
    gateway: Running, log: Log, http: httpx.AsyncClient
) -> None:
    headers, _ = await listener(gateway)
    writing, facts = True, []

    async def write() -> None:
        while writing:
            fact = told()
            facts.append(fact)
            await log.keep(fact)

    found: list[str] = []
    last_id = ""
    async with listening(http, headers | STREAM) as heard:
        writer = asyncio.create_task(write())
        await eventually(has(heard, 20), what="the first events")
        found, last_id = heard.facts[:15], [one.id for one in heard.events if one.event != "hello"][14]
    for round_ in range(3):
        async with listening(http, headers | STREAM | {"Last-Event-ID": last_id}) as heard:
            await eventually(has(heard, 20), what=f"the events of round {round_}")
            if round_ == 2:
                writing = False
                await writer
                await eventually(lambda: heard.facts[-1:] == names(facts[-1]), what="the last event")
        found, last_id = found + heard.facts, heard.last_id
        assert heard.named("gap") == []
    assert found == names(*facts)


async def test_one_that_breaks_before_its_first_event_goes_on_where_it_began(
    gateway: Running, log: Log, http: httpx.AsyncClient
) -> None:
    headers, _ = await listener(gateway)
    async with listening(http, headers | STREAM) as heard:
        last_id = heard.last_id
    missed = told()
    await log.keep(missed)
    async with listening(http, headers | STREAM | {"Last-Event-ID": last_id}) as heard:
        await eventually(has(heard, 1), what="what was missed")
    assert heard.facts == names(missed)


@pytest.mark.parametrize("named", ["nonsense", "%%%", "MS4x"])
async def test_a_place_that_is_none_is_told_as_a_gap_and_ends_nobody(
    gateway: Running, log: Log, http: httpx.AsyncClient, named: str
) -> None:
    headers, _ = await listener(gateway)
    fact = told()
    await log.keep(fact)
    async with listening(http, headers | STREAM | {"Last-Event-ID": named}) as heard:
        await eventually(lambda: bool(heard.facts) and heard.facts[-1] == str(fact.event_id), what="everything")
    [gap] = heard.named("gap")
    assert gap.json()["data"]["why"] == "cursor_unknown"


async def test_an_older_epoch_is_told_once_and_the_stream_goes_on(
    gateway: Running, log: Log, http: httpx.AsyncClient
) -> None:
    headers, _ = await listener(gateway)
    async with listening(http, headers | STREAM) as heard:
        now = Cursor.of(heard.last_id)
    before = Cursor(epoch=now.epoch, begun=now.begun - 1, position=now.position)
    fact = told()
    await log.keep(fact)
    async with listening(http, headers | STREAM | {"Last-Event-ID": str(before)}) as heard:
        await eventually(has(heard, 1), what="the event")
    assert [one.event for one in heard.events] == ["hello", "gap", "risk_grading.hazard.closed.v1"]
    async with listening(http, headers | STREAM | {"Last-Event-ID": heard.named("gap")[0].id}) as again:
        await eventually(has(again, 1), what="the event again")
    assert again.named("gap") == []


@pytest.mark.usefixtures("quick")
async def test_who_loses_a_grant_hears_nothing_more_within_seconds(
    gateway: Running, log: Log, http: httpx.AsyncClient
) -> None:
    headers, made = await listener(gateway)
    async with listening(http, headers | STREAM) as heard:
        before = told()
        await log.keep(before)
        await eventually(has(heard, 1), what="the first event")
        await gateway.give(made["subject"], county_grant(sectors=["gas"]))
        known = await gateway.subject(made["subject"])
        (fire,) = (one["id"] for one in known["grants"] if one["sectors"] == ["fire"])
        ended = await gateway.http.post(
            f"/v1/subjects/{known['id']}/grants/{fire}/end", json={"reason": "调离"},
            headers={**await gateway.security(), "If-Match": f'"{known["version"]}"'},
        )  # fmt: skip
        assert ended.status_code == 200, ended.text
        seen = 1

        async def shut_out() -> bool:
            nonlocal seen
            hidden, shown = told(), told(sectors="gas")
            await log.keep(hidden, shown)
            await eventually(lambda: str(shown.event_id) in heard.facts or len(heard.facts) > seen, what="an event")
            seen = len(heard.facts)
            return str(hidden.event_id) not in heard.facts and str(shown.event_id) in heard.facts

        await eventually(shut_out, what="the end of the old grant", every_seconds=0.1)


@pytest.mark.usefixtures("quick")
async def test_an_ended_client_is_told_goodbye(gateway: Running, http: httpx.AsyncClient) -> None:
    headers, made = await listener(gateway)
    async with listening(http, headers | STREAM) as heard:
        await gateway.http.post(
            f"/v1/clients/{made['id']}/end", json={"reason": "合同到期"},
            headers={**await gateway.bearer(), "If-Match": f'"{made["version"]}"'},
        )  # fmt: skip
        await eventually(lambda: heard.ended, what="the end")
    assert heard.named("bye")[0].json()["reason"] == "client_ended"


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("by", ["token", "ticket"])
async def test_a_stream_ends_when_the_token_behind_it_is_revoked(
    gateway: Running, http: httpx.AsyncClient, by: str
) -> None:
    headers, made = await listener(gateway)
    ticket = (await gateway.http.post("/v1/events/tickets", headers=headers)).json()["ticket"]
    told, query = (headers, "") if by == "token" else ({}, f"?ticket={ticket}")
    async with listening(http, told | STREAM, query) as heard:
        token = headers["Authorization"].removeprefix("Bearer ")
        revoked = await gateway.http.post(
            "/oauth/revoke", data={"token": token}, auth=(made["client_id"], made["client_secret"])
        )
        assert revoked.status_code == 200, revoked.text
        await eventually(lambda: heard.ended, what="the end")
    assert [one.json()["reason"] for one in heard.named("bye")] == ["token_revoked"]


async def test_a_token_that_may_not_read_gets_no_ticket(gateway: Running) -> None:
    _, made = await listener(gateway)
    answer = await gateway.ask_token(made["client_id"], made["client_secret"], scope="gateway:write")
    headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}
    refused = await gateway.http.post("/v1/events/tickets", headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (403, "oauth_scope_missing")


async def test_of_many_streams_that_are_opened_at_once_so_many_are(
    gateway: Running, http: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    headers, _ = await listener(gateway)
    streams: Streams = gateway.app.state.live.streams
    monkeypatch.setattr(streams, "_of_one_client", 2)

    async def open_one() -> int:
        async with http.stream("GET", "/v1/events", headers=headers | STREAM) as answer:
            if answer.status_code == 200:
                await asyncio.wait_for(over.wait(), 20)
            return answer.status_code

    over = asyncio.Event()
    opening = [asyncio.ensure_future(open_one()) for _ in range(8)]
    await eventually(lambda: sum(one.done() for one in opening) + streams.open_now >= 8, what="all answers")
    over.set()
    assert sorted(await asyncio.gather(*opening)) == [200] * 2 + [429] * 6


async def test_a_stream_ends_with_its_token(gateway: Running, http: httpx.AsyncClient, log: Log) -> None:
    headers, _ = await listener(gateway)
    ticket = (await gateway.http.post("/v1/events/tickets", headers=headers)).json()["ticket"]
    async with log.database.unit_of_work(SYSTEM) as tx:
        await tx.say("UPDATE feed_tickets SET token_expires_at = clock_timestamp() + interval '1 second'")
    async with listening(http, STREAM, f"?ticket={ticket}") as heard:
        await eventually(lambda: heard.ended, what="the end")
    assert heard.named("bye")[0].json()["reason"] == "token_expired"


@pytest.mark.usefixtures("quick")
async def test_a_silent_stream_says_that_it_lives(gateway: Running) -> None:
    headers, _ = await listener(gateway)
    async with (
        httpx.AsyncClient(base_url=gateway.url, trust_env=False, timeout=10) as http,
        http.stream("GET", "/v1/events", headers=headers | STREAM) as answer,
    ):
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert answer.headers["cache-control"] == "no-store"
        assert "content-length" not in answer.headers
        said = b""
        async for chunk in answer.aiter_raw():
            said += chunk
            if said.count(rules_stream.HEARTBEAT) >= 2:
                break
    assert b"event: bye" not in said


async def test_one_client_opens_so_many_streams_and_others_still_theirs(
    gateway: Running, http: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    headers, _ = await listener(gateway)
    others, _ = await listener(gateway)
    limited = gateway.app.state.live.streams
    await eventually(lambda: limited.open_now == 0, what="room")
    monkeypatch.setattr(limited, "_of_one_client", 1)
    monkeypatch.setattr(limited, "_in_all", 2)
    async with listening(http, headers | STREAM):
        second = await gateway.http.get("/v1/events", headers=headers | STREAM)
        assert (second.status_code, second.json()["code"]) == (429, "too_many_streams")
        assert int(second.headers["retry-after"]) > 0
        async with listening(http, others | STREAM):
            third, _ = await listener(gateway)
            full = await gateway.http.get("/v1/events", headers=third | STREAM)
            assert (full.status_code, full.json()["code"]) == (429, "no_stream_free")
    await eventually(lambda: limited.open_now == 0, what="room again")


async def test_streams_that_are_asked_for_at_once_are_counted_one_by_one(
    gateway: Running, http: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    headers, _ = await listener(gateway)
    limited = gateway.app.state.live.streams
    await eventually(lambda: limited.open_now == 0, what="room")
    monkeypatch.setattr(limited, "_of_one_client", 1)
    asked = [http.build_request("GET", "/v1/events", headers=headers | STREAM) for _ in range(6)]
    answers = await asyncio.gather(*(http.send(one, stream=True) for one in asked))
    try:
        assert sorted(one.status_code for one in answers) == [200, *[429] * 5]
    finally:
        for one in answers:
            await one.aclose()


async def test_a_reader_that_takes_nothing_is_dropped_and_harms_nobody(
    gateway: Running, log: Log, http: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api_stream, "SEND_SECONDS", 0.5)
    slow, _ = await listener(gateway)
    headers, _ = await listener(gateway)
    streams = gateway.app.state.live.streams
    await eventually(lambda: streams.open_now == 0, what="no stream of another test")
    port = int(gateway.url.rpartition(":")[2])
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1024)
    lines = "".join(f"{name}: {value}\r\n" for name, value in (slow | STREAM).items())
    writer.write(f"GET /v1/events HTTP/1.1\r\nHost: x\r\n{lines}\r\n".encode())
    try:
        await _outdone(log, http, headers, streams)
    finally:
        writer.transport.abort()
    del reader


async def _outdone(log: Log, http: httpx.AsyncClient, headers: dict[str, str], streams: Streams) -> None:
    """While the slow one takes nothing."""
    await eventually(lambda: streams.open_now == 1, what="the slow stream")
    async with listening(http, headers | STREAM) as heard:
        facts = [told(data={"words": "滞" * 20_000}) for _ in range(300)]
        for start in range(0, 300, 50):
            await log.keep(*facts[start : start + 50])
        await eventually(has(heard, 300), what="what the quick one hears", seconds=20)
        await eventually(lambda: streams.open_now == 1, what="the end of the slow one", seconds=20)
    assert heard.facts == names(*facts)


async def test_at_shutdown_every_stream_ends_at_once_and_says_why(database: FreshDatabase) -> None:
    heard = Heard()
    async with httpx.AsyncClient(trust_env=False, timeout=10) as http:
        async with running_gateway(database) as gateway:
            headers, _ = await listener(gateway)
            http.base_url = httpx.URL(gateway.url)
            stack = listening(http, headers | STREAM)
            heard = await stack.__aenter__()
            begun = asyncio.get_running_loop().time()
        took = asyncio.get_running_loop().time() - begun
        await eventually(lambda: heard.ended, what="the end of the stream")
        await stack.__aexit__(None, None, None)
    assert heard.named("bye")[0].json()["reason"] == "shutting_down"
    assert took < 15
    assert json.loads(heard.named("bye")[0].data)["said"]["zh"]
