"""Settings of the gateway app: those of every service, and what only the front door knows."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, cast

from fastapi import Depends
from pydantic import Field, IPvAnyNetwork, SecretStr
from starlette.requests import Request

from gateway.egress import Egress
from gateway.routes import GATEWAY, SERVICES
from libs.common.crypto import Seals
from libs.common.doors import oauth_scopes
from libs.common.settings import ServiceSettings

_SHORTEST_SECRET = 32


class GatewaySettings(ServiceSettings):
    """What the gateway app needs to run; every name has the prefix `SHOUTU_` in the environment."""

    key_seal: SecretStr = Field(
        min_length=_SHORTEST_SECRET, description="seals keys and other small secrets; 256 random bits as text"
    )
    key_seal_id: str = Field(
        default="1", pattern=r"^[A-Za-z0-9._-]{1,40}$", description="names that seal; another id with another secret"
    )
    retired_key_seals: dict[str, SecretStr] = Field(
        default_factory=dict,
        description="earlier seals by id, as JSON: what they sealed opens until it is sealed anew",
    )
    system_administrator_secret: SecretStr | None = Field(
        default=None, min_length=_SHORTEST_SECRET, description="of bootstrap-system-administrator: 256 random bits"
    )
    security_administrator_secret: SecretStr | None = Field(
        default=None, min_length=_SHORTEST_SECRET, description="of bootstrap-security-administrator, in another hand"
    )
    audit_administrator_secret: SecretStr | None = Field(
        default=None, min_length=_SHORTEST_SECRET, description="of bootstrap-audit-administrator, in a third hand"
    )
    security_contacts: tuple[Annotated[str, Field(pattern=r"^(mailto:|tel:|https://)[!-~]+$")], ...] = Field(
        default=("mailto:security@city.example",),
        min_length=1,
        description="whom to tell of a weakness, as JSON: URIs in order of preference (RFC 9116)",
    )
    token_seconds: int = Field(default=600, ge=60, le=3600, description="how long a token is valid")
    argon2_rounds: int = Field(default=2, ge=1, le=20, description="passes of argon2id over its memory")
    argon2_memory_kib: int = Field(
        default=19_456, ge=8_192, le=1_048_576, description="memory of one password hash (OWASP: 19 MiB and 2 passes)"
    )
    argon2_parallel: int = Field(default=2, ge=1, le=16, description="how many passwords are hashed at a time")
    session_seconds: int = Field(
        default=43_200, ge=300, le=604_800, description="how long a sign-in lasts in a browser at most"
    )
    session_idle_seconds: int = Field(
        default=7_200, ge=60, le=604_800, description="how long it lasts when nobody comes back"
    )
    refresh_seconds: int = Field(
        default=2_592_000, ge=3_600, le=31_536_000, description="how long an app may refresh its tokens in all"
    )
    refresh_idle_seconds: int = Field(
        default=604_800, ge=600, le=31_536_000, description="how long a refresh token waits to be used"
    )
    service_urls: dict[str, str] = Field(
        default_factory=dict, description="where each service listens, as JSON: a trace is asked of all"
    )
    service_timeout_seconds: float = Field(
        default=4.0, gt=0, le=10, description="how long a part of a composed answer is waited for"
    )
    outgoing_networks: tuple[IPvAnyNetwork, ...] = Field(
        default=(),
        description="networks, as JSON, inside which providers and webhooks may be called although private",
    )
    outgoing_hosts: frozenset[str] = Field(
        default=frozenset(), description="names, as JSON, that may lead to private addresses: an in-house provider"
    )
    outgoing_authorities: Path | None = Field(
        default=None, description="a PEM file with the city's own certificate authorities, besides the public ones"
    )
    file_store: str = Field(
        default="",
        pattern=r"^(s3://[a-z0-9.-]{3,63}(/[A-Za-z0-9._/-]+)?)?$",
        description="where files lie: empty is a folder of SHOUTU_HOME, else s3://bucket/prefix",
    )
    file_store_endpoint: str | None = Field(default=None, description="where that S3 answers, if not at its maker's")
    file_store_region: str | None = None
    file_store_key_id: str | None = None
    file_store_secret: SecretStr | None = Field(default=None, description="the secret that belongs to the key id")

    @property
    def egress(self) -> Egress:
        """The way out for calls to addresses that are data."""
        networks, hosts = self.outgoing_networks, self.outgoing_hosts
        return Egress(networks=networks, hosts=hosts, authorities=self.outgoing_authorities)

    @property
    def seals(self) -> Seals:
        """What closes and opens the front door's secrets."""
        retired = {name: secret.get_secret_value() for name, secret in self.retired_key_seals.items()}
        current = self.key_seal.get_secret_value()
        return Seals(current_id=self.key_seal_id, current=current, retired=retired, suite=self.crypto_suite)

    @property
    def administrators(self) -> dict[str, str]:
        """The secrets of the first administrators, by role; those that are not said are not made."""
        said = {
            "system_administrator": self.system_administrator_secret,
            "security_administrator": self.security_administrator_secret,
            "audit_administrator": self.audit_administrator_secret,
        }
        return {role: secret.get_secret_value() for role, secret in said.items() if secret is not None}

    @property
    def oauth_scopes(self) -> tuple[str, ...]:
        """Every OAuth scope that some door accepts."""
        return tuple(
            sorted(
                {
                    scope
                    for service in (*SERVICES, GATEWAY)
                    for kind in ("read", "write")
                    for scope in oauth_scopes(service, kind)
                }
            )
        )


def settings_of(request: Request) -> GatewaySettings:
    """The settings that this app was started with."""
    return cast(GatewaySettings, request.app.runtime.settings)


Settings = Annotated[GatewaySettings, Depends(settings_of)]
"""The settings in a route's signature."""
