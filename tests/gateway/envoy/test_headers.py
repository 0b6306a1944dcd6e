"""What passes the door in either direction, and what stays out."""

from gateway.envoy.bootstrap import UNTRUSTED_NAMES
from tests.gateway.envoy.conftest import Door
from tests.gateway.envoy.keys import bearer

TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


async def test_a_tag_survives_compression_because_it_is_not_compressed(door: Door) -> None:
    headers = {**bearer("tags"), "Accept-Encoding": "gzip, br"}
    tagged = await door.http.get("/v1/areas/tagged", headers=headers)
    assert tagged.headers["etag"] == '"7"'
    assert "content-encoding" not in tagged.headers


async def test_large_answers_without_a_tag_are_compressed(door: Door) -> None:
    for encoding in ("gzip", "br"):
        headers = {**bearer("tags"), "Accept-Encoding": encoding}
        async with door.http.stream("GET", "/v1/areas/large", headers=headers) as answer:
            assert answer.headers["content-encoding"] == encoding
            assert "Accept-Encoding" in answer.headers["vary"]
    plain = await door.http.get("/v1/areas/large", headers={**bearer("tags"), "Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers


async def test_only_the_door_says_who_is_calling(door: Door) -> None:
    forged = {
        "X-Forwarded-For": "203.0.113.9",
        "X-Forwarded-Proto": "https",
        "X-Envoy-Retry-On": "5xx",
        "X-Envoy-Upstream-Rq-Timeout-Ms": "600000",
        "X-Internal-Scope": "all",
        "X-Shoutu-Clock": "1",
        **dict.fromkeys(UNTRUSTED_NAMES, "forged"),
    }
    answer = await door.http.get("/v1/areas", headers={**bearer("forger"), **forged})
    received = dict(answer.json()["headers"])
    assert "203.0.113.9" not in received["x-forwarded-for"]
    assert received["x-forwarded-proto"] == "http"
    allowed = {"x-forwarded-for", "x-forwarded-proto"}
    assert {name.lower() for name in forged} & received.keys() == allowed
    assert not [name for name in received if name.startswith("x-envoy-")]


async def test_the_trace_and_the_request_id_pass_through(door: Door) -> None:
    headers = {**bearer("tracer"), "traceparent": TRACE, "X-Request-Id": "my-own-id"}
    answer = await door.http.get("/v1/areas", headers=headers)
    received = dict(answer.json()["headers"])
    assert received["traceparent"] == TRACE
    assert received["x-request-id"] == answer.headers["x-request-id"] == "my-own-id"


async def test_a_request_without_an_id_gets_one(door: Door) -> None:
    answer = await door.http.get("/health/live")
    received = dict(answer.json()["headers"])
    assert len(answer.headers["x-request-id"]) == 36
    assert received["x-request-id"] == answer.headers["x-request-id"]


async def test_answers_do_not_tell_what_the_door_is_made_of(door: Door) -> None:
    for path in ("/health/live", "/nowhere", "/v1/areas"):
        answer = await door.http.get(path)
        assert answer.headers["server"] == "shoutu"
        assert not [name for name in answer.headers if "envoy" in name]
        assert answer.headers["x-content-type-options"] == "nosniff"


async def test_a_known_origin_may_ask_from_a_browser_and_an_unknown_one_may_not(door: Door) -> None:
    asking = {"Origin": "https://map.city.test", "Access-Control-Request-Method": "POST"}
    known = await door.http.options("/v1/areas", headers=asking)
    assert known.status_code == 200
    assert known.headers["access-control-allow-origin"] == "https://map.city.test"
    assert "idempotency-key" in known.headers["access-control-allow-headers"]
    unknown = await door.http.options("/v1/areas", headers={**asking, "Origin": "https://evil.test"})
    assert unknown.status_code == 401
    assert "access-control-allow-origin" not in unknown.headers
    answer = await door.http.get("/v1/areas", headers={**bearer("browser"), "Origin": asking["Origin"]})
    assert "etag" in answer.headers["access-control-expose-headers"]


async def test_a_citizens_address_and_browser_are_not_even_told_to_the_service(door: Door) -> None:
    for answer in (
        await door.http.get("/v1/tracking/some-code", headers={"User-Agent": "a phone"}),
        await door.http.post("/v1/reports", json={}, headers={"User-Agent": "a phone", **bearer("citizens-app")}),
    ):
        received = dict(answer.json()["headers"])
        assert not {"x-forwarded-for", "user-agent"} & received.keys()
