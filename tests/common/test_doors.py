"""Doors over a real database: one transaction an answer, and repeats that do nothing twice."""

import asyncio
from collections.abc import AsyncIterator
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import text

from libs.common import idempotency
from libs.common.ddl.http import PURGER
from libs.common.scope import Scope
from libs.common.web import ServiceApp
from tests.common.counter_service import client_of, token
from tests.common.note_service import ELSEWHERE, code, notes_app
from tests.common.plumbed import Plumbed


@pytest.fixture
async def app(plumbed: Plumbed) -> ServiceApp:
    return await notes_app(plumbed)


@pytest.fixture
async def client(app: ServiceApp) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(app) as here:
        yield here


@pytest.fixture
async def stranger(app: ServiceApp) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(app, token(sub="li")) as there:
        yield there


async def test_verb_commits_and_a_failing_one_leaves_nothing(client: httpx.AsyncClient) -> None:
    where = (await client.post("/v1/notes", json={"name": "a"})).headers["location"]
    assert (await client.get(where)).json()["name"] == "a"
    assert code(await client.post(f"{where}/twice")) == (503, "unavailable")
    answer = await client.get(where)
    assert (answer.json()["name"], answer.headers["etag"]) == ("a", '"1"')


async def test_out_of_scope_is_404_for_reading_and_changing(
    client: httpx.AsyncClient, stranger: httpx.AsyncClient
) -> None:
    where = (await client.post("/v1/notes", json={"name": "a"})).headers["location"]
    assert code(await stranger.get(where)) == (404, "not_found")
    answer = await stranger.post(f"{where}/rename", json={"name": "b"}, headers={"If-Match": '"1"'})
    assert code(answer) == (404, "not_found")


async def test_a_refusal_names_the_case_that_it_is_about_and_no_other(
    client: httpx.AsyncClient, stranger: httpx.AsyncClient
) -> None:
    made = await client.post("/v1/notes", json={"name": "a"})
    where, case = made.headers["location"], made.headers["correlation-id"]
    await client.post(f"{where}/rename", json={"name": "b"}, headers={"If-Match": '"1"'})
    stale = await client.post(f"{where}/rename", json={"name": "c"}, headers={"If-Match": '"1"'})
    assert (stale.status_code, stale.json()["correlation_id"], stale.headers["correlation-id"]) == (412, case, case)
    assert (await client.get(where)).headers["correlation-id"] == case
    for unknown in (await stranger.get(where), await client.get("/v1/notes?limit=0")):
        assert "correlation_id" not in unknown.json()
        assert "correlation-id" not in unknown.headers


async def test_stale_version_carries_what_is_there_now(client: httpx.AsyncClient) -> None:
    where = (await client.post("/v1/notes", json={"name": "a"})).headers["location"]
    await client.post(f"{where}/rename", json={"name": "b"}, headers={"If-Match": '"1"'})
    answer = await client.post(f"{where}/rename", json={"name": "c"}, headers={"If-Match": 'W/"1"'})
    assert code(answer) == (412, "stale_version")
    assert answer.json()["current"]["name"] == "b"
    assert answer.headers["etag"] == '"2"'


async def test_chosen_id_that_is_taken_answers_alike_whoever_owns_it(
    client: httpx.AsyncClient, stranger: httpx.AsyncClient
) -> None:
    body = {"id": str(uuid4()), "name": "a"}
    assert (await client.post("/v1/notes", json=body)).status_code == 201
    mine, theirs = await client.post("/v1/notes", json=body), await stranger.post("/v1/notes", json=body)
    assert code(mine) == code(theirs) == (409, "id_taken")
    assert mine.json() | {"request_id": ""} == theirs.json() | {"request_id": ""}


async def test_value_that_only_the_database_refuses_is_422(client: httpx.AsyncClient) -> None:
    assert code(await client.post("/v1/notes", json={"name": ""})) == (422, "unstorable_value")
    assert code(await client.post("/v1/notes", json={"name": "a", "rank": 2**40})) == (422, "unstorable_value")
    assert code(await client.post("/v1/notes", json={"name": "a", "area_code": "33"})) == (422, "unstorable_value")


async def test_repeat_with_the_same_key_does_nothing_twice(client: httpx.AsyncClient, plumbed: Plumbed) -> None:
    sent = {"json": {"name": "a"}, "headers": {"Idempotency-Key": '"key-1"'}}
    first = await client.post("/v1/notes", **sent)
    sent["headers"] = {"Idempotency-Key": "key-1"}
    again = await client.post("/v1/notes", **sent)
    assert (again.status_code, again.json(), again.headers["location"]) == (
        201, first.json(), first.headers["location"],
    )  # fmt: skip
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    assert await plumbed.superuser.fetchval("SELECT count(*) FROM notes") == 1


async def test_repeat_shows_the_resource_as_it_is_now(client: httpx.AsyncClient) -> None:
    key = {"Idempotency-Key": "key-2"}
    first = await client.post("/v1/notes", json={"name": "a"}, headers=key)
    where = first.headers["location"]
    renaming = {"If-Match": '"1"', "Idempotency-Key": "key-3"}
    for _ in range(2):
        answer = await client.post(f"{where}/rename", json={"name": "b"}, headers=renaming)
        assert (answer.status_code, answer.headers["etag"]) == (200, '"2"')
    again = await client.post("/v1/notes", json={"name": "a"}, headers=key)
    assert (again.json()["name"], again.headers["etag"]) == ("b", '"2"')


