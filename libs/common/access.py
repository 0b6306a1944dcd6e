"""Who the caller is, looked up on every request: a token carries no rights, so an ended grant ends at once."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, Column, Integer, MetaData, Table, Text, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.dialects.postgresql import UUID as PGUUID

from libs.common.copies import Copy
from libs.common.db import Tx
from libs.common.problems import PostNotHeld
from libs.common.scope import Grant, Scope
from libs.contracts.gateway import ClientChanged, ClientEnded, ClientRegistered, ClientState, ClientStated

access_grants = Table(
    "access_grants",
    MetaData(),
    Column("id", PGUUID(as_uuid=True), primary_key=True),
    Column("subject", Text),
    Column("client_id", Text),
    Column("version", Integer),
    Column("posts", ARRAY(PGUUID(as_uuid=True))),
    Column("grants", JSONB),
    Column("ended", Boolean),
    Column("stated_in", PGUUID(as_uuid=True)),
)

ACCESS_COPY = Copy(
    table=access_grants,
    state=ClientState,
    events=(ClientStated, ClientRegistered, ClientChanged, ClientEnded),
)
"""Every service keeps this copy of what the gateway knows of clients, posts and grants."""

_LOOK_UP = text("SELECT client_id, posts, grants FROM access_grants WHERE subject = :subject AND NOT ended")


async def scope_of(tx: Tx, subject: str, client_id: str, acting_post: UUID | None) -> Scope:
    """The caller's scope at this instant; a subject that is unknown or ended sees nothing.

    Raises PostNotHeld (422) where the caller wants to act for a post that it does not hold.
    """
    row = await tx.one_or_none(_LOOK_UP, {"subject": subject})
    posts = frozenset(row["posts"]) if row else frozenset()
    if acting_post is not None and acting_post not in posts:
        raise PostNotHeld(acting_post)
    only = next(iter(posts)) if len(posts) == 1 else None
    grants = tuple(_grant(one) for one in row["grants"] if _holds_at(one, tx.now)) if row else ()
    return Scope(
        subject=subject, client_id=client_id, posts=posts, grants=grants, post_id=acting_post or only
    )


def _holds_at(grant: dict[str, Any], instant: datetime) -> bool:
    begins, ends = grant.get("valid_from"), grant.get("valid_to")
    return (begins is None or datetime.fromisoformat(begins) <= instant) and (
        ends is None or instant < datetime.fromisoformat(ends)
    )


def _grant(grant: dict[str, Any]) -> Grant:
    post, sectors = grant.get("post_id"), grant.get("sectors")
    return Grant(
        area_from=grant["area_from"],
        area_to=grant["area_to"],
        sectors=None if sectors is None else tuple(sectors),
        role=grant["role"],
        post_id=UUID(post) if post else None,
    )
