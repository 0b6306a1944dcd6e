"""The truths about files: ranges, parts without a gap, and through which references others may look."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as some

from gateway.file_kinds import KIND_OF, SAID, declared_type, most_bytes
from gateway.files.rules import File, FileState, Link, part_key, part_of, received, vouched_for

NOON = datetime(2026, 10, 12, 4, tzinfo=UTC)


def link(trace: UUID, minute: int, *, by_post: UUID | None = None, aggregate: UUID | None = None) -> Link:
    values: dict[str, Any] = {
        "file_id": uuid4(), "noun": "risk_grading.hazard", "aggregate_id": aggregate or uuid4(), "field": "evidence",
        "area_code": "331002004208", "sectors": ("fire",), "exercise": False,
    }  # fmt: skip
    return Link(correlation_id=trace, by_post=by_post, referred_at=NOON + timedelta(minutes=minute), **values)


def kept_file(*posts: UUID) -> File:
    """A file whose sender held these posts."""
    sizes: dict[str, Any] = {"bytes": 1, "received_bytes": 1, "sha256": "", "received_sha256": ""}
    return File(
        id=uuid4(), version=1, area_code="331002000000", sectors=(), exercise=False, correlation_id=uuid4(),
        owner="somebody", state=FileState.KEPT, kind="photo", media_type="image/jpeg", received_at=NOON,
        arrived_at=NOON, upload_id=uuid4(), variants=(), owner_posts=posts, **sizes,
    )  # fmt: skip


@given(size=some.integers(1, 10_000), first=some.integers(0, 12_000), length=some.integers(1, 5_000))
def test_a_range_is_what_lies_within_the_file(size: int, first: int, length: int) -> None:
    found = part_of(f"bytes={first}-{first + length - 1}", size)
    assert found is not None
    start, end = found
    assert start == first
    assert max(0, end - start) == len(bytes(size)[first : first + length])


@pytest.mark.parametrize(
    ("header", "found"),
    [
        (None, None), ("bytes=0-", (0, 100)), ("bytes=-10", (90, 100)), ("bytes=-1000", (0, 100)),
        ("bytes=5-2", None), ("bytes=0-1,3-4", None), ("items=0-1", None), ("bytes=", None), ("bytes=-", None),
        ("bytes=１-2", None), ("bytes=0-" + "9" * 30, None), ("bytes=-0", (100, 100)), ("bytes=100-", (100, 100)),
    ],
)  # fmt: skip
def test_ranges_as_they_are_written(header: str | None, found: tuple[int, int] | None) -> None:
    assert part_of(header, 100) == found


@given(sizes=some.lists(some.integers(1, 50), max_size=8), gap=some.integers(0, 8))
def test_parts_count_up_to_the_first_gap(sizes: list[int], gap: int) -> None:
    upload, at, parts = uuid4(), 0, []
    for size in sizes:
        parts.append((part_key(upload, at), size))
        at += size
    whole = [*parts[:gap], *parts[gap + 1 :]]
    assert received(parts) == sum(sizes)
    assert received(whole) == sum(sizes[:gap])
    assert sorted(key for key, _ in parts) == [key for key, _ in parts]


def test_references_count_in_the_first_trace_and_where_the_senders_post_made_them() -> None:
    first, later, post = uuid4(), uuid4(), uuid4()
    own, foreign = link(first, 3), link(later, 2)
    vouched = link(later, 4, by_post=post)
    begun = link(first, 1)
    assert vouched_for(None, [foreign, own, begun, vouched], 8) == (own, begun)
    assert vouched_for(kept_file(post), [foreign, own, begun, vouched], 8) == (vouched, own, begun)
    assert vouched_for(kept_file(post), [foreign, own, begun, vouched], 1) == (vouched,)
    assert vouched_for(None, [], 8) == ()


def test_a_reference_of_nobody_is_not_vouched_for_by_a_sender_without_posts() -> None:
    first, later = uuid4(), uuid4()
    assert [one.correlation_id for one in vouched_for(kept_file(), [link(first, 1), link(later, 2)], 8)] == [first]


def test_every_type_has_a_kind_and_a_limit() -> None:
    assert {KIND_OF[media_type] for media_type in KIND_OF} == set(SAID["kinds"])
    assert most_bytes("image/png") < most_bytes("application/pdf") < most_bytes("video/mp4") == most_bytes(None)
    assert declared_type("IMAGE/JPG; charset=x") == "image/jpeg"
    assert declared_type("application/octet-stream") is None
    assert declared_type("") is None
