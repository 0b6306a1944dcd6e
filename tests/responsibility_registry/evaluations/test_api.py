"""The doors of evaluations through HTTP: opened once for a key, shown to who may, drilled down, corrected."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import orjson

from libs.common.db import Tx
from libs.common.scope import Scope
from libs.common.tokens import Principal
from libs.common.web import create_service_app
from services.responsibility_registry import examples
from services.responsibility_registry.app import SERVICE
from tests.cluster import FreshDatabase
from tests.common.counter_service import runtime, token
from tests.responsibility_registry.evaluations.scene import AFTER, BEGAN, COUNTY, HERE, Scene, at, scene
from tests.responsibility_registry.stage import administrator

OPENED = {
    "name": "2027年一季度", "area_code": COUNTY, "pack_code": "area_safety", "body_kind": "areas",
    "among": "township", "first_day": "2027-01-01", "last_day": "2027-03-31",
}  # fmt: skip


@dataclass(slots=True)
class Doors:
    """Requests in somebody's name."""

    there: Scene
    client: httpx.AsyncClient

    async def __call__(self, who: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
        """GET, or POST where there is a body."""
        told = {"Authorization": f"Bearer {token(sub=who)}"} | {k.replace("_", "-"): v for k, v in headers.items()}
        if body is None:
            return await self.client.get(path, headers=told)
        told["Content-Type"] = "application/json"
        return await self.client.post(path, content=orjson.dumps(body), headers=told)


@asynccontextmanager
async def doors(fresh: FreshDatabase) -> AsyncIterator[Doors]:
    """The county of the scene behind the registry's doors."""
    async with scene(fresh) as there:
        callers = {
            kind: there.acting(kind) for kind in ("committee", "reviewer", "decider", "secretary", "neighbour")
        }
        callers["administrator"] = administrator()

        async def scope_of(tx: Tx, who: Principal, acting_post: UUID | None) -> Scope:
            del tx, acting_post
            return callers[who.subject]

        app = create_service_app(
            replace(runtime(there.town.database), scope_of=scope_of, ranges_of=SERVICE.ranges_of),
            SERVICE.routers,
            title=SERVICE.title,
        )
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
            yield Doors(there, client)


async def test_a_quarter_from_opening_to_a_correction_through_the_doors(fresh_database: FreshDatabase) -> None:
    async with doors(fresh_database) as call:
        pack = examples.EVALUATION_PACK | {"area_code": COUNTY, "minimum_sample": 1}
        assert (await call("secretary", "/v1/evaluation-packs", pack)).status_code == 403
        adopted = await call("administrator", "/v1/evaluation-packs", pack)
        assert (adopted.status_code, adopted.json()["number"]) == (201, 1)
        opened = await call("committee", "/v1/evaluations", OPENED, Idempotency_Key="the-quarter")
        again = await call("committee", "/v1/evaluations", OPENED, Idempotency_Key="the-quarter")
        assert (opened.status_code, again.json()["id"]) == (201, opened.json()["id"])
        assert again.headers["idempotency-replayed"] == "true"
        twice = await call("committee", "/v1/evaluations", OPENED)
        assert (twice.status_code, twice.json()["code"]) == (409, "evaluation_already_open")
        path = opened.headers["location"]
        late = await call.there.order(closed=BEGAN + timedelta(days=11))
        await call.there.order(closed=BEGAN)
        early = await call("committee", f"{path}/submit", {}, If_Match='"1"')
        assert (early.status_code, early.json()["code"]) == (409, "evaluation_period_not_over")
        at(AFTER)
        assert (await call("committee", f"{path}/submit", {})).status_code == 428
        submitted = await call("committee", f"{path}/submit", {}, If_Match='"1"')
        assert (submitted.json()["state"], submitted.json()["actions"]) == ("under_review", ["withdraw"])
        assert (await call("secretary", path)).status_code == 404
        own = await call("committee", f"{path}/publish", {}, If_Match="*")
        assert (own.status_code, own.json()["code"]) == (409, "another_must_review")
        stale = await call("reviewer", f"{path}/publish", {}, If_Match='"1"')
        assert (stale.status_code, stale.json()["current"]["version"]) == (412, 2)
        await call("reviewer", f"{path}/publish", {}, If_Match='"2"')
        (shown,) = (await call("secretary", "/v1/evaluation-publications")).json()["items"]
        here = next(one for one in shown["results"] if one["body"]["key"] == HERE)
        assert (here["figures"][0]["value"], here["score"], here["rank"]) == ("0.5000", "0.00", 1)
        published = f"/v1/evaluation-publications/{shown['id']}"
        asked = f"{published}/facts?body={HERE}&named=on_time_rate"
        facts = (await call("secretary", asked)).json()["items"]
        assert {one["id"] for one in facts} >= {str(late)}
        assert (await call("neighbour", asked)).status_code == 403
        said = {"body": HERE, "words": "不在本街道"}
        appeal = await call("secretary", f"{published}/appeals", said)
        assert (appeal.status_code, appeal.headers["location"]) == (
            201,
            f"/v1/evaluation-appeals/{appeal.json()['id']}",
        )
        decision = {"upheld": True, "exclude": [str(late)], "words": "属实"}
        where = f"{appeal.headers['location']}/decide"
        assert (await call("reviewer", where, decision, If_Match="*")).json()["code"] == "another_must_decide"
        decided = await call("decider", where, decision, If_Match='"1"')
        assert (decided.json()["state"], decided.json()["actions"]) == ("upheld", [])
        both = (await call("neighbour", f"/v1/evaluation-publications?evaluation_id={shown['evaluation_id']}")).json()
        assert [one["number"] for one in both["items"]] == [2, 1]
        assert (await call("secretary", "/v1/evaluation-appeals?state=upheld")).json()["items"][0][
            "decision"
        ] == "属实"


async def test_packs_weights_results_and_days_are_read_through_the_doors(fresh_database: FreshDatabase) -> None:
    async with doors(fresh_database) as call:
        (shipped,) = (await call("secretary", "/v1/evaluation-packs/shipped")).json()["items"]
        assert (await call("secretary", f"/v1/evaluation-packs/{shipped['id']}")).json() == shipped
        weights = await call("secretary", f"/v1/evaluation-packs/weights?code=area_safety&area_code={COUNTY}")
        assert {one["change_percent"] for one in weights.json()["items"]} == {None}
        assert (await call("secretary", "/v1/evaluation-packs")).json()["items"] == []
        path = (await call("committee", "/v1/evaluations", OPENED)).headers["location"]
        results = (await call("committee", f"{path}/results")).json()
        assert {one["standing"] for one in results["items"]} == {"too_few"}
        listed = await call("committee", f"/v1/evaluations?state=open&area_code={COUNTY}&pack_code=area_safety")
        assert [one["name"] for one in listed.json()["items"]] == ["2027年一季度"]
        empty = await call("committee", f"{path}/facts?body={HERE}&named=on_time_rate&numerator=true")
        assert empty.json() == {"items": [], "next": None}
        assert (await call("committee", f"{path}/facts?body=331002009000&named=on_time_rate")).status_code == 404
        ended = await call("committee", f"{path}/withdraw", {"reason": "周期有误"}, If_Match="*")
        assert (ended.json()["state"], ended.json()["actions"]) == ("withdrawn", [])
        days = (await call("secretary", f"/v1/days-since-major?area_code={COUNTY}")).json()
        assert (days["days"], days["worst_ordinal"]) == (None, 2)
