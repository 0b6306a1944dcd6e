"""The doors of reports as a hostile client, a citizens' app and a call-taker meet them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import orjson
import pytest

from libs.common.db import Database, Tx
from libs.common.ids import new_id
from libs.common.problems import RoleMissing
from libs.common.scope import Grant, Scope
from libs.common.tokens import Principal
from libs.common.web import create_service_app
from services.public_reporting import examples
from services.public_reporting.app import SERVICE
from services.public_reporting.copies.model import area_copies
from services.public_reporting.reports import actions
from services.public_reporting.reports.actions_commands import Seen, Told
from services.public_reporting.reports.forms import DisputeIn
from services.public_reporting.reports.rules import Source
from services.public_reporting.reports.rules_findings import FiveItems
from tests.cluster import FreshDatabase
from tests.common.counter_service import runtime, token

TOWNSHIP, VILLAGE = "331002004000", "331002004208"
JSON = {"Content-Type": "application/json"}
ANY = {"If-Match": "*"}
GOOD: dict[str, Any] = {"words": "楼道里充电", "area_code": VILLAGE, "place_words": "3 幢 2 单元"}


def post_holder(subject: str, role: str, *sectors: str, area: str = TOWNSHIP) -> Scope:
    """Somebody with one post and one grant over the township; no sectors means every sector."""
    post = UUID(int=sum(subject.encode()))
    last = area.replace("000", "999") if area.endswith("000") else area
    grant = Grant(area_from=area, area_to=last, sectors=sectors or None, role=role, post_id=post)
    return Scope(subject=subject, client_id=subject, posts=frozenset({post}), grants=(grant,), post_id=post)


CALLERS = {
    "citizen": Scope(subject="citizen", client_id="citizen"),
    "call-taker": post_holder("call-taker", "call_taker"),
    "leader": post_holder("leader", "leader"),
    "inspector": post_holder("inspector", "inspector"),
    "fire-inspector": post_holder("fire-inspector", "inspector", "fire"),
}


async def scope_of(tx: Tx, who: Principal, acting_post: UUID | None) -> Scope:
    """The callers of these tests."""
    return CALLERS[who.subject]


class Caller:
    """Requests in somebody's name."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client

    async def __call__(self, who: str, method: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
        told = {"Authorization": f"Bearer {token(sub=who, client_id=who)}"} if who else {}
        told |= {name.replace("_", "-"): value for name, value in headers.items()}
        content = orjson.dumps(body) if isinstance(body, dict) else body
        if content is not None:
            told = JSON | told
        return await self.client.request(method, path, content=content, headers=told)

    async def reported(self, **fields: Any) -> tuple[str, str]:
        """The tracking code and the id of a citizen's report."""
        receipt = (await self("citizen", "POST", "/v1/reports", GOOD | fields)).json()
        (item,) = (await self("call-taker", "GET", "/v1/reports")).json()["items"]
        return receipt["tracking_code"], item["id"]


@pytest.fixture
async def database(fresh_database: FreshDatabase) -> AsyncIterator[Database]:
    """A city of one village."""
    kept = Database(fresh_database.url("public_reporting_app"), service="public_reporting", pool_size=2)
    async with kept.unit_of_work(Scope.of_system("test")) as tx:
        known = {"name": "沙北村", "level": "village", "valid_from": date(2020, 1, 1), "parent_code": TOWNSHIP}
        await tx.execute(area_copies.insert().values({"id": new_id(), "version": 1, "code": VILLAGE, **known}))
    yield kept
    await kept.close()


@pytest.fixture
async def call(database: Database) -> AsyncIterator[Caller]:
    """The doors over that city."""
    app = create_service_app(replace(runtime(database), scope_of=scope_of), SERVICE.routers, title=SERVICE.title)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://test") as client:
        yield Caller(client)


@pytest.mark.parametrize(
    ("fields", "pointer", "code"),
    [
        ({"words": "\u200b\u202e"}, "#/words", "blank"),
        ({"words": ""}, "#/words", "too_short"),
        ({"words": "x" * 2001}, "#/words", "too_long"),
        ({"words": None}, "#/words", "wrong_type"),
        ({"place_words": "\u3164"}, "#/place_words", "blank"),
        ({"place_words": ""}, "#/place_words", "required"),
        ({"category": "着火"}, "#/category", "wrong_form"),
        ({"name": "王"}, "#/name", "unknown_field"),
        ({"area_code": "331"}, "#/area_code", "wrong_form"),
        ({"area_code": "110000000000"}, "#/area_code", "outside_the_city"),
        ({"place": {"type": "Point", "coordinates": [121.4, 28.6], "crs": "GPS"}}, "#/place/crs", "unknown_value"),
        ({"place": {"lon": 181, "lat": 28.6}}, "#/place/lon", "too_large"),
        ({"place": {"lon": "121.4", "lat": 28.6}}, "#/place/lon", "wrong_type"),
        ({"place": {"type": "Point", "coordinates": [121.4]}}, "#/place", "invalid_value"),
        ({"photos": ["1"]}, "#/photos/0", "wrong_type"),
        ({"photos": [str(UUID(int=n)) for n in range(10)]}, "#/photos", "too_many"),
        ({"source": "mayor"}, "#/source", "unknown_value"),
    ],
)
async def test_a_report_that_does_not_do_is_refused_with_a_pointer(
    call: Caller, fields: dict[str, Any], pointer: str, code: str
) -> None:
    answer = await call("citizen", "POST", "/v1/reports", GOOD | fields)
    assert answer.status_code == 422, answer.text
    assert [(fault["pointer"], fault["code"]) for fault in answer.json()["errors"]] == [(pointer, code)]


@pytest.mark.parametrize(
    ("body", "headers", "status", "code"),
    [
        (orjson.dumps(GOOD), {"Content-Type": "text/plain"}, 415, "unsupported_media_type"),
        (orjson.dumps(GOOD), {"Content-Type": "multipart/form-data; boundary=x"}, 415, "unsupported_media_type"),
        (b'{"words":"a","words":"b"}', {}, 400, "duplicate_key"),
        (b'{"words":"' + b"a" * 1_100_000 + b'"}', {}, 413, "body_too_large"),
        (b"[" * 40 + b"]" * 40, {}, 400, "too_deep"),
        (b'{"words": NaN}', {}, 400, "invalid_json"),
        (b"[]", {}, 422, "invalid_body"),
        (b"", {}, 400, "empty_body"),
    ],
)
async def test_a_body_that_is_none_is_refused(
    call: Caller, body: bytes, headers: dict[str, str], status: int, code: str
) -> None:
    answer = await call("citizen", "POST", "/v1/reports", body, **headers)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


@pytest.mark.parametrize("guess", [{}, {"category": "dragon"}, {"category": "gas"}])
async def test_nobody_is_refused_for_guessing_wrong(call: Caller, guess: dict[str, str]) -> None:
    answer = await call("citizen", "POST", "/v1/reports", GOOD | guess)
    assert (answer.status_code, answer.headers["location"]) == (201, "/v1/tracking")
    assert set(answer.json()) == {
        "tracking_code", "state", "status_words", "received_at", "due_first_answer_at",
    }  # fmt: skip
    (seen,) = (await call("call-taker", "GET", "/v1/reports")).json()["items"]
    assert (seen["category"], seen["sectors"]) == (guess.get("category", "unknown"), [])
    decided = {"category": "unknown", "area_code": VILLAGE, "sectors": ["gas"]}
    path = f"/v1/reports/{seen['id']}/accept"
    refused = await call("call-taker", "POST", path, decided, **ANY)
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "#/category")
    accepted = await call("call-taker", "POST", path, decided | {"category": "gas"}, **ANY)
    assert (accepted.status_code, accepted.json()["category"]) == (200, "gas")


