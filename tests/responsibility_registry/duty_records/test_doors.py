"""The doors of pairings, duty records and missed periods."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from libs.common.clocks import now
from libs.common.ids import new_id
from tests.cluster import FreshDatabase
from tests.responsibility_registry.asking import asking
from tests.responsibility_registry.duty_records.yard import MONDAY, Yard, at, yard
from tests.responsibility_registry.stage import COUNTY, VILLAGE


@pytest.fixture
async def place(fresh_database: FreshDatabase) -> AsyncIterator[Yard]:
    async with yard(fresh_database) as made:
        yield made


def pairing(place: Yard, **changes: Any) -> dict[str, Any]:
    usual = {
        "kind": "vulnerable_home", "post_id": str(place.town.posts["township_deputy"]), "home_key": "H-7",
        "area_code": VILLAGE, "sectors": ["fire"], "valid_from": "2026-03-02", "document": "街道 15号",
    }  # fmt: skip
    return usual | changes


def visit(**changes: Any) -> dict[str, Any]:
    usual = {
        "kind": "visit", "area_code": VILLAGE, "done_at": (now() - timedelta(hours=2)).isoformat(), "words": "走访",
        "values": {"problems_found": 2}, "place": {"lon": 121.405, "lat": 28.615},
    }  # fmt: skip
    return usual | changes


async def test_a_pairing_is_begun_shown_and_ended(fresh_database: FreshDatabase, place: Yard) -> None:
    async with asking(fresh_database, place.head) as head:
        key = {"Idempotency-Key": str(new_id())}
        begun = await head.post("/v1/pairings", json=pairing(place), headers=key)
        again = await head.post("/v1/pairings", json=pairing(place), headers=key)
        assert (begun.status_code, again.json()) == (201, begun.json()), begun.text
        one = begun.json()
        assert (one["home_key"], one["rhythm"]["per"], one["actions"]) == ("", "month", ["end"])
        assert one["record_kinds"] == ["home_visit"]
        far = {"at": "9999-12-31T23:59:59Z"}
        for asked in ("/v1/pairings", f"/v1/duty-ledger/post/{one['post_id']}"):
            assert (await head.get(asked, params=far)).status_code in (400, 422)
        held = await head.post("/v1/pairings", json=pairing(place))
        assert (held.status_code, held.json()["code"]) == (409, "pairing_held")
        for changes in (
            {"home_key": "张三 家"},
            {"kind": "Friend"},
            {"valid_from": "9999-01-01"},
            {"sectors": ["no"]},
        ):
            assert (await head.post("/v1/pairings", json=pairing(place, **changes))).status_code == 422
        listed = await head.get("/v1/pairings", params={"area_code": COUNTY, "at": MONDAY.isoformat()})
        assert [row["id"] for row in listed.json()["items"]] == [one["id"]]
        kinds = (await head.get("/v1/pairings/kinds")).json()["kinds"]
        assert {"bureau_head_firm", "resident_supervisor"} <= {row["kind"] for row in kinds}
        path = f"/v1/pairings/{one['id']}"
        ends = {"at": "2026-06-30T16:00:00Z", "reason": "轮岗"}
        assert (await head.post(f"{path}/end", json=ends)).status_code == 428
        assert (await head.post(f"{path}/end", json=ends, headers={"If-Match": '"4"'})).status_code == 412
        ended = await head.post(f"{path}/end", json=ends, headers={"If-Match": '"1"'})
        assert (ended.json()["valid_to"], ended.json()["actions"]) == ("2026-06-30T16:00:00Z", [])
        twice = await head.post(f"{path}/end", json=ends, headers={"If-Match": '"2"'})
        assert (twice.status_code, twice.json()["code"]) == (409, "pairing_already_ended")
    async with asking(fresh_database, place.deputy) as deputy:
        assert (await deputy.get(path)).json()["home_key"] == "H-7"
        refused = await deputy.post(f"{path}/end", json=ends, headers={"If-Match": '"2"'})
        assert refused.status_code == 403


async def test_a_record_is_entered_corrected_and_withdrawn(fresh_database: FreshDatabase, place: Yard) -> None:
    async with asking(fresh_database, place.deputy) as deputy:
        key = {"Idempotency-Key": str(new_id())}
        done = visit()
        first = await deputy.post("/v1/duty-records", json=done, headers=key)
        again = await deputy.post("/v1/duty-records", json=done, headers=key)
        assert (first.status_code, again.json()) == (201, first.json()), first.text
        one = first.json()
        assert (one["place"]["coordinates"], one["late"]) == ([121.405, 28.615], False)
        assert one["actions"] == ["correct", "withdraw"]
        path = f"/v1/duty-records/{one['id']}"
        better = await deputy.post(f"{path}/correct", json=visit(words="走访两户"), headers={"If-Match": '"1"'})
        assert (better.status_code, better.json()["corrects"]) == (201, one["id"])
        assert better.headers["Location"] == f"/v1/duty-records/{better.json()['id']}"
        before = (await deputy.get(path)).json()
        assert (before["corrected_by"], before["words"], before["actions"]) == (better.json()["id"], "走访", [])
        stands = await deputy.post(f"{path}/withdraw", json={"reason": "误登"}, headers={"If-Match": '"2"'})
        assert (stands.status_code, stands.json()["code"]) == (409, "duty_record_stands")
        gone = await deputy.post(
            f"/v1/duty-records/{better.json()['id']}/withdraw", json={"reason": "误登"}, headers={"If-Match": '"1"'}
        )
        assert gone.json()["withdrawn_reason"] == "误登"
        late = await deputy.post("/v1/duty-records", json=visit(done_at=(now() - timedelta(hours=25)).isoformat()))
        assert late.json()["late"] is True
        listed = await deputy.get("/v1/duty-records", params={"late": "true", "kind": "visit", "area_code": COUNTY})
        assert [row["id"] for row in listed.json()["items"]] == [late.json()["id"]]
        told = await deputy.get("/v1/duty-records/fulfilment", params={"post_id": one["post_id"], "year": 2026})
        assert {row["duty_item"] for row in told.json()["duties"]} >= {"deputy_portfolio", "one_post_two_duties"}


async def test_what_cannot_be_is_refused_and_never_an_error(fresh_database: FreshDatabase, place: Yard) -> None:
    async with asking(fresh_database, place.deputy) as deputy:
        wrong: tuple[dict[str, Any], ...] = (
            {"values": {"problems_found": 2**62}}, {"values": {"problems_found": 1.5}},
            {"values": {"problems_found": None}},
            {"values": {f"f{number}": 1 for number in range(30)}}, {"values": {"坏": 1}}, {"values": {}},
            {"done_at": "0001-01-01T00:00:00Z"}, {"done_at": "9999-12-31T23:59:59Z"}, {"done_at": "2026-03-02"},
            {"serves": [0]}, {"serves": list(range(1, 40))}, {"words": ""}, {"area_code": "000000000000"},
            {"object_id": str(new_id())}, {"evidence": [str(new_id())] * 21}, {"duty_item": "no_such_duty"},
        )  # fmt: skip
        for changes in wrong:
            refused = await deputy.post("/v1/duty-records", json=visit(**changes))
            assert refused.status_code in (400, 422), (changes, refused.text)
        for missing in ({"pairing_id": str(new_id())}, {"grid_id": str(new_id())}):
            assert (await deputy.post("/v1/duty-records", json=visit(**missing))).status_code == 404
        for path in ("duty-records", "pairings", "missed-periods", "work-lists"):
            assert (await deputy.get(f"/v1/{path}", params={"cursor": "x"})).status_code == 400
        assert (await deputy.get(f"/v1/pairings/{new_id()}/periods")).status_code == 404
    nobody = replace(place.deputy, posts=frozenset(), post_id=None)
    async with asking(fresh_database, nobody) as client:
        assert (await client.post("/v1/duty-records", json=visit())).json()["code"] == "post_unsaid"


async def test_periods_and_what_was_missed_are_shown(fresh_database: FreshDatabase, place: Yard) -> None:
    held = await place.pair()
    at(MONDAY + timedelta(days=15))
    await place.sweep()
    async with asking(fresh_database, place.deputy) as deputy:
        shown = (await deputy.get(f"/v1/pairings/{held.id}/periods")).json()["periods"]
        assert [(one["state"], one["asked"], one["done"]) for one in shown] == [("missed", 1, 0), ("running", 1, 0)]
        missed = (await deputy.get("/v1/missed-periods", params={"pairing_id": str(held.id)})).json()["items"]
        assert [(one["kind"], one["post_vacant"]) for one in missed] == [("major_hazard_operating", False)]
        assert (shown[0]["begins_at"], missed[0]["begins_at"]) == ("2026-03-08T16:00:00Z", "2026-03-08T16:00:00Z")
