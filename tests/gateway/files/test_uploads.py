"""Resumable uploads by tus 1.0.0, also as somebody else's client speaks it."""

import asyncio
from base64 import b64encode
from hashlib import sha256
from typing import Any
from uuid import uuid4

import httpx
import pytest
from tusclient.client import TusClient

from gateway import file_kinds
from gateway.files import actions_end
from libs.common.ids import new_id
from libs.common.scope import Scope
from tests.gateway import uploads
from tests.gateway.files.conftest import Caller, caller
from tests.gateway.running import Running

TUS = {"Tus-Resumable": "1.0.0"}


def told(**said: str) -> str:
    """Upload-Metadata."""
    return ",".join(f"{name} {b64encode(value.encode()).decode()}" for name, value in said.items())


async def begin(caller: Caller, length: int, **metadata: str) -> httpx.Response:
    headers = {**caller.headers, **TUS, "Upload-Length": str(length), "Upload-Metadata": told(**metadata)}
    return await caller.gateway.http.post("/v1/uploads", headers=headers)


async def part(caller: Caller, url: str, offset: int, content: bytes) -> httpx.Response:
    kind = {"Content-Type": "application/offset+octet-stream", "Upload-Offset": str(offset)}
    return await caller.gateway.http.patch(url, content=content, headers={**caller.headers, **TUS, **kind})


async def offset_of(caller: Caller, url: str) -> int:
    answer = await caller.gateway.http.head(url, headers={**caller.headers, **TUS})
    assert answer.status_code == 200
    return int(answer.headers["upload-offset"])


async def test_another_peoples_client_sends_a_file_in_pieces(sender: Caller, tmp_path: Any) -> None:
    wanted, content = str(new_id()), uploads.pdf(b"%" + b"paper" * 400_000)
    path = tmp_path / "paper.pdf"
    path.write_bytes(content)

    def send() -> None:
        client = TusClient(f"{sender.gateway.url}/v1/uploads", headers=sender.headers)
        metadata = {"id": wanted, "filetype": "application/pdf", "filename": "张三的合同.pdf"}
        uploader = client.uploader(str(path), chunk_size=700_000, metadata=metadata)
        uploader.upload_chunk()
        # The line breaks, and another run of the phone's program goes on.
        client.uploader(str(path), url=uploader.url, chunk_size=700_000).upload()

    await asyncio.to_thread(send)
    file = (await sender.get(f"/v1/files/{wanted}")).json()
    assert (file["state"], file["received_sha256"]) == ("kept", sha256(content).hexdigest())


async def test_what_has_come_stays_and_the_next_part_begins_there(sender: Caller) -> None:
    content = uploads.jpeg((900, 700))
    made = await begin(sender, len(content), filetype="image/jpeg")
    assert made.status_code == 201
    url, file_id = made.headers["location"], made.json()["file_id"]
    assert (await part(sender, url, 0, content[:1000])).headers["upload-offset"] == "1000"
    wrong = await part(sender, url, 0, content)
    assert (wrong.status_code, wrong.json()["code"], wrong.json()["offset"]) == (409, "upload_offset_wrong", 1000)
    assert await offset_of(sender, url) == 1000
    assert (await sender.get(f"/v1/files/{file_id}")).status_code == 404
    assert (await part(sender, url, 1000, content[1000:])).status_code == 204
    kept = (await sender.get(f"/v1/files/{file_id}")).json()
    assert kept["received_sha256"] == sha256(content).hexdigest()
    assert (await part(sender, url, len(content), b"x")).status_code == 404


async def test_two_who_send_the_same_part_store_it_once(sender: Caller) -> None:
    content = uploads.pdf(b"%" + b"twice" * 50_000)
    made = await begin(sender, len(content) + 1, filetype="application/pdf")
    url = made.headers["location"]
    answers = await asyncio.gather(*(part(sender, url, 0, content) for _ in range(4)))
    assert sorted(one.status_code for one in answers) == [204, 409, 409, 409]
    assert await offset_of(sender, url) == len(content)


