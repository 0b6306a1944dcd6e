"""How a post stands to a place now: on the books, held, in office, and whether its area reaches there."""

from dataclasses import dataclass

from services.responsibility_registry.duties.rules import Post, covers


@dataclass(frozen=True, kw_only=True, slots=True)
class Offices:
    """What the duties of one post say: whether any is in force, and whether one of those lies near a place."""

    any_in_force: bool
    any_near: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """`in_office` is false where every duty that the post was given has ended or not begun; a post that never had a
    duty is in office by being on the books."""

    held: bool
    in_office: bool
    reaches: bool


def standing(post: Post, post_area: str, area_code: str, offices: Offices | None) -> Standing:
    """How a post stands to an area. It reaches there by its own area, wider or narrower, or by a duty in force."""
    own = covers(post_area, area_code) or covers(area_code, post_area)
    return Standing(
        held=not post.vacant, in_office=offices is None or offices.any_in_force,
        reaches=own or (offices is not None and offices.any_near),
    )  # fmt: skip
