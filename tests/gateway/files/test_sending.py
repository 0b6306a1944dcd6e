"""Sending a file in one request: kept with its hashes, harmless, once, and by whatever a client can speak."""

import asyncio
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from uuid import uuid4

import pytest

from gateway import file_kinds
from gateway.files.actions import CAPTURE
from libs.common.crypto import Suite
from libs.common.ids import new_id
from libs.common.resealing import reseal
from libs.common.scope import Scope
from libs.common.timeline import trace
from tests.gateway import uploads
from tests.gateway.files.conftest import Caller
from tests.gateway.running import Running


async def test_a_photo_is_kept_with_the_hash_of_what_came_and_of_what_is_kept(sender: Caller) -> None:
    sent = uploads.jpeg((1600, 1200))
    told = await sender.sent(sent)
    assert (told["state"], told["kind"], told["media_type"]) == ("kept", "photo", "image/jpeg")
    assert told["received_sha256"] == sha256(sent).hexdigest()
    assert (told["width"], told["height"]) == (1600, 1200)
    assert told["variants"] == ["original", "large", "thumb"]
    assert told["actions"] == ["link"]
    content = await sender.gateway.http.get(await sender.link(told["id"]))
    assert sha256(content.content).hexdigest() == told["sha256"] != told["received_sha256"]


async def test_no_stored_byte_event_or_row_names_the_device_or_who_sent_it(
    gateway: Running, sender: Caller, tmp_path: Path
) -> None:
    told = await sender.sent(uploads.jpeg((700, 500)))
    store = gateway.settings.home / "files"
    stored = [path.read_bytes() for path in await asyncio.to_thread(lambda: [*store.rglob("*")]) if path.is_file()]
    assert stored
    assert not any(uploads.SERIAL.encode() in one or uploads.OWNER.encode() in one for one in stored)
    async with gateway.app.runtime.database.unit_of_work(Scope.of_system("test")) as tx:
        row = await tx.ask("SELECT data, headers::text FROM outbox WHERE aggregate_id = $1", told["id"])
    assert row is not None
    said = f"{row['data']}{row['headers']}"
    assert "app-" not in said
    assert "121.4" not in said


async def test_the_same_bytes_under_the_same_id_are_one_file(sender: Caller, officer: Caller) -> None:
    wanted, content = str(new_id()), uploads.jpeg((300, 200))
    first = await sender.sent(content, id=wanted)
    again = await sender.sent(content, id=wanted)
    assert (first["id"], again["version"]) == (wanted, 1)
    other = await sender.send(uploads.jpeg((300, 200), colour="blue"), id=wanted)
    assert (other.status_code, other.json()["code"]) == (409, "id_taken")
    stranger = await officer.send(content, id=wanted)
    assert (stranger.status_code, stranger.json()["code"]) == (409, "id_taken")


async def test_a_repeat_with_its_key_is_answered_and_another_body_refused(sender: Caller) -> None:
    headers = {**sender.headers, "Content-Type": "image/png", "Idempotency-Key": str(uuid4())}
    http, content = sender.gateway.http, uploads.encoded("PNG")
    first = await http.post("/v1/files", content=content, headers=headers)
    again = await http.post("/v1/files", content=content, headers=headers)
    assert first.status_code == again.status_code == 201
    assert again.headers["idempotency-replayed"] == "true"
    assert first.json()["id"] == again.json()["id"]
    assert first.headers["location"] == f"/v1/files/{first.json()['id']}"
    other = await http.post("/v1/files", content=uploads.encoded("PNG", (64, 64)), headers=headers)
    assert other.status_code == 422


async def test_a_form_as_browsers_send_it_is_read(sender: Caller) -> None:
    form = {"file": ("张三的身份证.jpg", uploads.jpeg(), "image/jpeg")}
    answer = await sender.gateway.http.post("/v1/files", files=form, headers=sender.headers)
    assert answer.status_code == 201, answer.text
    assert "张三" not in answer.text


@pytest.mark.parametrize(
    "form",
    [
        [("photo", ("a.jpg", b"x", "image/jpeg"))],
        [("file", ("a.jpg", uploads.encoded("PNG"), "image/png")), ("file", ("b.jpg", b"x", "image/png"))],
        [("file", ("a.png", uploads.encoded("PNG"), "image/png")), ("title", (None, b"words"))],
    ],
    ids=["another name", "two files", "a field beside it"],
)
async def test_a_form_with_anything_else_is_refused(sender: Caller, form: list[object]) -> None:
    answer = await sender.gateway.http.post("/v1/files", files=form, headers=sender.headers)  # type: ignore[arg-type]
    assert (answer.status_code, answer.json()["code"]) == (422, "one_file_wanted")