async def test_an_upload_whose_last_answer_was_lost_is_finished_by_asking(
    sender: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = uploads.encoded("PNG")
    made = await begin(sender, len(content), filetype="image/png")
    store = sender.gateway.app.state.files
    await store.put_part(f"receiving/{made.json()['id']}/{0:012d}", content)
    assert await offset_of(sender, made.headers["location"]) == len(content)
    assert (await sender.get(f"/v1/files/{made.json()['file_id']}")).json()["state"] == "kept"


async def test_a_refused_file_ends_its_upload(sender: Caller) -> None:
    made = await begin(sender, 6, filetype="image/svg+xml")
    refused = await part(sender, made.headers["location"], 0, b"<svg/>")
    assert (refused.status_code, refused.json()["code"]) == (415, "file_type_not_taken")
    assert (await part(sender, made.headers["location"], 6, b"")).status_code == 404


async def test_more_than_was_announced_is_refused(sender: Caller) -> None:
    made = await begin(sender, 5)
    refused = await part(sender, made.headers["location"], 0, b"123456")
    assert (refused.status_code, refused.json()["code"]) == (422, "upload_too_long")


async def test_an_upload_is_its_senders_alone(sender: Caller, officer: Caller) -> None:
    made = await begin(sender, 10)
    url = made.headers["location"]
    assert (await part(officer, url, 0, b"1")).status_code == 404
    assert (await officer.gateway.http.delete(url, headers={**officer.headers, **TUS})).status_code == 404
    assert await offset_of(sender, url) == 0


async def test_an_upload_can_be_given_up(sender: Caller) -> None:
    made = await begin(sender, 10)
    url = made.headers["location"]
    await part(sender, url, 0, b"12345")
    ended = await sender.gateway.http.delete(url, headers={**sender.headers, **TUS})
    assert (ended.status_code, ended.headers["tus-resumable"]) == (204, "1.0.0")
    assert (await part(sender, url, 5, b"67890")).status_code == 404


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({"Upload-Length": "5"}, 412, "upload_version"),
        ({"Upload-Length": "5", "Tus-Resumable": "0.2.2"}, 412, "upload_version"),
        (TUS, 400, "upload_header_wrong"),
        ({**TUS, "Upload-Length": "-5"}, 400, "upload_header_wrong"),
        ({**TUS, "Upload-Length": "0"}, 400, "upload_header_wrong"),
        ({**TUS, "Upload-Length": "9" * 30}, 400, "upload_header_wrong"),
        ({**TUS, "Upload-Length": "999999999"}, 413, "body_too_large"),
        ({**TUS, "Upload-Length": "5", "Upload-Metadata": "id !!"}, 400, "upload_header_wrong"),
        ({**TUS, "Upload-Length": "5", "Upload-Metadata": told(id="no-uuid")}, 400, "upload_header_wrong"),
        ({**TUS, "Upload-Length": "30000000", "Upload-Metadata": told(filetype="image/png")}, 413, "body_too_large"),
        ({**TUS, "Upload-Length": "5", "Upload-Metadata": told(capture="true")}, 403, "capture_not_kept"),
    ],
)
async def test_bad_headers_are_refused(sender: Caller, headers: dict[str, str], status: int, code: str) -> None:
    answer = await sender.gateway.http.post("/v1/uploads", headers={**sender.headers, **headers})
    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_bad_parts_are_refused(sender: Caller) -> None:
    url = (await begin(sender, 10)).headers["location"]
    http, headers = sender.gateway.http, {**sender.headers, **TUS}
    kind = {"Content-Type": "application/offset+octet-stream"}
    assert (await http.patch(url, content=b"1", headers={**headers, "Upload-Offset": "0"})).status_code == 415
    assert (await http.patch(url, content=b"1", headers={**headers, **kind})).status_code == 400
    assert (await http.patch(url, content=b"1", headers={**sender.headers, **kind})).status_code == 412
    gone = await part(sender, f"/v1/uploads/{uuid4()}", 0, b"1")
    assert gone.status_code == 404


async def test_crumbs_are_refused_in_the_end(sender: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(file_kinds.SAID["life"], "most_parts", 2)
    url = (await begin(sender, 10)).headers["location"]
    for offset in range(2):
        assert (await part(sender, url, offset, b"1")).status_code == 204
    refused = await part(sender, url, 2, b"1")
    assert (refused.status_code, refused.json()["code"]) == (422, "upload_in_pieces")


async def test_what_was_begun_counts_against_the_day_also_when_it_is_given_up(
    gateway: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    sender = await caller(gateway)
    monkeypatch.setitem(file_kinds.SAID["life"], "most_bytes_a_day", 100)
    first = await begin(sender, 60)
    assert first.status_code == 201
    refused = await begin(sender, 60)
    assert (refused.status_code, refused.json()["code"]) == (429, "file_quota_spent")
    assert (await sender.gateway.http.delete(first.headers["location"], headers={**sender.headers, **TUS})).is_success
    assert (await begin(sender, 60)).status_code == 429
    async with gateway.app.runtime.database.unit_of_work(Scope.of_system("test")) as tx:
        await actions_end.forget_uploads(tx, gateway.app.state.files, 1000)
    assert (await begin(sender, 60)).status_code == 201


async def test_uploads_that_begin_at_once_are_counted_one_by_one(
    gateway: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    sender = await caller(gateway)
    monkeypatch.setitem(file_kinds.SAID["life"], "most_bytes_a_day", 100)
    answers = await asyncio.gather(*(begin(sender, 60) for _ in range(8)))
    assert sorted(one.status_code for one in answers) == [201, *[429] * 7]


async def test_what_became_a_file_counts_once(gateway: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    sender, content = await caller(gateway), uploads.pdf()
    monkeypatch.setitem(file_kinds.SAID["life"], "most_bytes_a_day", 2 * len(content))
    made = await begin(sender, len(content), filetype="application/pdf")
    assert (await part(sender, made.headers["location"], 0, content)).status_code == 204
    assert (await begin(sender, len(content))).status_code == 201


def test_a_phone_has_a_few_uploads_open_and_no_thousands() -> None:
    assert file_kinds.SAID["life"]["most_open_uploads"] <= 50


async def test_a_disk_that_is_nearly_full_takes_nothing_more(
    gateway: Running, sender: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = await begin(sender, 100)
    monkeypatch.setitem(file_kinds.SAID["store"], "least_free_bytes", 1 << 62)
    refused = (
        await begin(sender, 100),
        await part(sender, made.headers["location"], 0, b"some of it"),
        await sender.send(uploads.jpeg()),
    )
    assert [(one.status_code, one.json()["code"]) for one in refused] == [(503, "file_store_full")] * 3
    assert all(int(one.headers["retry-after"]) > 0 for one in refused)
