"""The doors of contacts."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import Field
from starlette.responses import Response

from libs.common.aggregates import load
from libs.common.db import Tx
from libs.common.doors import Change, Read, Write
from libs.common.forms import AreaCode, Form, Line, PageOut, Shown, Words
from libs.common.ids import new_id
from libs.common.openapi import refuses
from libs.common.pagination import Asked, Page, listed, page
from libs.common.problems import AlreadyExists, IdTaken, RoleMissing
from libs.common.scope import Scope
from libs.common.strict_routes import router
from services.responsibility_registry import examples_rosters as examples
from services.responsibility_registry.contacts import actions, store
from services.responsibility_registry.contacts.rules import MOST_WAYS, Contact, ContactWrong, Way, WayKind

routes = router("contacts", prefix="/v1/contacts")
Hour = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$", examples=["08:30"])]


class WayIn(Form):
    """One way, at all hours or from when to when, city time."""

    kind: WayKind
    value: Annotated[Line, Field(min_length=1, max_length=60)]
    begins: Hour | None = None
    ends: Hour | None = None


Ways = Annotated[tuple[WayIn, ...], Field(max_length=MOST_WAYS, description="the way to be tried first first")]


class ContactIn(Form):
    """How a post is reached."""

    model_config = examples.example(examples.CONTACT)

    id: UUID | None = Field(default=None, description="chosen by you, so that a retry is harmless")
    post_id: UUID
    ways: Ways


class ChangeContactIn(Form):
    """All ways as they are to be, and why."""

    model_config = examples.example(examples.CHANGE_CONTACT)

    ways: Ways
    reason: Words


class WayOut(Shown):
    """One way; at all hours where none are said."""

    kind: WayKind
    value: str
    begins: str | None
    ends: str | None


class ContactOut(Shown):
    """How a post is reached, the way to be tried first first."""

    id: UUID
    version: int
    post_id: UUID
    area_code: str
    sectors: tuple[str, ...]
    ways: tuple[WayOut, ...]
    correlation_id: UUID
    actions: tuple[str, ...]


_FIELDS = tuple(name for name in ContactOut.model_fields if name not in ("ways", "actions"))


def show(contact: Contact, scope: Scope) -> ContactOut:
    """A contact, and what the caller may do with it."""
    may = scope.holds(*actions.KEEPERS, area_code=contact.area_code, sectors=contact.sectors)
    ways = tuple(WayOut.model_validate(one) for one in contact.ways)
    fields = {name: getattr(contact, name) for name in _FIELDS}
    return ContactOut.model_validate({**fields, "ways": ways, "actions": ("change",) if may else ()})


@routes.post(
    "", status_code=201, response_model=ContactOut, summary="登记联系方式 Say how a post is reached",
    responses=refuses(RoleMissing, ContactWrong, AlreadyExists, IdTaken),
)  # fmt: skip
async def enter(body: ContactIn, door: Write) -> Response:
    """The duty telephone, radio, fax or group of a post, in the order in which they are tried. Of the post and not of
    a person: a mobile number is refused ([DEF]; PIPL Art 4). For leaders and administrators there."""
    return await door.perform(
        lambda tx: actions.enter_contact(tx, body.id or new_id(), body.post_id, _ways(body.ways)), show,
        created=True, show_again=actions.find_contact,
    )  # fmt: skip


@routes.get("", response_model=PageOut[ContactOut], summary="联系方式列表 List how posts are reached")
async def list_contacts(
    door: Read, asked: Asked, area_code: AreaCode | None = None, post_id: UUID | None = None
) -> Response:  # fmt: skip
    """Contacts of posts within your scope: by area with all below it, by post."""

    async def find(tx: Tx) -> Page[Contact]:
        within = await door.within(tx, area_code)
        return await page(
            tx, store.list_contacts(tx, areas=within, post_id=post_id), keys=store.ORDER, asked=asked,
            load=lambda row: load(Contact, row), fingerprint=["contacts", area_code, str(post_id)],
        )  # fmt: skip

    return await door.look(find, listed(show))


@routes.get("/{contact_id}", response_model=ContactOut, summary="联系方式详情 How one post is reached")
async def get_contact(contact_id: UUID, door: Read) -> Response:
    """One contact."""
    return await door.look(lambda tx: actions.find_contact(tx, contact_id), show)


@routes.post(
    "/{contact_id}/change", response_model=ContactOut, summary="变更联系方式 Change how a post is reached",
    responses=refuses(RoleMissing, ContactWrong),
)  # fmt: skip
async def change(contact_id: UUID, body: ChangeContactIn, door: Change) -> Response:
    """Other ways instead of those that are there; none where nobody is reached there any more."""
    expected = door.expected_version
    return await door.perform(
        lambda tx: actions.change_contact(tx, contact_id, expected, _ways(body.ways), body.reason), show,
        show_again=actions.find_contact,
    )  # fmt: skip


def _ways(ways: tuple[WayIn, ...]) -> tuple[Way, ...]:
    return tuple(Way(kind=one.kind, value=one.value, begins=one.begins, ends=one.ends) for one in ways)
