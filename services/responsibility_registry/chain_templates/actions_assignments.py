"""The verbs of chain assignments: import a list of who has charge of what, and end one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from libs.common.aggregates import require_version
from libs.common.clocks import city_day
from libs.common.db import Tx
from libs.common.imports import Imported, id_of, import_rows, require_once
from libs.contracts import chain_templates as told
from services.responsibility_registry.areas import actions as areas
from services.responsibility_registry.chain_templates import rules_assignments as rules
from services.responsibility_registry.chain_templates import store_assignments as store
from services.responsibility_registry.chain_templates.actions import KEEPER, holding_on
from services.responsibility_registry.chain_templates.rules import ChainTemplate, HangsOn
from services.responsibility_registry.chain_templates.rules_assignments import ChainAssignment, Fault, Named
from services.responsibility_registry.chain_templates.rules_grounds import level_of
from services.responsibility_registry.copies.store import find_visible_objects, types_of
from services.responsibility_registry.grids import actions_units as grids
from services.responsibility_registry.organizations import actions as organizations

__all__ = ["AssignmentRow", "end_assignment", "find_assignment", "import_assignments"]
NOUN = "chain_assignments"
"""What the ids of rows without an id are made of, besides their key."""
_NOWHERE = "000000000000"


@dataclass(frozen=True, kw_only=True, slots=True)
class AssignmentRow:
    """A row of a list: its ground by an area's code, a grid's code or an object's id; posts by codes or ids."""

    id: UUID | None
    template: str
    link: str
    area_code: str | None
    grid_code: str | None
    object_id: UUID | None
    post_code: str | None
    post_id: UUID | None
    superior_post_code: str | None
    superior_post_id: UUID | None
    households: int | None
    document: str
    valid_from: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class _Books:
    """What the registry knows of what the rows of a batch name."""

    codes: Mapping[str, UUID]
    posts: Mapping[UUID, organizations.Post]
    areas: frozenset[str]
    grids: Mapping[str, tuple[UUID, str, str]]
    objects: Mapping[UUID, tuple[str, str]]
    templates: dict[tuple[str, datetime], Mapping[str, ChainTemplate]] = field(default_factory=dict)

    def post(self, code: str | None, post_id: UUID | None) -> UUID | None:
        """The post that a row names by its code or its id; an id that nobody has is kept, to be refused."""
        return self.codes.get(code) if code is not None else post_id

    def named(self, row: AssignmentRow) -> tuple[str, UUID | None, Named | None]:
        """The area and unit of a row's ground, and what it is; nothing is known of what is not on the books."""
        if row.grid_code is not None:
            unit_id, area_code, kind = self.grids.get(row.grid_code, (None, _NOWHERE, ""))
            return (
                area_code,
                unit_id,
                Named(what=HangsOn.GRID, level=level_of(area_code), kind=kind) if kind else None,
            )
        if row.object_id is not None:
            area_code, kind = self.objects.get(row.object_id, (_NOWHERE, ""))
            named = Named(what=HangsOn.OBJECT, level=level_of(area_code), kind=kind) if kind else None
            return area_code, row.object_id, named
        code = row.area_code or _NOWHERE
        return code, None, Named(what=HangsOn.AREA, level=level_of(code)) if code in self.areas else None


async def import_assignments(tx: Tx, rows: Sequence[AssignmentRow]) -> Imported:
    """Posts have charge of grounds in links of templates, from their days on; a repeat changes nothing.

    For administrators of each ground and of each post, for every sector of the template: nobody burdens another
    body's post. Ended ones stay ended. Raises RoleMissing (403), RowTwice, ChainAssignmentWrong (422), of every row.
    """
    books = await _books(tx, rows)
    entered, faults = await _entered(tx, rows, books)
    _require(tx, entered, books)
    if faults:
        raise rules.ChainAssignmentWrong(*faults)
    require_once(entered, _id)
    await store.lock_assigning(tx)
    current = await store.lock_assignments(tx, [one.id for one in entered])
    for known in current.values():
        tx.caller.require(KEEPER, area_code=known.area_code, sectors=known.sectors)
    kept = [_kept(one, current.get(one.id)) for one in entered]
    await _require_apart(tx, kept)

    async def add(new: Sequence[ChainAssignment]) -> object:
        return await store.add_assignments(
            tx, [(one, told.ChainAssignmentBegun(assignment=facts(one))) for one in new]
        )

    async def change(after: ChainAssignment) -> object:
        event = told.ChainAssignmentChanged(assignment=facts(after))
        return await store.record_assignment(tx, after, event, why=after.document)

    return await import_rows(sorted(kept, key=_id), current, _id, add=add, change=change)


async def end_assignment(
    tx: Tx, assignment_id: UUID, expected: int | None, at: datetime, reason: str
) -> ChainAssignment:  # fmt: skip
    """The post no longer has charge of the ground from an instant on.

    Raises NotFound (404), RoleMissing (403), StaleVersion (412), ChainAssignmentAlreadyEnded (409),
    ChainAssignmentWrong (422).
    """
    locked = await store.lock_assignments(tx, [assignment_id])
    one = locked.get(assignment_id) or await store.find_assignment(tx, assignment_id)
    tx.caller.require(KEEPER, area_code=one.area_code, sectors=one.sectors)
    require_version(one, expected)
    ended = rules.end(one, at=at, reason=reason)
    event = told.ChainAssignmentEnded(assignment=facts(ended), reason=reason)
    return await store.record_assignment(tx, ended, event, why=reason)


async def find_assignment(tx: Tx, assignment_id: UUID) -> ChainAssignment:
    """One assignment; NotFound (404) otherwise."""
    return await store.find_assignment(tx, assignment_id)


