"""The shapes of requests and answers about providers."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import ConfigDict, Field, SecretStr, StringConstraints

from gateway.providers.rules import WHOLE_CITY, ExternalIdentity, Provider
from libs.common.forms import Form, Line, Shown
from libs.common.ids import new_id
from libs.common.scope import Scope

Url = Annotated[str, StringConstraints(min_length=8, max_length=2_048, pattern=r"^https?://[!-~]+$")]
Word = Annotated[str, StringConstraints(min_length=1, max_length=255, pattern=r"^[!-~]+$")]
Name = Annotated[Line, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
Reason = Annotated[Line, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Words = Annotated[list[Word], Field(max_length=20)]
Algorithms = Annotated[list[Literal["RS256", "ES256", "EdDSA"]], Field(min_length=1, max_length=3)]
Types = Annotated[list[Literal["JWT", "at+jwt", "jwt"]], Field(min_length=1, max_length=3)]

_EXAMPLE: dict[str, Any] = {
    "issuer": "https://sign-in.district.example/realms/staff",
    "name_zh": "区政务统一身份认证",
    "name_en": "District sign-in",
    "audiences": ["shoutu"],
    "client_id": "shoutu",
    "client_secret": "…",
    "roles_path": ["realm_access", "roles"],
    "required_roles": ["shoutu-user"],
}


class _Settings(Form):
    jwks_uri: Url | None = Field(default=None, description="only where the provider has no discovery document")
    client_id: Word | None = Field(default=None, description="as whom we ask, where people are to sign in there")
    client_secret: Annotated[SecretStr, Field(max_length=500)] | None = Field(
        default=None, description="kept sealed and never shown again"
    )
    authorized_parties: Words = Field(default_factory=list, description="clients (`azp`) that count; empty: any")
    roles_path: Words = Field(default_factory=list, description="where roles stand, step by step")
    required_roles: Words = Field(
        default_factory=list, description="one of them lets an account in; none of them gives a right here"
    )


class ProviderIn(_Settings):
    """A provider whose word about who somebody is shall count."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    id: UUID | None = Field(default=None, description="chosen by you, so that a retry is harmless")
    issuer: Url = Field(description="`iss` of its tokens, byte for byte; it cannot be changed later")
    name_zh: Name
    name_en: Name
    audiences: Words = Field(min_length=1, description="`aud` of a token must name one of them")
    algorithms: Algorithms = Field(default=["RS256"])
    token_types: Types = Field(default=["JWT", "at+jwt"], description="`typ` of a token's header")
    subject_claim: Word = Field(default="sub", description="the claim that names an account, never given to another")

    def provider(self) -> Provider:
        """The provider to be."""
        return Provider(
            id=self.id or new_id(),
            version=0,
            area_code=WHOLE_CITY,
            sectors=(),
            exercise=False,
            correlation_id=new_id(),
            issuer=self.issuer,
            ended_at=None,
            ended_reason=None,
            name_zh=self.name_zh,
            name_en=self.name_en,
            jwks_uri=self.jwks_uri,
            client_id=self.client_id,
            subject_claim=self.subject_claim,
            algorithms=tuple(self.algorithms),
            audiences=tuple(self.audiences),
            authorized_parties=tuple(self.authorized_parties),
            token_types=tuple(self.token_types),
            roles_path=tuple(self.roles_path),
            required_roles=tuple(self.required_roles),
        )


class ProviderPatch(Form):
    """JSON Merge Patch: what is left out stays; lists are replaced whole."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"required_roles": ["shoutu-user"]}]})

    name_zh: Name | None = None
    name_en: Name | None = None
    jwks_uri: Url | None = None
    client_id: Word | None = None
    client_secret: Annotated[SecretStr, Field(max_length=500)] | None = None
    algorithms: Algorithms | None = None
    audiences: Annotated[Words, Field(min_length=1)] | None = None
    authorized_parties: Words | None = None
    token_types: Types | None = None
    roles_path: Words | None = None
    required_roles: Words | None = None

    def changes(self) -> dict[str, Any]:
        """The fields that are replaced."""
        given = self.model_dump(exclude_none=True, exclude={"client_secret"})
        return {name: tuple(value) if isinstance(value, list) else value for name, value in given.items()}


class EndIn(Form):
    """Why it ends."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "统一到市级平台"}]})

    reason: Reason


class ProviderOut(Shown):
    """A provider as administrators see it; its client secret is in no answer."""

    id: UUID
    version: int
    issuer: str
    name_zh: str
    name_en: str
    jwks_uri: str | None
    client_id: str | None
    algorithms: list[str]
    audiences: list[str]
    authorized_parties: list[str]
    token_types: list[str]
    subject_claim: str
    roles_path: list[str]
    required_roles: list[str]
    state: str = Field(description="active or ended")
    ended_at: datetime | None
    ended_reason: str | None
    actions: list[str] = Field(description="what may be done with it now")

    @classmethod
    def of(cls, found: Provider, _: Scope) -> Self:
        """How a provider is shown."""
        return cls.model_validate(shown(cls, found, ["change", "end"]))


class ProviderPage(Shown):
    """A page of providers."""

    items: list[ProviderOut]
    next: str | None
    count: int | None = None


def shown(form: type[Shown], found: Provider | ExternalIdentity, open_moves: list[str]) -> dict[str, Any]:
    """The fields of the form that the row has, with its state and what may be done with it."""
    ended = found.ended_at is not None
    own = {name: getattr(found, name) for name in form.model_fields if hasattr(found, name)}
    return own | {"state": "ended" if ended else "active", "actions": [] if ended else open_moves}
