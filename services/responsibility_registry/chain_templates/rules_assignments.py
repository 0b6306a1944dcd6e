"""What a chain assignment (包保分工) is: a post has charge of one ground in one link of a template, from a day on.

It names the template and the link by their codes: an edition that changes a number moves no assignment. It is ended
and never deleted; another post begins another one.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol
from uuid import UUID

from services.responsibility_registry.chain_templates.rules import (
    TIERS,
    ChainLink,
    ChainTemplate,
    GroundKind,
    HangsOn,
    HeldBy,
)

MOST_HOUSEHOLDS = 1_000_000
Fault = tuple[str, str, tuple[str, str]]


@dataclass(frozen=True, kw_only=True, slots=True)
class ChainAssignment:
    """One post in one link over one ground: an area, or (`unit_id`) a grid or an object in that area.

    `superior_post_id` is whom it answers to by its document; `households` so many live on its ground, by the same.
    """

    id: UUID
    version: int
    area_code: str
    sectors: tuple[str, ...]
    exercise: bool
    correlation_id: UUID
    template: str
    link: str
    unit_id: UUID | None
    post_id: UUID
    superior_post_id: UUID | None
    households: int | None
    document: str
    valid_from: datetime
    valid_to: datetime | None = None
    ended_reason: str = ""


class Bound(Protocol):
    """What is asked of the post that is given charge."""

    @property
    def kind(self) -> str: ...
    @property
    def tier(self) -> str: ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Named:
    """The ground that a row names: `level` of an area; `kind` of a grid or type of an object, which belongs to an
    area of that level. None: the registry has no such thing."""

    what: HangsOn
    level: str
    kind: str = ""


class ChainAssignmentWrong(Exception):
    """What was entered about an assignment does not do; `errors` are (pointer, code, detail)."""

    status = 422
    code = "chain_assignment_wrong"
    title = ("包保分工有误", "The chain assignment is wrong")

    def __init__(self, *errors: Fault) -> None:
        super().__init__(*errors)
        self.errors = errors


class ChainAssignmentAlreadyEnded(Exception):
    """An assignment ends once; another one is another assignment."""

    status = 409
    code = "chain_assignment_already_ended"
    title = ("包保分工已终止", "The chain assignment has ended already")
    state = "ended"
    open_moves: tuple[str, ...] = ()

    def __init__(self, one: ChainAssignment) -> None:
        super().__init__(f"已于 {one.valid_to} 终止；请另行分工。", f"ended at {one.valid_to}: assign anew")


def faults_of(
    one: ChainAssignment, template: ChainTemplate | None, named: Named | None, post: Bound | None
) -> Iterable[Fault]:
    """What is wrong with one row: `template` is the edition that holds on its ground, `named` the ground itself."""
    link = None if template is None else template.link(one.link)
    if template is None:
        said = ("此地没有该责任链模板。", "no such chain template holds there")
        yield ("/template", "unknown_template", said)
    elif link is None or link.held_by is not HeldBy.ASSIGNMENT:
        names = ", ".join(each.code for each in template.links if each.held_by is HeldBy.ASSIGNMENT)
        yield ("/link", "unknown_link", (f"包保分工的环节有：{names}。", f"links that are assigned: {names}"))
    if post is None:
        yield ("/post_id", "unknown_post", ("登记册中没有此岗位。", "the registry has no such post"))
    elif link is not None:
        yield from _of_post(link, post)
    if named is None:
        yield (
            "/area_code",
            "unknown_ground",
            ("登记册中没有此区划、网格或对象。", "there is no such area, grid or object"),
        )
    elif template is not None and link is not None and not fits(template, link, named):
        said = (f"该环节的范围为「GroundKind.{link.on}」。", f"the link lies on: {link.on}")
        yield ("/area_code", "other_ground", said)
    if one.superior_post_id == one.post_id:
        yield ("/superior_post_id", "itself", ("岗位不能以自己为上级。", "a post does not answer to itself"))


def _of_post(link: ChainLink, post: Bound) -> Iterable[Fault]:
    if link.post_tiers and post.tier not in link.post_tiers:
        names = ", ".join(link.post_tiers)
        yield ("/post_id", "other_tier", (f"该环节的岗位层级须为：{names}。", f"posts of the link are of: {names}"))
    if link.post_kinds and post.kind not in link.post_kinds:
        names = ", ".join(link.post_kinds)
        yield ("/post_id", "other_kind", (f"该环节的岗位类别须为：{names}。", f"posts of the link are of: {names}"))


def fits(template: ChainTemplate, link: ChainLink, named: Named) -> bool:
    """Whether a ground is one on which a link can lie: where a unit belongs to an area wider than the link's tier,
    the link lies on the unit itself."""
    is_unit = named.what is template.hangs_on and template.of == (
        named.level if named.what is HangsOn.AREA else named.kind
    )
    if link.on is GroundKind.UNIT:
        return is_unit
    if link.on is GroundKind.PARENT:
        return named.what is HangsOn.GRID
    if named.what is HangsOn.AREA:
        return named.level == link.on
    return is_unit and TIERS.index(named.level) < TIERS.index(link.on)


def meet(one: ChainAssignment, other: ChainAssignment) -> bool:
    """Whether two assignments put one post twice into one link over one ground at some time."""
    same = (one.template, one.link, one.area_code, one.unit_id, one.post_id)
    if one.id == other.id or same != (other.template, other.link, other.area_code, other.unit_id, other.post_id):
        return False
    first, last = sorted((one, other), key=lambda each: each.valid_from)
    return first.valid_to is None or first.valid_to > last.valid_from


def end(one: ChainAssignment, *, at: datetime, reason: str) -> ChainAssignment:
    """It no longer holds from `at` on. Raises ChainAssignmentAlreadyEnded, ChainAssignmentWrong."""
    if one.valid_to is not None:
        raise ChainAssignmentAlreadyEnded(one)
    if at <= one.valid_from:
        begun = one.valid_from.isoformat()
        raise ChainAssignmentWrong(("/at", "too_early", (f"须晚于 {begun}。", f"after {begun}")))
    return replace(one, valid_to=at, ended_reason=reason)


def open_moves(one: ChainAssignment) -> tuple[str, ...]:
    """The verbs that may be used now."""
    return ("end",) if one.valid_to is None else ()
