"""Who stood there too: posts that are named as present are believed only where they can have been."""

from collections.abc import Mapping, Sequence
from typing import Protocol
from uuid import UUID


class Post(Protocol):
    """What presence needs to know of a post: the codes of the areas that it reaches, and whether nobody holds it."""

    @property
    def area_from(self) -> str:
        """The first code of its areas."""
        ...

    @property
    def area_to(self) -> str:
        """The last code of its areas."""
        ...

    @property
    def vacant(self) -> bool:
        """Whether nobody holds it now."""
        ...


class PresenceNotBelieved(Exception):
    """A post is named as present that cannot have been; `errors` are (pointer, code, detail)."""

    status = 422
    code = "presence_not_believed"
    title = ("所列在场岗位不成立", "A post cannot have been present")

    def __init__(self, *errors: tuple[str, str, tuple[str, str]]) -> None:
        super().__init__(*errors)
        self.errors = errors


def check_present(
    named: Sequence[UUID], known: Mapping[UUID, Post], *, acting: UUID, area_code: str
) -> tuple[UUID, ...]:
    """The acting post and those that stood with it, each once.

    A named post is one that the registry has told, that somebody holds now, whose own areas hold the hazard's, and
    another one than the acting post `[DEF]`: each of them counts as a hand, and no hand looks back alone. Raises
    PresenceNotBelieved.
    """
    faults = [
        fault for number, post in enumerate(named) if (fault := _fault(number, post, named, known, acting, area_code))
    ]
    if faults:
        raise PresenceNotBelieved(*faults)
    return (acting, *named)


def _fault(
    number: int, post_id: UUID, named: Sequence[UUID], known: Mapping[UUID, Post], acting: UUID, area_code: str
) -> tuple[str, str, tuple[str, str]] | None:
    at, post = f"/with_posts/{number}", known.get(post_id)
    if post_id == acting:
        return (
            at,
            "acting_post",
            ("经办岗位本就在场，只列其他岗位。", "the acting post is there by itself; name others only"),
        )
    if post_id in named[:number]:
        return at, "twice", ("每个岗位只列一次。", "name each post once")
    if post is None:
        return at, "unknown_post", ("登记册中没有此岗位。", "the registry has no such post")
    if post.vacant:
        return at, "vacant_post", ("该岗位目前空缺。", "nobody holds this post now")
    if not post.area_from <= area_code <= post.area_to:
        return at, "out_of_reach", ("该岗位的区划不及于隐患所在区划。", "this post does not reach the hazard's area")
    return None
