"""Looking at who may do what is a row: it shows what somebody could be got at for."""

from __future__ import annotations

from uuid import UUID

from gateway.subjects import store
from gateway.subjects.actions import find_subject
from gateway.subjects.rules import Kind, Subject
from gateway.timeline.actions import looked
from libs.common.db import Tx
from libs.common.pagination import Page, Paging
from libs.common.sensitive_reads import Sensitive, note_read

SUBJECT = Sensitive(
    noun="subject", why="shows what somebody may do, where, and who gave it", source="[DEF] GB/T 22239-2019 8.1.4.3"
)


async def look_at_subject(tx: Tx, id: UUID) -> Subject:  # noqa: A002
    """One subject with its grants, and the row of the look; NotFound."""
    found = await find_subject(tx, id)
    await note_read(tx, found, SUBJECT)
    return found


async def look_through_subjects(tx: Tx, asked: Paging, *, kind: Kind | None, subject: str | None) -> Page[Subject]:
    """A page of subjects, and one row for what was sought in a minute."""
    found = await store.list_subjects(tx, asked, kind=kind, subject=subject)
    sought = {"kind": kind, "subject": subject}
    details = {name: str(value) for name, value in sought.items() if value is not None}
    about = looked(tx.caller, f"subjects {details}")
    await note_read(tx, about, SUBJECT, details=details | {"shown": len(found.items)})
    return found
