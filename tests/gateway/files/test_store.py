"""The store in a bucket: what is written, read in parts, listed and removed over S3's own protocol."""

import asyncio
from collections.abc import AsyncIterator
from hashlib import sha256
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import pytest
from fastapi import FastAPI, Request, Response
from pydantic import SecretStr

from gateway.filestore import BLOCK_BYTES, FileDamaged, FileStore, PartTaken
from gateway.settings import GatewaySettings
from infra.ports import free_port
from libs.common.problems import Unavailable
from tests.gateway.running import SEAL, InLoop


class Bucket:
    """As much of S3 as a store of files asks of it."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.signed = True
        self.app = FastAPI()
        self.app.add_api_route("/evidence", self._of_bucket, methods=["GET", "POST"])
        self.app.add_api_route("/evidence/{key:path}", self._of_object, methods=["GET", "HEAD", "PUT", "DELETE"])

    async def _of_bucket(self, request: Request) -> Response:
        self.signed &= "AWS4-HMAC-SHA256" in request.headers.get("authorization", "")
        if request.method == "POST":
            body = (await request.body()).decode()
            keys = [part.partition("</Key>")[0] for part in body.split("<Key>")[1:]]
            for key in keys:
                self.objects.pop(key, None)
            deleted = "".join(f"<Deleted><Key>{escape(key)}</Key></Deleted>" for key in keys)
            return _xml(f"<DeleteResult>{deleted}</DeleteResult>")
        prefix = request.query_params["prefix"]
        found = "".join(
            f"<Contents><Key>{escape(key)}</Key><Size>{len(content)}</Size>"
            f'<LastModified>2026-10-12T19:40:00.000Z</LastModified><ETag>"1"</ETag></Contents>'
            for key, content in sorted(self.objects.items())
            if key.startswith(prefix)
        )
        return _xml(f"<ListBucketResult><IsTruncated>false</IsTruncated>{found}</ListBucketResult>")

    async def _of_object(self, key: str, request: Request) -> Response:
        self.signed &= "AWS4-HMAC-SHA256" in request.headers.get("authorization", "")
        if request.method == "PUT":
            if request.headers.get("if-none-match") == "*" and key in self.objects:
                return Response(status_code=412)
            self.objects[key] = await request.body()
            return Response(headers={"ETag": '"1"'})
        if request.method == "DELETE":
            self.objects.pop(key, None)
            return Response(status_code=204)
        if (content := self.objects.get(key)) is None:
            return Response(status_code=404)
        told = {"ETag": '"1"', "Last-Modified": "Mon, 12 Oct 2026 19:40:00 GMT"}
        asked = request.headers.get("range", "").removeprefix("bytes=")
        if not asked:
            return Response(content, headers=told)
        start, _, last = asked.partition("-")
        part = content[int(start) : int(last) + 1]
        told["Content-Range"] = f"bytes {start}-{int(start) + len(part) - 1}/{len(content)}"
        return Response(part, 206, headers=told)


def _xml(inside: str) -> Response:
    return Response(f'<?xml version="1.0" encoding="UTF-8"?>{inside}', media_type="application/xml")


@pytest.fixture
async def bucket() -> AsyncIterator[tuple[Bucket, str]]:
    found, port = Bucket(), free_port()
    server = InLoop(found.app, port)
    task = asyncio.ensure_future(server.serve())
    await asyncio.wait_for(server.listening.wait(), 10)
    yield found, f"http://127.0.0.1:{port}"
    server.should_exit = True
    await task


def store(endpoint: str, home: Path) -> FileStore:
    told: dict[str, Any] = {
        "service": "gateway", "database_url": SecretStr("postgresql://nowhere"), "key_seal": SecretStr(SEAL),
        "home": home, "file_store": "s3://evidence/city", "file_store_endpoint": endpoint,
        "file_store_region": "cn-east-1", "file_store_key_id": "shoutu", "file_store_secret": SecretStr("secret"),
    }  # fmt: skip
    return FileStore(GatewaySettings(**told))


async def test_a_bucket_keeps_what_a_folder_keeps(bucket: tuple[Bucket, str], tmp_path: Path) -> None:
    objects, files = bucket[0].objects, store(bucket[1], tmp_path)
    content = b"0123456789" * 150_000
    path = tmp_path / "received"
    path.write_bytes(content)
    written = await files.put("kept/1/original", path)
    assert (written.size, written.sha256) == (len(content), sha256(content).hexdigest())
    assert objects["city/kept/1/original"] == content
    around = [
        block
        async for block in files.blocks(
            "kept/1/original", len(content), written.sums, BLOCK_BYTES - 2, BLOCK_BYTES + 2
        )
    ]
    assert b"".join(around) == content[BLOCK_BYTES - 2 : BLOCK_BYTES + 2]
    await files.put_part("receiving/1/000000000000", b"first")
    with pytest.raises(PartTaken):
        await files.put_part("receiving/1/000000000000", b"second")
    assert await files.sizes("receiving/1") == {"receiving/1/000000000000": 5}
    assert await files.part("receiving/1/000000000000") == b"first"
    objects["city/kept/1/original"] = content.replace(b"5", b"6")
    with pytest.raises(FileDamaged):
        assert [block async for block in files.blocks("kept/1/original", len(content), written.sums, 0, 5)]
    await files.remove("receiving/1")
    await files.remove("kept/1")
    await files.remove("kept/nothing")
    assert objects == {}
    assert bucket[0].signed


async def test_a_store_that_is_away_is_said_and_nothing_is_lost(tmp_path: Path) -> None:
    files = store(f"http://127.0.0.1:{free_port()}", tmp_path)
    with pytest.raises(Unavailable) as away:
        await files.put_part("receiving/1/000000000000", b"first")
    assert away.value.status == 503
