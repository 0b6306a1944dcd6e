"""Fetching: by a link that opens one form of one file for a short while, for whom a service shows the reason."""

from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from gateway.files import actions, rules
from gateway.filestore import BLOCK_BYTES
from libs.common.ids import new_id
from libs.common.scope import Scope
from libs.common.timeline import trace
from libs.contracts import public_reporting, responsibility_registry
from tests.gateway import uploads
from tests.gateway.files.conftest import Caller, refer, telling
from tests.gateway.running import Running
from tests.gateway.stub_service import StubServices


def report(*photos: str) -> public_reporting.ReportReceived:
    """A report that refers to photos."""
    return telling(public_reporting.ReportReceived, photos=tuple(UUID(one) for one in photos))


async def read_key(gateway: Running, url: str, **headers: str) -> httpx.Response:
    """Fetch without any token."""
    return await gateway.http.get(url, headers=headers)


async def test_a_link_opens_one_form_of_one_file_without_a_token(gateway: Running, sender: Caller) -> None:
    file, other = await sender.sent(uploads.jpeg((1500, 900))), await sender.sent(uploads.jpeg((400, 300)))
    thumb = await read_key(gateway, await sender.link(file["id"], "thumb"))
    assert thumb.status_code == 200
    assert thumb.headers["content-type"] == "image/jpeg"
    assert thumb.headers["x-content-type-options"] == "nosniff"
    assert thumb.headers["content-security-policy"] == "sandbox; default-src 'none'"
    assert thumb.headers["cache-control"] == "private, no-store"
    assert thumb.headers["content-disposition"] == f'inline; filename="{file["id"]}.jpeg"'
    assert len(thumb.content) < file["bytes"]
    key = (await sender.link(file["id"])).partition("key=")[2]
    for moved in (f"/v1/file-contents/{other['id']}?key={key}", f"/v1/file-contents/{file['id']}?key=00{key[2:]}"):
        refused = await read_key(gateway, moved)
        assert (refused.status_code, refused.json()["code"]) == (403, "file_link_over")
    for wrong in ("", "?key=", "?key=zz", "?key=" + "0" * 900):
        assert (await read_key(gateway, f"/v1/file-contents/{file['id']}{wrong}")).status_code in {400, 403}


