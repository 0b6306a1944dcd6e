"""Work on what has to be proved: verifying timelines, writing daily heads out, and sealing secrets again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from pathlib import Path
from secrets import randbits
from typing import Any

import orjson

from infra.database import Roles
from infra.seal_keys import retired_seals, seals_of
from infra.secrets import Secrets
from infra.settings import APPS, GATEWAY, PlatformSettings
from infra.upkeep import UpkeepFailed, database_of, service_of
from libs.common.anchors import AnchorFile
from libs.common.daily_heads import newest_days
from libs.common.epochs import SCOPE
from libs.common.resealing import Kept, kept, reseal
from libs.common.scope import Scope
from libs.common.verification import Verification
from libs.common.verify import verify as verify_timeline

_MOST_DAYS = 4000
_UPKEEP = Scope.of_system("upkeep")
_SHA256 = bytes.fromhex("300d06096086480165030402010500")


@dataclass(frozen=True, slots=True, kw_only=True)
class Seals:
    """What sealing again has done, what is sealed with what now, and which retired seals nobody needs any more."""

    moved: int
    broken: tuple[str, ...]
    kept: tuple[Kept, ...]
    unneeded: tuple[str, ...]


def _chosen(only: str | None) -> Sequence[str]:
    if only is not None and only not in APPS:
        raise UpkeepFailed(f"there is no service {only}; there are {', '.join(APPS)}")
    return APPS if only is None else (only,)


async def verify(
    settings: PlatformSettings, *, only: str | None = None, since: date | None = None
) -> list[Verification]:
    """Compute each service's timeline again and hold it against its anchors. Raises UpkeepFailed."""
    results = []
    for app in _chosen(only):
        async with database_of(settings, app, Roles(app).sealer) as database:
            anchors = AnchorFile.of(settings.home.resolve(), app)
            results.append(await verify_timeline(database, anchors, since=since))
    return results


async def newest_heads(settings: PlatformSettings, days: int) -> list[dict[str, Any]]:
    """The newest daily heads of every chain, oldest first in each. Raises UpkeepFailed."""
    found: list[dict[str, Any]] = []
    for app in APPS:
        async with database_of(settings, app, Roles(app).sealer) as database, database.unit_of_work(SCOPE) as tx:
            heads = await newest_days(tx, min(days, _MOST_DAYS))
        found += [head.line() for head in reversed(heads)]
    return found


def write_heads(heads: Sequence[dict[str, Any]], out: Path, *, request: bool) -> str:
    """Write heads to be kept outside, a line each; returns the file's SHA-256, to be printed beside it.

    With `request` also `<out>.tsq`, which asks a timestamp authority (RFC 3161) for its word.
    """
    written = b"".join(orjson.dumps(head, option=orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE) for head in heads)
    out.write_bytes(written)
    digest = sha256(written).digest()
    if request:
        out.with_name(out.name + ".tsq").write_bytes(timestamp_request(digest, randbits(63)))
    return digest.hex()


def timestamp_request(digest: bytes, nonce: int) -> bytes:
    """The DER of a TimeStampReq (RFC 3161, section 2.4.1) over a SHA-256 digest, asking for the authority's
    certificate; `openssl ts -query -in <file> -text` shows it, and an authority takes it by HTTP."""
    imprint = _der(0x30, _SHA256 + _der(0x04, digest))
    number = nonce.to_bytes(nonce.bit_length() // 8 + 1, "big")
    return _der(0x30, _der(0x02, b"\x01") + imprint + _der(0x02, number) + _der(0x01, b"\xff"))


def _der(tag: int, content: bytes) -> bytes:
    if len(content) > 127:
        raise ValueError("nothing in a timestamp request over SHA-256 is that long")
    return bytes((tag, len(content))) + content


async def reseal_all(settings: PlatformSettings) -> Seals:
    """Seal everything anew that an earlier seal or suite sealed, until nothing stale that opens is left."""
    secrets = Secrets(settings.home)
    seals, moved, broken = seals_of(settings, secrets), 0, list[str]()
    columns = service_of(GATEWAY).sealed
    async with database_of(settings, GATEWAY, Roles(GATEWAY).app) as database:
        for column in columns:
            after, more = None, True
            while more:
                async with database.unit_of_work(_UPKEEP) as tx:
                    batch = await reseal(tx, seals, column, after)
                moved += batch.moved
                broken += [f"{column.table}.{column.column} of {key}" for key in batch.broken]
                after, more = batch.last, batch.last is not None
        async with database.unit_of_work(_UPKEEP) as tx:
            found = await kept(tx, columns)
    return Seals(moved=moved, broken=tuple(broken), kept=tuple(found), unneeded=_unneeded(settings, secrets, found))


async def look_at_seals(settings: PlatformSettings) -> Seals:
    """What is sealed with what, and nothing sealed anew."""
    role = Roles(GATEWAY).app
    async with database_of(settings, GATEWAY, role) as database, database.unit_of_work(_UPKEEP) as tx:
        found = await kept(tx, service_of(GATEWAY).sealed)
    return Seals(moved=0, broken=(), kept=tuple(found), unneeded=_unneeded(settings, Secrets(settings.home), found))


def _unneeded(settings: PlatformSettings, secrets: Secrets, found: Sequence[Kept]) -> tuple[str, ...]:
    needed = {one.key_id for one in found}
    return tuple(sorted(one for one in retired_seals(settings, secrets) if one not in needed))
