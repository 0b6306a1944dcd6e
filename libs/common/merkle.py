"""The hashing of seals: canonical bytes of a timeline row, Merkle roots as in RFC 6962, and the chain.

Version 1: a row is a compact UTF-8 JSON array that begins with its version; a leaf is H(0x00 row), a node
H(0x01 left right), a link H(0x02 previous header). H is that of the batch's algorithm: SHA-256, or SM3 (GB/T
32905-2016) where a city has to use domestic cryptography. Each batch names its own, so a chain may change over in
the middle, and what is sealed under a version stays verifiable for ever: a change is a new version beside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any, Protocol
from uuid import UUID

import orjson
from cryptography.hazmat.primitives.hashes import SM3, Hash


class Algorithm(StrEnum):
    """Canonical bytes and hash of a batch, as it names them."""

    SHA256 = "v1-sha256"
    SM3 = "v1-sm3"


_MARKS = {Algorithm.SHA256: b"", Algorithm.SM3: b"\x02"}
"""What a commitment begins with: it is made before its batch is, which may have another algorithm."""
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
    algorithm: str = Algorithm.SHA256

    @property
    def header(self) -> bytes:
        """Everything said about the batch, in canonical bytes."""
        said = (
            "shoutu.seal.v1", self.service, self.batch, self.first_id, self.last_id, self.last_changed_in,
            self.count, self.root, self.sealed_at, self.cluster_epoch, self.algorithm,
        )  # fmt: skip
        return canonical(said)

    @property
    def chained(self) -> bytes:
        """The link of this batch: over the link before it and over everything said about the batch."""
        return digest(self.algorithm, b"\x02" + self.previous + self.header)

    def values(self) -> dict[str, Any]:
        """The columns of the row that stores it."""
        names = [name for name in self.__slots__ if name != "service"]
        return {name: getattr(self, name) for name in names} | {"chained": self.chained}


def is_known(algorithm: str) -> bool:
    """Whether a batch can be computed again: another name was written by somebody else, or by a later release."""
    return algorithm in _MARKS


def digest(algorithm: str, data: bytes) -> bytes:
    """The 32 bytes of the algorithm's hash; an algorithm that is not known raises ValueError."""
    if Algorithm(algorithm) is Algorithm.SHA256:
        return sha256(data).digest()
    # Not hashlib's: whether that has SM3 depends on how the interpreter was built.
    hashing = Hash(SM3())
    hashing.update(data)
    return hashing.finalize()


def commitment(salt: bytes, details: str, why: str, algorithm: Algorithm = Algorithm.SHA256) -> bytes:
    """What a row keeps of its details: a salted hash of their stored bytes, which survives their erasure."""
    reason = why.encode()
    said = b"shoutu.details.v1\n" + salt + len(reason).to_bytes(4, "big") + reason + details.encode()
    return _MARKS[algorithm] + digest(algorithm, said)


def is_committed(kept: bytes, salt: bytes, details: str, why: str) -> bool:
    """Whether these are the details that a row committed itself to, by the algorithm that its commitment names."""
    return any(commitment(salt, details, why, one) == kept for one in Algorithm if len(kept) == 32 + len(_MARKS[one]))


class Fields(Protocol):
    """A row as far as a leaf needs it: values by name."""

    def __getitem__(self, name: str, /) -> Any: ...


def canonical_row(row: Fields) -> bytes:
    """The bytes of a timeline row that its leaf is made of."""
    return canonical(("shoutu.timeline.v1", *(row[name] for name in SEALED_COLUMNS)))


def leaf_of(row: Fields, algorithm: str = Algorithm.SHA256) -> bytes:
    """The leaf of a timeline row."""
    return digest(algorithm, b"\x00" + canonical_row(row))


def root_of(leaves: Sequence[bytes], algorithm: str = Algorithm.SHA256) -> bytes:
    """The Merkle tree hash of RFC 6962, section 2.1: an odd node is carried up unchanged."""
    if not leaves:
        return digest(algorithm, b"")
    level = list(leaves)
    while len(level) > 1:
        level = _above(level, algorithm)
    return level[0]


def path_of(leaves: Sequence[bytes], position: int, algorithm: str = Algorithm.SHA256) -> list[tuple[str, bytes]]:
    """The audit path of RFC 6962, section 2.1.1: what to hash a leaf with, and on which side, up to the root."""
    level, place, path = list(leaves), position, list[tuple[str, bytes]]()
    while len(level) > 1:
        beside = place ^ 1
        if beside < len(level):
            path.append(("right" if beside > place else "left", level[beside]))
        level, place = _above(level, algorithm), place // 2
    return path


def _above(level: Sequence[bytes], algorithm: str) -> list[bytes]:
    pairs = zip(level[::2], level[1::2], strict=False)
    paired = [digest(algorithm, b"\x01" + left + right) for left, right in pairs]
    return [*paired, level[-1]] if len(level) % 2 else paired


def canonical(fields: Iterable[Any]) -> bytes:
    """Version 1 of canonical bytes: a compact JSON array, times in UTC with microseconds, bytes in hexadecimal."""
    return orjson.dumps([_plain(field) for field in fields])


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    if isinstance(value, bytes):
        return value.hex()
    return str(value) if isinstance(value, UUID) else value
