"""One service's app as callers meet it: strict requests, problems, ids, health."""

import io
import sys
from uuid import uuid4

import httpx
import orjson
import pytest
from fastapi import APIRouter

from libs.common.http_runtime import Checked
from libs.common.strict_routes import router
from libs.common.web import RouteWithoutDoor, create_service_app
from tests.common.counter_answers import JSON, made, problem
from tests.common.counter_service import FakeDatabase, client_of, counters_app, counters_router, runtime, token


@pytest.fixture
def database() -> FakeDatabase:
    return FakeDatabase()


@pytest.fixture
def client(database: FakeDatabase) -> httpx.AsyncClient:
    return client_of(counters_app(database))


async def test_created_answers_with_location_etag_and_correlation(client: httpx.AsyncClient) -> None:
    answer = await made(client)
    assert answer.status_code == 201
    assert answer.headers["location"] == f"/v1/counters/{answer.json()['id']}"
    assert answer.headers["etag"] == '"1"'
    assert answer.headers["correlation-id"]
    assert answer.json()["seen_by"] == "zhang"


async def test_location_holds_whatever_the_path_held(client: httpx.AsyncClient) -> None:
    answer = await client.post("/v1/shelves/%E6%A5%BC%0D%0AX-Evil%3A1/counters", json={"name": "a"})
    assert answer.status_code == 201
    assert answer.headers["location"].startswith("/v1/shelves/%E6%A5%BC%0D%0AX-Evil:1/counters/")


async def test_verb_needs_if_match_and_raises_the_version(client: httpx.AsyncClient) -> None:
    where = (await made(client)).headers["location"]
    problem(await client.post(f"{where}/raise"), 428, "if_match_required")
    for tag, version in (('"1"', '"2"'), ('W/"2"', '"3"'), ("*", '"4"')):
        answer = await client.post(f"{where}/raise", headers={"If-Match": tag})
        assert (answer.status_code, answer.headers["etag"]) == (200, version)
    problem(await client.post(f"{where}/raise", headers={"If-Match": "7"}), 400, "bad_if_match")


async def test_stale_version_shows_what_is_there_now(client: httpx.AsyncClient) -> None:
    where = (await made(client)).headers["location"]
    await client.post(f"{where}/raise", headers={"If-Match": '"1"'})
    answer = await client.post(f"{where}/raise", headers={"If-Match": '"1"'})
    found = problem(answer, 412, "stale_version")
    assert found["current"]["version"] == 2
    assert answer.headers["etag"] == '"2"'
    strange = await client.post(f"{where}/raise", headers={"If-Match": '"some-other-tag"'})
    problem(strange, 412, "stale_version")


async def test_rules_refusal_says_state_and_open_moves(client: httpx.AsyncClient, database: FakeDatabase) -> None:
    where = (await made(client)).headers["location"]
    answer = await client.post(f"{where}/raise?by=11", headers={"If-Match": "*"})
    found = problem(answer, 409, "counter_already_full")
    assert (found["state"], found["open_moves"]) == ("full", ["reset"])
    assert next(iter(database.counters.values())).version == 1


async def test_get_answers_304_for_a_known_version(client: httpx.AsyncClient) -> None:
    where = (await made(client)).headers["location"]
    assert (await client.get(where, headers={"If-None-Match": 'W/"1"'})).status_code == 304
    assert (await client.get(where, headers={"If-None-Match": '"2"'})).status_code == 200


async def test_methods_that_a_path_does_not_take_are_answered_with_those_it_does(client: httpx.AsyncClient) -> None:
    answer = await client.delete("/v1/counters")
    problem(answer, 405, "method_not_allowed")
    assert answer.headers["allow"] == "GET, HEAD, OPTIONS, POST"
    options = await client.options("/v1/counters")
    assert (options.status_code, options.headers["allow"]) == (204, "GET, HEAD, OPTIONS, POST")
    problem(await client.request("TRACE", "/v1/counters"), 405, "method_not_allowed")
    problem(await client.options("/v1/nothing"), 404, "no_such_path")


