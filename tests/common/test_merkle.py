"""The hashing of seals is what RFC 6962 says, and stays what version 1 says."""

from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.common.merkle import BEGINNING, SEALED_COLUMNS, SealHead, commitment, leaf_of, root_of

ROW: dict[str, Any] = {
    "id": UUID("01936d3e-0000-7000-8000-000000000001"),
    "recorded_at": datetime(2026, 10, 12, 13, 20, tzinfo=UTC),
    "occurred_at": datetime(2026, 10, 12, 13, 19, 59, 1, tzinfo=UTC),
    "service": "risk_grading",
    "event_type": "risk_grading.hazard.verified.v1",
    "aggregate_id": UUID("01936d3e-0000-7000-8000-000000000002"),
    "aggregate_version": 3,
    "actor_subject": "张三",
    "actor_post": None,
    "client_id": "portal",
    "area_code": "331002001000",
    "sectors": ["fire", "power"],
    "exercise": False,
    "correlation_id": UUID("01936d3e-0000-7000-8000-000000000003"),
    "causation_id": None,
    "commitment": bytes(32),
    "changed_in": "812",
    "cluster_epoch": 1,
}


def test_version_1_never_changes():
    """A sealed row must verify for ever: these bytes are a promise, not a snapshot to refresh."""
    canonical = (
        '["shoutu.timeline.v1","01936d3e-0000-7000-8000-000000000001","2026-10-12T13:20:00.000000Z",'
        '"2026-10-12T13:19:59.000001Z","risk_grading","risk_grading.hazard.verified.v1",'
        '"01936d3e-0000-7000-8000-000000000002",3,"张三",null,"portal","331002001000",["fire","power"],'
        f'false,"01936d3e-0000-7000-8000-000000000003",null,"{"00" * 32}","812",1]'
    )
    assert leaf_of(ROW) == sha256(b"\x00" + canonical.encode()).digest()


@pytest.mark.parametrize("name", SEALED_COLUMNS)
def test_every_public_field_is_in_the_leaf(name: str):
    others: dict[type, Any] = {str: "other", int: 7, bool: True, bytes: b"\x01" * 32, list: []}
    others |= {type(None): UUID(int=1), UUID: UUID(int=1), datetime: datetime(2020, 1, 1, tzinfo=UTC)}
    assert leaf_of(ROW | {name: others[type(ROW[name])]}) != leaf_of(ROW)


def recursive_root(leaves: list[bytes]) -> bytes:
    """RFC 6962 2.1 as it is written: split at the largest power of two below the number."""
    if len(leaves) == 1:
        return leaves[0]
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return sha256(b"\x01" + recursive_root(leaves[:split]) + recursive_root(leaves[split:])).digest()


@given(st.integers(1, 200))
def test_the_root_is_that_of_the_rfc(count: int):
    leaves = [sha256(bytes([n])).digest() for n in range(count)]
    assert root_of(leaves) == recursive_root(leaves)


def test_an_empty_tree_is_the_hash_of_nothing():
    assert root_of([]) == sha256(b"").digest()


@given(st.binary(min_size=16, max_size=16), st.text(), st.text())
def test_text_cannot_move_between_reason_and_details(salt: bytes, details: str, why: str):
    assert commitment(salt, details + "x", why) != commitment(salt, details, "x" + why)
    assert commitment(salt, details, why + "x") != commitment(salt, "x" + details, why)


HEAD: dict[str, Any] = {
    "service": "risk_grading", "batch": 2, "first_id": UUID(int=1), "last_id": UUID(int=2), "last_changed_in": "9",
    "count": 2, "root": bytes(32), "previous": BEGINNING, "sealed_at": datetime(2026, 1, 1, tzinfo=UTC),
    "cluster_epoch": 1,
}  # fmt: skip


@pytest.mark.parametrize(
    "other",
    [
        {"service": "x"}, {"batch": 3}, {"first_id": UUID(int=9)}, {"last_id": UUID(int=9)}, {"last_changed_in": "8"},
        {"count": 3}, {"root": b"\x01" * 32}, {"previous": b"\x01" * 32},
        {"sealed_at": datetime(2026, 1, 2, tzinfo=UTC)}, {"cluster_epoch": 2}, {"algorithm": "v1-sm3"},
    ],
)  # fmt: skip
def test_the_link_covers_everything_said_about_a_batch(other: dict[str, Any]):
    assert SealHead(**HEAD).chained != SealHead(**(HEAD | other)).chained
