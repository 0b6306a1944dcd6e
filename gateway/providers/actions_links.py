"""The verbs on linked accounts: who an account of a provider is here."""

from __future__ import annotations

from uuid import UUID

from gateway.providers import store
from gateway.providers.actions import KEEPERS, require_office
from gateway.providers.model import external_identities
from gateway.providers.rules import (
    WHOLE_CITY,
    ExternalIdentity,
    OfficeLinked,
    Proven,
    end_link,
    require_live_provider,
)
from gateway.subjects import actions as subjects
from gateway.subjects.rules_refusals import NotToOneself as NotToOneself
from gateway.subjects.rules_roles import SEPARATED, Role
from gateway.timeline.actions import looked
from libs.common.aggregates import record, require_version
from libs.common.db import Tx
from libs.common.ids import new_id
from libs.common.pagination import Page, Paging
from libs.common.sensitive_reads import Sensitive, note_read
from libs.contracts import sign_in as events

IDENTITY = Sensitive(
    noun="external_identity", why="says which account elsewhere is whom here", source="个人信息保护法 Art 51"
)
_SYSTEM = "linked accounts"


async def link_account(
    tx: Tx,
    provider_id: UUID,
    external_subject: str,
    subject: str,
    *,
    id: UUID | None = None,  # noqa: A002
) -> ExternalIdentity:
    """An account of a provider is this subject from now on, by an administrator's word.

    Raises RoleMissing (403), NotToOneself and OfficeLinked (403), NotFound (also for a subject that nobody is),
    ProviderAlreadyEnded, and AlreadyExists (409) where the account is linked.
    """
    require_office(tx, Role.SECURITY_ADMINISTRATOR)
    provider = require_live_provider(await store.find_provider(tx, provider_id))
    await subjects.area_of(tx, subject)
    if subject == tx.caller.subject:
        raise NotToOneself
    # Whoever links an account that they have elsewhere is whom it is linked to (三员分立).
    roles, _ = await subjects.reach_of(tx, subject)
    if SEPARATED.intersection(roles):
        raise OfficeLinked
    return await _link(tx, provider.id, external_subject, subject, id=id, why="linked by an administrator")


async def link_proven(tx: Tx, proven: Proven, subject: str) -> ExternalIdentity:
    """The same for somebody who has just proved to be both: signed in here, and there. The caller's verb has checked
    the sign-in here; raises AlreadyExists (409) where the account is linked."""
    async with tx.system(_SYSTEM):
        return await _link(tx, proven.provider, proven.external_subject, subject, why="linked at sign-in")


async def end_this_link(tx: Tx, id: UUID, expected: int | None, reason: str) -> ExternalIdentity:  # noqa: A002
    """The account is nobody here from now on. Raises LinkAlreadyEnded (409)."""
    found = await store.lock_link(tx, id, None)
    require_office(tx, Role.SECURITY_ADMINISTRATOR)
    require_version(found, expected)
    after = end_link(found, tx.now, reason)
    told = events.ExternalIdentityEnded(provider_id=after.provider, subject=after.subject, reason=reason)
    return await record(tx, external_identities, after, told, why=reason)


async def show_link(tx: Tx, id: UUID) -> ExternalIdentity:  # noqa: A002
    """One link; NotFound outside the scope, RoleMissing without administration of everything."""
    found = await store.find_link(tx, id)
    require_office(tx, *KEEPERS)
    return found


async def look_at_link(tx: Tx, id: UUID) -> ExternalIdentity:  # noqa: A002
    """The same, and the row of the look."""
    found = await show_link(tx, id)
    await note_read(tx, found, IDENTITY)
    return found


async def look_through_links(tx: Tx, asked: Paging, subject: str | None) -> Page[ExternalIdentity]:
    """A page of links, and one row for what was sought in a minute; RoleMissing without an office over everything."""
    require_office(tx, *KEEPERS)
    found = await store.list_links(tx, asked, subject)
    sought = {} if subject is None else {"subject": subject}
    about = looked(tx.caller, f"external identities {sought}")
    await note_read(tx, about, IDENTITY, details=sought | {"shown": len(found.items)})
    return found


async def subject_of(tx: Tx, proven: Proven) -> str | None:
    """Who a proven account is here; None where nobody has linked it. No account is ever made by itself."""
    async with tx.system(_SYSTEM):
        return await store.linked_subject(tx, proven.provider, proven.external_subject)


async def _link(
    tx: Tx,
    provider: UUID,
    external_subject: str,
    subject: str,
    *,
    why: str,
    id: UUID | None = None,  # noqa: A002
) -> ExternalIdentity:
    link = ExternalIdentity(
        id=id or new_id(),
        version=0,
        area_code=WHOLE_CITY,
        sectors=(),
        exercise=False,
        correlation_id=tx.cause.correlation_id or new_id(),
        provider=provider,
        external_subject=external_subject,
        subject=subject,
        ended_at=None,
        ended_reason=None,
    )
    told = events.ExternalIdentityLinked(provider_id=provider, subject=subject)
    return await record(tx, external_identities, link, told, why=why)
