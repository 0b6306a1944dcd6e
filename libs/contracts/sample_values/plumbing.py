"""Samples of what every producer tells about itself: made alike for each, since only the producer differs."""

from __future__ import annotations

from libs.contracts.plumbing import BEGUN, DAYS, DOUBTED, ENDED, PRODUCERS, SEALED, TOLD
from libs.contracts.sampling import Sample, Story

_NOUNS = {
    "responsibility_registry": "post",
    "risk_grading": "risk_object",
    "emergency_command": "team",
    "public_reporting": "report",
    "gateway": "client",
}
"""A noun that others could copy, by its producer."""
_DIGEST = "8f14e45fceea167a"
_HEAD = {"batch": 2, "rows": 42, "root": "ab" * 32, "previous": "ef" * 32, "algorithm": "v1-sha256"}
_DAY = {
    "day": "2026-10-31", "first_batch": 1, "last_batch": 2, "root": "cd" * 32, "previous": "00" * 32,
    "chained": "12" * 32, "algorithm": "v1-sha256",
}  # fmt: skip


def _samples(producer: str) -> tuple[Sample, ...]:
    noun, city = _NOUNS[producer], "000000000000"
    other = "gateway" if producer != "gateway" else "responsibility_registry"
    announcement = Story(word=f"{producer} announces", born="2026-11-01 03:00", area_code=city)
    nightly = Story(word=f"{producer} compares", born="2026-11-01 03:30", area_code=city)
    doubt = Story(word=f"{producer} doubts", born="2026-11-01 03:31", area_code=city)
    head = Story(word=f"{producer} seals", born="2026-11-01 00:00", area_code=city)
    day = Story(word=f"{producer} closes days", born="2026-11-01 00:00", area_code=city)
    return (
        announcement.tell(
            "2026-11-01 02:59:58", BEGUN[producer].model_validate({"noun": noun, "announcement_id": announcement.id})
        ),
        announcement.tell(
            "2026-11-01 03:00:04",
            ENDED[producer].model_validate(
                {"noun": noun, "announcement_id": announcement.id, "rows": 1, "digest": _DIGEST}
            ),
        ),
        nightly.tell("2026-11-01 03:30", TOLD[producer].model_validate({"noun": noun, "rows": 1, "digest": _DIGEST})),
        doubt.tell("2026-11-01 03:31", DOUBTED[producer].model_validate({"producer": other, "noun": _NOUNS[other]})),
        head.tell("2026-11-01 00:00:01", SEALED[producer].model_validate(_HEAD)),
        day.tell("2026-11-01 00:01", DAYS[producer].model_validate(_DAY)),
    )


SAMPLES = tuple(sample for producer in PRODUCERS for sample in _samples(producer))
