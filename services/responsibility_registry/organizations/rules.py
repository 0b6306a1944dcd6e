"""What a post is. Posts act, never named persons; a vacant post names who stands in for it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
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
    """One post. `kind` names its function (grid_post, police_station_head …) and is data of the city; a `shared` one
    is held by several at a time, as a room that is staffed around the clock. A `first_responsible` one answers for
    the whole of its organisation ([S] Work Safety Law 2021 Art 5)."""

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
    shared: bool = False
    organization_id: UUID | None = None
    first_responsible: bool = False


class PostWrong(Exception):
    """What was entered about a post does not do; `errors` are (pointer, code, detail)."""

    status = 422
    code = "post_wrong"
    title = ("岗位信息有误", "The post is wrong")

    def __init__(self, *errors: tuple[str, str, tuple[str, str]]) -> None:
        super().__init__(*errors)
        self.errors = errors


class PostCannotMove(Exception):
    """The verb is not open: `open_moves` are."""

    status = 409
    code = "post_cannot_move"
    title = ("岗位当前状态不允许此操作", "The post is not in a state for this")

    def __init__(self, post: Post, zh: str, en: str) -> None:
        super().__init__(zh, en)
        self.state: str = state_of(post)
        self.open_moves = open_moves(post)


class PostAlreadyVacant(PostCannotMove):
    """Nobody holds it already."""

    code = "post_already_vacant"


class PostAlreadyFilled(PostCannotMove):
    """Somebody holds it already."""

    code = "post_already_filled"


def state_of(post: Post) -> str:
    """Whether the post is held or stands vacant."""
    return "vacant" if post.vacant else "held"


def open_moves(post: Post) -> tuple[str, ...]:
    """The verbs that may be used now."""
    return ("fill",) if post.vacant else ("vacate",)


def vacate(post: Post, substitute_post_id: UUID | None) -> Post:
    """Nobody holds it from now on; the substitute answers in its place. Raises PostAlreadyVacant, PostWrong."""
    if "vacate" not in open_moves(post):
        raise PostAlreadyVacant(
            post,
            "岗位已空缺；请先任职，或另行导入代理岗位。",
            "nobody holds it already: fill it first, or import another substitute",
        )
    return check(replace(post, vacant=True, substitute_post_id=substitute_post_id))


def fill(post: Post) -> Post:
    """It is held again; who stood in stays named for the next time. Raises PostAlreadyFilled."""
    if "fill" not in open_moves(post):
        raise PostAlreadyFilled(post, "岗位已有人担任；请先离任。", "somebody holds it already: vacate it first")
    return replace(post, vacant=False)


def check(post: Post, found: Iterable[tuple[str, str, tuple[str, str]]] = ()) -> Post:
    """The post, if it holds together; `found` is what was found wrong before. Raises PostWrong."""
    faults = [*found]
    if post.substitute_post_id == post.id:
        faults.append(("/substitute_post_id", "itself", ("岗位不能代理自己。", "a post cannot stand in for itself")))
    if post.first_responsible and post.organization_id is None:
        faults.append(
            ("/organization_id", "required", ("第一责任岗位须有所属单位。", "a first responsible post has its unit"))
        )
    texts: Mapping[str, str] = {
        "code": post.code, "name_zh": post.name_zh, "name_en": post.name_en, "kind": post.kind,
        "organization": post.organization,
    }  # fmt: skip
    for name, value in texts.items():
        if not 0 < len(value.strip()) <= NAME_MAX:
            faults.append(
                (f"/{name}", "length", (f"请用 1 至 {NAME_MAX} 字写明。", f"say it in 1 to {NAME_MAX} characters"))
            )
    if faults:
        raise PostWrong(*faults)
    return post


def require_own_codes(entered: Iterable[Post], standing: Mapping[str, UUID]) -> None:
    """Nobody takes the code that another post has; `standing` says who has which. Raises PostWrong."""
    said = (
        "编号已属另一岗位；请改用该岗位的 id，或省略 id。",
        "another post has this code: send its id, or leave the id out",
    )
    faults = [
        (f"/items/{number}/code", "code_taken", said)
        for number, one in enumerate(entered)
        if standing.get(one.code, one.id) != one.id
    ]
    if faults:
        raise PostWrong(*faults)
