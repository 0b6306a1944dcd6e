"""The verbs of duty records: enter one, correct it by a better one, withdraw it; and what is counted of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from libs.common.aggregates import require_version
from libs.common.clocks import CITY_ZONE
from libs.common.db import Tx
from libs.common.ids import new_id
from libs.common.problems import NotFound
from libs.contracts import duty_records as told
from services.responsibility_registry.areas import actions as areas
from services.responsibility_registry.copies.store import find_visible_objects
from services.responsibility_registry.duties import actions as duties
from services.responsibility_registry.duty_items import actions_ledger as ledger
from services.responsibility_registry.duty_records import rules, store
from services.responsibility_registry.duty_records.policies import POLICY, VERSION
from services.responsibility_registry.duty_records.rules import DutyRecord, DutyRecordWrong, NotYourDuty, Value
from services.responsibility_registry.grids import actions as grids
from services.responsibility_registry.organizations import actions as organizations
from services.responsibility_registry.organizations.actions import Post
from services.responsibility_registry.pairings import actions as pairings
from services.responsibility_registry.pairings.actions import Pairing

__all__ = [
    "POLICY", "Counted", "Fulfilled", "NewRecord", "correct_record", "counted_of", "enter_record",
    "find_record", "fulfilment_of",
    "withdraw_record",
]  # fmt: skip
Counted = store.Counted
_Fault = tuple[str, str, tuple[str, str]]


@dataclass(frozen=True, kw_only=True, slots=True)
class NewRecord:
    """What a post says that it did. Area and sectors are those of what it is about, where they are left out."""

    id: UUID
    kind: str
    post_id: UUID | None
    pairing_id: UUID | None
    object_id: UUID | None
    grid_id: UUID | None
    area_code: str | None
    duty_code: str
    done_at: datetime
    lon: float | None
    lat: float | None
    words: str
    values: Mapping[str, Value]
    evidence: tuple[UUID, ...]
    serves: tuple[int, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Place:
    area_code: str
    sectors: tuple[str, ...]


async def enter_record(tx: Tx, new: NewRecord) -> DutyRecord:
    """Something was done of a duty: by the acting post, or by the one that it stands in for.

    Raises PostUnsaid, DutyRecordWrong (422), NotYourDuty (403), NotFound (404) for a pairing or grid out of sight.
    """
    record = await _made(tx, new)
    event = told.DutyRecorded(record=facts(record), evidence=record.evidence)
    return await store.write_record(tx, record, event, why=record.words, parts=_parts(record))


async def correct_record(tx: Tx, record_id: UUID, expected: int | None, new: NewRecord) -> DutyRecord:
    """A better record takes the place of one, which stays on the books and no longer counts.

    Raises NotYourDuty (403), DutyRecordStands (409), DutyRecordWrong (422).
    """
    before = await store.lock_record(tx, record_id)
    _require_own(tx, before.post_id)
    require_version(before, expected)
    better = await _made(tx, replace(new, post_id=before.post_id), before)
    after = rules.correct(before, better)
    await store.write_record(tx, after, told.DutyRecordCorrected(record=facts(after), corrected_by=better.id), why="")
    event = told.DutyRecorded(record=facts(better), evidence=better.evidence)
    written = await store.write_record(tx, better, event, why=better.words, parts=_parts(better))
    await _woken(tx, before)
    return written


async def withdraw_record(tx: Tx, record_id: UUID, expected: int | None, reason: str) -> DutyRecord:
    """A record that was entered by mistake counts no longer. Raises NotYourDuty (403), DutyRecordStands (409)."""
    before = await store.lock_record(tx, record_id)
    _require_own(tx, before.post_id)
    require_version(before, expected)
    after = rules.withdraw(before, reason=reason, now=tx.now)
    event = told.DutyRecordWithdrawn(record=facts(after), reason=reason)
    written = await store.write_record(tx, after, event, why=reason)
    await _woken(tx, before)
    return written


async def find_record(tx: Tx, record_id: UUID) -> DutyRecord:
    """One record within the scope; NotFound (404) otherwise."""
    return await store.find_record(tx, record_id)


@dataclass(frozen=True, kw_only=True, slots=True)
class Fulfilled:
    """A duty that a post bears, and what was entered of it in a year."""

    code: str
    zh: str
    en: str
    source: str
    records: int
    last_done_at: datetime | None


async def fulfilment_of(tx: Tx, post_id: UUID, year: int) -> list[Fulfilled]:
    """Duty by duty, what was entered in a year of the city, counted from the records within the scope.

    The duties are those of the year's last instant, or of now where it still runs. NotFound (404) for no post.
    """
    post = (await organizations.posts_by_id(tx, [post_id])).get(post_id)
    if post is None:
        raise NotFound("posts", post_id)
    begins_at, ends_at = (datetime(one, 1, 1, tzinfo=CITY_ZONE) for one in (year, year + 1))
    items = await ledger.items_of_post(tx, post, max(begins_at, min(ends_at - timedelta(microseconds=1), tx.now)))
    done = await store.count_by_duty(tx, post_id, begins_at, ends_at)
    return [
        Fulfilled(
            code=one.code, zh=one.zh, en=one.en, source=one.source, records=done.get(one.code, (0, None))[0],
            last_done_at=done.get(one.code, (0, None))[1],
        )
        for one in items
    ]  # fmt: skip


async def counted_of(
    tx: Tx, post_ids: Sequence[UUID], begins_at: datetime, ends_at: datetime
) -> list[Counted]:  # fmt: skip
    """What counts of these posts between two instants; for another slice, which says to whom it discloses that."""
    async with tx.system("duty records: what counts of a list"):
        return await store.counted_of(tx, post_ids, begins_at, ends_at)


async def _made(tx: Tx, new: NewRecord, before: DutyRecord | None = None) -> DutyRecord:
    """The record as it is to be written. `before` is the one that it corrects."""
    pairing = None if new.pairing_id is None else await pairings.find_pairing(tx, new.pairing_id)
    by = tx.caller.acting_post()
    post_id = new.post_id or (pairing.post_id if pairing else by)
    _require_own(tx, post_id)
    post = (await organizations.posts_by_id(tx, [post_id])).get(post_id)
    if post is None:
        raise DutyRecordWrong(("/post_id", "unknown_post", ("登记册中没有此岗位。", "the registry has no such post")))
    place, faults = await _place_of(tx, new, pairing, post)
    faults += await _faults(tx, new, pairing, post)
    made = DutyRecord(
        id=new.id, version=0, area_code=place.area_code, sectors=place.sectors, exercise=False,
        correlation_id=pairing.correlation_id if pairing else new_id(), kind=new.kind, post_id=post_id, by_post=by,
        pairing_id=new.pairing_id, object_id=new.object_id, grid_id=new.grid_id, duty_code=new.duty_code,
        done_at=new.done_at, recorded_at=tx.now, entered_at=before.entered_at if before else tx.now, late=False,
        lon=new.lon, lat=new.lat, words=new.words, values=new.values, evidence=new.evidence, serves=new.serves,
        policy_version=VERSION, corrects=before.id if before else None,
    )  # fmt: skip
    takes = None if pairing is None else pairing.record_kinds
    return rules.check(made, POLICY, takes=takes, found=faults)


async def _place_of(tx: Tx, new: NewRecord, pairing: Pairing | None, post: Post) -> tuple[_Place, list[_Fault]]:
    """Where it was done: where the pairing, the object or the grid lies, else where the post says or stands."""
    if pairing is not None:
        return _Place(area_code=pairing.area_code, sectors=pairing.sectors), []
    if new.object_id is not None:
        known = (await find_visible_objects(tx, [new.object_id])).get(new.object_id)
        if known is None:
            said = ("没有此风险对象。", "there is no such risk object")
            return _Place(area_code=post.area_code, sectors=()), [("/object_id", "unknown_object", said)]
        return await _reached(tx, _Place(area_code=known.area_code, sectors=known.sectors), post, "/object_id")
    if new.grid_id is not None:
        grid = await grids.find_grid(tx, new.grid_id)
        return await _reached(tx, _Place(area_code=grid.area_code, sectors=post.sectors), post, "/grid_id")
    area_code = new.area_code or post.area_code
    if not await areas.knows_area(tx, area_code):
        said = ("登记册中没有此区划。", "the registry has no such area")
        return _Place(area_code=post.area_code, sectors=()), [("/area_code", "unknown_area", said)]
    return await _reached(tx, _Place(area_code=area_code, sectors=post.sectors), post, "/area_code")


async def _reached(tx: Tx, place: _Place, post: Post, pointer: str) -> tuple[_Place, list[_Fault]]:
    """A post does its duties where its area, or one of its duties, reaches ([DEF])."""
    standing = (await duties.standing_of(tx, [post.id], place.area_code))[post.id]
    said = ("不在本岗位的区划或责任范围内；如系包联，请先结对。", "the post does not reach there: pair it first")
    return place, [] if standing.reaches else [(pointer, "beyond_post", said)]


async def _faults(tx: Tx, new: NewRecord, pairing: Pairing | None, post: Post) -> list[_Fault]:
    faults: list[_Fault] = []
    if pairing is not None and (pairing.post_id != post.id or not pairings.holds(pairing, new.done_at)):
        said = ("该结对当时不属于本岗位。", "that pairing was not this post's then")
        faults.append(("/pairing_id", "not_yours_then", said))
    if pairing is not None and new.object_id not in (None, pairing.object_id):
        faults.append(
            ("/object_id", "not_of_pairing", ("与结对的对象不一致。", "it is not what the pairing is about"))
        )
    if new.duty_code:
        borne = await ledger.items_of_post(tx, post, new.done_at)
        if new.duty_code not in {item.code for item in borne}:
            said = ("当时不是本岗位的责任清单条目。", "that was no duty of this post then")
            faults.append(("/duty_item", "not_borne", said))
    return faults


def _require_own(tx: Tx, post_id: UUID) -> None:
    """For the post whose duty it is, and for who stands in for it. Raises NotYourDuty."""
    if post_id not in tx.caller.takes_part_as:
        raise NotYourDuty


async def _woken(tx: Tx, before: DutyRecord) -> None:
    """What no longer counts may leave a period short."""
    if before.pairing_id is not None:
        await pairings.wake(tx, before.pairing_id)


def _parts(record: DutyRecord) -> list[tuple[UUID, str]]:
    return [(post, "entered") for post in dict.fromkeys((record.post_id, record.by_post))]


def facts(record: DutyRecord) -> told.DutyRecordFacts:
    """The record as its events carry it: no words and no position."""
    return told.DutyRecordFacts(
        kind=record.kind, post_id=record.post_id, by_post=record.by_post, pairing_id=record.pairing_id,
        object_id=record.object_id, grid_id=record.grid_id, duty_item=record.duty_code or None,
        done_at=record.done_at, late=record.late, corrects=record.corrects,
    )  # fmt: skip
