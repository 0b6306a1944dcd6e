"""The whole front door: a real Envoy before the real gateway app, with keys that Envoy fetches by itself."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text

from gateway.envoy.plan import Address, EnvoyPlan, RemoteKeys
from gateway.jose import peek
from gateway.routes import SERVICES
from gateway.signing.actions import rotate_keys, sign
from gateway.signing.rules import PUBLISHED_BEFORE, SIGNS_FOR
from gateway.tokens.rules import Granted, TokenLife, claims
from infra.ports import free_port
from libs.common.clocks import system_now
from libs.common.ids import new_id
from libs.common.keys import JwksKeys
from libs.common.scope import Scope
from libs.common.tokens import TokenVerifier
from tests.cluster import Cluster, eventually
from tests.gateway.envoy.door import running
from tests.gateway.running import ADMINISTRATOR, SECRET, Running, running_gateway

_AGED = text(
    "UPDATE signing_keys SET published_at = published_at - CAST(:by AS interval),"
    " signs_from = signs_from - CAST(:by AS interval)"
)


@dataclass
class FrontDoor:
    """Envoy's client, and the app behind it."""

    http: httpx.AsyncClient
    behind: Running

    async def bearer(self) -> dict[str, str]:
        """A token that was asked for through the door."""
        form = {"grant_type": "client_credentials"}
        answer = await self.http.post("/oauth/token", data=form, auth=(ADMINISTRATOR, SECRET))
        return {"Authorization": f"Bearer {answer.json()['access_token']}"}


@pytest.fixture(scope="module")
async def front(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[FrontDoor]:
    folder: Path = tmp_path_factory.mktemp("front")
    port = free_port()
    issuer = f"http://127.0.0.1:{port}"
    async with cluster.fresh_database() as database, running_gateway(database, issuer=issuer) as app:
        own = Address(host="127.0.0.1", port=httpx.URL(app.url).port or 0)
        nobody = Address(host="127.0.0.1", port=free_port())
        plan = EnvoyPlan(
            listen=Address(host="127.0.0.1", port=port),
            admin=Address(host="127.0.0.1", port=free_port()),
            gateway_app=own,
            services=dict.fromkeys(SERVICES, nobody),
            issuer=issuer,
            keys=RemoteKeys(cache_seconds=1),
            access_log=str(folder / "access.log"),
        )
        async with running(plan, folder) as http:
            yield FrontDoor(http, app)


async def test_a_token_got_through_the_door_opens_it(front: FrontDoor) -> None:
    answer = await front.http.get("/v1/clients", headers=await front.bearer())
    assert answer.status_code == 200
    assert ADMINISTRATOR in {one["client_id"] for one in answer.json()["items"]}
    assert answer.headers["ratelimit-policy"].startswith('"client"')


async def test_one_request_has_one_id(front: FrontDoor) -> None:
    headers = {**await front.bearer(), "X-Request-Id": "from-the-caller"}
    for path in ("/v1/clients", "/v1/clients/not-an-id", "/v1/areas"):
        answer = await front.http.get(path, headers=headers)
        assert answer.headers.get_list("x-request-id") == ["from-the-caller"]


async def test_the_tag_of_a_client_comes_through_and_goes_back(front: FrontDoor) -> None:
    headers = {**await front.bearer(), "Accept-Encoding": "gzip"}
    made = await front.http.get("/v1/clients", headers=headers)
    path = f"/v1/clients/{made.json()['items'][0]['id']}"
    seen = await front.http.get(path, headers=headers)
    assert seen.headers["etag"] == '"1"'
    again = await front.http.get(path, headers={**headers, "If-None-Match": seen.headers["etag"]})
    assert again.status_code == 304


async def test_oauths_errors_pass_the_door_as_they_are(front: FrontDoor) -> None:
    form = {"grant_type": "client_credentials"}
    answer = await front.http.post("/oauth/token", data=form, auth=(ADMINISTRATOR, "wrong"))
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    assert answer.headers["www-authenticate"].startswith("Basic ")


async def test_a_service_that_is_away_is_a_problem_and_the_documents_stay(front: FrontDoor) -> None:
    away = await front.http.get("/v1/areas", headers=await front.bearer())
    assert (away.status_code, away.json()["code"]) == (503, "service_unavailable")
    assert (await front.http.get("/docs")).status_code == 200
    assert (await front.http.get("/openapi.json")).json()["paths"]
    assert (await front.http.get("/health/live")).json()["status"] == "live"
    assert (await front.http.get("/")).headers["location"] == "/docs"


async def test_what_is_internal_stays_inside(front: FrontDoor) -> None:
    for path in ("/metrics", "/internal/traces/6f0f63a3-4c0c-5d0e-9a40-1a52a3a1f6de"):
        answer = await front.http.get(path, headers=await front.bearer())
        assert (answer.status_code, answer.json()["code"]) == (404, "no_such_path")


async def test_head_and_wrong_methods_are_answered_by_the_app(front: FrontDoor) -> None:
    headers = await front.bearer()
    head = await front.http.head("/v1/clients", headers=headers)
    assert (head.status_code, head.content) == (200, b"")
    wrong = await front.http.delete("/v1/clients", headers=headers)
    assert (wrong.status_code, wrong.json()["code"]) == (405, "method_not_allowed")
    assert "POST" in wrong.headers["allow"]


async def test_a_new_signing_key_reaches_the_door_before_it_signs_and_the_old_one_stays(front: FrontDoor) -> None:
    old, at = await front.bearer(), system_now()
    settings, database = front.behind.settings, front.behind.app.state.runtime.database
    life = TokenLife(issuer=settings.issuer, audience=settings.audience, seconds=600)
    granted = Granted(subject=ADMINISTRATOR, client_id=ADMINISTRATOR, scope="shoutu")
    async with database.unit_of_work(Scope.of_system("test")) as tx:
        await tx.execute(_AGED, {"by": SIGNS_FOR - PUBLISHED_BEFORE})
        await rotate_keys(tx, settings.seals, at)
        said = claims(life, granted, token_id=new_id(), at=at)
        signed = await sign(tx, settings.seals, said, at + PUBLISHED_BEFORE)
        again = await sign(tx, settings.seals, said, at)
    assert peek(signed).kid != peek(again).kid
    fresh = {"Authorization": f"Bearer {signed}"}

    # A service asks for an unknown key once in a while; one that starts now asks at once.
    keys = JwksKeys(settings.jwks_url)
    verifier = TokenVerifier(issuer=settings.issuer, audience=settings.audience, keys=keys)
    front.behind.app.runtime = replace(front.behind.app.runtime, tokens=verifier)

    async def is_let_in() -> bool:
        return (await front.http.get("/v1/clients", headers=fresh)).status_code == 200

    await eventually(is_let_in, seconds=10, what="the new key at the door, without a restart")
    assert (await front.http.get("/v1/clients", headers=old)).status_code == 200
