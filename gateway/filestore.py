"""Where the bytes of files lie: a local folder, or S3 by setting; written whole before any row speaks of them.

Keys are by upload, never by content: who asks for a hash learns nothing, and what is removed is nobody else's. Every
block of a kept file has its checksum in the file's row, and no block is handed out that does not fit it.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Annotated, Any, Final, cast

import structlog
from fastapi import Depends
from pydantic import SecretStr
from starlette.requests import Request

from gateway.examiner import Examiner
from gateway.file_kinds import SAID
from gateway.file_refusals import FileStoreFull
from gateway.settings import GatewaySettings
from libs.common.problems import Unavailable

if TYPE_CHECKING:
    from obstore.store import ObjectStore

log = structlog.get_logger("files")

BLOCK_BYTES: Final = 1 << 20
"""What is read, checked and sent at a time; also the size of the parts of a resumable upload."""
_SUM_BYTES: Final = 32
_WORK_SECONDS: Final = 86_400


class FileDamaged(Exception):
    """What the store gave back is not what was written: a block does not fit its checksum."""


class PartTaken(Exception):
    """Somebody else has written this part of the upload already."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Written:
    """What was written under a key: its size, its hash, and the hashes of its blocks in a row."""

    size: int
    sha256: str
    sums: bytes


class FileStore:
    """The store, the workroom where uploads are looked at, and who looks at them."""

    def __init__(self, settings: GatewaySettings) -> None:
        self._settings = settings
        self._store: ObjectStore | None = None
        self._room = settings.home / "files" / "work"
        self.examiner = Examiner()

    @asynccontextmanager
    async def workroom(self) -> AsyncIterator[Path]:
        """A folder for one upload; it is gone when the block ends."""
        await asyncio.to_thread(self._room.mkdir, parents=True, exist_ok=True)
        room = Path(await asyncio.to_thread(mkdtemp, dir=self._room))
        try:
            yield room
        finally:
            await asyncio.to_thread(shutil.rmtree, room, ignore_errors=True)

    async def put(self, key: str, path: Path) -> Written:
        """Write a file under a key, on the disk before this returns."""
        import obstore

        written = await asyncio.to_thread(_measured, path)
        async with _told("put"):
            await obstore.put_async(self._opened(), key, path)
        await asyncio.to_thread(self._settle, key)
        return written

    async def put_part(self, key: str, block: bytes) -> None:
        """Write a part that is not there yet. Raises PartTaken."""
        import obstore

        try:
            async with _told("put"):
                await obstore.put_async(self._opened(), key, block, mode="create")
        except obstore.exceptions.AlreadyExistsError:
            raise PartTaken(key) from None
        await asyncio.to_thread(self._settle, key)

    async def sizes(self, prefix: str) -> dict[str, int]:
        """What lies under a prefix: sizes in bytes by key, in the order of the keys."""
        import obstore

        found: dict[str, int] = {}
        async with _told("list"):
            async for some in obstore.list(self._opened(), prefix):
                found |= {one["path"]: one["size"] for one in some}
        return dict(sorted(found.items()))

    async def part(self, key: str) -> bytes:
        """A whole part, at most a block of bytes."""
        import obstore

        async with _told("get"):
            found = await obstore.get_async(self._opened(), key)
            return bytes(await found.bytes_async())

    async def blocks(self, key: str, size: int, sums: bytes, start: int, end: int) -> AsyncIterator[bytes]:
        """The bytes from `start` to before `end`; raises FileDamaged at a block that does not fit its checksum."""
        import obstore

        for index in range(start // BLOCK_BYTES, -(-end // BLOCK_BYTES)):
            at = index * BLOCK_BYTES
            async with _told("get"):
                got = await obstore.get_range_async(self._opened(), key, start=at, end=min(at + BLOCK_BYTES, size))
            block = bytes(got)
            if sha256(block).digest() != sums[index * _SUM_BYTES : (index + 1) * _SUM_BYTES]:
                log.error("file_damaged", key=key, block=index)
                raise FileDamaged(key)
            yield block[max(0, start - at) : end - at]

    async def remove(self, prefix: str) -> None:
        """Remove everything under a prefix; what is not there is no fault."""
        import obstore

        keys = list(await self.sizes(prefix))
        async with _told("delete"):
            if keys:
                await obstore.delete_async(self._opened(), keys)
        if (folder := self._local) is not None:
            await asyncio.to_thread(shutil.rmtree, folder / prefix, ignore_errors=True)

    async def require_room(self) -> None:
        """Raise FileStoreFull (503) where its disk has less free than the floor: a full one stops everything."""
        if (folder := self._local) is None:
            return
        await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True, mode=0o700)
        if (await asyncio.to_thread(shutil.disk_usage, folder)).free < SAID["store"]["least_free_bytes"]:
            raise FileStoreFull

    async def tidy(self) -> None:
        """Clear the workroom of what a process that died a day ago left there."""
        await asyncio.to_thread(_clear, self._room)

    @property
    def _local(self) -> Path | None:
        return None if self._settings.file_store else self._settings.home.resolve() / "files" / "store"

    def _opened(self) -> ObjectStore:
        """The store, opened on first use: the library is 20 MB that an idle gateway does without."""
        if self._store is None:
            self._store = _open(self._settings, self._local)
        return self._store

    def _settle(self, key: str) -> None:
        """A local file that was acknowledged outlives the power: the file, its entry and its folder's entry reach the
        disk."""
        if (folder := self._local) is None:
            return
        for path in (folder / key, *(folder / key).parents[:2]):
            handle = os.open(path, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)


