"""What a reassignment or a vacancy would do, worked out on copies: nothing is saved.

A simulated change is no decision: it asks for no role, breaks no constraint, and is told to nobody. Two
first-responsible posts at one time, which the registry would refuse, come out as an overlap.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from services.responsibility_registry.duties.rules import Claim, Post, Tier, holds
from services.responsibility_registry.duties.rules_diff import Holding, LinkChange, LinkTurn
from services.responsibility_registry.duties.rules_findings import Finding


class ChangeKind(StrEnum):
    """What is tried."""

    ASSIGN = "assign"
    END = "end"
    REASSIGN = "reassign"
    VACATE = "vacate"
    FILL = "fill"


@dataclass(frozen=True, kw_only=True, slots=True)
class Tried:
    """One change that is tried: of a duty (end, reassign, assign) or of a post (vacate, fill)."""

    kind: ChangeKind
    duty_id: UUID | None = None
    post_id: UUID | None = None
    substitute_post_id: UUID | None = None
    area_code: str = ""
    role: str = ""
    categories: tuple[str, ...] = ()
    sectors: tuple[str, ...] = ()
    clause: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class TriedDuty:
    """A duty as it would be."""

    id: UUID
    post_id: UUID
    area_code: str
    sectors: tuple[str, ...]
    role: str
    categories: tuple[str, ...]
    clause: str
    valid_from: datetime
    valid_to: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class TriedPost:
    """A post as it would be."""

    vacant: bool
    substitute_post_id: UUID | None


@dataclass(frozen=True, kw_only=True, slots=True)
class World:
    """Duties by their area, and posts."""

    by_area: Mapping[str, Sequence[Claim]]
    posts: Mapping[UUID, Post]


@dataclass(frozen=True, kw_only=True, slots=True)
class Affected:
    """One way in which links change, and for which areas and categories."""

    role: str
    tier: Tier
    sector: str | None
    change: LinkTurn
    before: Holding | None
    after: Holding | None
    area_codes: tuple[str, ...]
    categories: tuple[str, ...]


class CannotTry(Exception):
    """A change names a duty or a post that is not there to be changed; `errors` are (pointer, code, detail)."""

    status = 422
    code = "cannot_try"
    title = ("无法推演该变更", "This change cannot be tried")

    def __init__(self, *errors: tuple[str, str, tuple[str, str]]) -> None:
        super().__init__(*errors)
        self.errors = errors


class NoPartThere(Exception):
    """Who answers is public; what a change would do is asked by those who act or look in the area."""

    status = 403
    code = "no_part_there"
    title = ("在该区划无职责", "You have no part in that area")

    def __init__(self, area_code: str) -> None:
        super().__init__(
            f"推演须由在区划 {area_code} 任职或受权者进行；请转请其办理。",
            f"only who holds a role in {area_code} may try changes there: ask one of them",
        )


class TrialRunning(Exception):
    """A trial is a second of work: one of a caller at a time."""

    status = 409
    code = "trial_running"
    title = ("推演正在进行", "Your last trial is still running")

    def __init__(self) -> None:
        super().__init__("您的上一次推演尚未完成；请稍后再试。", "wait for the trial that you began before this one")


def tried(world: World, changes: Sequence[Tried], at: datetime, ids: Sequence[UUID]) -> World:
    """The world after these changes at an instant, one after the other; `ids` name the duties that begin, by change.

    Raises CannotTry: a duty that is not in force around the areas that were asked about, a post that nobody knows.
    """
    duties = {one.id: one for each in world.by_area.values() for one in each}
    posts = dict(world.posts)
    faults = []
    for number, (one, id_) in enumerate(zip(changes, ids, strict=True)):
        fault = _fault(one, duties, posts, at)
        if fault is not None:
            pointer, code, detail = fault
            faults.append((f"/changes/{number}{pointer}", code, detail))
            continue
        _apply(one, id_, duties, posts, at)
    if faults:
        raise CannotTry(*faults)
    by_area: dict[str, list[Claim]] = {}
    for duty in duties.values():
        by_area.setdefault(duty.area_code, []).append(duty)
    return World(by_area=by_area, posts=posts)


def grouped(changes: Iterable[tuple[str, str, LinkChange]]) -> tuple[Affected, ...]:
    """Changes of (area, category, link), each way of changing once, with its areas and categories."""
    found: dict[tuple[object, ...], tuple[LinkChange, dict[str, None], dict[str, None]]] = {}
    for area_code, category, one in changes:
        key = (one.role, one.tier, one.sector, one.change, one.before, one.after)
        _, areas, categories = found.setdefault(key, (one, {}, {}))
        areas[area_code] = categories[category] = None
    return tuple(
        Affected(
            role=one.role, tier=one.tier, sector=one.sector, change=one.change, before=one.before, after=one.after,
            area_codes=tuple(areas), categories=tuple(categories),
        )
        for one, areas, categories in found.values()
    )  # fmt: skip


def only_in(some: Iterable[Finding], others: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings of the one that are not in the other, for the categories for which they are not."""
    known: dict[tuple[object, ...], set[str]] = {}
    for one in others:
        known.setdefault(_what(one), set()).update(one.categories)
    found = []
    for one in some:
        left = tuple(category for category in one.categories if category not in known.get(_what(one), set()))
        if left:
            found.append(replace(one, categories=left))
    return tuple(found)


def _what(one: Finding) -> tuple[object, ...]:
    return one.kind, one.area_code, one.role, one.link_tier, one.sector


def _fault(
    one: Tried, duties: Mapping[UUID, Claim], posts: Mapping[UUID, Post], at: datetime
) -> tuple[str, str, tuple[str, str]] | None:
    if one.kind in {ChangeKind.END, ChangeKind.REASSIGN}:
        duty = None if one.duty_id is None else duties.get(one.duty_id)
        if duty is None or not holds(duty, at):
            said = ("所问区划及其上级没有此项生效的责任。", "no such duty is in force around the areas asked about")
            return "/duty_id", "unknown_duty", said
    if one.kind is not ChangeKind.END and (one.post_id is None or one.post_id not in posts):
        return "/post_id", "unknown_post", ("登记册中没有此岗位。", "the registry has no such post")
    if one.substitute_post_id is not None and one.substitute_post_id not in posts:
        return "/substitute_post_id", "unknown_post", ("登记册中没有此岗位。", "the registry has no such post")
    return None


def _apply(one: Tried, id_: UUID, duties: dict[UUID, Claim], posts: dict[UUID, Post], at: datetime) -> None:
    if one.kind in {ChangeKind.VACATE, ChangeKind.FILL} and one.post_id is not None:
        vacant = one.kind is ChangeKind.VACATE
        posts[one.post_id] = TriedPost(vacant=vacant, substitute_post_id=one.substitute_post_id if vacant else None)
        return
    old = duties.pop(one.duty_id) if one.duty_id is not None and one.kind is not ChangeKind.ASSIGN else None
    if one.kind is ChangeKind.END or one.post_id is None:
        return
    duties[id_] = TriedDuty(
        id=id_, post_id=one.post_id, valid_from=at, area_code=old.area_code if old else one.area_code,
        sectors=tuple(old.sectors) if old else one.sectors, role=old.role if old else one.role,
        categories=tuple(old.categories) if old else one.categories, clause=old.clause if old else one.clause,
    )  # fmt: skip
