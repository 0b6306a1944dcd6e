"""What the gateway tells of signing in: accounts of people, external providers with the accounts linked there, and
tokens that were revoked."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from libs.contracts.event import Event


class PersonInvited(Event, type="gateway.person.invited.v1"):
    """Somebody is to have an account; who they are stands in no event, only as whom they will act."""

    subject: str


class PersonEnrolled(Event, type="gateway.person.enrolled.v1"):
    """They chose a password of their own, by the code of their invitation."""

    subject: str


class PersonChanged(Event, type="gateway.person.changed.v1"):
    """Something about the account changed: invited_again, renamed, password_changed, second_factor_added or
    second_factor_reset."""

    subject: str
    change: str


class PersonEnded(Event, type="gateway.person.ended.v1"):
    """They sign in no more, and what came of earlier sign-ins is refused."""

    subject: str


class TokenRevoked(Event, type="gateway.token.revoked.v1"):
    """One token is refused from now on, whatever time it has left; the id alone opens nothing."""

    jti: str
    client_id: str
    expires_at: datetime


class ProviderRegistered(Event, type="gateway.provider.registered.v1"):
    """The word of an external provider about who somebody is counts from now on."""

    issuer: str


class ProviderChanged(Event, type="gateway.provider.changed.v1"):
    """Which of its tokens count was changed, or under which names it is shown."""

    issuer: str


class ProviderEnded(Event, type="gateway.provider.ended.v1"):
    """Its word counts no more; tokens that were exchanged for its own run out within the hour."""

    issuer: str
    reason: str


class ExternalIdentityLinked(Event, type="gateway.external_identity.linked.v1"):
    """An account at a provider is a subject here; which account it is stays out of events."""

    provider_id: UUID
    subject: str


class ExternalIdentityEnded(Event, type="gateway.external_identity.ended.v1"):
    """That account is nobody here any more."""

    provider_id: UUID
    subject: str
    reason: str
