"""Lists over a real database: pages that hold every row once, and feeds of changes that miss none."""

from collections.abc import AsyncIterator

import httpx
import pytest

from libs.common.scope import Scope
from libs.common.web import ServiceApp
from tests.common.counter_service import client_of
from tests.common.note_service import NoteIn, add_note, code, notes_app
from tests.common.plumbed import Plumbed


@pytest.fixture
async def app(plumbed: Plumbed) -> ServiceApp:
    return await notes_app(plumbed)


@pytest.fixture
async def client(app: ServiceApp) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(app) as here:
        yield here


async def test_pages_hold_every_row_once_while_rows_come_in(client: httpx.AsyncClient) -> None:
    made = [
        (await client.post("/v1/notes", json={"name": "a", "rank": number % 3})).json()["id"] for number in range(7)
    ]
    seen: list[str] = []
    cursor: str | None = None
    while True:
        asked = {"limit": "2"} | ({"cursor": cursor} if cursor else {})
        answer = (await client.get("/v1/notes", params=asked)).json()
        seen += [item["id"] for item in answer["items"]]
        await client.post("/v1/notes", json={"name": "late", "rank": 9})
        cursor = answer["next"]
        if cursor is None:
            break
    assert sorted(seen) == sorted(made)
    assert len(seen) == len(set(seen))


async def test_list_counts_only_when_asked(client: httpx.AsyncClient) -> None:
    for number in range(3):
        await client.post("/v1/notes", json={"name": str(number)})
    assert "count" not in (await client.get("/v1/notes")).json()
    exact = (await client.get("/v1/notes?count=exact&limit=1&name=1")).json()
    assert (exact["count"], len(exact["items"])) == (1, 1)
    assert (await client.get("/v1/notes?count=estimate&name=1")).json()["count"] >= 0
    assert code(await client.get("/v1/notes?count=roughly")) == (400, "invalid_parameter")
    for limit in ("0", "501", "many", "1e3"):
        assert code(await client.get(f"/v1/notes?limit={limit}")) == (400, "invalid_parameter")


async def test_cursor_of_another_list_is_refused(client: httpx.AsyncClient) -> None:
    for number in range(3):
        await client.post("/v1/notes", json={"name": "a", "rank": number})
    cursor = (await client.get("/v1/notes?limit=1")).json()["next"]
    assert (await client.get(f"/v1/notes?cursor={cursor}")).status_code == 200
    assert code(await client.get(f"/v1/notes?cursor={cursor}&name=a")) == (400, "bad_cursor")
    assert code(await client.get(f"/v1/notes/changes?after={cursor}")) == (400, "bad_cursor")
    assert code(await client.get("/v1/notes?cursor=é")) == (400, "bad_cursor")


async def test_changes_wait_for_transactions_that_commit_late(client: httpx.AsyncClient, plumbed: Plumbed) -> None:
    scope = Scope(subject="zhang", client_id="portal")
    async with plumbed.app.unit_of_work(scope) as late:
        early_id = (await add_note(late, NoteIn(name="late"))).id
        await client.post("/v1/notes", json={"name": "quick"})
        held_back = (await client.get("/v1/notes/changes")).json()
        assert (held_back["items"], held_back["more"]) == ([], False)
    found = (await client.get("/v1/notes/changes", params={"after": held_back["next"]})).json()
    assert [item["name"] for item in found["items"]] == ["late", "quick"]
    assert found["items"][0]["id"] == str(early_id)


async def test_changes_show_each_row_as_it_is_now_and_end_where_nothing_is_new(client: httpx.AsyncClient) -> None:
    first = await client.post("/v1/notes", json={"name": "a"})
    for name in "bcd":
        await client.post("/v1/notes", json={"name": name})
    page_one = (await client.get("/v1/notes/changes?limit=3")).json()
    assert ([item["name"] for item in page_one["items"]], page_one["more"]) == (["a", "b", "c"], True)
    await client.post(f"{first.headers['location']}/rename", json={"name": "z"}, headers={"If-Match": "*"})
    rest = (await client.get("/v1/notes/changes", params={"after": page_one["next"]})).json()
    assert ([item["name"] for item in rest["items"]], rest["more"]) == (["d", "z"], False)
    nothing = (await client.get("/v1/notes/changes", params={"after": rest["next"]})).json()
    assert nothing == {"items": [], "next": rest["next"], "more": False}


async def test_cursor_of_changes_ends_with_its_cluster(client: httpx.AsyncClient, plumbed: Plumbed) -> None:
    after = (await client.get("/v1/notes/changes")).json()["next"]
    await plumbed.superuser.execute(
        "INSERT INTO cluster_epochs (epoch, system_identifier, resumes_after, lost_until, reason, opened_by)"
        " VALUES (2, 1, 0, 0, 'restored', 'test')"
    )
    assert code(await client.get("/v1/notes/changes", params={"after": after})) == (410, "cursor_outlived")
    assert (await client.get("/v1/notes/changes")).status_code == 200
