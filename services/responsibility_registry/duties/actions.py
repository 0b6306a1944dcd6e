"""The verbs of duties: assign, reassign, end, import; and the question who answers, for other slices."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from libs.common.db import Tx
from libs.common.ids import new_id
from libs.common.imports import Imported, import_rows, require_once
from libs.common.problems import StaleVersion
from libs.contracts.responsibility_registry import DutyAssigned, DutyChanged, DutyEnded
from services.responsibility_registry.classification.actions import unknown_categories, unknown_sectors
from services.responsibility_registry.duties import actions_register as register
from services.responsibility_registry.duties import rules, rules_reassign, rules_standing, store
from services.responsibility_registry.duties.rules import Duty
from services.responsibility_registry.duties.rules_chain import Chain
from services.responsibility_registry.duties.rules_standing import Standing
from services.responsibility_registry.organizations import actions as organizations

POLICY = register.POLICY


@dataclass(frozen=True, kw_only=True, slots=True)
class Handover:
    """To whom a duty passes, from when on, and why; by the same clause where none is named."""

    post_id: UUID
    at: datetime
    reason: str
    clause: str = ""


async def import_duties(tx: Tx, entered: Sequence[Duty]) -> Imported:
    """Insert or change duties by their ids; a repeat changes nothing. For an administrator of each area.

    Of the area where a known duty lies now as well, and of the posts that are to answer: nobody burdens
    another body's post. A duty that has ended stays ended: an import brings none back. Raises DutyWrong (422), of
    every row at once; a second first-responsible is one of its faults.
    """
    for one in entered:
        tx.caller.require_every("administrator", area_code=one.area_code, sectors=one.sectors)
    require_once(entered, _id)
    posts = await organizations.posts_by_id(tx, [one.post_id for one in entered])
    _check_all(entered, posts)
    _require_posts(tx, entered, posts)

    async def add(new: Sequence[Duty]) -> object:
        return await store.add_duties(tx, [(one, DutyAssigned(**_told(one))) for one in new])

    async def change(after: Duty) -> object:
        return await store.record_duty(tx, after, DutyChanged(**_told(after)))

    current = await store.lock_duties(tx, [one.id for one in entered])
    for known in current.values():
        tx.caller.require("administrator", area_code=known.area_code, sectors=known.sectors)
    kept = [_kept(one, current.get(one.id)) for one in entered]
    await _require_firsts(tx, kept)
    return await import_rows(sorted(kept, key=_id), current, _id, add=add, change=change)


async def assign_duty(tx: Tx, duty: Duty, reason: str) -> Duty:
    """A post answers from a date on; the database refuses a second first-responsible at the same time.

    Raises DutyWrong (422) for a post, a sector, a category or a link that the registry does not know, and
    FirstResponsibleHeld (409).
    """
    tx.caller.require_every("administrator", area_code=duty.area_code, sectors=duty.sectors)
    posts = await organizations.posts_by_id(tx, [duty.post_id])
    _check(duty, posts)
    _require_posts(tx, [duty], posts)
    await _require_first(tx, duty)
    return await store.record_duty(tx, duty, DutyAssigned(**_told(duty)), why=reason)


def _require_posts(tx: Tx, entered: Iterable[Duty], posts: Mapping[UUID, organizations.Post]) -> None:
    """Whoever gives a post something to answer for administers it where the post stands. Raises RoleMissing (403)."""
    for one in entered:
        area_code = posts[one.post_id].area_code
        tx.caller.require_every("administrator", area_code=area_code, sectors=one.sectors)


async def end_duty(tx: Tx, duty_id: UUID, expected: int | None, at: datetime, reason: str) -> Duty:
    """The duty no longer holds from an instant on; it is ended and never deleted."""
    duty = (await store.lock_duties(tx, [duty_id])).get(duty_id) or await store.find_duty(tx, duty_id)
    tx.caller.require("administrator", area_code=duty.area_code, sectors=duty.sectors)
    if expected is not None and duty.version != expected:
        raise StaleVersion(expected=expected, current=duty.version)
    ended = rules.end_duty(duty, at=at, reason=reason)
    return await store.record_duty(tx, ended, DutyEnded(valid_to=at, reason=reason), why=reason)


async def reassign_duty(tx: Tx, duty_id: UUID, expected: int | None, to: Handover) -> Duty:
    """The duty passes to another post at one instant: the one ends and the new one begins, or neither.

    Raises DutyAlreadyEnded, FirstResponsibleHeld (409), DutyWrong (422); returns the new duty.
    """
    duty = (await store.lock_duties(tx, [duty_id])).get(duty_id) or await store.find_duty(tx, duty_id)
    tx.caller.require_every("administrator", area_code=duty.area_code, sectors=duty.sectors)
    if expected is not None and duty.version != expected:
        raise StaleVersion(expected=expected, current=duty.version)
    ended, begun = rules_reassign.reassign(duty, to.post_id, new_id(), at=to.at, reason=to.reason, clause=to.clause)
    posts = await organizations.posts_by_id(tx, [begun.post_id])
    _check(begun, posts)
    _require_posts(tx, [begun], posts)
    await store.record_duty(tx, ended, DutyEnded(valid_to=to.at, reason=to.reason), why=to.reason)
    await _require_first(tx, begun)
    return await store.record_duty(tx, begun, DutyAssigned(**_told(begun)), why=to.reason)


async def _require_first(tx: Tx, duty: Duty) -> None:
    """For the caller's sake, who gets a sentence; who comes in between is refused by the database itself."""
    if duty.role.endswith(rules_reassign.FIRST):
        rules_reassign.require_first(duty, await store.firsts_beside(tx, duty))


