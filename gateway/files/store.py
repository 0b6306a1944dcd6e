"""All SQL about files. A file is its owner's; who else sees it is decided by the verbs, under a system scope."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, exists, func, not_, select, text, update
from sqlalchemy.dialects.postgresql import insert

from gateway.files.model import file_captures, file_links, file_reminders, files, uploads
from gateway.files.rules import File, FileState, Link, Reminder, Upload
from libs.common.aggregates import load, record, selected
from libs.common.db import Tx
from libs.common.pagination import Page, Paging, page
from libs.contracts.event import Event

_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtextextended('gateway file ' || :id, 0))")


async def wait_for_turn(tx: Tx, file_id: UUID) -> None:
    """Two uploads under one id come to their end one after the other."""
    await tx.execute(_ONE_AT_A_TIME, {"id": str(file_id)})


async def wait_to_be_counted(tx: Tx) -> None:
    """Count what the caller has on its way, and add to it, without another of its uploads in between."""
    await tx.execute(_ONE_AT_A_TIME, {"id": f"uploads of {tx.caller.subject}"})


async def find_file(tx: Tx, file_id: UUID) -> File | None:
    """A file within the scope: the caller's own, or any under a system scope."""
    row = await tx.one_or_none(selected(files, tx.scope).where(files.c.id == file_id))
    return None if row is None else load(File, row)


async def list_files(tx: Tx, asked: Paging) -> Page[File]:
    """The caller's own files, in the order of their ids."""
    statement = selected(files, tx.scope)
    return await page(tx, statement, keys=[(files.c.id, "asc")], asked=asked, load=lambda row: load(File, row))


async def record_file(tx: Tx, file: File, event: Event, *, why: str, policy: str) -> File:
    """Write the file's next version with its event; its bytes are there, or there again."""
    return await record(tx, files, file, event, why=why, policy_version=policy, columns={"removed_at": None})


async def add_reminder(tx: Tx, reminder: Reminder, event: Event) -> Reminder:
    """Write that something waits for a file."""
    return await record(tx, file_reminders, reminder, event)


async def received_since(tx: Tx, since: datetime) -> int:
    """How many bytes the caller has sent since then."""
    own = selected(files, tx.scope).where(files.c.arrived_at > since)
    return int(await tx.scalar(own.with_only_columns(func.coalesce(func.sum(files.c.received_bytes), 0))))


async def announced_bytes(tx: Tx) -> int:
    """How many bytes the uploads of the caller may hold that are there still and became no file, given up or not."""
    became_a_file = exists().where(files.c.id == uploads.c.file_id, files.c.upload_id == uploads.c.id)
    open_or_left = and_(uploads.c.owner == tx.caller.subject, not_(became_a_file))
    return int(await tx.scalar(select(func.coalesce(func.sum(uploads.c.length), 0)).where(open_or_left)))


async def add_capture(tx: Tx, file_id: UUID, sealed: bytes) -> None:
    """Keep what a camera wrote, sealed; under a system scope."""
    added = insert(file_captures).values(file_id=file_id, sealed=sealed)
    await tx.execute(added.on_conflict_do_update(index_elements=["file_id"], set_={"sealed": sealed}))


async def capture_of(tx: Tx, file_id: UUID) -> bytes | None:
    """The sealed capture of a file, if one was kept; under a system scope."""
    found: bytes | None = await tx.scalar(select(file_captures.c.sealed).where(file_captures.c.file_id == file_id))
    return found


async def drop_capture(tx: Tx, file_id: UUID) -> None:
    """Forget what the camera wrote; under a system scope."""
    await tx.execute(file_captures.delete().where(file_captures.c.file_id == file_id))


async def add_upload(tx: Tx, upload: Upload) -> None:
    """Begin an upload: whatever is stored for it is found again by this row, however it ends."""
    await tx.execute(insert(uploads).values(asdict(upload)))


async def find_upload(tx: Tx, upload_id: UUID, *, now: datetime, locked: bool = False) -> Upload | None:
    """An upload of the caller that has not expired."""
    statement = select(uploads).where(
        uploads.c.id == upload_id, uploads.c.owner == tx.caller.subject, uploads.c.expires_at > now
    )
    row = await tx.one_or_none(statement.with_for_update() if locked else statement)
    return None if row is None else load(Upload, row)


async def count_uploads(tx: Tx, now: datetime) -> int:
    """How many uploads of the caller are on their way."""
    own = and_(uploads.c.owner == tx.caller.subject, uploads.c.expires_at > now)
    return int(await tx.scalar(select(func.count()).select_from(uploads).where(own)))


