"""The doors of enforcement facts through HTTP, and the migration with rows in it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from importlib import import_module
from typing import Any
from uuid import UUID

import httpx
import orjson
import pytest
from sqlalchemy import text

from libs.common.alembic.upgrade import downgrade, upgrade
from libs.common.db import Database, Tx
from libs.common.ids import new_id
from libs.common.scope import Scope
from libs.common.tokens import Principal
from libs.common.web import create_service_app
from services.responsibility_registry import examples_enforcement as examples
from services.responsibility_registry.app import SERVICE
from tests.cluster import FreshDatabase
from tests.common.counter_service import runtime, token
from tests.responsibility_registry.accountability.scene import auditor
from tests.responsibility_registry.enforcement.office import BUREAU, FIRM, Office, agency, day, office
from tests.responsibility_registry.stage import SYSTEM

FACTS = "/v1/enforcement-facts"
BODY = {**examples.FACT, "authority_code": BUREAU, "decided_on": day(3).isoformat(), "credit_code": FIRM}
_SCHEMA = "responsibility_registry"
_STEP = import_module(f"services.{_SCHEMA}.migrations.versions.0020_accountability_with_what_others_decided")


@dataclass(slots=True)
class Desk:
    """Requests in somebody's name."""

    office: Office
    client: httpx.AsyncClient

    async def __call__(self, who: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
        told = {"Authorization": f"Bearer {token(sub=who)}"} | {k.replace("_", "-"): v for k, v in headers.items()}
        if body is None:
            return await self.client.get(path, headers=told)
        told["Content-Type"] = "application/json"
        return await self.client.post(path, content=orjson.dumps(body), headers=told)


@asynccontextmanager
async def open_desk(fresh: FreshDatabase) -> AsyncIterator[Desk]:
    async with office(fresh) as made:
        callers = {"agency": agency(), "auditor": auditor(), "elsewhere": agency(area="331003")}

        async def scope_of(tx: Tx, who: Principal, acting_post: UUID | None) -> Scope:
            del tx, acting_post
            return callers[who.subject]

        app = create_service_app(
            replace(runtime(made.there.town.database), scope_of=scope_of, ranges_of=SERVICE.ranges_of),
            SERVICE.routers,
            title=SERVICE.title,
        )
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
            yield Desk(made, client)


@pytest.fixture
async def desk(fresh_database: FreshDatabase) -> AsyncIterator[Desk]:
    async with open_desk(fresh_database) as made:
        yield made


async def test_a_fact_is_entered_shown_corrected_and_revoked(desk: Desk) -> None:
    made = await desk("agency", FACTS, BODY, idempotency_key="one")
    assert (made.status_code, made.json()["actions"]) == (201, ["correct", "revoke"]), made.text
    path = made.headers["Location"]
    assert (await desk("agency", FACTS, BODY, idempotency_key="one")).headers["Idempotency-Replayed"] == "true"
    assert (await desk("agency", FACTS, BODY)).headers["Location"] == path
    differs = await desk("agency", FACTS, BODY | {"article": "第一百零三条"})
    assert (differs.status_code, differs.json()["code"]) == (409, "decision_differs")
    mended = {**examples.CORRECTION, "decided_on": BODY["decided_on"]}
    assert (await desk("agency", f"{path}/correct", mended)).status_code == 428
    assert (await desk("agency", f"{path}/correct", mended, if_match='"9"')).status_code == 412
    assert (await desk("agency", f"{path}/correct", mended, if_match='"1"')).json()["amount_fen"] == 4_500_000
    shown = (await desk("auditor", path)).json()
    assert (shown["actions"], [one["act"] for one in shown["entries"]]) == ([], ["corrected", "entered"])
    void = await desk("agency", f"{path}/revoke", examples.REVOCATION, if_match='"2"')
    assert (void.json()["void"], void.json()["actions"]) == (True, [])
    again = await desk("agency", f"{path}/revoke", examples.REVOCATION, if_match='"3"')
    assert (again.status_code, again.json()["code"]) == (409, "enforcement_fact_revoked")
    assert (await desk("elsewhere", path)).status_code == 404


async def test_a_persons_key_is_for_those_who_enter_and_is_no_filter(desk: Desk) -> None:
    key = "0af1" * 8
    held = {
        **{name: value for name, value in BODY.items() if name not in {"credit_code", "firm_name", "amount_fen"}},
        "kind": "detention", "person_key": key, "effective_from": BODY["decided_on"],
    }  # fmt: skip
    made = await desk("agency", FACTS, held)
    assert (made.status_code, made.json()["person_key"]) == (201, key), made.text
    seen = await desk("auditor", made.headers["Location"])
    assert (seen.json()["person_key"], key in seen.text) == ("", False)
    assert (await desk("agency", f"{FACTS}?person_key={key}")).status_code == 400
    for wrong in ("张三", "331002199001011234", "0AF1" * 8, "0af1" * 20):
        refused = await desk("agency", FACTS, held | {"person_key": wrong, "decision_number": "2"})
        assert refused.status_code == 422, wrong


async def test_lists_are_filtered_and_rows_of_an_import_are_told(desk: Desk) -> None:
    rows = [BODY, BODY | {"decision_number": "第2号", "decided_on": day(40).isoformat()}, BODY | {"kind": "reward",
            "decision_number": "第3号"}]  # fmt: skip
    done = await desk("agency", f"{FACTS}/import?good_rows=true", {"items": rows})
    assert (done.json()["created"], [(one["row"], one["code"]) for one in done.json()["faults"]]) == (
        2, [(2, "unknown_kind")],
    )  # fmt: skip
    assert (await desk("agency", f"{FACTS}/import", {"items": rows[:2]})).json()["unchanged"] == 2
    for query, many in (
        ("", 2), (f"?firm_id={FIRM}", 2), ("?kind=stop", 0), (f"?decided_until={day(10)}", 1), ("?void=true", 0),
        (f"?decided_from={day(10)}&area_code=331002000000", 1), (f"?authority_id={new_id()}", 0),
    ):  # fmt: skip
        found = await desk("auditor", f"{FACTS}{query}")
        assert len(found.json()["items"]) == many, query
    assert (await desk("elsewhere", FACTS)).json()["items"] == []


async def test_a_case_that_opened_on_penalties_says_so_and_is_traced(desk: Desk) -> None:
    for number, days in enumerate((0, 60, 120)):
        said = BODY | {"decision_number": f"第{number}号", "decided_on": day(days).isoformat()}
        assert (await desk("agency", FACTS, said)).status_code == 201
    await desk.office.there.sweep()
    (case,) = (await desk("auditor", "/v1/accountability-cases")).json()["items"]
    assert (case["incident_id"], case["state"], case["cause"]) == (None, "traced", "trigger")
    found = (await desk("auditor", f"/v1/accountability-cases/{case['id']}")).json()
    assert found["incident"] is None
    assert found["enforcement_fact_id"] == case["enforcement_fact_id"] is not None
    trace = (await desk("auditor", f"/v1/accountability-cases/{case['id']}/trace")).json()
    assert trace["document"]["enforcement_fact"]["number"] == "第0号"
    assert trace["document"]["chain"]["category"] == BODY["category"]


async def test_the_step_goes_down_and_up_again_with_rows_in_it(fresh_database: FreshDatabase) -> None:
    owner = fresh_database.url(f"{_SCHEMA}_owner")
    async with open_desk(fresh_database) as desk:
        for number in range(3):
            assert (await desk("agency", FACTS, BODY | {"decision_number": str(number)})).status_code == 201
        await desk.office.there.sweep()
    assert await downgrade(owner, _SCHEMA, to=_STEP.down_revision) == _STEP.down_revision
    assert await upgrade(owner, _SCHEMA) is not None
    # A pool of its own: what the one before had prepared is of columns that are gone.
    database = Database(fresh_database.url(f"{_SCHEMA}_app"), service=_SCHEMA, pool_size=2)
    try:
        async with database.unit_of_work(SYSTEM) as tx:
            assert await tx.scalar(text("SELECT count(*) FROM measures")) == 1
            assert await tx.scalar(text("SELECT count(*) FROM enforcement_facts")) == 0
    finally:
        await database.close()