async def _require_firsts(tx: Tx, entered: Sequence[Duty]) -> None:
    """As `_require_first`, of every row at once: each with its pointer. Raises DutyWrong."""
    firsts = [one for one in entered if one.role.endswith(rules_reassign.FIRST)]
    if not firsts:
        return
    areas, roles = {one.area_code for one in firsts}, {one.role for one in firsts}
    faults = [*rules_reassign.first_faults(entered, await store.firsts_on(tx, areas, roles))]
    if faults:
        raise rules.DutyWrong(*faults)


async def who(tx: Tx, category: str, area_code: str, at: datetime, entity: str = "") -> Chain:
    """Who answers for a category at a place and an instant: each link with the clause that chose it, and the gaps."""
    return (await register.answered(tx, category, area_code, at, entity)).chain


async def standing_of(tx: Tx, post_ids: Sequence[UUID], area_code: str) -> dict[UUID, Standing]:
    """How those of the posts that are on the books stand to an area now; for another slice."""
    posts = await organizations.posts_by_id(tx, post_ids)
    offices = await store.offices_of(tx, post_ids, area_code, tx.now)
    return {
        id_: rules_standing.standing(post, post.area_code, area_code, offices.get(id_)) for id_, post in posts.items()
    }  # fmt: skip


async def held_by(tx: Tx, post_ids: Sequence[UUID], at: datetime) -> list[Duty]:
    """The duties of these posts that are in force at an instant; for another slice."""
    return await store.in_force_of(tx, post_ids, at)


def _check_all(entered: Sequence[Duty], posts: Mapping[UUID, organizations.Post]) -> None:
    """Raise every row's faults at once: a spreadsheet is mended in one go."""
    faults: list[tuple[str, str, tuple[str, str]]] = []
    for number, one in enumerate(entered):
        try:
            _check(one, posts)
        except rules.DutyWrong as wrong:
            faults += ((f"/items/{number}{pointer}", code, said) for pointer, code, said in wrong.errors)
    if faults:
        raise rules.DutyWrong(*faults)


def _check(duty: Duty, posts: Mapping[UUID, organizations.Post]) -> None:
    there = duty.post_id in posts
    found = [] if there else [("/post_id", "unknown_post", ("登记册中没有此岗位。", "the registry has no such post"))]
    rules.check_duty(duty, POLICY, [*found, *unknown_sectors(duty.sectors), *unknown_categories(duty.categories)])


def _kept(entered: Duty, known: Duty | None) -> Duty:
    if known is None:
        return entered
    return replace(entered, valid_to=known.valid_to, ended_reason=known.ended_reason)


def _id(duty: Duty) -> UUID:
    return duty.id


def _told(duty: Duty) -> dict[str, object]:
    return {
        "post_id": duty.post_id, "area_code": duty.area_code, "link": duty.role, "categories": duty.categories,
        "sectors": duty.sectors, "valid_from": duty.valid_from, "valid_to": duty.valid_to, "clause": duty.clause,
    }  # fmt: skip
