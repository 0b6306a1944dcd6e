"""Whoever reads the access log learns what the operators need and nothing about a reporter."""

import json
from collections.abc import Callable
from pathlib import Path

from gateway.envoy.plan import EnvoyPlan
from tests.gateway.envoy.door import running
from tests.gateway.envoy.keys import bearer

SECRETS = ("KX3PQ7", "Authorization", "Bearer", "eyJ", "secret-query")


async def test_citizens_leave_neither_address_nor_code_in_the_log(
    plan_for: Callable[[Path], EnvoyPlan], tmp_path: Path
) -> None:
    plan = plan_for(tmp_path)
    async with running(plan, tmp_path) as http:
        told = {"User-Agent": "phone of a citizen", **bearer("citizens-app")}
        await http.post("/v1/reports", json={}, headers=told)
        await http.get("/v1/tracking/KX3PQ7?code=KX3PQ7")
        await http.get("/v1/%74racking/KX3PQ7")
        await http.get("/v1//Tracking%2FKX3PQ7")
        await http.get("/v1/reports/1", headers=bearer("official"))
        await http.get("/v1/areas?secret-query=1", headers=bearer("official"))
        await http.get("/oauth/authorize?state=secret-query")
    text = (tmp_path / "access.log").read_text()
    lines = [json.loads(line) for line in text.splitlines()]
    assert not [secret for secret in SECRETS if secret in text]
    assert len(lines) == 7
    citizens, official, signing_in = lines[:5], lines[5], lines[6]
    for line in citizens:
        assert not {"client_address", "client_id", "user_agent", "path"} & line.keys()
    assert citizens[0]["route"] == "/v1/reports"
    assert official["client_address"] == "127.0.0.1"
    assert official["client_id"] == "official"
    assert official["path"] == "/v1/areas"
    assert signing_in["path"] == "/oauth/authorize"
    assert official["status"] == 200
