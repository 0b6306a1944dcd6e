"""The verbs on files: begin an upload, keep what arrived, note what refers to it, and show it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import orjson

from gateway.file_kinds import SAID, VERSION, most_bytes
from gateway.file_refusals import CaptureNotKept, FileQuotaSpent
from gateway.files import rules, store
from gateway.files.rules import File, FileState, Link, Upload, Variant
from libs.common.clocks import system_now
from libs.common.crypto import Seals
from libs.common.db import Tx
from libs.common.ids import new_id
from libs.common.problems import IdTaken, NotFound, RoleMissing
from libs.common.resealing import SealedColumn
from libs.common.timeline import read_access
from libs.contracts.event import Heard
from libs.contracts.files import files_in
from libs.contracts.gateway import FileFacts, FileKept

LIFE = SAID["life"]
MOST_ASKED = 8
"""[DEF] Of what refers to a file so much is asked about, the latest first, before a caller gets 404."""
_MOST_LINKS = 200
MAY_INVESTIGATE = ("inspector", "leader", "auditor")
"""[DEF] Who may open what a camera wrote of time and place, where they may see the file at all."""
CAPTURE = SealedColumn(table="file_captures", key="file_id", column="sealed", purpose="file capture", about="file_id")
_SYSTEM = "files"
_NOWHERE = "000000000000"


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """What a caller says of a file that is to come."""

    file_id: UUID | None
    media_type: str | None
    length: int | None = None
    capture: bool = False

    @property
    def most(self) -> int:
        """How many bytes may come of it, also where nobody said."""
        return most_bytes(self.media_type) if self.length is None else self.length


@dataclass(frozen=True, kw_only=True, slots=True)
class Stored:
    """What arrived, as it was examined and lies in the store: no row speaks of it yet."""

    kind: str
    media_type: str
    received_sha256: str
    received_bytes: int
    variants: tuple[Variant, ...]
    capture: bytes | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Seen:
    """A file with what refers to it. `file` is None where something waits for one that has not come."""

    id: UUID
    file: File | None
    links: tuple[Link, ...]
    is_own: bool

    @property
    def version(self) -> int:
        """The file's version; 0 while it is awaited."""
        return 0 if self.file is None else self.file.version


async def begin_upload(tx: Tx, asked: Asked) -> Upload:
    """Write down that a file is on its way, before a byte of it is stored.

    Raises IdTaken (409) where the id is somebody else's file, CaptureNotKept (403), FileQuotaSpent (429).
    """
    now = system_now()
    if asked.capture and not tx.caller.posts:
        raise CaptureNotKept
    await store.wait_to_be_counted(tx)
    if await store.count_uploads(tx, now) >= LIFE["most_open_uploads"]:
        raise FileQuotaSpent(headers={"Retry-After": "60"}, most_open_uploads=LIFE["most_open_uploads"])
    # What was begun and given up lies in the store until a sweep comes: it counts for as long.
    taken = await store.received_since(tx, now - timedelta(days=1)) + await store.announced_bytes(tx)
    if taken + asked.most > LIFE["most_bytes_a_day"]:
        raise FileQuotaSpent(headers={"Retry-After": "3600"}, most_bytes_a_day=LIFE["most_bytes_a_day"])
    file_id = asked.file_id or new_id()
    async with tx.system(_SYSTEM):
        there = await store.find_file(tx, file_id)
    if there is not None and there.owner != tx.caller.subject:
        raise IdTaken
    upload = Upload(
        id=new_id(), file_id=file_id, owner=tx.caller.subject, area_code=_area_of(tx), media_type=asked.media_type,
        length=asked.length, capture=asked.capture, started_at=now,
        expires_at=now + timedelta(seconds=LIFE["upload_seconds"]),
    )  # fmt: skip
    await store.add_upload(tx, upload)
    return upload


async def find_upload(tx: Tx, upload_id: UUID) -> Upload:
    """An upload of the caller that is on its way; NotFound (404)."""
    found = await store.find_upload(tx, upload_id, now=system_now())
    if found is None:
        raise NotFound("upload", upload_id)
    return found


async def end_upload(tx: Tx, upload_id: UUID) -> None:
    """The upload is over, kept or not; a second end is no fault. A sweep removes what is left of it."""
    await store.expire_upload(tx, upload_id, system_now())


async def keep_file(tx: Tx, upload: Upload, stored: Stored) -> Seen:
    """Keep what lies in the store. The same bytes under the same id again are the file that is there already.

    Raises IdTaken (409) where another file came first under the id, NotFound (404) for an upload that has ended.
    """
    async with tx.system(_SYSTEM):
        await store.wait_for_turn(tx, upload.file_id)
        there = await store.find_file(tx, upload.file_id)
        links = await store.links_of(tx, upload.file_id, _MOST_LINKS)
    if there is not None and there.owner != tx.caller.subject:
        raise IdTaken
    if there is None or there.state is FileState.ENDED:
        if await store.find_upload(tx, upload.id, now=system_now(), locked=True) is None:
            raise NotFound("upload", upload.id)
        there = await _keep(tx, there, upload, stored, is_linked=bool(links))
    elif there.received_sha256 != stored.received_sha256:
        raise IdTaken
    await end_upload(tx, upload.id)
    return Seen(id=there.id, file=there, links=rules.vouched_for(there, links, MOST_ASKED), is_own=True)


