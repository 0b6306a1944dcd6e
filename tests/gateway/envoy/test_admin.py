"""The admin door tells how Envoy is, lets the operator drain it, and refuses the rest."""

import httpx

from tests.gateway.envoy.conftest import Door


async def test_the_admin_door_is_small(door: Door) -> None:
    admin = f"http://127.0.0.1:{door.plan.admin.port}"
    async with httpx.AsyncClient(base_url=admin, trust_env=False) as http:
        assert (await http.get("/ready")).status_code == 200
        active = await http.get("/stats?filter=http.front_door.downstream_rq_active")
        assert active.text.startswith("http.front_door.downstream_rq_active: ")
        assert (await http.get("/stats/prometheus?filter=quota")).status_code == 200
        for path in ("/quitquitquit", "/logging?level=trace", "/runtime_modify?a=b", "/cpuprofiler?enable=y"):
            assert (await http.post(path)).status_code == 403


async def test_the_operator_may_drain(door: Door) -> None:
    admin = f"http://127.0.0.1:{door.plan.admin.port}"
    async with httpx.AsyncClient(trust_env=False) as http:
        refused = await http.get(f"{admin}/drain_listeners?graceful&skip_exit")
    # Envoy knows the path and wants POST: it is not the allow list that says no.
    assert refused.status_code == 405
