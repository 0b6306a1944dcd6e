"""Lists over a real database: pages that hold every row once, and feeds of changes that miss none."""

from collections.abc import AsyncIterator
from uuid import UUID

import httpx
import pytest

from libs.common.pagination import encode_cursor, unpack
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


_EPOCH = (
    "INSERT INTO cluster_epochs (epoch, system_identifier, resumes_after, lost_until, reason, opened_by)"
    " VALUES (2, 1, 0, $1, 'restored', 'test')"
)


async def changed(
    client: httpx.AsyncClient, after: str | None = None, limit: int = 50
) -> tuple[list[str], str, bool]:
    """Names that were written since, the next cursor, and whether there is more."""
    asked = {"limit": str(limit)} | ({"after": after} if after else {})
    answer = (await client.get("/v1/notes/changes", params=asked)).json()
    return [item["name"] for item in answer["items"]], answer["next"], answer["more"]


async def restore(plumbed: Plumbed) -> None:
    """What a logical restore looks like: ids far above this cluster's, and a new epoch."""
    await plumbed.superuser.execute(
        "UPDATE notes SET changed_in = (900000000000 + changed_in::text::bigint)::text::xid8"
    )
    await plumbed.superuser.execute(_EPOCH, 0)


async def test_changes_after_a_restore_show_what_earlier_epochs_wrote_and_what_is_new(
    client: httpx.AsyncClient, plumbed: Plumbed
) -> None:
    for name in "abc":
        await client.post("/v1/notes", json={"name": name})
    await restore(plumbed)
    await client.post("/v1/notes", json={"name": "new"})
    page_one, after, more = await changed(client, limit=2)
    assert (page_one, more) == (["new", "a"], True)
    rest, after, more = await changed(client, after)
    assert (rest, more) == (["b", "c"], False)
    await client.post("/v1/notes", json={"name": "newer"})
    latest, after, _ = await changed(client, after)
    assert latest == ["newer"]
    assert (await changed(client, after))[0] == []


async def test_a_cursor_of_an_earlier_epoch_goes_on(client: httpx.AsyncClient, plumbed: Plumbed) -> None:
    for name in "abc":
        await client.post("/v1/notes", json={"name": name})
    await plumbed.superuser.execute(
        "UPDATE notes SET changed_in = (900000000000 + changed_in::text::bigint)::text::xid8 WHERE name <> 'c'"
    )
    await plumbed.superuser.execute(_EPOCH, 0)
    _, seen, _ = await changed(client)
    await plumbed.superuser.execute("DELETE FROM cluster_epochs WHERE epoch = 2")
    as_of_epoch_one = encode_cursor(unpack(seen, "after")[0], [1, *unpack(seen, "after")[4:6], 0, str(UUID(int=0))])
    await plumbed.superuser.execute("UPDATE notes SET changed_in = '990000000000' WHERE name = 'c'")
    await plumbed.superuser.execute(_EPOCH, 0)
    await client.post("/v1/notes", json={"name": "new"})
    found, after, _ = await changed(client, as_of_epoch_one)
    assert found == ["new", "c"]
    assert (await changed(client, after))[0] == []


async def test_a_cursor_ends_where_a_restore_lost_what_it_had_shown(
    client: httpx.AsyncClient, plumbed: Plumbed
) -> None:
    _, after, _ = await changed(client)
    await plumbed.superuser.execute(_EPOCH, 7)
    assert code(await client.get("/v1/notes/changes", params={"after": after})) == (410, "cursor_outlived")
    assert (await client.get("/v1/notes/changes")).status_code == 200
