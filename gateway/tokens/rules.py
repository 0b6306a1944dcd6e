"""How a token request is read, and what a token says."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, unquote_plus
from uuid import UUID

CLIENT_CREDENTIALS = "client_credentials"
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
SIGNED_BY = ("ES256", "EdDSA", "RS256")
SCOPE = "shoutu"
"""The widest scope, and what is issued where none is asked for: all that the client's grants allow at each
request. Narrower ones (a service, reading, writing) only limit what a token may try; rights are in none."""
_AUTH_METHODS = ("client_secret_basic", "client_secret_post", "private_key_jwt")
_TOLD = ("scope", "client_id", "sub", "aud", "iss", "iat", "exp", "jti")
FORM = "application/x-www-form-urlencoded"
LONGEST_VALUE = 2_048
LONGEST_TOKEN = 8_192
"""[DEF] Characters of a parameter: what holds a token or an assertion may be longer than the others."""
_TOKENS = frozenset({"assertion", "client_assertion", "id_token_hint", "refresh_token", "subject_token", "token"})


class TokenRefused(Exception):
    """A refusal in OAuth's own words (RFC 6749 §5.2), which are not those of problem documents.

    A grant raises it where nothing is to be kept, and returns it where what it wrote has to stay although no token
    is given: a wrong code that was counted, a family of refresh tokens that was ended.
    """

    def __init__(self, error: str, description: str, *, status: int = 400, challenge: bool = False) -> None:
        super().__init__(description)
        self.error = error
        self.description = description
        self.http_status = status
        self.challenge = challenge
        """Whether the caller used the Authorization header and is owed a WWW-Authenticate."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Credentials:
    """What a client says it is, and how it said so."""

    client_id: str
    secret: str | None
    """None: it names itself and proves nothing, as public clients do."""
    by_header: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Assertion:
    """What a client signed instead of sending a secret (RFC 7523), and the client_id beside it where it says one."""

    jwt: str
    client_id: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class TokenLife:
    """Who issues, for whom, and for how long (seconds)."""

    issuer: str
    audience: str
    seconds: int
    scopes: tuple[str, ...] = (SCOPE,)
    """Every scope that may be asked for."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Granted:
    """What a grant puts into the token and into the answer beside it."""

    subject: str
    client_id: str
    scope: str
    seconds: int | None = None
    """How long the token lives; None: as long as the settings say. Never longer than that, unless `own_limit`."""
    own_limit: bool = False
    """Whether the grant's own limit counts instead of that of the settings: there is no asking for another token."""
    token_id: UUID | None = None
    """The token's id, where the grant wrote it down to end it with what it belongs to."""
    claims: Mapping[str, Any] = field(default_factory=dict)
    """More claims, such as `auth_time` and `amr`; those that the issuer sets itself cannot be overwritten."""
    members: Mapping[str, Any] = field(default_factory=dict)
    """More members of the answer, such as `refresh_token` and `id_token`."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RevokedToken:
    """A token that was ended before its time, as the thing that is told of; it belongs to no area and no sector."""

    id: UUID
    correlation_id: UUID
    version: int = 1
    area_code: str = "000000000000"
    sectors: tuple[str, ...] = ()
    exercise: bool = False


def read_form(content_type: str | None, body: bytes) -> dict[str, str]:
    """The parameters of the request; TokenRefused when it is no form or a parameter is repeated (§3.2)."""
    if (content_type or "").split(";")[0].strip().lower() != FORM:
        raise TokenRefused("invalid_request", f"send the parameters as {FORM}")
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, strict_parsing=bool(body), max_num_fields=20)
    except ValueError as error:
        raise TokenRefused("invalid_request", "the form cannot be read") from error
    form = dict(pairs)
    if len(form) != len(pairs):
        raise TokenRefused("invalid_request", "a parameter is given twice")
    if any(len(value) > _longest(name) or "\x00" in value for name, value in form.items()):
        raise TokenRefused("invalid_request", "a parameter is too long or holds a NUL")
    return form


def _longest(name: str) -> int:
    return LONGEST_TOKEN if name in _TOKENS else LONGEST_VALUE


def needed(form: Mapping[str, str], name: str) -> str:
    """A parameter of the form; TokenRefused where it is missing."""
    if not (value := form.get(name)):
        raise TokenRefused("invalid_request", f"{name} is missing")
    return value


def credentials_of(authorization: str | None, form: Mapping[str, str]) -> Credentials | Assertion | None:
    """How the client shows who it is, which it does in one way only (RFC 6749 §2.3); None: it says not a word."""
    ways = (authorization is not None) + ("client_secret" in form) + ("client_assertion" in form)
    if ways > 1:
        raise TokenRefused("invalid_request", "authenticate in one way: by header, by secret or by assertion")
    if authorization is not None:
        credentials = _basic(authorization)
        if form.get("client_id", credentials.client_id) != credentials.client_id:
            raise TokenRefused("invalid_request", "client_id differs from the Authorization header")
        return credentials
    if "client_assertion" in form:
        if form.get("client_assertion_type") != ASSERTION_TYPE:
            raise TokenRefused("invalid_request", f"client_assertion_type must be {ASSERTION_TYPE}")
        return Assertion(jwt=form["client_assertion"], client_id=form.get("client_id"))
    if not form.get("client_id"):
        if "client_secret" in form:
            raise TokenRefused("invalid_client", "client_id is missing", status=401)
        return None
    return Credentials(client_id=form["client_id"], secret=form.get("client_secret"), by_header=False)


def _basic(authorization: str) -> Credentials:
    scheme, _, encoded = authorization.partition(" ")
    refused = TokenRefused("invalid_client", "send Basic credentials", status=401, challenge=True)
    if scheme.lower() != "basic":
        raise refused
    try:
        text = base64.b64decode(encoded.strip(), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError) as error:
        raise refused from error
    client_id, colon, secret = text.partition(":")
    if not colon:
        raise refused
    # RFC 6749 §2.3.1: both parts were form-urlencoded before they were joined.
    client_id, secret = unquote_plus(client_id), unquote_plus(secret)
    if not client_id.isprintable() or not secret.isprintable():
        raise refused
    return Credentials(client_id=client_id, secret=secret, by_header=True)


def scope_of(form: Mapping[str, str], scopes: Collection[str]) -> str:
    """The scope to issue; TokenRefused unless this asks for scopes that exist."""
    asked = form.get("scope", "").split() or [SCOPE]
    if set(asked) - set(scopes):
        raise TokenRefused("invalid_scope", "scopes_supported of the metadata lists the scopes that exist")
    return " ".join(dict.fromkeys(asked))


def claims(life: TokenLife, granted: Granted, *, token_id: UUID, at: datetime) -> dict[str, Any]:
    """The claims of an access token (RFC 9068 §2.2); times are the real clock's, in whole seconds."""
    issued = int(at.timestamp())
    return {
        **granted.claims,
        "iss": life.issuer,
        "sub": granted.subject,
        "aud": life.audience,
        "client_id": granted.client_id,
        "scope": granted.scope,
        "iat": issued,
        "exp": issued + lifetime(life, granted),
        "jti": str(token_id),
    }