async def test_a_link_ends_after_five_minutes(
    gateway: Running, sender: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = await sender.sent(uploads.jpeg((120, 90)))
    monkeypatch.setitem(actions.LIFE, "link_seconds", -1)
    refused = await read_key(gateway, await sender.link(file["id"]))
    assert (refused.status_code, refused.json()["code"]) == (403, "file_link_over")


async def test_a_document_is_handed_out_as_a_download(gateway: Running, sender: Caller) -> None:
    file = await sender.sent(uploads.pdf(), "application/pdf")
    answer = await read_key(gateway, await sender.link(file["id"], "thumb"))
    assert answer.headers["content-disposition"] == f'attachment; filename="{file["id"]}.pdf"'
    assert answer.content == uploads.pdf()


async def test_parts_of_a_file_are_served_across_blocks(gateway: Running, sender: Caller) -> None:
    content = uploads.pdf(b"%" + b"0123456789" * 150_000)
    url = await sender.link((await sender.sent(content, "application/pdf"))["id"])
    size, at = len(content), BLOCK_BYTES
    for asked, start, end in (
        (f"bytes={at - 3}-{at + 3}", at - 3, at + 4), ("bytes=0-0", 0, 1), ("bytes=-5", size - 5, size),
        (f"bytes={at}-", at, size), (f"bytes=5-{size * 2}", 5, size),
    ):  # fmt: skip
        answer = await read_key(gateway, url, Range=asked)
        assert (answer.status_code, answer.content) == (206, content[start:end]), asked
        assert answer.headers["content-range"] == f"bytes {start}-{end - 1}/{size}"
    for ignored in ("bytes=1-2,5-6", "lines=1-2", "bytes=9-2", "bytes=a-b", "bytes=-"):
        assert (await read_key(gateway, url, Range=ignored)).status_code == 200, ignored
    beyond = await read_key(gateway, url, Range=f"bytes={size}-")
    assert (beyond.status_code, beyond.json()["code"]) == (416, "range_not_there")
    assert beyond.headers["content-range"] == f"bytes */{size}"


async def test_who_may_see_the_report_may_see_its_photo_and_nobody_else(
    gateway: Running, sender: Caller, officer: Caller, services: StubServices
) -> None:
    file = await sender.sent(uploads.jpeg((330, 220)))
    assert (await officer.get(f"/v1/files/{file['id']}")).status_code == 404
    aggregate = await refer(gateway, report(file["id"]))
    path = f"/v1/reports/{aggregate}"
    for said in (f"/v1/files/{file['id']}", f"/v1/files/{file['id']}/link", f"/v1/files/{file['id']}/capture"):
        assert (await officer.get(said)).status_code == 404
    services.put("public_reporting", path, {"id": str(aggregate)})
    shown = await officer.get(f"/v1/files/{file['id']}", **{"Acting-Post": str(uuid4())})
    assert shown.status_code == 422  # the post is not the caller's, here as there
    shown = await officer.get(f"/v1/files/{file['id']}")
    assert (shown.json()["state"], shown.json()["referred_by"]) == ("linked", [path])
    assert services.asked[-1].headers["authorization"] == officer.headers["Authorization"]
    content = await read_key(gateway, await officer.link(file["id"]))
    assert sha256(content.content).hexdigest() == file["sha256"]


async def test_every_link_that_is_handed_out_is_a_row_of_the_timeline(gateway: Running, sender: Caller) -> None:
    file = await sender.sent(uploads.jpeg((130, 90)))
    await sender.link(file["id"], "thumb")
    async with gateway.app.runtime.database.unit_of_work(Scope.of_system("test")) as tx:
        row = await tx.ask("SELECT correlation_id FROM files WHERE id = $1", file["id"])
        assert row is not None
        rows = await trace(tx, row["correlation_id"])
    assert [(one.event_type, one.details) for one in rows][1:] == [("gateway.file.read.v1", {"variant": "thumb"})]


async def test_a_service_that_is_away_is_no_permission_and_no_refusal(
    gateway: Running, sender: Caller, officer: Caller, services: StubServices
) -> None:
    file = await sender.sent(uploads.jpeg((140, 90)))
    aggregate = await refer(gateway, report(file["id"]))
    services.lose("public_reporting", f"/v1/reports/{aggregate}")
    answer = await officer.get(f"/v1/files/{file['id']}")
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert (await sender.get(f"/v1/files/{file['id']}")).status_code == 200


async def test_naming_somebody_elses_photo_in_a_report_of_ones_own_opens_nothing(
    gateway: Running, sender: Caller, officer: Caller, services: StubServices
) -> None:
    file = await sender.sent(uploads.jpeg((150, 90)))
    await refer(gateway, report(file["id"]))
    own = await refer(gateway, report(file["id"]))
    services.put("public_reporting", f"/v1/reports/{own}", {"id": str(own)})
    assert (await officer.get(f"/v1/files/{file['id']}")).status_code == 404


async def test_a_post_of_the_sender_may_refer_to_it_again_elsewhere(
    gateway: Running, sender: Caller, officer: Caller, services: StubServices
) -> None:
    file = await officer.sent(uploads.jpeg((160, 90)))
    post = await _post_of(gateway, file["id"])
    await refer(gateway, report(file["id"]))
    closed = telling(responsibility_registry.OrderClosed, evidence=(UUID(file["id"]),))
    order = await refer(gateway, closed, actor_post=post)
    services.put("responsibility_registry", f"/v1/orders/{order}", {"id": str(order)})
    assert (await sender.get(f"/v1/files/{file['id']}")).json()["referred_by"] == [f"/v1/orders/{order}"]


async def _post_of(gateway: Running, file_id: str) -> Any:
    async with gateway.app.runtime.database.unit_of_work(Scope.of_system("test")) as tx:
        row = await tx.ask("SELECT owner_posts FROM files WHERE id = $1", file_id)
    assert row is not None
    return row["owner_posts"][0]


async def test_what_is_referred_to_and_has_not_come_is_awaited(
    gateway: Running, sender: Caller, officer: Caller, services: StubServices
) -> None:
    wanted = str(new_id())
    aggregate = await refer(gateway, report(wanted))
    services.put("public_reporting", f"/v1/reports/{aggregate}", {"id": str(aggregate)})
    awaited = (await officer.get(f"/v1/files/{wanted}")).json()
    assert (awaited["state"], awaited["bytes"], awaited["actions"]) == ("awaited", None, [])
    answer = await officer.get(f"/v1/files/{wanted}/link")
    assert (answer.status_code, answer.json()["code"]) == (409, "file_not_here")
    await sender.sent(uploads.jpeg((170, 90)), id=wanted)
    assert (await officer.get(f"/v1/files/{wanted}")).json()["state"] == "linked"


async def test_damaged_bytes_are_never_handed_out(gateway: Running, sender: Caller) -> None:
    file = await sender.sent(uploads.pdf(b"%" + b"whole" * 300), "application/pdf")
    url = await sender.link(file["id"])
    async with gateway.app.runtime.database.unit_of_work(Scope.of_system("test")) as tx:
        row = await tx.ask("SELECT upload_id FROM files WHERE id = $1", file["id"])
    assert row is not None
    path = gateway.settings.home.resolve() / "files" / "store" / rules.kept_key(row["upload_id"], "original")
    content = path.read_bytes()
    path.write_bytes(content.replace(b"whole", b"whale", 1))
    answer = await read_key(gateway, url)
    assert (answer.status_code, answer.json()["part"]) == (503, "the bytes of the file")
    path.write_bytes(content)
    assert (await read_key(gateway, url)).status_code == 200