async def expire_upload(tx: Tx, upload_id: UUID, now: datetime) -> None:
    """The upload of the caller is over: the sweep removes what is left of it."""
    own = and_(uploads.c.id == upload_id, uploads.c.owner == tx.caller.subject)
    await tx.execute(update(uploads).where(own).values(expires_at=now))


async def remove_upload(tx: Tx, upload_id: UUID) -> None:
    """Nothing is left of the upload; under a system scope."""
    await tx.execute(uploads.delete().where(uploads.c.id == upload_id))


async def lock_expired_uploads(tx: Tx, now: datetime, limit: int) -> Sequence[Upload]:
    """Uploads that nobody finished in their time; under a system scope."""
    due = select(uploads).where(uploads.c.expires_at <= now).order_by(uploads.c.expires_at)
    return [load(Upload, row) for row in await tx.all(due.limit(limit).with_for_update(skip_locked=True))]


async def add_links(tx: Tx, links: Sequence[Link]) -> None:
    """Note what refers to which files, and on the files that something does; under a system scope."""
    added = insert(file_links).on_conflict_do_nothing()
    await tx.execute(added, [asdict(link) | {"sectors": list(link.sectors)} for link in links])
    named = sorted({link.file_id for link in links})
    # The version stays: that something refers to a file is no change of the file.
    await tx.execute(update(files).where(files.c.id.in_(named), not_(files.c.is_linked)).values(is_linked=True))


async def links_of(tx: Tx, file_id: UUID, limit: int) -> Sequence[Link]:
    """What refers to a file, the first first; under a system scope."""
    of_file = select(file_links).where(file_links.c.file_id == file_id)
    rows = await tx.all(of_file.order_by(file_links.c.referred_at, file_links.c.aggregate_id).limit(limit))
    return [load(Link, row) for row in rows]


async def settle_links(tx: Tx, file_id: UUID, now: datetime) -> int:
    """The file is here: nothing waits for it any more. Returns how many waited; under a system scope."""
    waiting = and_(file_links.c.file_id == file_id, file_links.c.settled_at.is_(None))
    return (await tx.execute(update(file_links).where(waiting).values(settled_at=now))).rowcount


async def lock_waiting_links(tx: Tx, before: datetime, limit: int) -> Sequence[Link]:
    """What has referred to a file since then, without an answer and untold; under a system scope."""
    waiting = and_(file_links.c.settled_at.is_(None), file_links.c.told_at.is_(None))
    due = select(file_links).where(waiting, file_links.c.referred_at <= before)
    chosen = due.order_by(file_links.c.referred_at).limit(limit).with_for_update(skip_locked=True)
    return [load(Link, row) for row in await tx.all(chosen)]


async def mark_told(tx: Tx, link: Link, now: datetime) -> None:
    """That this waits was told; under a system scope."""
    this = and_(
        file_links.c.file_id == link.file_id,
        file_links.c.aggregate_id == link.aggregate_id,
        file_links.c.field == link.field,
    )
    await tx.execute(update(file_links).where(this).values(told_at=now))


async def count_awaited(tx: Tx, limit: int) -> int:
    """How many references wait for a file although that was told, counted up to a limit; under a system scope."""
    waiting = select(file_links.c.file_id).where(file_links.c.settled_at.is_(None), file_links.c.told_at.is_not(None))
    return int(await tx.scalar(select(func.count()).select_from(waiting.limit(limit).subquery())))


async def lock_unused(tx: Tx, before: datetime, limit: int) -> Sequence[File]:
    """Kept files that nothing is known to refer to and that came before then; under a system scope."""
    unused = selected(files, tx.scope).where(
        files.c.state == FileState.KEPT, not_(files.c.is_linked), files.c.arrived_at <= before
    )
    chosen = unused.order_by(files.c.arrived_at).limit(limit).with_for_update(skip_locked=True)
    return [load(File, row) for row in await tx.all(chosen)]


async def mark_linked(tx: Tx, file_id: UUID) -> None:
    """Something refers to it after all; under a system scope."""
    await tx.execute(update(files).where(files.c.id == file_id).values(is_linked=True))


async def lock_unremoved(tx: Tx, limit: int) -> Sequence[File]:
    """Ended files whose bytes are still there; under a system scope."""
    ended = selected(files, tx.scope).where(files.c.state == FileState.ENDED, files.c.removed_at.is_(None))
    rows: Sequence[Any] = await tx.all(
        ended.order_by(files.c.ended_at).limit(limit).with_for_update(skip_locked=True)
    )
    return [load(File, row) for row in rows]


async def mark_removed(tx: Tx, file_id: UUID, now: datetime) -> None:
    """Its bytes are gone; under a system scope."""
    await tx.execute(update(files).where(files.c.id == file_id).values(removed_at=now))
