"""The verbs on one-time links: issue, follow and revoke one, and let go of who came in by it."""

from __future__ import annotations

import secrets as random_secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from gateway.entry_links import store
from gateway.entry_links.rules import (
    LIFE,
    SERVES,
    TOKEN_SECONDS,
    EntryLink,
    hash_code,
    notice_of,
    revoke,
    use,
)
from gateway.subjects import actions as subjects
from gateway.subjects.rules import Kind
from gateway.tokens.actions import TokenRequest
from gateway.tokens.rules import Granted, TokenRefused
from libs.common.aggregates import require_version
from libs.common.clocks import system_now
from libs.common.db import Tx
from libs.common.ids import new_id
from libs.contracts.gateway import EntryLinkClosed, EntryLinkIssued, EntryLinkRevoked, EntryLinkUsed

CLIENT = "entry-link"
"""As whose client a follower's token is issued: nobody registered one."""
_CODE_BYTES = 32
_FOLLOWING = "entry links: by code"


@dataclass(frozen=True, kw_only=True, slots=True)
class WithCode:
    """A link and its code, which is shown this once and kept only as a hash."""

    link: EntryLink
    code: str | None

    @property
    def id(self) -> UUID:
        """The link's id."""
        return self.link.id

    @property
    def version(self) -> int:
        """The link's version."""
        return self.link.version


async def issue_link(tx: Tx, order: Mapping[str, Any]) -> WithCode:
    """A link for the entity of a notice, as the registry showed it to the caller; whoever may serve it may send one.

    Raises OrderHasNoEntity (409), RoleMissing (403).
    """
    notice = notice_of(order)
    tx.caller.require(*SERVES, area_code=notice.area_code, sectors=notice.sectors)
    code, link_id = random_secrets.token_urlsafe(_CODE_BYTES), new_id()
    subject = f"link-{link_id}"
    await subjects.open_subject(tx, subject=subject, kind=Kind.LINK, area_code=notice.area_code)
    await subjects.bind_party(tx, subject, notice.object_id, reason=f"order {notice.order_id}")
    link = EntryLink(
        id=link_id, version=0, area_code=notice.area_code, sectors=notice.sectors,
        exercise=notice.exercise,
        correlation_id=UUID(str(order["correlation_id"])), subject=subject, order_id=notice.order_id,
        party_id=notice.object_id, code_hash=hash_code(code), issued_by=tx.caller.subject,
        expires_at=system_now() + LIFE,
    )  # fmt: skip
    event = EntryLinkIssued(order_id=link.order_id, party_id=link.party_id, expires_at=link.expires_at)
    return WithCode(link=await store.write(tx, link, event, why="issued"), code=code)


async def follow_link(tx: Tx, request: TokenRequest) -> Granted:
    """A token for whoever follows a link, once. Raises TokenRefused, in one word for every way not to open."""
    async with tx.system(_FOLLOWING):
        link = await store.lock_by_code(tx, hash_code(request.needed("code")))
        used = None if link is None else use(link, request.at)
        if used is None:
            raise TokenRefused(
                "invalid_grant", "the link is unknown, was followed already, is over or was revoked: ask for another"
            )
        await store.write(tx, used, EntryLinkUsed(order_id=used.order_id), why="followed")
    return Granted(
        subject=used.subject, client_id=CLIENT, scope=request.scope(), seconds=TOKEN_SECONDS, own_limit=True
    )


async def revoke_link(tx: Tx, id: UUID, expected: int | None, reason: str) -> EntryLink:  # noqa: A002
    """It opens no more, and who came in by it is turned away everywhere within seconds.

    For who may serve the order, and for who administers security there. Raises LinkCannotBeRevoked (409).
    """
    link = await store.lock_link(tx, id)
    tx.caller.require(*SERVES, area_code=link.area_code, sectors=link.sectors)
    require_version(link, expected)
    after = revoke(link, system_now(), reason)
    await subjects.end_subject(tx, after.subject, reason)
    return await store.write(tx, after, EntryLinkRevoked(order_id=after.order_id, reason=reason), why=reason)


async def close_links(tx: Tx, limit: int) -> int:
    """Let go of who came in by links that are over; under a watch's system scope. Returns how many."""
    over = await store.pick_over(tx, system_now(), limit)
    for link in over:
        await subjects.end_subject(tx, link.subject, "the link is over")
        gone = replace(link, gone_at=system_now())
        await store.write(tx, gone, EntryLinkClosed(order_id=gone.order_id), why="over")
    return len(over)


async def find_link(tx: Tx, id: UUID) -> EntryLink:  # noqa: A002
    """One link; NotFound (404) where its order's area and sectors are out of sight."""
    return await store.find_link(tx, id)


async def show_without_code(tx: Tx, id: UUID) -> WithCode:  # noqa: A002
    """The link for the answer to a repeated request: its code was shown once and is not known any more."""
    return WithCode(link=await store.find_link(tx, id), code=None)
