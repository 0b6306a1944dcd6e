"""The doors of tenures, for security administrators."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, Field
from starlette.responses import Response

from libs.common.aggregates import load
from libs.common.clocks import now
from libs.common.db import Tx
from libs.common.doors import Change, Read, Write
from libs.common.forms import AreaCode, Form, Line, PageOut, Shown, Words
from libs.common.ids import new_id
from libs.common.openapi import refuses
from libs.common.pagination import Asked, Page, listed, page
from libs.common.problems import IdTaken, RoleMissing
from libs.common.scope import Scope
from libs.common.strict_routes import router
from services.responsibility_registry import examples
from services.responsibility_registry.tenures import actions, rules, store
from services.responsibility_registry.tenures.actions import NewTenure
from services.responsibility_registry.tenures.rules import Tenure

routes = router("tenures", prefix="/v1/tenures")

Subject = Annotated[Line, Field(min_length=1, max_length=128, description="the subject of an account or a client")]
_BEGINNING = (
    RoleMissing, rules.PostBeyondOwn, rules.NotToOneself, rules.TenureWrong, rules.PostStandsVacant, rules.PostIsHeld,
)  # fmt: skip


class TenureIn(Form):
    """Who holds which post."""

    model_config = examples.example(examples.TENURE)

    id: UUID | None = Field(default=None, description="chosen by you, so that a retry is harmless")
    post_id: UUID
    subject: Subject
    valid_from: AwareDatetime | None = Field(default=None, description="from now on where it is left out")
    valid_to: AwareDatetime | None = None
    document: Words = Field(description="what it rests on: the appointment, the roster")


class EndTenureIn(Form):
    """When and why it ends."""

    model_config = examples.example(examples.END_TENURE)

    at: AwareDatetime | None = Field(default=None, description="now where it is left out; never in the past")
    reason: Words


class HandOverIn(Form):
    """Who takes the post over."""

    model_config = examples.example(examples.HAND_OVER)

    to: Subject
    at: AwareDatetime | None = Field(default=None, description="now where it is left out; never in the past")
    document: Words


class TenureOut(Shown):
    """Who holds a post from when to when."""

    id: UUID
    version: int
    post_id: UUID
    subject: str
    area_code: str
    sectors: tuple[str, ...]
    sole: bool = Field(description="nobody else holds the post meanwhile")
    valid_from: datetime
    valid_to: datetime | None
    document: str
    ended_reason: str | None
    correlation_id: UUID
    actions: tuple[str, ...]


_FIELDS = tuple(name for name in TenureOut.model_fields if name != "actions")


def show(tenure: Tenure, scope: Scope) -> TenureOut:
    """A tenure, and what the caller may do with it."""
    may = scope.holds(actions.KEEPER, area_code=tenure.area_code, sectors=tenure.sectors)
    moves = rules.open_moves(tenure, now()) if may and tenure.subject != scope.subject else ()
    return TenureOut.model_validate({**{name: getattr(tenure, name) for name in _FIELDS}, "actions": moves})


def _utc(instant: datetime | None) -> datetime | None:
    return None if instant is None else instant.astimezone(UTC)


@routes.post(
    "",
    status_code=201,
    response_model=TenureOut,
    summary="任职 Put somebody into a post",
    responses=refuses(*_BEGINNING, IdTaken),
)
async def begin(body: TenureIn, door: Write) -> Response:
    """Somebody holds a post from an instant on, and what follows from that kind of post follows within seconds. One
    at a time, unless the post is shared ([DEF]). For who administers the security of the post's whole area."""
    new = NewTenure(
        id=body.id or new_id(), post_id=body.post_id, subject=body.subject, valid_from=_utc(body.valid_from),
        valid_to=_utc(body.valid_to), document=body.document,
    )  # fmt: skip
    return await door.perform(
        lambda tx: actions.begin_tenure(tx, new), show, created=True, show_again=actions.find_tenure
    )


@routes.get("", response_model=PageOut[TenureOut], summary="任职列表 List who holds posts")
async def list_tenures(
    door: Read, asked: Asked, area_code: AreaCode | None = None, post_id: UUID | None = None,
    subject: Subject | None = None, at: AwareDatetime | None = None,
) -> Response:  # fmt: skip
    """Tenures of the areas whose security you administer or audit: by area with all below it, by post, by subject, or
    those that hold at an instant. Ended ones are listed too."""

    async def find(tx: Tx) -> Page[Tenure]:
        within = await door.within(tx, area_code)
        return await page(
            tx, store.list_tenures(tx.scope, areas=within, post_id=post_id, subject=subject, at=_utc(at)),
            keys=store.ORDER, asked=asked, load=lambda row: load(Tenure, row),
            fingerprint=["tenures", area_code, str(post_id), subject, str(at)],
        )  # fmt: skip

    return await door.look(find, listed(show))


@routes.get("/{tenure_id}", response_model=TenureOut, summary="任职详情 One tenure")
async def get_tenure(tenure_id: UUID, door: Read) -> Response:
    """One tenure by its id."""
    return await door.look(lambda tx: actions.find_tenure(tx, tenure_id), show)


@routes.post(
    "/{tenure_id}/end",
    response_model=TenureOut,
    summary="免职 End a tenure",
    responses=refuses(
        RoleMissing, rules.PostBeyondOwn, rules.NotToOneself, rules.TenureAlreadyEnded, rules.TenureWrong
    ),
)
async def end(tenure_id: UUID, body: EndTenureIn, door: Change) -> Response:
    """They hold the post no more, from now on or from a later instant; everything that followed from it ends with it
    in every service within seconds. The tenure stays on record."""
    expected = door.expected_version
    return await door.perform(
        lambda tx: actions.end_tenure(tx, tenure_id, expected, _utc(body.at), body.reason),
        show, show_again=actions.find_tenure,
    )  # fmt: skip


@routes.post(
    "/{tenure_id}/hand-over",
    status_code=201,
    response_model=TenureOut,
    summary="岗位交接 Hand a post over",
    responses=refuses(*_BEGINNING, rules.TenureAlreadyEnded),
)
async def hand_over(tenure_id: UUID, body: HandOverIn, door: Change) -> Response:
    """The post passes from one to another at one instant: the one tenure ends and the new one begins, or neither."""
    expected = door.expected_version
    return await door.perform(
        lambda tx: actions.hand_over(
            tx, tenure_id, expected, to=body.to, at=_utc(body.at), document=body.document
        ),
        show, location=lambda made: f"/v1/tenures/{made.id}", show_again=actions.find_tenure,
    )  # fmt: skip