def facts(one: ChainAssignment) -> told.ChainAssignmentFacts:
    """The assignment as its events carry it."""
    return told.ChainAssignmentFacts(
        template=one.template, link=one.link, unit_id=one.unit_id, post_id=one.post_id,
        superior_post_id=one.superior_post_id, households=one.households, document=one.document,
        valid_from=one.valid_from, valid_to=one.valid_to,
    )  # fmt: skip


async def _books(tx: Tx, rows: Sequence[AssignmentRow]) -> _Books:
    codes = await organizations.ids_by_code(
        tx, sorted({code for row in rows for code in (row.post_code, row.superior_post_code) if code is not None})
    )
    ids = {id_ for row in rows for id_ in (row.post_id, row.superior_post_id) if id_ is not None}
    objects = [row.object_id for row in rows if row.object_id is not None]
    types, seen = await types_of(tx, objects), await find_visible_objects(tx, objects)
    return _Books(
        codes=codes, posts=await organizations.posts_by_id(tx, sorted({*ids, *codes.values()})),
        areas=await areas.known_areas(tx, {row.area_code for row in rows if row.area_code is not None}),
        grids=await grids.grids_of_codes(tx, {row.grid_code for row in rows if row.grid_code is not None}),
        objects={id_: (seen[id_].area_code, type_) for id_, type_ in types.items() if id_ in seen},
    )  # fmt: skip


async def _entered(
    tx: Tx, rows: Sequence[AssignmentRow], books: _Books
) -> tuple[list[ChainAssignment], list[Fault]]:  # fmt: skip
    """The rows as assignments to be, and everything that is wrong with them: a list is mended in one go."""
    entered, faults = [], []
    for number, row in enumerate(rows):
        area_code, unit_id, named = books.named(row)
        template = await _template(tx, row, area_code, books)
        post_id = books.post(row.post_code, row.post_id)
        superior = books.post(row.superior_post_code, row.superior_post_id)
        one = _assignment(row, template, area_code, unit_id, post_id, superior)
        post = books.posts.get(one.post_id)
        found = [*rules.faults_of(one, template, named, post)]
        if (row.superior_post_code or row.superior_post_id) and superior not in books.posts:
            said = ("登记册中没有此上级岗位。", "the registry has no such superior post")
            found.append(("/superior_post_id", "unknown_post", said))
        faults += [(f"/items/{number}{_as_named(row, pointer)}", code, said) for pointer, code, said in found]
        entered.append(one)
    return entered, faults


def _as_named(row: AssignmentRow, pointer: str) -> str:
    """Where a row says what a fault is about: grounds and posts are named in several ways."""
    named = {
        "/area_code": "/grid_code" if row.grid_code else "/object_id" if row.object_id else "/area_code",
        "/post_id": "/post_code" if row.post_code else "/post_id",
        "/superior_post_id": "/superior_post_code" if row.superior_post_code else "/superior_post_id",
    }
    return named.get(pointer, pointer)


async def _template(tx: Tx, row: AssignmentRow, area_code: str, books: _Books) -> ChainTemplate | None:
    """The edition of a row's template that holds on its ground when it begins, each looked up once."""
    key = (f"{row.template} {area_code}", row.valid_from)
    if key not in books.templates:
        held = await holding_on(tx, [area_code], city_day(row.valid_from), row.template)
        books.templates[key] = {one.code: one for one in held[area_code]}
    return books.templates[key].get(row.template)


def _assignment(
    row: AssignmentRow, template: ChainTemplate | None, area_code: str, unit_id: UUID | None, post_id: UUID | None,
    superior: UUID | None,
) -> ChainAssignment:  # fmt: skip
    begins = row.valid_from.isoformat()
    made = id_of(NOUN, row.template, row.link, area_code, str(unit_id), str(post_id), begins)
    return ChainAssignment(
        id=row.id or made, version=0, area_code=area_code, sectors=template.sectors if template else (),
        exercise=False, correlation_id=row.id or made, template=row.template, link=row.link, unit_id=unit_id,
        post_id=post_id or UUID(int=0), superior_post_id=superior, households=row.households, document=row.document,
        valid_from=row.valid_from,
    )  # fmt: skip


def _require(tx: Tx, entered: Iterable[ChainAssignment], books: _Books) -> None:
    """Whoever gives a post charge of a ground administers both; of what is on no book nothing is asked yet."""
    for one in entered:
        post = books.posts.get(one.post_id)
        for place in {one.area_code, post.area_code if post else one.area_code}:
            if place != _NOWHERE:
                tx.caller.require_every(KEEPER, area_code=place, sectors=one.sectors)


async def _require_apart(tx: Tx, entered: Sequence[ChainAssignment]) -> None:
    """No post is twice in one link over one ground at one time. Raises ChainAssignmentWrong."""
    others = await store.find_alike(tx, {one.post_id for one in entered}, {one.area_code for one in entered})
    standing = [one for one in others if one.id not in {each.id for each in entered}]
    said = ("该岗位在此期间已承担此环节。", "the post is in this link over this ground at that time already")
    by_post: dict[UUID, list[ChainAssignment]] = {}
    for one in standing:
        by_post.setdefault(one.post_id, []).append(one)
    faults = []
    for number, one in enumerate(entered):
        beside = by_post.setdefault(one.post_id, [])
        if any(rules.meet(one, other) for other in beside):
            faults.append((f"/items/{number}/valid_from", "already_assigned", said))
        beside.append(one)
    if faults:
        raise rules.ChainAssignmentWrong(*faults)


def _kept(entered: ChainAssignment, known: ChainAssignment | None) -> ChainAssignment:
    if known is None:
        return entered
    return replace(entered, valid_to=known.valid_to, ended_reason=known.ended_reason)


def _id(one: ChainAssignment) -> UUID:
    return one.id