async def _keep(tx: Tx, before: File | None, upload: Upload, stored: Stored, *, is_linked: bool) -> File:
    original = stored.variants[0]
    file = File(
        id=upload.file_id, version=0 if before is None else before.version, area_code=upload.area_code, sectors=(),
        exercise=False, correlation_id=new_id() if before is None else before.correlation_id,
        owner=tx.caller.subject, state=FileState.KEPT, kind=stored.kind, media_type=original.media_type,
        bytes=original.bytes, sha256=original.sha256, received_sha256=stored.received_sha256,
        received_bytes=stored.received_bytes, received_at=tx.now, arrived_at=system_now(), upload_id=upload.id,
        variants=stored.variants, owner_posts=tuple(sorted(tx.caller.posts)), is_linked=is_linked,
    )  # fmt: skip
    event = FileKept(file=facts_of(file))
    file = await store.record_file(tx, file, event, why="received", policy=VERSION)
    async with tx.system(_SYSTEM):
        if before is not None:
            # Its old bytes may still be there: they go with what is left of their upload.
            await store.add_upload(tx, replace(upload, id=before.upload_id, expires_at=system_now()))
        if stored.capture is not None:
            await store.add_capture(tx, file.id, stored.capture)
        await store.settle_links(tx, file.id, system_now())
    return file


def facts_of(file: File) -> FileFacts:
    """What others are told of a file: neither who sent it nor anything that leads there."""
    return FileFacts(
        kind=file.kind, media_type=file.media_type, bytes=file.bytes, sha256=file.sha256,
        received_sha256=file.received_sha256,
    )  # fmt: skip


async def note_links(tx: Tx, event: Heard[Any]) -> None:
    """Note which files an event's aggregate refers to; a repeat changes nothing."""
    noun = ".".join(event.type.split(".")[:2])
    found = [
        Link(
            file_id=file_id, noun=noun, aggregate_id=event.aggregate_id, field=field, area_code=event.area_code,
            sectors=event.sectors, exercise=event.exercise, correlation_id=event.correlation_id,
            by_post=event.actor_post, referred_at=event.recorded_at,
        )
        for field, file_id in dict.fromkeys(files_in(event.data))
    ]  # fmt: skip
    if found:
        await store.add_links(tx, found)


async def find_seen(tx: Tx, file_id: UUID) -> Seen:
    """A file with what refers to it, for a verb that decides whether the caller may see it.

    Raises NotFound (404) where there is neither a file nor anything that waits for one.
    """
    async with tx.system(_SYSTEM):
        file = await store.find_file(tx, file_id)
        links = rules.vouched_for(file, await store.links_of(tx, file_id, _MOST_LINKS), MOST_ASKED)
    if file is None and not links:
        raise NotFound("file", file_id)
    is_own = file is not None and file.owner == tx.caller.subject
    return Seen(id=file_id, file=file, links=links, is_own=is_own)


async def show_again(tx: Tx, file_id: UUID) -> Seen:
    """The caller's own file, for a repeat; NotFound (404) for any other."""
    seen = await find_seen(tx, file_id)
    if not seen.is_own:
        raise NotFound("file", file_id)
    return seen


async def note_read(tx: Tx, file: File, *, variant: str, why: str) -> None:
    """Write on the timeline that somebody was handed the bytes of a file."""
    await read_access(tx, file, noun="file", why=why, details={"variant": variant})


async def open_capture(tx: Tx, seen: Seen, seals: Seals) -> dict[str, Any]:
    """What the camera wrote of time and place, for who may investigate; every opening is a row of the timeline.

    Raises RoleMissing (403), NotFound (404) where nothing was kept, SealBroken.
    """
    if not tx.caller.has_role(*MAY_INVESTIGATE):
        raise RoleMissing(MAY_INVESTIGATE)
    async with tx.system(_SYSTEM):
        sealed = await store.capture_of(tx, seen.id)
    if sealed is None or seen.file is None:
        raise NotFound("capture", seen.id)
    await read_access(tx, seen.file, noun="file_capture", why="investigation")
    opened: dict[str, Any] = orjson.loads(seals.open(CAPTURE.purpose, str(seen.id), sealed))
    return opened


def with_links(seen: Seen, shown: Iterable[Link]) -> Seen:
    """The same file with the links that the caller may see."""
    return replace(seen, links=tuple(shown))


def _area_of(tx: Tx) -> str:
    """A file has no place of its own: it stands under the first area of whoever sends it."""
    return min((grant.area_from for grant in tx.caller.grants), default=_NOWHERE)