@pytest.mark.parametrize(
    ("fields", "pointer", "code"),
    [
        ({"category": "gsa"}, "#/category", "unknown_category"),
        ({"sectors": ["gas", "gsa"]}, "#/sectors/1", "unknown_sector"),
    ],
)
async def test_who_decides_uses_the_words_of_the_classification(
    call: Caller, fields: dict[str, Any], pointer: str, code: str
) -> None:
    """A word that nobody knows would hide the hazard from everybody."""
    decided: dict[str, Any] = {"category": "gas", "sectors": ["gas"]}
    _, report = await call.reported()
    finding = {"description": "软管老化", "is_major": False, "fix_at_once": True}
    on_the_spot = GOOD | {"source": "grid_member", "findings": [finding]} | decided
    for who, path, body in (
        ("call-taker", f"/v1/reports/{report}/accept", decided | {"area_code": VILLAGE}),
        ("inspector", "/v1/reports", on_the_spot),
    ):
        refused = await call(who, "POST", path, body | fields, **({} if body is on_the_spot else ANY))
        assert refused.status_code == 422, refused.text
        assert [(fault["pointer"], fault["code"]) for fault in refused.json()["errors"]] == [(pointer, code)]
    assert (await call("inspector", "POST", "/v1/reports", on_the_spot)).status_code == 201


