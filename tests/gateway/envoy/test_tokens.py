"""Who gets past the door, and what the others are told."""

import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from gateway.envoy.plan import RemoteKeys
from infra.ports import free_port
from tests.gateway.envoy.conftest import Door, local
from tests.gateway.envoy.door import running
from tests.gateway.envoy.keys import FOREIGN_KEY, bearer, token


def problem(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """The problem document, after what every one of them must have."""
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = answer.json()
    assert body["status"] == status
    assert body["code"] == code
    assert body["title"]
    assert body["type"]
    return body


async def test_a_request_without_a_token_is_told_where_to_get_one(door: Door) -> None:
    answer = await door.http.get("/v1/areas")
    problem(answer, 401, "token_missing")
    assert answer.headers["www-authenticate"] == 'Bearer realm="shoutu"'


@pytest.mark.parametrize(
    ("claims", "code"),
    [
        ({"exp": int(time.time()) - 3_600}, "token_expired"),
        ({"aud": "another-system"}, "token_invalid"),
        ({"iss": "http://elsewhere.test"}, "token_invalid"),
        ({"key": FOREIGN_KEY}, "token_invalid"),
    ],
    ids=["expired", "foreign audience", "foreign issuer", "foreign key"],
)
async def test_a_wrong_token_is_refused(door: Door, claims: dict[str, Any], code: str) -> None:
    answer = await door.http.get("/v1/areas", headers=bearer(**claims))
    problem(answer, 401, code)
    assert answer.headers["www-authenticate"] == 'Bearer realm="shoutu", error="invalid_token"'


async def test_a_token_that_never_expires_is_refused(door: Door) -> None:
    answer = await door.http.get("/v1/areas", headers=bearer(exp=None))
    problem(answer, 401, "token_invalid")
    assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_a_token_in_the_query_is_not_read(door: Door) -> None:
    answer = await door.http.get(f"/v1/areas?access_token={token()}")
    problem(answer, 401, "token_missing")
    assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_a_good_token_passes_and_reaches_the_service_that_verifies_it_again(door: Door) -> None:
    headers = bearer("passing")
    answer = await door.http.get("/v1/areas/330000000000", headers=headers)
    assert answer.status_code == 200
    assert ["authorization", headers["Authorization"]] in answer.json()["headers"]


async def test_the_scheme_may_be_written_small(door: Door) -> None:
    answer = await door.http.get("/v1/areas", headers={"Authorization": f"bearer {token('small')}"})
    assert answer.status_code == 200


async def test_a_citizen_tracks_a_report_without_a_token(door: Door) -> None:
    assert (await door.http.get("/v1/tracking/some-code")).status_code == 200


async def test_reports_need_a_token(door: Door) -> None:
    for method, path in (("POST", "/v1/reports"), ("GET", "/v1/reports"), ("POST", "/v1/reports/1/accept")):
        answer = await door.http.request(method, path)
        assert answer.status_code == 401
        problem(answer, 401, "token_missing")


async def test_a_token_on_an_open_door_must_still_be_good(door: Door) -> None:
    answer = await door.http.get("/v1/tracking/some-code", headers=bearer(key=FOREIGN_KEY))
    problem(answer, 401, "token_invalid")
    answer = await door.http.get("/v1/tracking/some-code", headers=bearer("hotline"))
    assert answer.status_code == 200


async def test_the_token_endpoint_reads_its_own_credentials(door: Door) -> None:
    answer = await door.http.post("/oauth/token", auth=("client", "secret"), data={"grant_type": "x"})
    assert answer.status_code == 200


async def test_an_error_is_told_in_english_when_asked_for(door: Door) -> None:
    english = (await door.http.get("/v1/areas", headers={"Accept-Language": "en-GB,en;q=0.9"})).json()
    chinese = (await door.http.get("/v1/areas", headers={"Accept-Language": "zh-CN"})).json()
    assert english["title"] == "A token is needed"
    assert chinese["title"] == "需要访问令牌"


async def test_keys_are_fetched_from_the_issuer(door: Door, tmp_path: Path) -> None:
    plan = replace(door.plan, listen=local(free_port()), admin=local(free_port()), keys=RemoteKeys())
    async with running(plan, tmp_path) as http:
        assert (await http.get("/v1/areas", headers=bearer("fetched"))).status_code == 200


async def test_an_issuer_that_is_down_is_no_fault_of_the_token(door: Door, tmp_path: Path) -> None:
    plan = replace(
        door.plan,
        listen=local(free_port()),
        admin=local(free_port()),
        gateway_app=local(free_port()),
        keys=RemoteKeys(),
    )
    async with running(plan, tmp_path) as http:
        answer = await http.get("/v1/areas", headers=bearer("early"))
        problem(answer, 503, "keys_unavailable")
        assert answer.headers["retry-after"] == "5"
