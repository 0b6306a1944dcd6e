"""The truths about external providers: what one must be told of, and which of its tokens say who somebody is."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

WHOLE_CITY = "000000000000"
TOKEN_EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"  # noqa: S105 - the name of a grant
ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"  # noqa: S105 - the name of a kind of token
SUBJECT_TOKENS = frozenset(
    {ACCESS_TOKEN, *(f"urn:ietf:params:oauth:token-type:{kind}" for kind in ("id_token", "jwt"))}
)
LEEWAY = timedelta(seconds=30)
"""[DEF] How far two clocks may differ."""
SIGN_IN_FOR = timedelta(minutes=10)
"""[DEF] How long somebody may take at the provider's own page."""
LONGEST_SUBJECT = 255
_LONGEST_SECONDS = 1 << 40


@dataclass(frozen=True, kw_only=True, slots=True)
class Provider:
    """An OpenID provider whose word about who somebody is counts here. It says nothing about what they may do."""

    id: UUID
    version: int
    area_code: str
    sectors: tuple[str, ...]
    exercise: bool
    correlation_id: UUID
    issuer: str
    name_zh: str
    name_en: str
    jwks_uri: str | None
    client_id: str | None
    algorithms: tuple[str, ...]
    audiences: tuple[str, ...]
    authorized_parties: tuple[str, ...]
    token_types: tuple[str, ...]
    subject_claim: str
    roles_path: tuple[str, ...]
    required_roles: tuple[str, ...]
    ended_at: datetime | None
    ended_reason: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class ExternalIdentity:
    """Who an account at a provider is here: one subject, until the link is ended."""

    id: UUID
    version: int
    area_code: str
    sectors: tuple[str, ...]
    exercise: bool
    correlation_id: UUID
    provider: UUID
    external_subject: str
    subject: str
    ended_at: datetime | None
    ended_reason: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Proven:
    """What a provider's token proves: who, for how long."""

    provider: UUID
    external_subject: str
    ends_at: datetime
    claims: Mapping[str, Any]


class ProviderAlreadyEnded(Exception):
    """An ended provider stays ended: register it anew."""

    status = 409
    code = "identity_provider_ended"
    title = ("该身份提供方已停用", "The identity provider has ended")
    detail = ("请重新登记该身份提供方。", "Register the provider anew.")
    state = "ended"
    open_moves: tuple[str, ...] = ()


class LinkAlreadyEnded(Exception):
    """An ended link stays ended: link the account anew."""

    status = 409
    code = "external_identity_ended"
    title = ("该账号关联已解除", "The link has ended")
    detail = ("请重新关联该账号。", "Link the account anew.")
    state = "ended"
    open_moves: tuple[str, ...] = ()


class OfficeLinked(Exception):
    """Whoever linked an account to an administrator could come in as that administrator, and hold two offices."""

    status = 403
    code = "office_of_its_own"
    title = ("管理员账号由本人关联", "An administrator links their own account")
    detail = (
        "此人担任三员之一：请由本人登录后自行关联。",
        "The person holds one of the three administrators' offices: let them link it themselves, signed in here.",
    )


class AddressRefused(Exception):
    """The issuer or its key set is at an address that is not called."""

    status = 422
    code = "address_refused"
    title = ("不接受该地址", "The address is not taken")

    def __init__(self, member: str, said: tuple[str, str]) -> None:
        super().__init__(member)
        self.detail = said
        self.errors = [(f"/{member}", "address_refused", said)]


class ProviderTokenRefused(Exception):
    """A provider's token that proves nothing here; the message says why, and what to change."""


def require_live_provider(provider: Provider) -> Provider:
    """The provider itself; raises ProviderAlreadyEnded."""
    if provider.ended_at is not None:
        raise ProviderAlreadyEnded
    return provider


def end_provider(provider: Provider, at: datetime, reason: str) -> Provider:
    """The provider after its end; raises ProviderAlreadyEnded the second time."""
    return replace(require_live_provider(provider), ended_at=at, ended_reason=reason)


def end_link(link: ExternalIdentity, at: datetime, reason: str) -> ExternalIdentity:
    """The link after its end; raises LinkAlreadyEnded the second time."""
    if link.ended_at is not None:
        raise LinkAlreadyEnded
    return replace(link, ended_at=at, ended_reason=reason)