def _open(settings: GatewaySettings, local: Path | None) -> ObjectStore:
    from obstore.store import LocalStore, S3Store

    if local is not None:
        local.mkdir(parents=True, exist_ok=True, mode=0o700)
        return LocalStore(local)
    bucket, _, prefix = settings.file_store.removeprefix("s3://").partition("/")
    told: dict[str, Any] = {
        "endpoint": settings.file_store_endpoint,
        "region": settings.file_store_region,
        "access_key_id": settings.file_store_key_id,
        "secret_access_key": _secret(settings.file_store_secret),
        "virtual_hosted_style_request": False,
    }
    plain = (settings.file_store_endpoint or "").startswith("http://")
    return S3Store(
        bucket,
        prefix=prefix or None,
        client_options={"allow_http": plain, "timeout": "30s", "connect_timeout": "3s"},
        # Somebody waits at the door: a store that is away is said within seconds.
        retry_config={"max_retries": 2, "retry_timeout": timedelta(seconds=10)},
        **{name: value for name, value in told.items() if value is not None},
    )


@asynccontextmanager
async def _told(doing: str) -> AsyncIterator[None]:
    """A store that is away is 503, as a database that is away."""
    import obstore

    gone = obstore.exceptions
    try:
        yield
    except gone.AlreadyExistsError:
        raise
    except (gone.BaseError, OSError) as error:
        log.warning("file_store_away", doing=doing, error=f"{type(error).__name__}: {error}"[:300])
        raise Unavailable(part="file store", retry_after_seconds=5) from error


def _measured(path: Path) -> Written:
    whole, sums, size = sha256(), bytearray(), 0
    for block in read_blocks(path):
        whole.update(block)
        sums += sha256(block).digest()
        size += len(block)
    return Written(size=size, sha256=whole.hexdigest(), sums=bytes(sums))


def read_blocks(path: Path) -> Iterator[bytes]:
    """A file block by block."""
    with path.open("rb") as file:
        while block := file.read(BLOCK_BYTES):
            yield block


def _clear(room: Path) -> None:
    before = time.time() - _WORK_SECONDS
    for folder in room.glob("*") if room.exists() else ():
        if folder.stat().st_mtime < before:
            shutil.rmtree(folder, ignore_errors=True)


def _secret(value: SecretStr | None) -> str | None:
    return None if value is None else value.get_secret_value()


def files_of(request: Request) -> FileStore:
    """The store that this app was started with."""
    return cast(FileStore, request.app.state.files)


Files = Annotated[FileStore, Depends(files_of)]
"""The store in a route's signature."""