async def test_head_is_get_without_the_body(client: httpx.AsyncClient) -> None:
    where = (await made(client)).headers["location"]
    head, get = await client.head(where), await client.get(where)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == str(len(get.content))
    assert head.headers["etag"] == get.headers["etag"]


async def test_no_token_gets_in_anywhere(database: FakeDatabase) -> None:
    async with client_of(counters_app(database), None) as client:
        answer = await client.post("/v1/counters", content=b"{", headers=JSON)
        problem(answer, 401, "token_missing")
        assert answer.headers["www-authenticate"] == 'Bearer realm="shoutu"'
        answer = await client.get("/v1/counters", headers={"Authorization": "Bearer nonsense"})
        problem(answer, 401, "token_invalid")
        assert 'error="invalid_token"' in answer.headers["www-authenticate"]
        problem(
            await client.get("/v1/counters", headers={"Authorization": "Basic abc"}), 400, "credentials_malformed"
        )
        twice = [("Authorization", f"Bearer {token()}")] * 2
        problem(await client.get("/v1/counters", headers=twice), 400, "credentials_malformed")
        problem(await client.get(f"/v1/counters?access_token={token()}"), 401, "token_missing")
    assert database.opened == []


async def test_token_for_reading_does_not_write(database: FakeDatabase) -> None:
    async with client_of(counters_app(database), token(scope="counters:read")) as client:
        assert (await client.get("/v1/counters")).status_code == 200
        answer = await made(client)
        assert "counters:write" in problem(answer, 403, "oauth_scope_missing")["scopes_accepted"]
        assert 'error="insufficient_scope"' in answer.headers["www-authenticate"]
    async with client_of(counters_app(database), token(scope=None)) as client:
        problem(await client.get("/v1/counters"), 403, "oauth_scope_missing")


async def test_public_door_opens_under_its_system_scope_whatever_token_comes(database: FakeDatabase) -> None:
    for bearer in (None, token(), "nonsense"):
        async with client_of(counters_app(database), bearer) as client:
            answer = await client.post("/v1/public-counts", json={"name": "a"})
            assert answer.json()["seen_by"] == "system:counting_public"


async def test_acting_post_is_an_id(client: httpx.AsyncClient, database: FakeDatabase) -> None:
    post = uuid4()
    where = (await made(client)).headers["location"]
    await client.get(where, headers={"Acting-Post": str(post)})
    assert database.opened[-1].scope.post_id == post
    answer = await client.get(where, headers={"Acting-Post": "chief"})
    assert problem(answer, 400, "invalid_parameter")["errors"][0]["parameter"] == "Acting-Post"


async def test_fault_of_our_own_is_500_and_says_nothing(
    client: httpx.AsyncClient, capfd: pytest.CaptureFixture[str]
) -> None:
    answer = await client.get("/v1/broken")
    problem(answer, 500, "internal_error")
    assert "secret" not in answer.text


@pytest.mark.parametrize("away", [ConnectionResetError(), TimeoutError(), OSError("gone")])
async def test_database_that_goes_away_is_503_and_nothing_is_half_done(
    client: httpx.AsyncClient, database: FakeDatabase, away: Exception
) -> None:
    database.raises = away
    answer = await made(client)
    problem(answer, 503, "unavailable")
    assert answer.headers["retry-after"] == "1"
    assert database.counters == {}


async def test_ids_of_the_caller_go_out_again_where_they_are_harmless(
    client: httpx.AsyncClient, database: FakeDatabase
) -> None:
    sent = {"X-Request-Id": "abc-1", "Correlation-Id": "case 7", "traceparent": f"00-{'a' * 32}-{'b' * 16}-00"}
    answer = await client.post("/v1/counters", json={"name": "a"}, headers=sent)
    assert answer.headers["x-request-id"] == "abc-1"
    cause = database.opened[-1].cause
    assert cause.client_reference is None
    assert cause.traceparent is not None
    assert cause.traceparent.startswith(f"00-{'a' * 32}-")
    assert not cause.traceparent.startswith(f"00-{'a' * 32}-{'b' * 16}")
    answer = await client.get("/v1/counters", headers={"X-Request-Id": "a\nb{}", "Correlation-Id": "case-7"})
    assert answer.headers["x-request-id"] != "a\nb{}"


