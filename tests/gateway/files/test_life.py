"""What time does to files: unused ones end with their bytes, missing ones are told, unfinished uploads cleared."""

import asyncio
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from gateway.files import actions_end
from gateway.files.actions import LIFE
from gateway.files.watch import watches
from libs.common.ids import new_id
from libs.common.scope import Scope
from libs.common.watches import sweep_all
from tests.gateway import uploads
from tests.gateway.files.conftest import Caller, refer
from tests.gateway.files.test_fetching import report
from tests.gateway.files.test_uploads import begin, part
from tests.gateway.running import Running


async def sweep(gateway: Running) -> None:
    """Every sweep of files until none moves anything more."""
    await sweep_all(gateway.app.runtime.database, watches(gateway.app.state.files))


async def stored(gateway: Running, of: str) -> list[Path]:
    """What lies in the store under an upload."""
    store = gateway.settings.home.resolve() / "files" / "store"
    return await asyncio.to_thread(lambda: [path for path in store.glob(f"*/{of}/*") if path.is_file()])


async def row(gateway: Running, sql: str, *values: Any) -> Any:
    async with gateway.app.runtime.database.unit_of_work(Scope.of_system("test")) as tx:
        return await tx.ask(sql, *values)


async def upload_of(gateway: Running, file_id: str) -> str:
    found = await row(gateway, "SELECT upload_id FROM files WHERE id = $1", file_id)
    return str(found["upload_id"])


async def test_what_nothing_refers_to_goes_and_what_is_referred_to_stays(
    gateway: Running, sender: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    unused, used = await sender.sent(uploads.jpeg((180, 90))), await sender.sent(uploads.jpeg((190, 90)))
    await refer(gateway, report(used["id"]))
    await sweep(gateway)
    assert (await sender.get(f"/v1/files/{unused['id']}")).json()["state"] == "kept"
    monkeypatch.setitem(LIFE, "unused_seconds", -1)
    await sweep(gateway)
    ended = (await sender.get(f"/v1/files/{unused['id']}")).json()
    assert (ended["state"], ended["ended_reason"], ended["actions"]) == ("ended", "nothing refers to it", [])
    assert await stored(gateway, await upload_of(gateway, unused["id"])) == []
    assert (await sender.get(f"/v1/files/{unused['id']}/link")).json()["code"] == "file_not_here"
    assert len(await stored(gateway, await upload_of(gateway, used["id"]))) == 3
    told = await row(
        gateway, "SELECT array_agg(event_type ORDER BY id) AS types FROM outbox WHERE aggregate_id = $1", unused["id"]
    )
    assert told["types"] == ["gateway.file.kept.v1", "gateway.file.ended.v1"]


async def test_an_ended_file_can_be_sent_again(
    gateway: Running, sender: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = uploads.jpeg((200, 90))
    file = await sender.sent(content)
    monkeypatch.setitem(LIFE, "unused_seconds", -1)
    await sweep(gateway)
    monkeypatch.undo()
    again = await sender.sent(content, id=file["id"])
    assert (again["state"], again["version"]) == ("kept", 3)
    await sweep(gateway)
    assert len(await stored(gateway, await upload_of(gateway, file["id"]))) == 3


async def test_a_reference_written_beside_its_file_is_found_before_the_file_ends(
    gateway: Running, sender: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = await sender.sent(uploads.jpeg((210, 90)))
    await refer(gateway, report(file["id"]))
    async with gateway.app.runtime.database.unit_of_work(Scope.of_system("test")) as tx:
        await tx.say("UPDATE files SET is_linked = false WHERE id = $1", UUID(file["id"]))
        await tx.say("UPDATE file_links SET settled_at = NULL WHERE file_id = $1", UUID(file["id"]))
    monkeypatch.setitem(LIFE, "unused_seconds", -1)
    monkeypatch.setitem(LIFE, "awaited_seconds", -1)
    await sweep(gateway)
    assert (await row(gateway, "SELECT state, is_linked FROM files WHERE id = $1", file["id"])) == ("kept", True)
    assert (await row(gateway, "SELECT count(*) FROM file_reminders WHERE file_id = $1", file["id"]))[0] == 0


async def test_what_waits_for_a_file_too_long_is_told_once(
    gateway: Running, sender: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = str(new_id())
    aggregate = await refer(gateway, report(wanted))
    monkeypatch.setitem(LIFE, "awaited_seconds", -1)
    await sweep(gateway)
    await sweep(gateway)
    told = await row(
        gateway,
        "SELECT count(*) AS times FROM outbox o JOIN file_reminders r ON r.id = o.aggregate_id"
        " WHERE r.file_id = $1 AND event_type = 'gateway.file_reminder.awaited.v1'",
        wanted,
    )
    assert told["times"] == 1
    async with gateway.app.runtime.database.unit_of_work(Scope.of_system("test")) as tx:
        await actions_end.measure_awaited(tx)
    exposed = await gateway.http.get("/metrics")
    assert "shoutu_files_awaited" in exposed.text
    await sender.sent(uploads.jpeg((220, 90)), id=wanted)
    settled = await row(gateway, "SELECT settled_at FROM file_links WHERE aggregate_id = $1", aggregate)
    assert settled["settled_at"] is not None


async def test_an_unfinished_upload_leaves_nothing(
    gateway: Running, sender: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = await begin(sender, 100)
    await part(sender, made.headers["location"], 0, b"some of it")
    assert len(await stored(gateway, made.json()["id"])) == 1
    await sweep(gateway)
    assert len(await stored(gateway, made.json()["id"])) == 1
    await sender.gateway.http.delete(made.headers["location"], headers={**sender.headers, "Tus-Resumable": "1.0.0"})
    await sweep(gateway)
    assert await stored(gateway, made.json()["id"]) == []


async def test_a_crash_between_store_and_row_leaves_an_orphan_that_is_cleared(
    gateway: Running, sender: Caller, tmp_path: Path
) -> None:
    made = await begin(sender, 100)
    path = tmp_path / "bytes"
    path.write_bytes(b"stored, and then the lights went out")
    await gateway.app.state.files.put(f"kept/{made.json()['id']}/original", path)
    async with gateway.app.runtime.database.unit_of_work(Scope.of_system("test")) as tx:
        await tx.say("UPDATE uploads SET expires_at = now() WHERE id = $1", UUID(made.json()["id"]))
    await sweep(gateway)
    assert await stored(gateway, made.json()["id"]) == []