async def test_a_broken_form_is_refused(sender: Caller) -> None:
    for content, kind in ((b"--x\r\nnonsense", "multipart/form-data; boundary=x"), (b"", "multipart/form-data")):
        answer = await sender.send(content, kind)
        assert (answer.status_code, answer.json()["code"]) == (422, "one_file_wanted")


@pytest.mark.parametrize(
    ("content", "media_type", "status", "code"),
    [
        (b"", "image/jpeg", 422, "file_empty"),
        (b"<svg/>", "image/svg+xml", 415, "file_type_not_taken"),
        (uploads.encoded("PNG"), "image/jpeg", 422, "file_type_differs"),
        (uploads.jpeg()[:900], "image/jpeg", 422, "file_broken"),
        (uploads.pdf(b"/JavaScript"), "application/pdf", 422, "file_has_active_content"),
        (bytes(21 << 20), "image/png", 413, "body_too_large"),
    ],
)
async def test_a_refused_file_leaves_nothing(
    sender: Caller, content: bytes, media_type: str, status: int, code: str
) -> None:
    wanted = str(new_id())
    answer = await sender.send(content, media_type, id=wanted)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert (await sender.get(f"/v1/files/{wanted}")).status_code == 404
    work = sender.gateway.settings.home / "files" / "work"
    assert await asyncio.to_thread(lambda: list(work.iterdir())) == []


async def test_a_spent_quota_is_told(sender: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(file_kinds.SAID["life"], "most_bytes_a_day", 0)
    answer = await sender.send(uploads.encoded("PNG"), "image/png")
    assert (answer.status_code, answer.json()["code"]) == (429, "file_quota_spent")
    assert int(answer.headers["retry-after"]) > 0


async def test_a_file_without_a_token_is_not_read(gateway: Running) -> None:
    answer = await gateway.http.post("/v1/files", content=uploads.jpeg())
    assert answer.status_code == 401


async def test_a_sender_lists_its_own_files_and_nobody_elses(sender: Caller, officer: Caller) -> None:
    mine = await officer.sent(uploads.pdf(), "application/pdf")
    assert mine["kind"] == "document"
    assert [one["id"] for one in (await officer.get("/v1/files")).json()["items"]] == [mine["id"]]
    assert mine["id"] not in (await sender.get("/v1/files?limit=500")).text


async def test_what_the_camera_wrote_is_kept_for_posts_only_and_sealed(
    gateway: Running, sender: Caller, officer: Caller
) -> None:
    refused = await sender.send(uploads.jpeg(), capture="true")
    assert (refused.status_code, refused.json()["code"]) == (403, "capture_not_kept")
    told = await officer.sent(uploads.jpeg((200, 100)), capture="true")
    opened = (await officer.get(f"/v1/files/{told['id']}/capture")).json()
    assert opened == {"taken_at_camera": "2026:10:12 19:40:00", "offset": "+08:00", "lon": 121.405, "lat": 28.615}
    async with gateway.app.runtime.database.unit_of_work(Scope.of_system("test")) as tx:
        sealed = await tx.ask("SELECT sealed FROM file_captures WHERE file_id = $1", told["id"])
        file = await tx.ask("SELECT correlation_id FROM files WHERE id = $1", told["id"])
        assert sealed is not None
        assert file is not None
        rows = await trace(tx, file["correlation_id"])
        seals = gateway.settings.seals
        for sealing in (replace(seals, suite=Suite.SM4_SM3), seals):
            done = await reseal(tx, sealing, CAPTURE)
            assert (done.moved >= 1, done.broken) == (True, ())
    assert b"2026" not in sealed["sealed"]
    assert [row.event_type for row in rows] == ["gateway.file.kept.v1", "gateway.file_capture.read.v1"]
    assert all("121.4" not in str(row.details) for row in rows)
    without = await officer.sent(uploads.jpeg((210, 100)))
    assert (await officer.get(f"/v1/files/{without['id']}/capture")).status_code == 404
