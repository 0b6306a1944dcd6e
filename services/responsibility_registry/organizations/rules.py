"""What a post is. Posts act, never named persons; a vacant post names who stands in for it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

NAME_MAX = 100


class Tier(StrEnum):
    """The tier of government that a post belongs to."""

    CITY = "city"
    COUNTY = "county"
    TOWNSHIP = "township"
    VILLAGE = "village"


@dataclass(frozen=True, kw_only=True, slots=True)
class Post:
    """One post. `kind` names its function (grid_post, police_station_head …) and is data of the city."""

    id: UUID
    version: int
    area_code: str
    sectors: tuple[str, ...]
    exercise: bool
    correlation_id: UUID
    code: str
    name_zh: str
    name_en: str
    kind: str
    tier: Tier
    organization: str
    vacant: bool
    substitute_post_id: UUID | None = None


class PostWrong(Exception):
    """What was entered about a post does not do; `errors` are (pointer, code, detail)."""

    status = 422
    code = "post_wrong"
    title = ("岗位信息有误", "The post is wrong")

    def __init__(self, *errors: tuple[str, str, str]) -> None:
        super().__init__("; ".join(detail for _, _, detail in errors))
        self.errors = errors


def check(post: Post) -> Post:
    """The post, if it holds together. Raises PostWrong."""
    faults = []
    if post.substitute_post_id == post.id:
        faults.append(("/substitute_post_id", "itself", "a post cannot stand in for itself"))
    texts: Mapping[str, str] = {
        "code": post.code, "name_zh": post.name_zh, "name_en": post.name_en, "kind": post.kind,
        "organization": post.organization,
    }  # fmt: skip
    for name, value in texts.items():
        if not 0 < len(value.strip()) <= NAME_MAX:
            faults.append((f"/{name}", "length", f"say it in 1 to {NAME_MAX} characters"))
    if faults:
        raise PostWrong(*faults)
    return post
