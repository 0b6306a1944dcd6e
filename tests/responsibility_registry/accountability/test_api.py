"""The doors of accountability through HTTP: cases with triggers, the trace, decisions, and who sees none of it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import httpx
import orjson
import pytest

from libs.common.db import Tx
from libs.common.scope import Scope
from libs.common.tokens import Principal
from libs.common.web import create_service_app
from libs.contracts.emergency_command import Casualties
from services.responsibility_registry.app import SERVICE
from tests.cluster import FreshDatabase
from tests.common.counter_service import runtime, token
from tests.responsibility_registry.accountability.scene import Scene, ahead, auditor, scene

CASES = "/v1/accountability-cases"
STOP = {"decision": "accepted", "words": "停产整顿", "starts_on": "2026-12-04"}


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
    """A fire in a firm that killed one, counted and traced, behind the registry's doors."""
    async with scene(fresh) as there:
        callers = {
            "auditor": auditor(), "bureau": there.as_authority("county_emergency_bureau"),
            "grid": there.town.acting("grid_post", role="grid_member"),
            "elsewhere": auditor("331003000000", "331003999999"),
        }  # fmt: skip

        async def scope_of(tx: Tx, who: Principal, acting_post: UUID | None) -> Scope:
            del tx, acting_post
            return callers[who.subject]

        app = create_service_app(
            replace(runtime(there.town.database), scope_of=scope_of, ranges_of=SERVICE.ranges_of),
            SERVICE.routers,
            title=SERVICE.title,
        )
        await there.fire(ahead(hours=1), risk_object_id=await there.workshop(), casualties=Casualties(dead=1))
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
            yield Doors(there, client)


async def case_path(call: Doors) -> str:
    (case,) = (await call("auditor", CASES)).json()["items"]
    return f"{CASES}/{case['id']}"


async def test_a_case_shows_its_incident_with_its_level_and_every_trigger(fresh_database: FreshDatabase) -> None:
    async with doors(fresh_database) as call:
        path = await case_path(call)
        await call.there.sweep()
        answer = await call("auditor", path)
        shown = answer.json()
        assert (shown["state"], shown["actions"], answer.headers["etag"]) == ("traced", ["trace", "conclude"], '"2"')
        assert shown["incident"]["level"] == {
            "ordinal": 4, "colour": "blue", "scale": "incident", "label": {"zh": "一般", "en": "ordinary"},
        }  # fmt: skip
        met = {one["trigger"]: one["met"] for one in shown["triggers"]}
        assert met == {
            "three_fires_one_quarter": False,
            "firm_with_a_fire": True,
            "county_police_veto": False,
            "serious_accidents_talk": False,
        }
        listed = (await call("auditor", f"{CASES}?state=traced&cause=harm&area_code=331002000000")).json()
        assert [one["id"] for one in listed["items"]] == [shown["id"]]


async def test_the_trace_is_shown_with_a_hash_that_anybody_can_compute(fresh_database: FreshDatabase) -> None:
    async with doors(fresh_database) as call:
        path = await case_path(call)
        early = await call("auditor", f"{path}/trace")
        assert (early.status_code, early.json()["code"], early.json()["open_moves"]) == (
            409,
            "case_not_traced",
            ["trace"],
        )
        await call.there.sweep()
        shown = (await call("auditor", f"{path}/trace")).json()
        written = json.dumps(shown["document"], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        assert hashlib.sha256(written.encode()).hexdigest() == shown["sha256"]
        again = await call("auditor", f"{path}/trace", {}, If_Match='"2"')
        assert (again.status_code, again.json()["version"]) == (200, 3)
        newest = (await call("auditor", f"{path}/trace")).json()
        assert [one["sha256"] for one in newest["earlier"]] == [newest["sha256"]]


async def test_a_decision_is_entered_by_the_authority_alone(fresh_database: FreshDatabase) -> None:
    async with doors(fresh_database) as call:
        await call.there.sweep()
        path = f"{await case_path(call)}/measures"
        measures = {one["kind"]: one for one in (await call("auditor", path)).json()["items"]}
        stop = f"{path}/{measures['production_stopped']['id']}"
        assert (measures["production_stopped"]["actions"], measures["production_stopped"]["in_force"]) == ([], False)
        assert (await call("bureau", stop)).json()["actions"] == ["decide"]
        unasked = await call("bureau", f"{stop}/decide", STOP)
        assert unasked.status_code == 428
        forbidden = await call("auditor", f"{stop}/decide", STOP, If_Match='"1"')
        assert (forbidden.status_code, forbidden.json()["code"]) == (403, "role_missing")
        office = f"{path}/{measures['firm_listed']['id']}/decide"
        refused = await call("bureau", office, STOP, If_Match='"1"')
        assert (refused.status_code, refused.json()["code"]) == (422, "not_the_authority")
        decided = await call("bureau", f"{stop}/decide", STOP, If_Match='"1"')
        assert (decided.status_code, decided.json()["state"], decided.json()["last_day"]) == (
            200,
            "accepted",
            "2027-01-03",
        )
        twice = await call("bureau", f"{stop}/decide", STOP, If_Match="*")
        assert (twice.status_code, twice.json()["state"]) == (409, "accepted")
        objected = await call("bureau", f"{stop}/object", {"objection": "not ours"}, If_Match='"2"')
        assert objected.json()["actions"] == ["revoke", "renew"]
        revoked = await call("bureau", f"{stop}/revoke", {"words": "upheld"}, If_Match='"3"')
        assert (revoked.json()["state"], revoked.json()["version"]) == ("revoked", 4)


@pytest.mark.parametrize("who", ["grid", "elsewhere"])
async def test_to_all_others_there_is_no_case(fresh_database: FreshDatabase, who: str) -> None:
    async with doors(fresh_database) as call:
        await call.there.sweep()
        path = await case_path(call)
        measure = (await call("auditor", f"{path}/measures")).json()["items"][0]["id"]
        assert (await call(who, CASES)).json()["items"] == []
        for hidden in (path, f"{path}/trace", f"{path}/measures", f"{path}/measures/{measure}"):
            assert (await call(who, hidden)).status_code == 404
        for verb, body in (("trace", {}), ("conclude", {"conclusion": "x"}), (f"measures/{measure}/decide", STOP)):
            assert (await call(who, f"{path}/{verb}", body, If_Match="*")).status_code == 404
