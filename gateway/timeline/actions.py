"""The verbs of the timeline over all services: search it, find one row, and put right what a row says."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from gateway.services import Answered, ServiceClient
from gateway.timeline import store
from gateway.timeline.model import corrections
from gateway.timeline.rules import Correction, OrderedErasureStays, Part, Place, Row, digest_of, missing, page
from libs.common import timeline_search
from libs.common.aggregates import record
from libs.common.anchors import AnchorFile
from libs.common.db import Tx
from libs.common.ddl.timeline import ERASURE_ORDERED
from libs.common.ids import new_id
from libs.common.pagination import BadCursor, Paging, encode_cursor, fingerprint_of, unpack
from libs.common.problems import NotFound, RoleMissing, Unavailable
from libs.common.proofs import row_with_proof
from libs.common.scope import Scope
from libs.common.sensitive_reads import Sensitive, note_read
from libs.common.timeline_questions import filters_of, question
from libs.common.timeline_search import AUDITORS, Sought, administers_audit, auditing
from libs.contracts.gateway import CorrectionRecorded

GATEWAY = "gateway"
TIMELINE = Sensitive(
    noun="timeline", why="shows what somebody did, everywhere", source="个人信息保护法 Art 51, 54: access and audits"
)
TRACE = Sensitive(
    noun="trace", why="shows everybody who had a hand in a case", source="个人信息保护法 Art 51: access is recorded"
)
_SYSTEM = "audit"
_NAMES = UUID("3c8b8f0e-7c57-5d5b-9a6e-5f6f2f0b6d11")


@dataclass(frozen=True, kw_only=True, slots=True)
class Looked:
    """What somebody looked at, seen as the thing that the row of the look is about."""

    id: UUID
    area_code: str
    sectors: tuple[str, ...]
    correlation_id: UUID
    exercise: bool = False
    version: int = 0


def looked(scope: Scope, what: str | UUID, correlation_id: UUID | None = None) -> Looked:
    """A look stands in an area of the one who looks: auditors of that area find it, and the looker's next one too."""
    grants = [grant for grant in scope.grants if grant.role in AUDITORS] or list(scope.grants)
    area, sectors = (grants[0].area_from, grants[0].sectors or ()) if grants else ("0" * 12, ())
    id_ = what if isinstance(what, UUID) else uuid5(_NAMES, what)
    return Looked(id=id_, area_code=area, sectors=sectors, correlation_id=correlation_id or new_id())


@dataclass(frozen=True, kw_only=True, slots=True)
class Search:
    """One page that was asked for: what is sought, how much, and where each part goes on."""

    sought: Sought
    limit: int
    mark: str
    is_first: bool
    places: Mapping[str, Place | None]


def begin_search(sought: Sought, asked: Paging, services: ServiceClient) -> Search:
    """The page that the caller asks for. Raises BadCursor (400)."""
    mark = fingerprint_of(filters_of(sought), [])
    names = (*services.names, GATEWAY)
    places = dict.fromkeys(names) if asked.cursor is None else _places(asked.cursor, mark, names)
    return Search(sought=sought, limit=asked.limit, mark=mark, is_first=asked.cursor is None, places=places)


async def search_own(tx: Tx, search: Search) -> Part | None:
    """What the gateway's own timeline has (who may sign in, and what they did here), and the row of this search.

    None where the caller does not administer the audit. Raises RoleMissing (403) for who is no auditor.
    """
    auditing(tx.caller)
    said = filters_of(search.sought)
    await note_read(tx, looked(tx.caller, f"{search.mark}"), TIMELINE, details={"sought": said})
    if not administers_audit(tx.caller):
        return None
    before = _before(search.places[GATEWAY])
    rows = await timeline_search.search(tx, search.sought, limit=search.limit + 1, before=before)
    return Part(service=GATEWAY, items=tuple(asdict(row) for row in rows))


async def search_all(
    services: ServiceClient, search: Search, own: Part | None, headers: Mapping[str, str]
) -> dict[str, Any]:
    """One page over all services, newest first; a part that is missing is named, and asked again by the next page.

    Raises Unavailable (503) where nobody answered, and on a later page where only those who are away have more.
    """
    asked = (_ask(services, name, search, headers) for name in services.names)
    parts = [*await asyncio.gather(*asked), *([own] if own else [])]
    lost = missing(parts)
    found = page(parts, search.places, search.limit)
    if lost and (len(lost) == len(services.names) or (not found.items and not search.is_first)):
        raise Unavailable(part=", ".join(part["service"] for part in lost))
    return {
        "items": list(found.items),
        "next": None if found.places is None else _cursor(search.mark, found.places, (*services.names, GATEWAY)),
        "missing": lost,
        "complete": not lost,
    }


async def _ask(services: ServiceClient, name: str, search: Search, headers: Mapping[str, str]) -> Part:
    before = _before(search.places[name])
    answer = await services.ask(name, question(search.sought, limit=search.limit + 1, before=before), headers)
    if (reason := _why_missing(answer)) is not None:
        return Part(service=name, missing=reason)
    return Part(service=name, items=tuple(answer.body["items"]))


