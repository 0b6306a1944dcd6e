"""The hashing of seals: canonical bytes of a timeline row, Merkle roots as in RFC 6962, and the chain.

Version 1: a row is a compact UTF-8 JSON array that begins with its version; a leaf is H(0x00 row), a node
H(0x01 left right), a link H(0x02 previous header), H is SHA-256. What is sealed under a version stays
verifiable for ever: a change is a new version beside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, Protocol
from uuid import UUID

import orjson

ALGORITHM = "v1-sha256"
BEGINNING = bytes(32)
"""What the first link is chained to."""

SEALED_COLUMNS = (
    "id", "recorded_at", "occurred_at", "service", "event_type", "aggregate_id", "aggregate_version",
    "actor_subject", "actor_post", "client_id", "area_code", "sectors", "exercise", "correlation_id",
    "causation_id", "commitment", "changed_in", "cluster_epoch",
)  # fmt: skip
"""The public fields of a row in the order of version 1; `changed_in` is decimal text."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SealHead:
    """One sealed batch, as it is stored, anchored and told."""

    service: str
    batch: int
    first_id: UUID
    last_id: UUID
    last_changed_in: str
    count: int
    root: bytes
    previous: bytes
    sealed_at: datetime
    cluster_epoch: int
    algorithm: str = ALGORITHM

    @property
    def chained(self) -> bytes:
        """The link of this batch: over the link before it and over everything said about the batch."""
        said = (
            "shoutu.seal.v1", self.service, self.batch, self.first_id, self.last_id, self.last_changed_in,
            self.count, self.root, self.sealed_at, self.cluster_epoch, self.algorithm,
        )  # fmt: skip
        return sha256(b"\x02" + self.previous + _canonical(said)).digest()

    def values(self) -> dict[str, Any]:
        """The columns of the row that stores it."""
        names = [name for name in self.__slots__ if name != "service"]
        return {name: getattr(self, name) for name in names} | {"chained": self.chained}


def commitment(salt: bytes, details: str, why: str) -> bytes:
    """What a row keeps of its details: a salted hash of their stored bytes, which survives their erasure."""
    reason = why.encode()
    return sha256(b"shoutu.details.v1\n" + salt + len(reason).to_bytes(4, "big") + reason + details.encode()).digest()


class Fields(Protocol):
    """A row as far as a leaf needs it: values by name."""

    def __getitem__(self, name: str, /) -> Any: ...


def leaf_of(row: Fields) -> bytes:
    """The leaf of a timeline row."""
    fields = [row[name] for name in SEALED_COLUMNS]
    return sha256(b"\x00" + _canonical(("shoutu.timeline.v1", *fields))).digest()


def root_of(leaves: Sequence[bytes]) -> bytes:
    """The Merkle tree hash of RFC 6962, section 2.1: an odd node is carried up unchanged."""
    if not leaves:
        return sha256(b"").digest()
    level = list(leaves)
    while len(level) > 1:
        paired = [sha256(b"\x01" + a + b).digest() for a, b in zip(level[::2], level[1::2], strict=False)]
        level = paired + level[-1:] if len(level) % 2 else paired
    return level[0]


def _canonical(fields: Iterable[Any]) -> bytes:
    return orjson.dumps([_plain(field) for field in fields])


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    if isinstance(value, bytes):
        return value.hex()
    return str(value) if isinstance(value, UUID) else value
