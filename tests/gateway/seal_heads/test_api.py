"""Daily heads of every chain: open to everybody, and honest about a chain that is away."""

from __future__ import annotations

from gateway.routes import SERVICES
from tests.gateway.running import Running
from tests.gateway.stub_service import stubbed

PATH = "/internal/seal-heads"


def head(service: str, day: str) -> dict[str, object]:
    said = {"day": day, "first_batch": 1, "last_batch": 2, "batches": 2, "algorithm": "v1-sha256"}
    return {"kind": "day", "service": service, **said, "root": "aa" * 32, "previous": "00" * 32, "chained": "bb" * 32}


async def test_the_newest_day_of_every_chain_comes_first_and_a_chain_that_is_away_is_named(gateway: Running) -> None:
    with stubbed(gateway) as services:
        for service in SERVICES[1:]:
            services.put(service, PATH, {"items": [head(service, "2026-10-12"), head(service, "2026-10-11")]})
        services.lose(SERVICES[0], PATH)
        listed = await gateway.http.get("/v1/seal-heads?days=7", headers=await gateway.bearer())
        open_ = await gateway.http.get("/.well-known/seal-heads.json")
        assert {request.url.params["limit"] for request in services.asked} == {"7", "31"}
        for service in SERVICES:
            services.lose(service, PATH)
        nobody = await gateway.http.get("/.well-known/seal-heads.json")
    assert (listed.status_code, open_.status_code, nobody.status_code) == (200, 200, 503)
    told = open_.json()
    assert [item["day"] for item in told["items"]] == ["2026-10-12"] * 3 + ["2026-10-11"] * 3
    assert [item["service"] for item in told["items"][:3]] == sorted(SERVICES[1:])
    assert told["missing"] == [{"service": SERVICES[0], "reason": "unreachable"}]
    assert open_.headers["cache-control"].startswith("public")
    assert (await gateway.http.get("/v1/seal-heads")).status_code == 401
    assert (await gateway.http.get("/v1/seal-heads?days=0", headers=await gateway.bearer())).status_code == 400
