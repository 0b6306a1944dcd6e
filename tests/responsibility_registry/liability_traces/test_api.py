"""Traces on demand through HTTP: of an incident, a hazard, an order; by the data known then; and who sees none."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import text

from libs.common.clocks import now
from libs.common.ids import new_id
from libs.contracts.risk_grading import HazardFixedAtOnce
from tests.cluster import FreshDatabase
from tests.responsibility_registry.accountability.scene import FIRM, Scene, ahead
from tests.responsibility_registry.accountability.test_api import Doors, doors
from tests.responsibility_registry.accountability.test_cases import charging, order_of, rectified
from tests.responsibility_registry.stage import SYSTEM, hazard

TRACES = "/v1/liability-traces"


def asked(kind: str, about: UUID, **changed: object) -> dict[str, object]:
    return {"about_kind": kind, "about_id": str(about), "purpose": "核查"} | changed


async def traced(call: Doors, body: dict[str, object]) -> dict[str, Any]:
    """The trace with its document."""
    made = await call("auditor", TRACES, body)
    assert made.status_code == 201, made.text
    answer = await call("auditor", f"{TRACES}/{made.json()['id']}")
    assert answer.status_code == 200, answer.text
    shown: dict[str, Any] = answer.json()
    canonical = orjson.dumps(shown["document"], option=orjson.OPT_SORT_KEYS)
    assert shown["sha256"] == made.json()["sha256"] == hashlib.sha256(canonical).hexdigest()
    return shown


async def rows_of(there: Scene, event_type: str) -> int:
    async with there.town.database.unit_of_work(SYSTEM) as tx:
        asked_for = text("SELECT count(*) FROM timeline WHERE event_type = :type")
        return int(await tx.scalar(asked_for, {"type": f"responsibility_registry.liability_trace.{event_type}.v1"}))


async def test_an_order_is_traced_with_who_had_it_and_what_stood_open(fresh_database: FreshDatabase) -> None:
    async with doors(fresh_database) as call:
        order = await order_of(call.there, await charging(call.there, await call.there.workshop()))
        ahead(days=40)
        shown = await traced(call, asked("order", order.id))
        (standing,) = shown["document"]["orders"]
        assert standing["order"]["order_id"] == str(order.id)
        assert standing["days_overdue"] > 0
        assert shown["document"]["order"]["id"] == str(order.id)
        assert {link["answerer"]["who"] for link in shown["document"]["links"]} >= {FIRM.name}
        assert await rows_of(call.there, "made") == 1
        assert await rows_of(call.there, "looked_into") == 1


async def test_an_order_is_traced_by_what_was_known_then_and_not_by_what_came_later(
    fresh_database: FreshDatabase,
) -> None:
    async with doors(fresh_database) as call:
        hazard_id = await charging(call.there, await call.there.workshop())
        order, then = await order_of(call.there, hazard_id), now()
        ahead(days=1)
        await rectified(call.there, hazard_id)
        ahead(days=1)
        before = await traced(call, asked("order", order.id, as_of=then.isoformat()))
        after = await traced(call, asked("order", order.id))
        assert before["document"]["orders"][0]["order"]["done_at"] is None
        assert after["document"]["orders"][0]["order"]["done_at"] is not None
        assert before["later_rows"] > after["later_rows"]
        again = await traced(call, asked("order", order.id, as_of=then.isoformat()))
        assert again["sha256"] == before["sha256"]


async def test_a_hazard_is_traced_with_what_was_done_on_site_and_its_orders(fresh_database: FreshDatabase) -> None:
    async with doors(fresh_database) as call:
        hazard_id = await charging(call.there, None)
        order = await order_of(call.there, hazard_id)
        shown = await traced(call, asked("hazard", hazard_id))
        assert [one["order"]["order_id"] for one in shown["document"]["orders"]] == [str(order.id)]
        did = [entry["what"] for link in shown["document"]["links"] for entry in link["did"]]
        assert "inspected" in did
        assert shown["document"]["hazard"]["words"] == "charging on the ground floor"


async def test_a_hazard_that_no_order_came_of_is_traced_too(fresh_database: FreshDatabase) -> None:
    async with doors(fresh_database) as call:
        hazard_id, post = new_id(), call.there.town.posts["grid_post"]
        facts = hazard(description="a blocked exit")
        fixed = HazardFixedAtOnce(
            hazard=facts, verified_by=post, verified_at=now(), before_evidence=(new_id(),), after_evidence=(new_id(),)
        )
        await call.there.hear(fixed, hazard_id)
        shown = await traced(call, asked("hazard", hazard_id))
        assert shown["document"]["orders"] == []
        assert shown["document"]["chain"]["category"] == facts.category
        did = {entry["what"] for link in shown["document"]["links"] for entry in link["did"]}
        assert did >= {"inspected", "stopped_on_the_spot"}


async def test_an_incident_without_a_case_is_traced_as_of_its_clock_zero(fresh_database: FreshDatabase) -> None:
    async with doors(fresh_database) as call:
        at = ahead(hours=1)
        incident_id = await call.there.fire(at, kind="12A01")
        assert await call.there.case(incident_id) is None
        ahead(days=2)
        shown = await traced(call, asked("incident", incident_id))
        assert shown["document"]["incident"]["id"] == str(incident_id)
        assert shown["about_kind"] == "incident"
        assert await call.there.case(incident_id) is None


async def test_the_trace_of_a_case_is_shown_by_its_own_id(fresh_database: FreshDatabase) -> None:
    async with doors(fresh_database) as call:
        await call.there.sweep()
        (case,) = (await call("auditor", "/v1/accountability-cases")).json()["items"]
        of_case = (await call("auditor", f"/v1/accountability-cases/{case['id']}/trace")).json()
        shown = await call("auditor", f"{TRACES}/{case['trace_id']}")
        assert shown.json()["document"] == of_case["document"]
        assert (shown.json()["about_kind"], shown.json()["about_id"]) == ("case", case["id"])
        for who in ("grid", "elsewhere"):
            assert (await call(who, f"{TRACES}/{case['trace_id']}")).status_code == 404


async def test_who_neither_audits_nor_leads_there_makes_and_finds_none(fresh_database: FreshDatabase) -> None:
    async with doors(fresh_database) as call:
        hazard_id = await charging(call.there, await call.there.workshop())
        order = await order_of(call.there, hazard_id)
        made = (await call("auditor", TRACES, asked("hazard", hazard_id))).json()
        for who in ("grid", "elsewhere"):
            for kind, about in (("order", order.id), ("hazard", hazard_id), ("incident", new_id())):
                assert (await call(who, TRACES, asked(kind, about))).status_code == 404
            assert (await call(who, f"{TRACES}/{made['id']}")).status_code == 404
            assert (await call(who, TRACES)).json()["items"] == []
        assert (await call("bureau", f"{TRACES}/{made['id']}")).status_code == 200


async def test_impossible_instants_are_refused(fresh_database: FreshDatabase) -> None:
    async with doors(fresh_database) as call:
        hazard_id = await charging(call.there, await call.there.workshop())
        for instant in ("0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "1999-12-31T23:59:59Z"):
            for name in ("as_of", "known_at"):
                answer = await call("auditor", TRACES, asked("hazard", hazard_id, **{name: instant}))
                assert (answer.status_code, answer.json()["code"]) == (422, "instant_impossible")
        assert (await call("auditor", TRACES, asked("hazard", hazard_id, purpose=""))).status_code == 422
        later = (now() + timedelta(seconds=1)).isoformat()
        assert (await call("auditor", TRACES, asked("order", new_id(), as_of=later))).status_code == 404


async def test_a_repeat_makes_one_and_lists_are_filtered(fresh_database: FreshDatabase) -> None:
    async with doors(fresh_database) as call:
        hazard_id = await charging(call.there, await call.there.workshop())
        order = await order_of(call.there, hazard_id)
        first = await call("auditor", TRACES, asked("hazard", hazard_id), Idempotency_Key="k1")
        second = await call("auditor", TRACES, asked("hazard", hazard_id), Idempotency_Key="k1")
        assert first.json()["id"] == second.json()["id"]
        await call("auditor", TRACES, asked("order", order.id))
        for query, expected in (
            ("", 2), ("?about_kind=order", 1), (f"?about_id={hazard_id}", 1), ("?area_code=331002000000", 2),
            ("?area_code=331003000000", 0),
        ):  # fmt: skip
            assert len((await call("auditor", TRACES + query)).json()["items"]) == expected
        chosen = str(new_id())
        assert (await call("auditor", TRACES, asked("order", order.id, id=chosen))).status_code == 201
        assert (await call("auditor", TRACES, asked("order", order.id, id=chosen))).status_code == 409


async def test_a_reader_who_takes_part_is_not_blamed_with_the_auditors_look(fresh_database: FreshDatabase) -> None:
    async with doors(fresh_database) as call:
        order = await order_of(call.there, await charging(call.there, await call.there.workshop()))
        await traced(call, asked("order", order.id))
        async with call.there.town.database.unit_of_work(SYSTEM) as tx:
            read = text("SELECT count(*) FROM timeline WHERE event_type = 'responsibility_registry.order.read.v1'")
            assert await tx.scalar(read) == 0