async def test_two_traceparents_begin_a_new_trace(client: httpx.AsyncClient, database: FakeDatabase) -> None:
    one, two = f"00-{'a' * 32}-{'b' * 16}-01", f"00-{'c' * 32}-{'b' * 16}-01"
    await client.post("/v1/counters", json={"name": "a"}, headers=[("traceparent", one), ("traceparent", two)])
    assert database.opened[-1].cause.traceparent[3:35] not in ("a" * 32, "c" * 32)


async def test_access_log_names_the_route_and_neither_path_nor_address(
    database: FakeDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = io.StringIO()
    monkeypatch.setattr(sys, "stdout", written)
    routers = [counters_router(database)]
    app = create_service_app(runtime(database, access_log=True), routers, title="x", citizens=["/v1/public"])
    async with client_of(app) as client:
        where = (await made(client)).headers["location"]
        await client.get(where)
        await client.post("/v1/public-counts", json={"name": "王"})
        await client.get("/v1/nothing/secret-code")
    app.flush_logs()
    lines = [orjson.loads(line) for line in written.getvalue().splitlines()]
    assert [line["route"] for line in lines] == [
        "/v1/counters", "/v1/counters/{counter_id}", "/v1/public-counts", "unmatched",
    ]  # fmt: skip
    assert [line.get("subject") for line in lines] == ["zhang", "zhang", None, None]
    assert all({"request_id", "trace_id", "duration_ms", "status"} <= line.keys() for line in lines)
    for secret in (where.rpartition("/")[2], "secret-code", "127.0.0.1", "王", "Bearer"):
        assert secret not in written.getvalue()


async def test_server_timing_is_told_in_demonstrations_only(database: FakeDatabase) -> None:
    async with client_of(counters_app(database, demonstration=True)) as client:
        assert "tx;dur=" in (await made(client)).headers["server-timing"]
    async with client_of(counters_app(database)) as client:
        assert "server-timing" not in (await made(client)).headers


async def test_health_tells_what_is_not_well(database: FakeDatabase) -> None:
    async def well() -> Checked:
        return Checked(ok=True, facts={"lag": 0})

    async def away() -> Checked:
        raise ConnectionRefusedError

    async with client_of(counters_app(database, checks={"relay": well}), None) as client:
        assert (await client.get("/health/live")).json()["status"] == "live"
        ready = await client.get("/health/ready")
        assert (ready.status_code, ready.json()["checks"]) == (200, {"relay": {"ok": True, "lag": 0}})
    async with client_of(counters_app(database, checks={"relay": well, "bus": away}), None) as client:
        ready = await client.get("/health/ready")
        assert ready.status_code == 503
        assert ready.json()["checks"]["bus"] == {"ok": False, "error": "ConnectionRefusedError"}


async def test_metrics_count_by_route_template_of_this_service_only(client: httpx.AsyncClient) -> None:
    where = (await made(client)).headers["location"]
    await client.get(where)
    await client.request("BREW", "/v1/pot")
    text = (await client.get("/metrics")).text
    assert 'route="/v1/counters/{counter_id}",service="counters",status="200"' in text
    assert 'method="other",route="unmatched"' in text
    assert where not in text
    assert 'service="counters"' in text


def test_route_without_a_door_does_not_start(database: FakeDatabase) -> None:
    open_house = router("open")

    @open_house.get("/v1/anything")
    async def anything() -> None:
        return None

    plain = APIRouter()
    plain.add_api_route("/v1/plain", anything)
    for wrong in (open_house, plain):
        with pytest.raises(RouteWithoutDoor):
            create_service_app(runtime(database), [wrong], title="x")