def algorithm_of(provider: Provider, header: Mapping[str, Any]) -> str:
    """The one algorithm that is verified; raises ProviderTokenRefused unless the provider's row allows it."""
    said = header.get("alg")
    algorithm = "EdDSA" if said == "Ed25519" else said
    if algorithm not in provider.algorithms:
        raise ProviderTokenRefused("the token is signed by an algorithm that is not allowed for this provider")
    typ = header.get("typ", "JWT")
    if not isinstance(typ, str) or typ.lower().removeprefix("application/") not in _lower(provider.token_types):
        raise ProviderTokenRefused("the token's typ is not among the types allowed for this provider")
    return str(algorithm)


def check_claims(provider: Provider, claims: Mapping[str, Any], at: datetime) -> Proven:
    """Who the verified claims speak of; raises ProviderTokenRefused saying what is wrong or missing."""
    if claims.get("iss") != provider.issuer:
        raise ProviderTokenRefused("iss of the token is not the provider's issuer, byte for byte")
    if "events" in claims:
        raise ProviderTokenRefused("the token tells of an event (a logout token) and is nobody's proof")
    ends = _check_times(claims, at)
    _check_audience(provider, claims)
    if provider.required_roles and not roles_of(provider, claims) & set(provider.required_roles):
        raise ProviderTokenRefused("the account holds none of the roles that this provider's accounts need here")
    subject = claims.get(provider.subject_claim)
    if not isinstance(subject, str) or not 0 < len(subject) <= LONGEST_SUBJECT or not subject.isprintable():
        raise ProviderTokenRefused(f"{provider.subject_claim} of the token is no text of 1 to 255 characters")
    return Proven(provider=provider.id, external_subject=subject, ends_at=ends, claims=claims)


def check_nonce(claims: Mapping[str, Any], nonce: str, client_id: str) -> None:
    """Raise ProviderTokenRefused unless the ID token is of this sign-in and this client (OIDC Core §3.1.3.7)."""
    if claims.get("nonce") != nonce:
        raise ProviderTokenRefused("nonce of the ID token is not that of this sign-in")
    if client_id not in _texts(claims.get("aud")) or claims.get("azp", client_id) != client_id:
        raise ProviderTokenRefused("the ID token was made for another client")


def roles_of(provider: Provider, claims: Mapping[str, Any]) -> set[str]:
    """The roles at the provider's path, such as realm_access.roles: they let in or keep out, and give no right."""
    found: Any = claims
    for step in provider.roles_path:
        found = found.get(step) if isinstance(found, Mapping) else None
    return _texts(found)


def _check_times(claims: Mapping[str, Any], at: datetime) -> datetime:
    ends = _instant(claims, "exp")
    if ends is None or ends <= at - LEEWAY:
        raise ProviderTokenRefused("the token has expired, or says no exp")
    for name in ("nbf", "iat"):
        begins = _instant(claims, name)
        if begins is not None and begins > at + LEEWAY:
            raise ProviderTokenRefused(f"{name} of the token lies in the future: compare the clocks")
    return ends


def _check_audience(provider: Provider, claims: Mapping[str, Any]) -> None:
    audiences = _texts(claims.get("aud"))
    if not audiences:
        raise ProviderTokenRefused("the token has no aud: add an audience mapper to the client at the provider")
    if not audiences & set(provider.audiences):
        raise ProviderTokenRefused("aud of the token names none of the audiences registered for this provider")
    party = claims.get("azp", claims.get("client_id"))
    if provider.authorized_parties and party not in provider.authorized_parties:
        raise ProviderTokenRefused("azp of the token is not among the clients allowed for this provider")


def _instant(claims: Mapping[str, Any], name: str) -> datetime | None:
    value = claims.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < _LONGEST_SECONDS:
        raise ProviderTokenRefused(f"{name} of the token is no time in seconds")
    try:
        return datetime.fromtimestamp(value, UTC)
    except (ValueError, OverflowError, OSError):
        raise ProviderTokenRefused(f"{name} of the token is no time in seconds") from None


def _texts(value: Any) -> set[str]:
    found = value if isinstance(value, list) else [value]
    return {one for one in found if isinstance(one, str)}


def _lower(words: Collection[str]) -> set[str]:
    return {word.lower() for word in words}
