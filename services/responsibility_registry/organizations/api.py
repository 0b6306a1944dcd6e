"""The doors of posts."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import Field
from starlette.responses import Response

from libs.common.aggregates import load
from libs.common.db import Tx
from libs.common.doors import Change, Read, Write
from libs.common.forms import AreaCode, Code, Form, ImportedOut, Items, Name, PageOut, Shown, Words, show_import
from libs.common.ids import new_id
from libs.common.imports import AskedImport, RowTwice, id_of, import_as_asked, natural_key
from libs.common.openapi import refuses
from libs.common.pagination import Asked, Page, listed, page
from libs.common.problems import AlreadyExists, IdTaken
from libs.common.scope import Scope
from libs.common.strict_routes import router
from services.responsibility_registry import examples
from services.responsibility_registry.organizations import actions, rules, store
from services.responsibility_registry.organizations.rules import Post, Tier

routes = router("posts", prefix="/v1/posts")


class PostIn(Form):
    """One post of an import."""

    model_config = examples.example(examples.POST)

    id: Annotated[UUID | None, Field(description="left out: the post that has this code")] = None
    code: Name
    name_zh: Name
    name_en: Name
    kind: Code
    tier: Tier
    area_code: AreaCode
    sectors: Annotated[tuple[Code, ...], Field(max_length=30)]
    vacant: bool = False
    substitute_post_id: UUID | None = None
    shared: bool = Field(default=False, description="several may hold it at a time")
    organization: Name
    organization_id: UUID | None = Field(default=None, description="the organisation on the books that it belongs to")
    first_responsible: bool = Field(default=False, description="answers for the whole of its organisation")

    def post(self) -> Post:
        """The post as a row to be."""
        said = self.model_dump() | {"id": self.id or id_of(actions.NOUN, self.code)}
        return Post(version=0, exercise=False, correlation_id=new_id(), **said)


class Vacate(Form):
    """Nobody holds the post now."""

    model_config = examples.example(examples.VACATE)

    substitute_post_id: UUID | None = None
    reason: Words


class Reason(Form):
    """Why."""

    model_config = examples.example(examples.FILL)

    reason: Words


class PostOut(Shown):
    """A post."""

    id: UUID
    version: int
    code: str
    name_zh: str
    name_en: str
    kind: str
    tier: Tier
    area_code: str
    sectors: tuple[str, ...]
    organization: str
    vacant: bool
    substitute_post_id: UUID | None
    shared: bool
    organization_id: UUID | None
    first_responsible: bool
    actions: tuple[str, ...]


def show(post: Post, scope: Scope) -> PostOut:
    """A post, and what the caller may do with it."""
    may = scope.holds("administrator", area_code=post.area_code, sectors=post.sectors)
    moves = rules.open_moves(post) if may else ()
    return PostOut.model_validate({**{name: getattr(post, name) for name in _FIELDS}, "actions": moves})


_FIELDS = tuple(name for name in PostOut.model_fields if name != "actions")


@routes.post(
    "/import", response_model=ImportedOut, summary="批量导入岗位 Import posts",
    responses=refuses(rules.PostWrong, RowTwice, IdTaken, AlreadyExists), openapi_extra=natural_key("code"),
)  # fmt: skip
async def import_posts(body: Items[PostIn], door: Write, how: AskedImport) -> Response:
    """Insert or change up to 500 posts by id or code; a repeat changes nothing. For administrators."""
    rows = [one.post() for one in body.items]
    return await door.perform(
        lambda tx: import_as_asked(tx, rows, actions.import_posts, how, rules.PostWrong), show_import
    )


@routes.get("", response_model=PageOut[PostOut], summary="岗位列表 List posts")
async def list_posts(
    door: Read, asked: Asked, area_code: AreaCode | None = None, kind: Code | None = None, vacant: bool | None = None,
    organization_id: UUID | None = None,
) -> Response:  # fmt: skip
    """Posts by area, filtered by an area with all below it (and what it came of or became), by kind, by organisation,
    or by being vacant."""
    mark = ["posts", area_code, kind, vacant, str(organization_id)]

    async def find(tx: Tx) -> Page[Post]:
        within = await door.within(tx, area_code)
        chosen = store.list_posts(areas=within, kind=kind, vacant=vacant, organization_id=organization_id)
        return await page(
            tx, chosen, keys=store.ORDER, asked=asked, load=lambda row: load(Post, row), fingerprint=mark
        )

    return await door.look(find, listed(show))


@routes.get("/{post_id}", response_model=PostOut, summary="岗位 One post")
async def get_post(post_id: UUID, door: Read) -> Response:
    """One post by its id."""
    return await door.look(lambda tx: store.find_post(tx, post_id), show)


@routes.post(
    "/{post_id}/vacate",
    response_model=PostOut,
    summary="岗位空缺 Vacate a post",
    responses=refuses(rules.PostCannotMove, rules.PostAlreadyVacant, rules.PostWrong),
)
async def vacate(post_id: UUID, body: Vacate, door: Change) -> Response:
    """Nobody holds the post from now on; the substitute, if any, answers in its place.

    A post that stands vacant already is refused (`post_already_vacant`).
    """
    expected = door.expected_version
    return await door.perform(
        lambda tx: actions.vacate_post(tx, post_id, expected, body.substitute_post_id, body.reason),
        show, show_again=store.find_post,
    )  # fmt: skip


@routes.post(
    "/{post_id}/fill",
    response_model=PostOut,
    summary="岗位到任 Fill a post",
    responses=refuses(rules.PostCannotMove, rules.PostAlreadyFilled),
)
async def fill(post_id: UUID, body: Reason, door: Change) -> Response:
    """The post is held again; one that is held already is refused (`post_already_filled`)."""
    expected = door.expected_version
    return await door.perform(
        lambda tx: actions.fill_post(tx, post_id, expected, body.reason), show, show_again=store.find_post
    )
