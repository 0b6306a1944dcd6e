"""What time does to files: unfinished uploads and unused files go, missing ones are told, bytes follow their rows."""

from __future__ import annotations

from datetime import timedelta

from gateway.file_kinds import VERSION
from gateway.files import rules, store
from gateway.files.actions import LIFE, facts_of
from gateway.files.actions_receive import discard
from gateway.files.rules import FileState, Link, Reminder
from gateway.filestore import FileStore
from libs.common.clocks import system_now
from libs.common.db import Tx
from libs.common.ids import new_id
from libs.common.metrics import gauge
from libs.contracts.gateway import FileAwaited, FileEnded

_COUNTED = 10_000
_awaited = gauge("files_awaited", "references to files that have not arrived within their time, counted up to 10,000")


async def end_unused(tx: Tx, limit: int) -> int:
    """End files that nothing has referred to within their time. Returns how many were looked at."""
    now = system_now()
    unused = await store.lock_unused(tx, now - timedelta(seconds=LIFE["unused_seconds"]), limit)
    for file in unused:
        # Asked again: a reference and its file may have been written side by side, neither seeing the other.
        if await store.links_of(tx, file.id, 1):
            await store.mark_linked(tx, file.id)
            continue
        ended = rules.end_unused(file, tx.now)
        event = FileEnded(file=facts_of(file), reason=rules.UNUSED)
        await store.record_file(tx, ended, event, why=rules.UNUSED, policy=VERSION)
        await store.drop_capture(tx, file.id)
    return len(unused)


async def remove_bytes(tx: Tx, files: FileStore, limit: int) -> int:
    """Remove the bytes of ended files: the row ends first, so that no row ever speaks of bytes that are gone."""
    ended = await store.lock_unremoved(tx, limit)
    for file in ended:
        await files.remove(f"kept/{file.upload_id}")
        await store.mark_removed(tx, file.id, system_now())
    return len(ended)


async def forget_uploads(tx: Tx, files: FileStore, limit: int) -> int:
    """Remove what is left of uploads that nobody finished, also of those that a crash cut off before their row."""
    expired = await store.lock_expired_uploads(tx, system_now(), limit)
    for upload in expired:
        file = await store.find_file(tx, upload.file_id)
        await discard(files, upload, kept=file is not None and file.upload_id == upload.id)
        await store.remove_upload(tx, upload.id)
    return len(expired)


async def tell_awaited(tx: Tx, limit: int) -> int:
    """Tell what has waited too long for a file, each reference once. Returns how many were looked at."""
    now = system_now()
    waiting = await store.lock_waiting_links(tx, now - timedelta(seconds=LIFE["awaited_seconds"]), limit)
    for link in waiting:
        file = await store.find_file(tx, link.file_id)
        if file is not None and file.state is FileState.KEPT:
            await store.settle_links(tx, link.file_id, now)
            continue
        await _tell(tx, link)
        await store.mark_told(tx, link, now)
    return len(waiting)


async def measure_awaited(tx: Tx) -> None:
    """Show how many references wait for a file although that was told."""
    _awaited.labels(tx.service).set(await store.count_awaited(tx, _COUNTED))


async def _tell(tx: Tx, link: Link) -> None:
    reminder = Reminder(
        id=new_id(), version=0, area_code=link.area_code, sectors=link.sectors, exercise=link.exercise,
        correlation_id=link.correlation_id, file_id=link.file_id, noun=link.noun, aggregate_id=link.aggregate_id,
        field=link.field,
    )  # fmt: skip
    event = FileAwaited(
        file_id=link.file_id, noun=link.noun, aggregate_id=link.aggregate_id, field=link.field,
        referred_at=link.referred_at,
    )  # fmt: skip
    await store.add_reminder(tx, reminder, event)