def _why_missing(answer: Answered) -> str | None:
    if answer.missing is not None:
        return answer.missing
    if answer.status == 200 and isinstance(answer.body, dict):
        return None
    code = answer.body.get("code") if isinstance(answer.body, dict) else None
    return str(code or f"status_{answer.status}")


def _before(place: Place | None) -> timeline_search.Place | None:
    return None if place is None else timeline_search.Place(recorded_at=place[0], id=place[1])


def _cursor(mark: str, places: Mapping[str, Place | None], names: Sequence[str]) -> str:
    stands = (places.get(name) or (None, None) for name in names)
    return encode_cursor(
        mark, [value.isoformat() if isinstance(value, datetime) else value for at in stands for value in at]
    )


def _places(cursor: str, mark: str, names: Sequence[str]) -> dict[str, Place | None]:
    told = unpack(cursor)
    if len(told) != 1 + 2 * len(names) or told[0] != mark:
        raise BadCursor
    return {name: _place(told[1 + 2 * n], told[2 + 2 * n]) for n, name in enumerate(names)}


def _place(at: Any, id_: Any) -> Place | None:
    if at is None and id_ is None:
        return None
    try:
        place = datetime.fromisoformat(at), UUID(id_)
    except (TypeError, ValueError, AttributeError):
        raise BadCursor from None
    if place[0].tzinfo is None or not 1970 <= place[0].year <= 9000:
        raise BadCursor
    return place


async def own_row(tx: Tx, timeline_id: UUID, anchors: AnchorFile) -> Row | None:
    """The row where it is the gateway's own and the caller administers the audit; each look at a row is a row too."""
    await note_read(tx, looked(tx.caller, timeline_id), TIMELINE, details={"timeline_id": str(timeline_id)})
    if not administers_audit(tx.caller):
        # What the gateway wrote is about who may sign in.
        return None
    try:
        return await row_with_proof(tx, timeline_id, anchors)
    except NotFound:
        return None


async def find_row(services: ServiceClient, timeline_id: UUID, own: Row | None, headers: Mapping[str, str]) -> Row:
    """One row with its proof, from whichever service has it and shows it to the caller.

    Raises NotFound (404), and Unavailable (503) where a service that may have it is away.
    """
    if own is not None:
        return own
    answers = await services.ask_all(f"/internal/timeline/{timeline_id}", headers)
    for answer in answers.values():
        if answer.status == 200 and isinstance(answer.body, dict):
            return answer.body
    lost = [name for name, answer in answers.items() if answer.status not in (200, 404)]
    if lost:
        raise Unavailable(part=", ".join(lost))
    raise NotFound("timeline", timeline_id)


async def corrections_beside(tx: Tx, rows: Iterable[Row]) -> dict[str, list[Correction]]:
    """What was said about these rows later, by the row's id."""
    found: dict[str, list[Correction]] = {}
    ids = [UUID(str(row["id"])) for row in rows]
    # Whoever was shown a row is shown what was said about it.
    async with tx.system(_SYSTEM):
        for correction in await store.corrections_of(tx, ids) if ids else ():
            found.setdefault(str(correction.timeline_id), []).append(correction)
    return found


async def note_trace_read(tx: Tx, correlation_id: UUID) -> None:
    """Write that the caller read a trace."""
    await note_read(tx, looked(tx.caller, correlation_id, correlation_id), TRACE)


def may_correct(scope: Scope, row: Row) -> bool:
    """[DEF] An auditor of the row's area, or who holds the post that acted."""
    if scope.holds(*AUDITORS, area_code=row["area_code"], sectors=row["sectors"]):
        return True
    return row["actor_post"] is not None and UUID(str(row["actor_post"])) in scope.posts


async def record_correction(tx: Tx, row: Row, *, wrong: str, right: str, ground: str) -> Correction:
    """Say beside a row what is wrong in it and what is true; the row stays.

    Raises RoleMissing (403), and OrderedErasureStays (409) for an order of erasure.
    """
    if not may_correct(tx.caller, row):
        raise RoleMissing(AUDITORS)
    if row["event_type"].endswith(ERASURE_ORDERED):
        raise OrderedErasureStays
    correction = Correction(
        id=new_id(),
        version=0,
        area_code=row["area_code"],
        sectors=tuple(row["sectors"]),
        exercise=row["exercise"],
        correlation_id=UUID(str(row["correlation_id"])),
        timeline_id=UUID(str(row["id"])),
        service=row["service"],
        wrong=wrong,
        right=right,
        ground=ground,
        by_subject=tx.caller.subject,
        by_post=tx.caller.post_id,
        corrected_at=tx.now,
    )
    said = digest_of(wrong, right, ground)
    event = CorrectionRecorded(timeline_id=correction.timeline_id, service=correction.service, digest=said)
    return await record(tx, corrections, correction, event)


async def find_correction(tx: Tx, id: UUID) -> Correction:  # noqa: A002
    """One correction within the caller's scope; NotFound otherwise."""
    return await store.find_correction(tx, id)