async def test_before_triage_a_report_is_seen_by_who_triages_and_afterwards_by_every_sector(call: Caller) -> None:
    _, report = await call.reported()
    path = f"/v1/reports/{report}"
    assert [(await call(who, "GET", path)).status_code for who in ("call-taker", "leader", "citizen")] == [
        200,
        404,
        404,
    ]
    assert (await call("leader", "POST", f"{path}/answer", {"words_zh": "收到"}, **ANY)).status_code == 404
    await call(
        "call-taker", "POST", f"{path}/accept", {"category": "gas", "area_code": VILLAGE, "sectors": ["gas"]}, **ANY
    )
    assert (await call("leader", "GET", path)).json()["state"] == "accepted"
    assert (await call("fire-inspector", "GET", path)).status_code == 404


async def test_verbs_ask_for_the_version_and_tell_what_is_there_now(call: Caller) -> None:
    _, report = await call.reported()
    path, body = f"/v1/reports/{report}/reject", {"reason": "重复举报"}
    missing = await call("call-taker", "POST", path, body)
    stale = await call("call-taker", "POST", path, body, If_Match='"9"')
    assert (missing.status_code, stale.status_code) == (428, 412)
    assert stale.json()["current"]["version"] == 1
    done = await call("call-taker", "POST", path, body, If_Match='W/"1"')
    assert (done.status_code, done.json()["actions"]) == (200, ["answer"])
    again = (await call("call-taker", "POST", path, body, **ANY)).json()
    assert (again["status"], again["state"], again["open_moves"]) == (409, "rejected", ["answer"])


async def test_an_id_that_is_taken_answers_one_code_whoever_owns_it(call: Caller) -> None:
    mine = GOOD | {"id": str(new_id())}
    assert (await call("call-taker", "POST", "/v1/reports", mine)).status_code == 201
    taken = [await call(who, "POST", "/v1/reports", mine) for who in ("call-taker", "citizen")]
    assert [(answer.status_code, answer.json()["code"]) for answer in taken] == [(409, "id_taken")] * 2


async def test_a_citizens_app_speaks_for_residents_only(call: Caller) -> None:
    finding = {"description": "飞线", "is_major": False, "fix_at_once": True}
    for extra in ({"source": "hotline"}, {"exercise": True}, {"findings": [finding], "sectors": ["fire"]}):
        answer = await call("citizen", "POST", "/v1/reports", GOOD | extra)
        assert (answer.status_code, answer.json()["code"]) == (403, "source_needs_post")


