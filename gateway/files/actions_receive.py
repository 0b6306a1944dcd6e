"""Receiving: bytes into the workroom or into parts, examined, and written to the store. No row is touched here."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator
from hashlib import sha256
from pathlib import Path

import orjson

from gateway.examiner import Made
from gateway.file_kinds import SAID, most_bytes
from gateway.file_refusals import FileEmpty, UploadInPieces, UploadOffsetWrong, UploadTooLong
from gateway.files import rules
from gateway.files.actions import CAPTURE, Stored
from gateway.files.rules import Upload, Variant
from gateway.filestore import BLOCK_BYTES, FileStore, PartTaken
from libs.common.bodies import BodyTooLarge
from libs.common.crypto import Seals


async def receive(files: FileStore, upload: Upload, chunks: AsyncIterator[bytes], seals: Seals) -> Stored:
    """Take a file in one stream, examine it and write its forms to the store, in constant memory.

    Raises BodyTooLarge (413), the refusals of an examination (4xx), Unavailable (503) while the store is away.
    """
    limit = most_bytes(upload.media_type)
    async with files.workroom() as room:
        path, whole, size = room / "received", sha256(), 0
        async for block in _in_blocks(chunks):
            size += len(block)
            if size > limit:
                raise BodyTooLarge(limit)
            whole.update(block)
            await asyncio.to_thread(_append, path, block)
        if size == 0:
            raise FileEmpty
        forms = room / "forms"
        await asyncio.to_thread(forms.mkdir)
        examined = await files.examiner.examine(path, forms, declared=upload.media_type, capture=upload.capture)
        variants = [await _write(files, upload, made) for made in examined.variants]
    plain = orjson.dumps(examined.capture) if examined.capture else None
    return Stored(
        kind=examined.kind, media_type=examined.media_type, received_sha256=whole.hexdigest(), received_bytes=size,
        variants=tuple(variants),
        capture=None if plain is None else seals.close(CAPTURE.purpose, str(upload.file_id), plain),
    )  # fmt: skip


async def _write(files: FileStore, upload: Upload, made: Made) -> Variant:
    written = await files.put(rules.kept_key(upload.id, made.name), made.path)
    return Variant(
        name=made.name, media_type=made.media_type, bytes=written.size, sha256=written.sha256,
        sums=written.sums.hex(), width=made.width, height=made.height,
    )  # fmt: skip


async def received(files: FileStore, upload: Upload) -> int:
    """How many bytes of a resumable upload have come: what lies in the store, so a crash forgets none of them."""
    return rules.received((await _parts(files, upload)).items())


async def take_parts(files: FileStore, upload: Upload, offset: int, chunks: AsyncIterator[bytes]) -> int:
    """Store what comes from `offset` on, block by block: what has come stays, however the stream ends.

    Returns the new offset. Raises UploadOffsetWrong (409) where the upload goes on elsewhere or somebody else is
    sending it, UploadTooLong and UploadInPieces (422), FileStoreFull (503).
    """
    await files.require_room()
    parts = await _parts(files, upload)
    at = rules.received(parts.items())
    if offset != at:
        raise UploadOffsetWrong(offset=at)
    if len(parts) >= SAID["life"]["most_parts"]:
        raise UploadInPieces
    async for block in _in_blocks(chunks):
        if upload.length is not None and at + len(block) > upload.length:
            raise UploadTooLong(upload_length=upload.length)
        try:
            await files.put_part(rules.part_key(upload.id, at), block)
        except PartTaken:
            raise UploadOffsetWrong from None
        at += len(block)
    return at


async def assemble(files: FileStore, upload: Upload, seals: Seals) -> Stored:
    """The parts of a whole upload as one file, examined and stored like any other."""
    return await receive(files, upload, _read_parts(files, await _parts(files, upload)), seals)


async def discard(files: FileStore, upload: Upload, *, kept: bool) -> None:
    """Remove the parts of an upload, and what was made of them where it is not kept."""
    await files.remove(f"receiving/{upload.id}")
    if not kept:
        await files.remove(f"kept/{upload.id}")


async def _parts(files: FileStore, upload: Upload) -> dict[str, int]:
    return await files.sizes(f"receiving/{upload.id}")


async def _read_parts(files: FileStore, keys: Iterable[str]) -> AsyncIterator[bytes]:
    for key in keys:
        yield await files.part(key)


async def _in_blocks(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The same bytes in blocks of one size; the last is shorter."""
    gathered = bytearray()
    async for chunk in chunks:
        gathered += chunk
        for block in _cut(gathered):
            yield block
    if gathered:
        yield bytes(gathered)


def _cut(gathered: bytearray) -> Iterator[bytes]:
    while len(gathered) >= BLOCK_BYTES:
        yield bytes(gathered[:BLOCK_BYTES])
        del gathered[:BLOCK_BYTES]


def _append(path: Path, block: bytes) -> None:
    with path.open("ab") as file:
        file.write(block)
