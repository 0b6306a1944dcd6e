"""Idempotency-Key: a repeated request does nothing twice and is answered from what the first one left.

What the first did is a row of its own transaction, kept for 24 hours for its own client and subject. The body
of a resource is not kept: a repeat shows it as it is now, under the caller's present scope. Where there is no
resource to show (the counts of an import), the answer itself is kept, and says nothing about anybody.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text

from libs.common.db import Tx
from libs.common.faults import StillRunning
from libs.common.languages import Said
from libs.common.problems import Problem

KEPT_HOURS: Final = 24
SHORTEST_WITHOUT_TOKEN: Final = 16
"""Callers without a token share one key space: a key has to be too long to be guessed or hit by chance."""


def key_pattern(shortest: int) -> str:
    """The header as a regular expression: a structured-field string [RFC 8941], or the same text bare."""
    quoted = rf'"(?:[ !#-\[\]-~]|\\["\\]){{{shortest},255}}"'
    return rf"^(?:{quoted}|[A-Za-z0-9_.:~+/=\-]{{{shortest},255}})$"


_PATTERNS: Final = {shortest: re.compile(key_pattern(shortest)) for shortest in (1, SHORTEST_WITHOUT_TOKEN)}

_TRY_LOCK = text("SELECT pg_try_advisory_xact_lock(:lock)")
_FIND = text(
    "SELECT fingerprint, status, resource_id, location, CAST(body AS text) AS body FROM idempotency_keys"
    " WHERE client_id = :client_id AND subject = :subject AND route = :route AND key = :key"
    " AND expires_at > clock_timestamp()"
)
_KEEP = text(
    "INSERT INTO idempotency_keys AS k (client_id, subject, route, key, fingerprint, status, resource_id,"
    " location, body, expires_at) VALUES (:client_id, :subject, :route, :key, :fingerprint, :status, :resource_id,"
    " :location, CAST(:body AS json), clock_timestamp() + make_interval(hours => :hours))"
    " ON CONFLICT (client_id, subject, route, key) DO UPDATE SET fingerprint = excluded.fingerprint,"
    " status = excluded.status, resource_id = excluded.resource_id, location = excluded.location,"
    " body = excluded.body,"
    " created_at = clock_timestamp(), expires_at = excluded.expires_at"
    " WHERE k.expires_at <= clock_timestamp()"
)
_FORGET = text(
    "DELETE FROM idempotency_keys WHERE (client_id, subject, route, key) IN (SELECT client_id, subject,"
    " route, key FROM idempotency_keys WHERE expires_at < clock_timestamp() LIMIT :at_most)"
)


class BadIdempotencyKey(Problem):
    """The header is there, but not as one string of reasonable length."""

    status = 400
    code = "bad_idempotency_key"
    title = Said("Idempotency-Key 有误", "Idempotency-Key is malformed")
    advice = Said(
        '请发送一个 1 至 255 个 ASCII 字符的键，例如 "8e03978e-40d5-43dd-bc93-6894a57f9324"；'
        f"无令牌时至少 {SHORTEST_WITHOUT_TOKEN} 个字符。",
        'Send one key of 1 to 255 ASCII characters, such as "8e03978e-40d5-43dd-bc93-6894a57f9324";'
        f" at least {SHORTEST_WITHOUT_TOKEN} without a token.",
    )


class KeyReused(Problem):
    """The same key came with another request before."""

    status = 422
    code = "idempotency_key_reused"
    title = Said("Idempotency-Key 已用于另一请求", "The key was used for another request")
    advice = Said("每个不同的请求须用新的键。", "Use a new key for each different request.")


@dataclass(frozen=True, kw_only=True, slots=True)
class Claim:
    """One use of a key: who uses it where, and for what."""

    key: str
    route: str
    fingerprint: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class Kept:
    """What the first request left: a resource to show again, or else the answer as it was."""

    status: int
    resource_id: UUID | None
    location: str | None
    body: bytes | None = None


def key_of(headers: Sequence[str], *, has_token: bool) -> str | None:
    """The key of a request: a structured-field string or bare; None without one, BadIdempotencyKey (400)."""
    if not headers:
        return None
    value = headers[0].strip()
    pattern = _PATTERNS[1 if has_token else SHORTEST_WITHOUT_TOKEN]
    if len(headers) > 1 or pattern.fullmatch(value) is None:
        raise BadIdempotencyKey
    return re.sub(r"\\(.)", r"\1", value[1:-1]) if value.startswith('"') else value


def fingerprint(method: str, path: str, query: bytes, body: bytes) -> bytes:
    """What makes two requests the same."""
    head = f"{method}\n{path}\n".encode()
    return sha256(head + query + b"\n" + sha256(body).digest()).digest()


async def look_back(tx: Tx, claim: Claim) -> Kept | None:
    """What a first request with this key left, or None for the first itself, which now holds the key.

    Raises StillRunning (409) while the first has not ended, by trying the lock and never waiting for it;
    KeyReused (422) when the first was another request.
    """
    owner = _owner(tx, claim)
    held = await tx.scalar(_TRY_LOCK, {"lock": _lock_number(tx.service, owner)})
    if not held:
        raise StillRunning(headers={"Retry-After": "1"})
    # A statement of its own: its snapshot is taken after the lock, so it sees what the last holder committed.
    row = await tx.one_or_none(_FIND, owner)
    if row is None:
        return None
    if bytes(row["fingerprint"]) != claim.fingerprint:
        raise KeyReused
    body = None if row["body"] is None else row["body"].encode()
    return Kept(status=row["status"], resource_id=row["resource_id"], location=row["location"], body=body)


async def keep(tx: Tx, claim: Claim, left: Kept) -> None:
    """Write what this request did, in its own transaction."""
    values: dict[str, Any] = {
        "fingerprint": claim.fingerprint,
        "status": left.status,
        "resource_id": left.resource_id,
        "location": left.location,
        "body": None if left.body is None else left.body.decode(),
        "hours": KEPT_HOURS,
    }
    await tx.execute(_KEEP, _owner(tx, claim) | values)


async def forget_expired(tx: Tx, at_most: int = 5000) -> int:
    """Delete keys whose day is over; runs under the system scope `ddl.http.PURGER`. Returns how many."""
    result = await tx.execute(_FORGET, {"at_most": at_most})
    return int(result.rowcount)


def _owner(tx: Tx, claim: Claim) -> dict[str, Any]:
    return {
        "client_id": tx.caller.client_id,
        "subject": tx.caller.subject,
        "route": claim.route,
        "key": claim.key,
    }


def _lock_number(service: str, owner: dict[str, Any]) -> int:
    joined = "\x1f".join((service, *(str(part) for part in owner.values())))
    return int.from_bytes(sha256(joined.encode()).digest()[:8], "big", signed=True)