async def test_a_repeat_without_a_resource_is_answered_with_the_same_bytes(
    client: httpx.AsyncClient, plumbed: Plumbed
) -> None:
    key, rows = {"Idempotency-Key": "key-7"}, {"items": [{"name": "a"}, {"name": "b"}]}
    first, again = [await client.post("/v1/notes/import", json=rows, headers=key) for _ in range(2)]
    assert first.json() == {"created": 2, "updated": 0, "unchanged": 0, "faults": []}
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert again.headers["content-type"] == first.headers["content-type"]
    assert (again.headers["cache-control"], again.headers["idempotency-replayed"]) == ("no-store", "true")
    assert await plumbed.superuser.fetchval("SELECT count(*) FROM notes") == 2


async def test_the_body_of_a_resource_is_not_kept(client: httpx.AsyncClient, plumbed: Plumbed) -> None:
    await client.post("/v1/notes", json={"name": "a"}, headers={"Idempotency-Key": "key-8"})
    kept = await plumbed.superuser.fetchrow("SELECT resource_id, body FROM idempotency_keys")
    assert kept["resource_id"] is not None
    assert kept["body"] is None


async def test_key_belongs_to_its_caller_its_route_and_its_body(
    client: httpx.AsyncClient, stranger: httpx.AsyncClient
) -> None:
    key = {"Idempotency-Key": "key-4"}
    first = await client.post("/v1/notes", json={"name": "a"}, headers=key)
    answer = await client.post("/v1/notes", json={"name": "b"}, headers=key)
    assert code(answer) == (422, "idempotency_key_reused")
    other = await stranger.post("/v1/notes", json={"name": "c", "area_code": ELSEWHERE}, headers=key)
    assert other.status_code == 201
    where = first.headers["location"]
    renamed = await client.post(f"{where}/rename", json={"name": "a"}, headers=key | {"If-Match": "*"})
    assert renamed.json()["version"] == 2


async def test_refused_request_leaves_its_key_free(client: httpx.AsyncClient) -> None:
    taken = (await client.post("/v1/notes", json={"name": "a"})).json()["id"]
    key = {"Idempotency-Key": "key-5"}
    assert code(await client.post("/v1/notes", json={"id": taken, "name": "b"}, headers=key))[0] == 409
    assert (await client.post("/v1/notes", json={"name": "b"}, headers=key)).status_code == 201


@pytest.mark.parametrize("key", ["", '"', '"a', "a b", "é", "a" * 256, '""', '"a"; x=1', "a,b"])
async def test_malformed_key_is_refused(client: httpx.AsyncClient, key: str) -> None:
    headers = [("Idempotency-Key", key.encode("latin-1"))]
    answer = await client.post("/v1/notes", json={"name": "a"}, headers=headers)
    assert code(answer) == (400, "bad_idempotency_key")


async def test_repeat_while_the_first_runs_is_told_so_and_never_waits(plumbed: Plumbed) -> None:
    scope = Scope(subject="zhang", client_id="portal")
    claim = idempotency.Claim(key="k", route="POST /v1/notes", fingerprint=b"1")
    async with plumbed.app.unit_of_work(scope) as first:
        assert await idempotency.look_back(first, claim) is None
        with pytest.raises(idempotency.StillRunning):
            async with asyncio.timeout(5), plumbed.app.unit_of_work(scope) as second:
                await idempotency.look_back(second, claim)
        await idempotency.keep(first, claim, idempotency.Kept(status=200, resource_id=None, location=None))
    async with plumbed.app.unit_of_work(scope) as third:
        assert (await idempotency.look_back(third, claim)).status == 200


async def test_sixteen_at_once_with_one_key_do_it_once(client: httpx.AsyncClient, plumbed: Plumbed) -> None:
    key = {"Idempotency-Key": "key-6"}
    answers = await asyncio.gather(*(client.post("/v1/notes", json={"name": "a"}, headers=key) for _ in range(16)))
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert len({answer.json()["id"] for answer in answers if answer.status_code == 201}) == 1
    assert await plumbed.superuser.fetchval("SELECT count(*) FROM notes") == 1


async def test_keys_of_others_are_invisible_and_old_ones_are_forgotten(
    client: httpx.AsyncClient, plumbed: Plumbed
) -> None:
    for number in range(3):
        await client.post("/v1/notes", json={"name": "a"}, headers={"Idempotency-Key": f"old-{number}"})
    counted = text("SELECT count(*) FROM idempotency_keys")
    for scope in (Scope(subject="li", client_id="portal"), Scope(subject="zhang", client_id="app"),
                  Scope.of_system("sealer"), Scope.of_system(PURGER)):  # fmt: skip
        async with plumbed.app.unit_of_work(scope) as tx:
            assert await tx.scalar(counted) == 0
    await plumbed.superuser.execute(
        "UPDATE idempotency_keys SET expires_at = clock_timestamp() - interval '1 s' WHERE key <> 'old-2'"
    )
    again = await client.post("/v1/notes", json={"name": "b"}, headers={"Idempotency-Key": "old-0"})
    assert again.status_code == 201
    async with plumbed.app.unit_of_work(Scope.of_system(PURGER)) as tx:
        assert await idempotency.forget_expired(tx) == 1
    left = await plumbed.superuser.fetch("SELECT key FROM idempotency_keys ORDER BY key")
    assert [row["key"] for row in left] == ["old-0", "old-2"]