async def test_what_is_found_on_the_spot_binds_no_sector_beyond_the_finders_own(database: Database) -> None:
    seen = Seen(
        description="飞线", is_major=False, fix_at_once=True, risk_object_id=None, before_evidence=(),
        after_evidence=(), five_items=FiveItems(),
    )  # fmt: skip
    told = Told(
        id=None, source=Source.GRID_MEMBER, category="ebike_charging", words="飞线充电", area_code=VILLAGE,
        place=None, place_words="3 幢", findings=(seen,), sectors=("fire", "gas"),
    )  # fmt: skip
    with pytest.raises(RoleMissing):
        async with database.unit_of_work(CALLERS["fire-inspector"]) as tx:
            await actions.receive(tx, told)
    async with database.unit_of_work(CALLERS["fire-inspector"]) as tx:
        received = await actions.receive(tx, replace(told, sectors=("fire",)))
    assert received.report.sectors == ("fire",)


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/v1/tracking/MZXW-6YTB", 404, "not_found"),
        ("/v1/tracking/--------", 404, "not_found"),
        ("/v1/tracking/short", 400, "invalid_parameter"),
        ("/v1/tracking/MZXW-6YTB?verbose=1", 400, "unknown_parameter"),
        ("/v1/tracking/MZXW%006YTB", 400, "bad_encoding"),
    ],
)
async def test_a_code_that_is_none_finds_nothing(call: Caller, path: str, status: int, code: str) -> None:
    answer = await call("", "GET", path)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_whoever_holds_the_code_sees_states_and_words_and_nothing_else(call: Caller) -> None:
    code, report = await call.reported()
    await call("call-taker", "POST", f"/v1/reports/{report}/answer", {"words_zh": "已派人查看"}, **ANY)
    seen = (await call("", "GET", f"/v1/tracking/{code.lower()}")).json()
    assert [one["words_zh"] for one in seen["replies"]] == ["已派人查看"]
    assert report not in str(seen)
    early = await call("", "POST", f"/v1/tracking/{code}/dispute", {"words": "没修好"})
    assert (early.status_code, early.json()["state"]) == (409, "received")


async def test_a_repeated_dispute_is_answered_as_the_first(call: Caller, fresh_database: FreshDatabase) -> None:
    code, report = await call.reported()
    await call(
        "call-taker",
        "POST",
        f"/v1/reports/{report}/accept",
        {"category": "gas", "area_code": VILLAGE, "sectors": ["gas"]},
        **ANY,
    )
    superuser = await asyncpg.connect(fresh_database.superuser_url)
    await superuser.execute("UPDATE public_reporting.reports SET state = 'fixed', fixed_at = now()")
    await superuser.close()
    key = {"Idempotency_Key": "0123456789abcdef0123456789abcdef"}
    path, body = f"/v1/tracking/{code}/dispute", {"words": "没修好"}
    first, second = [await call("", "POST", path, body, **key) for _ in range(2)]
    assert (first.status_code, first.json()["state"]) == (200, "disputed")
    assert second.json() == first.json()
    assert second.headers["idempotency-replayed"] == "true"
    other = await call("", "POST", path, {"words": "别的"}, **key)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")


async def test_lists_refuse_what_they_do_not_know(call: Caller) -> None:
    for query in ("state=lost", "category=着火", "area_code=33", "limit=501", "colour=red", "cursor=x"):
        assert (await call("call-taker", "GET", f"/v1/reports?{query}")).status_code == 400, query
    assert (await call("", "GET", "/v1/reports")).status_code == 401


async def test_the_examples_of_the_document_can_be_sent_as_they_stand(call: Caller) -> None:
    for move, example in (
        ("accept", examples.ACCEPT), ("reject", examples.REJECT), ("transfer", examples.TRANSFER),
        ("answer", examples.ANSWER),
    ):  # fmt: skip
        report = (await call("call-taker", "POST", "/v1/reports", examples.REPORT)).json()["id"]
        answer = await call("call-taker", "POST", f"/v1/reports/{report}/{move}", example, **ANY)
        assert answer.status_code == 200, answer.text
    assert DisputeIn.model_validate(examples.DISPUTE).words == examples.DISPUTE["words"]


async def test_every_body_shows_an_example(call: Caller) -> None:
    schemas = (await call("", "GET", "/openapi.json")).json()["components"]["schemas"]
    asked = ["AcceptIn", "AnswerIn", "DisputeIn", "RejectIn", "ReportIn", "TransferIn"]
    assert [name for name in asked if not schemas[name].get("examples")] == []