def lifetime(life: TokenLife, granted: Granted) -> int:
    """How many seconds the token lives: what the grant says, within the settings unless it has a limit of its own."""
    if granted.seconds is None:
        return life.seconds
    return granted.seconds if granted.own_limit else min(granted.seconds, life.seconds)


def answer(life: TokenLife, granted: Granted, token: str) -> dict[str, Any]:
    """The body of the answer (RFC 6749 §5.1) around the signed token."""
    return {
        **granted.members,
        "access_token": token,
        "token_type": "Bearer",
        "expires_in": lifetime(life, granted),
        "scope": granted.scope,
    }


def audiences(issuer: str) -> frozenset[str]:
    """Whom a client's assertion may be addressed to: this issuer, by its name or by a door of its own."""
    return frozenset({issuer, *(f"{issuer}/oauth/{door}" for door in ("token", "introspect", "revoke"))})


def describe(claims: Mapping[str, Any]) -> dict[str, Any]:
    """What introspection says of a token that works (RFC 7662 §2.2)."""
    told = {name: claims[name] for name in _TOLD if name in claims}
    return {"active": True, "token_type": "Bearer", **told}


def metadata(life: TokenLife, grant_types: Collection[str]) -> dict[str, Any]:
    """RFC 8414 and OpenID discovery in one: what the issuer can do, at which addresses."""
    issuer = life.issuer
    found: dict[str, Any] = {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}/oauth/authorize",
        "userinfo_endpoint": f"{issuer}/oauth/userinfo",
        "end_session_endpoint": f"{issuer}/oauth/logout",
        "jwks_uri": f"{issuer}/.well-known/jwks.json",
        "grant_types_supported": sorted(grant_types),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": True,
        "prompt_values_supported": ["none", "login", "consent", "select_account"],
        "acr_values_supported": ["aal1", "aal2"],
        "claims_supported": ["sub", "auth_time", "amr", "acr", "nonce", "sid", "name", "preferred_username"],
        "ui_locales_supported": ["zh", "en"],
        "request_uri_parameter_supported": False,
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256"],
        "scopes_supported": [*life.scopes, "openid", "profile"],
        "service_documentation": f"{issuer}/docs",
    }
    for door, path in (("token", "token"), ("introspection", "introspect"), ("revocation", "revoke")):
        public = ["none"] if door == "revocation" else []
        found |= {
            f"{door}_endpoint": f"{issuer}/oauth/{path}",
            f"{door}_endpoint_auth_methods_supported": [*_AUTH_METHODS, *public],
            f"{door}_endpoint_auth_signing_alg_values_supported": list(SIGNED_BY),
        }
    return found
