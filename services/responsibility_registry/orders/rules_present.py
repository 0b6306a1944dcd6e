"""Posts that somebody names as having been there, helped, asked or taken on: believed only if it can be so.

A post on paper closes nothing: it has to be on the books, held by somebody, in office, and of this place or a
participant of this order. Who inspects together with another is another person, not another post of the same one.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from services.responsibility_registry.orders.rules import OrderIncomplete


class PostNotThere(OrderIncomplete):
    """A post that was named cannot have been there; `errors` say which and why."""

    code = "post_not_there"
    title = ("所列岗位不可能在场", "A named post cannot have been there")


@dataclass(frozen=True, kw_only=True, slots=True)
class Seen:
    """A named post as the registry knows it now; `people` are the subjects who are known to hold it."""

    held: bool
    in_office: bool
    of_this_place: bool
    people: frozenset[str] = frozenset()


_WHY = {
    "unknown_post": ("登记册中没有此岗位。", "the registry has no such post"),
    "vacant_post": ("该岗位空缺，请列其代理岗位。", "nobody holds this post: name its substitute"),
    "post_ended": ("该岗位的责任均已终止或尚未开始。", "every duty of this post has ended or not begun"),
    "post_elsewhere": (
        "该岗位的区划和责任都不及于此指令单的区划，也未参与办理。",
        "neither its area nor a duty reaches the area of this order, and it takes no part in it",
    ),
    "named_twice": ("每个岗位只列一次。", "name each post once"),
    "acts_itself": ("经办岗位本就在场，请列其他岗位。", "the post that acts is there anyway: name others"),
    "same_person": (
        "该岗位也由经办人担任，请列他人的岗位。",
        "the person who acts holds this post too: name another person's",
    ),
}


def require_present(
    named: Sequence[tuple[str, UUID]], seen: Mapping[UUID, Seen], *, acting: UUID | None = None, person: str = ""
) -> None:
    """Each (pointer, post) must be able to have been there. With `acting`, others than that post are asked for, and
    with `person` others than that person. Raises PostNotThere with one error for each that is not."""
    before: set[UUID] = set()
    faults = []
    for pointer, post in named:
        code = "named_twice" if post in before else _fault(post, seen.get(post), acting, person)
        before.add(post)
        if code is not None:
            faults.append((pointer, code, _WHY[code]))
    if faults:
        raise PostNotThere(*faults)


def only_by(people: frozenset[str], persons: Collection[str]) -> bool:
    """Whether a post is known to be held by these persons and by nobody else."""
    return bool(people) and people <= set(persons)


def _fault(post: UUID, seen: Seen | None, acting: UUID | None, person: str) -> str | None:
    if seen is None:
        return "unknown_post"
    checks = (
        (post == acting, "acts_itself"),
        (not seen.held, "vacant_post"),
        (not seen.in_office, "post_ended"),
        (not seen.of_this_place, "post_elsewhere"),
        (bool(person) and only_by(seen.people, {person}), "same_person"),
    )
    return next((code for wrong, code in checks if wrong), None)
