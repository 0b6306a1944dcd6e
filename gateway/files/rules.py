"""What a file is while it is kept, and the few truths about parts, ranges and time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

FIRST_BYTE_DIGITS = 12
"""The place of a part in its upload is written so that names sort as numbers do."""
UNUSED = "nothing refers to it"
PATHS: Mapping[str, str] = {
    "public_reporting.report": "/v1/reports",
    "risk_grading.hazard": "/v1/hazards",
    "risk_grading.assessment": "/v1/assessments",
    "responsibility_registry.order": "/v1/orders",
    "responsibility_registry.duty_record": "/v1/duty-records",
    "responsibility_registry.stage": "/v1/order-stages",
    "responsibility_registry.listing": "/v1/listings",
    "responsibility_registry.stop_measure": "/v1/stop-measures",
    "responsibility_registry.letter": "/v1/letters",
    "responsibility_registry.lead": "/v1/leads",
    "responsibility_registry.commendation": "/v1/commendations",
    "responsibility_registry.meeting": "/v1/meetings",
    "responsibility_registry.appeal": "/v1/evaluation-appeals",
    "responsibility_registry.tour_visit": "/v1/tour-visits",
    "responsibility_registry.credit_fact": "/v1/credit-facts",
    "responsibility_registry.credit_feedback": "/v1/credit-feedback",
    "responsibility_registry.blacklist_entry": "/v1/blacklist-entries",
}
"""Where a caller looks at what refers to files. A test walks the events: a noun that is missing here fails it."""


class FileState(StrEnum):
    """Where a file stands; `linked` and `awaited` follow from what refers to it."""

    KEPT = "kept"
    LINKED = "linked"
    AWAITED = "awaited"
    ENDED = "ended"


@dataclass(frozen=True, kw_only=True, slots=True)
class Variant:
    """One form of a file as it lies in the store; `sums` are the hashes of its blocks, in hex and in a row."""

    name: str
    media_type: str
    bytes: int
    sha256: str
    sums: str
    width: int | None = None
    height: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class File:
    """A file that was received whole. `upload_id` is under which its bytes lie."""

    id: UUID
    version: int
    area_code: str
    sectors: tuple[str, ...]
    exercise: bool
    correlation_id: UUID
    owner: str
    state: FileState
    kind: str
    media_type: str
    bytes: int
    sha256: str
    received_sha256: str
    received_bytes: int
    received_at: datetime
    arrived_at: datetime
    upload_id: UUID
    variants: tuple[Variant, ...]
    owner_posts: tuple[UUID, ...] = ()
    """The posts of who sent it, at that time: what these refer to it in, they vouch for."""
    is_linked: bool = False
    """Whether something is known to refer to it."""
    ended_at: datetime | None = None
    ended_reason: str | None = None

    def variant(self, name: str) -> Variant | None:
        """One of its forms; the original where it has no smaller ones; None where its bytes are gone."""
        if self.state is FileState.ENDED:
            return None
        found = {one.name: one for one in self.variants}
        return found.get(name) or found.get("original")


@dataclass(frozen=True, kw_only=True, slots=True)
class Upload:
    """A file on its way: who sends it, what it is said to be, and how long it is where that was said."""

    id: UUID
    file_id: UUID
    owner: str
    area_code: str
    media_type: str | None
    length: int | None
    capture: bool
    started_at: datetime
    expires_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Link:
    """Something that refers to a file."""

    file_id: UUID
    noun: str
    aggregate_id: UUID
    field: str
    area_code: str
    sectors: tuple[str, ...]
    exercise: bool
    correlation_id: UUID
    by_post: UUID | None
    referred_at: datetime

    @property
    def service(self) -> str:
        """The service that owns what refers."""
        return self.noun.partition(".")[0]

    @property
    def path(self) -> str | None:
        """Where a caller looks at it; None for a noun without a door."""
        known = PATHS.get(self.noun)
        return None if known is None else f"{known}/{self.aggregate_id}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Reminder:
    """That something waits for a file was told; an aggregate of its own, since the file is not there yet."""

    id: UUID
    version: int
    area_code: str
    sectors: tuple[str, ...]
    exercise: bool
    correlation_id: UUID
    file_id: UUID
    noun: str
    aggregate_id: UUID
    field: str


def part_key(upload_id: UUID, first_byte: int) -> str:
    """Where a part of a resumable upload lies."""
    return f"receiving/{upload_id}/{first_byte:0{FIRST_BYTE_DIGITS}d}"


def kept_key(upload_id: UUID, variant: str) -> str:
    """Where a form of a kept file lies."""
    return f"kept/{upload_id}/{variant}"


def received(parts: Iterable[tuple[str, int]]) -> int:
    """How many bytes have come without a gap, from the keys of the parts in their order and their sizes."""
    end = 0
    for key, size in parts:
        if int(key.rpartition("/")[2]) != end:
            break
        end += size
    return end


def part_of(header: str | None, size: int) -> tuple[int, int] | None:
    """The first byte and the one after the last that a Range header asks for; None means the whole file.

    One range only (RFC 9110 §14.2 lets a server ignore what it does not serve); an empty one lies beyond the end.
    """
    unit, _, asked = (header or "").partition("=")
    first, dash, last = asked.strip().partition("-")
    if unit.strip().lower() != "bytes" or not dash or "," in asked or not _numbers(first, last):
        return None
    if not first:
        start, end = max(0, size - int(last)), size
    else:
        start, end = int(first), min(size, int(last) + 1 if last else size)
        if last and int(last) < int(first):
            return None
    return start, max(start, end)


def _numbers(first: str, last: str) -> bool:
    given = [one for one in (first, last) if one]
    return bool(given) and all(one.isascii() and one.isdecimal() and len(one) < 16 for one in given)


def end_unused(file: File, now: datetime) -> File:
    """Nothing referred to it within its time."""
    return replace(file, state=FileState.ENDED, ended_at=now, ended_reason=UNUSED)


def vouched_for(file: File | None, links: Sequence[Link], most: int) -> tuple[Link, ...]:
    """The links through which others may see a file, the latest first.

    Whoever knows the id of a file could name it in a report of their own and look at it through that. So a link
    counts only in the trace that referred to the file first, or where a post of its sender made it ([DEF]).
    """
    if not links:
        return ()
    first = min(links, key=lambda link: (link.referred_at, link.aggregate_id))
    posts = () if file is None else file.owner_posts
    counted = [one for one in links if one.correlation_id == first.correlation_id or one.by_post in posts]
    return tuple(sorted(counted, key=lambda link: (link.referred_at, link.aggregate_id), reverse=True)[:most])


def shown_state(file: File | None) -> FileState:
    """The state that a caller reads; None is a file that something waits for."""
    if file is None or (file.state is FileState.ENDED and file.is_linked):
        return FileState.AWAITED
    return FileState.LINKED if file.is_linked else file.state
