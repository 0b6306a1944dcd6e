"""The habits of every request: repeats, stale and missing versions, and citizens who leave no trail."""

import asyncio
import json
from hashlib import sha256
from uuid import UUID, uuid4

from tests.cluster import eventually
from tests.journeys.caller import Body, body_of
from tests.journeys.running import RunningCity
from tests.journeys.small_city import VILLAGE
from tests.journeys.stories import Posts, finding


def told(words: str) -> Body:
    """A report by a grid member, with what was found."""
    return {
        "source": "grid_member", "category": "ebike_charging", "words": words, "sectors": ["fire"],
        "area_code": VILLAGE, "findings": [finding()], "place_words": "楼梯口",
    }  # fmt: skip


def anonymous(words: str) -> Body:
    """A report by a resident."""
    return {"category": "ebike_charging", "words": words, "area_code": VILLAGE, "place_words": "楼下"}


async def test_a_repeat_under_the_same_key_does_nothing_twice(city: RunningCity) -> None:
    posts, key = await Posts.of(city), str(uuid4())
    body = told(f"重复提交 {key}")
    first = await posts.grid.ask("POST", "/v1/reports", body, key=key)
    again = await posts.grid.ask("POST", "/v1/reports", body, key=key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    assert (again.json()["id"], again.headers["location"]) == (first.json()["id"], first.headers["location"])
    listed = await posts.grid.list("/v1/reports")
    assert [one["id"] for one in listed if one["words"] == body["words"]] == [first.json()["id"]]
    hazards = await posts.police.until_listed("/v1/hazards", report_id=first.json()["id"])
    assert len(hazards) == 1


async def test_sixteen_at_once_under_one_key_make_one(city: RunningCity) -> None:
    posts, key = await Posts.of(city), str(uuid4())
    body = told(f"同时提交 {key}")
    answers = await asyncio.gather(*(posts.grid.ask("POST", "/v1/reports", body, key=key) for _ in range(16)))
    assert {answer.status_code for answer in answers} <= {201, 409}
    running = [answer for answer in answers if answer.status_code == 409]
    assert {answer.json()["code"] for answer in running} <= {"still_running"}
    assert all(answer.headers["retry-after"] for answer in running)
    made = {answer.json()["id"] for answer in answers if answer.status_code == 201}
    rows = "SELECT 1 FROM outbox WHERE aggregate_id = $1 AND aggregate_version = 1"
    assert len(made) == 1
    assert len(await city.rows("public_reporting", rows, UUID(made.pop()))) == 1


async def test_the_same_key_for_another_body_is_refused(city: RunningCity) -> None:
    posts, key = await Posts.of(city), str(uuid4())
    await posts.grid.ask("POST", "/v1/reports", told("第一份"), key=key)
    answer = await posts.grid.ask("POST", "/v1/reports", told("第二份"), key=key)
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")


async def test_a_key_belongs_to_who_uses_it(city: RunningCity) -> None:
    posts, key = await Posts.of(city), str(uuid4())
    body = told("同一个键,两个人")
    mine = await posts.grid.ask("POST", "/v1/reports", body, key=key)
    others = await posts.patrol.ask("POST", "/v1/reports", body, key=key)
    assert (mine.status_code, others.status_code) == (201, 201)
    assert mine.json()["id"] != others.json()["id"]


async def test_a_verb_repeated_after_everything_moved_on_answers_and_does_nothing(city: RunningCity) -> None:
    posts, key = await Posts.of(city), str(uuid4())
    case = await posts.find_on_the_spot()
    path, tag = f"{case.order_path}/serve", f'"{case.order["version"]}"'
    first = await posts.police.ask("POST", path, {"words": "送达"}, key=key, tag=tag)
    await posts.rectify(case)
    again = await posts.police.ask("POST", path, {"words": "送达"}, key=key, tag=tag)
    assert (first.status_code, again.status_code) == (200, 200)
    assert (first.json()["state"], again.json()["state"]) == ("served", "rectified")
    assert again.headers["idempotency-replayed"] == "true"


async def test_a_change_needs_the_version_that_was_seen(city: RunningCity) -> None:
    posts = await Posts.of(city)
    case = await posts.find_on_the_spot()
    path = f"{case.order_path}/serve"
    missing = await posts.police.ask("POST", path, {})
    assert (missing.status_code, missing.json()["code"]) == (428, "if_match_required")
    await posts.serve(case)
    stale = await posts.police.ask("POST", path, {}, tag='"1"')
    assert (stale.status_code, stale.json()["code"]) == (412, "stale_version")
    assert stale.json()["current"]["state"] == "served"
    assert stale.headers["etag"] == f'"{case.order["version"]}"'
    wrong = await posts.police.ask("POST", path, {}, tag=f'W/"{case.order["version"]}"')
    assert (wrong.status_code, wrong.json()["code"], wrong.json()["state"]) == (409, "order_cannot_move", "served")
    assert "rectify" in wrong.json()["open_moves"]


async def test_tags_survive_compression(city: RunningCity) -> None:
    posts = await Posts.of(city)
    case = await posts.find_on_the_spot()
    gzip = {"Accept-Encoding": "gzip"}
    seen = await posts.police.ask("GET", case.order_path, headers=gzip)
    assert seen.headers["etag"] == f'"{case.order["version"]}"'
    known = await posts.police.ask("GET", case.order_path, headers=gzip | {"If-None-Match": seen.headers["etag"]})
    assert known.status_code == 304


async def test_an_id_of_the_clients_own_makes_an_offline_draft_safe(city: RunningCity) -> None:
    posts, own = await Posts.of(city), str(uuid4())
    first = await posts.grid.ask("POST", "/v1/reports", told("离线草稿") | {"id": own})
    again = await posts.patrol.ask("POST", "/v1/reports", told("离线草稿") | {"id": own})
    assert first.json()["id"] == own
    assert (again.status_code, again.json()["code"]) == (409, "id_taken")


async def test_a_tracking_code_is_no_id_and_kept_as_a_hash_only(city: RunningCity) -> None:
    posts, words = await Posts.of(city), f"匿名举报 {uuid4()}"
    answer = await posts.citizens.ask(
        "POST",
        "/v1/reports",
        {"category": "ebike_charging", "words": words, "area_code": VILLAGE, "place_words": "楼下"},
    )
    receipt, report = body_of(answer, 201), await posts.newest_report(words)
    assert report["id"] not in answer.text + str(answer.headers)
    assert answer.headers["location"] == "/v1/tracking"
    code = receipt["tracking_code"]
    [kept] = await city.rows("public_reporting", "SELECT * FROM reports WHERE words = $1", words)
    assert kept["tracking_hash"] == sha256(code.replace("-", "").encode()).hexdigest()
    assert code not in str(dict(kept))
    tracked = await city.nobody().get(f"/v1/tracking/{code}")
    assert report["id"] not in str(tracked)
    guessed = await city.nobody().ask("GET", f"/v1/tracking/{report['id']}")
    assert guessed.status_code in (400, 404)


async def test_the_logs_know_no_citizen(city: RunningCity) -> None:
    posts, words = await Posts.of(city), f"不留痕迹 {uuid4()}"
    request = {"X-Request-Id": f"citizen-{uuid4()}", "User-Agent": "a-very-special-phone"}
    answer = await posts.citizens.ask("POST", "/v1/reports", anonymous(words), headers=request)
    code = answer.json()["tracking_code"]
    tracked = {"X-Request-Id": f"tracking-{uuid4()}", "User-Agent": "a-very-special-phone"}
    await city.nobody().ask("GET", f"/v1/tracking/{code}", headers=tracked)
    logs = city.platform.settings.home / "logs"
    ids = [request["X-Request-Id"], tracked["X-Request-Id"]]

    def both_logged() -> bool:
        text = (logs / "envoy.log").read_text()
        return all(one in text for one in ids)

    await eventually(both_logged, seconds=15, what="Envoy's own lines")
    lines = [
        json.loads(line)
        for path in logs.glob("*.log")
        for line in path.read_text().splitlines()
        if any(one in line for one in ids)
    ]
    assert len(lines) >= 2
    for secret in ("127.0.0.1", "a-very-special-phone", code, words):
        assert all(secret not in json.dumps(line, ensure_ascii=False) for line in lines), secret
    assert all(words not in path.read_text() and code not in path.read_text() for path in logs.glob("*.log"))
