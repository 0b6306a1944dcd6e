"""Every sample of every producer, in one place."""

from __future__ import annotations

from libs.contracts.sample_values import (
    accountability,
    emergency_command,
    gateway,
    plumbing,
    public_reporting,
    responsibility_registry,
    risk_grading,
)
from libs.contracts.sampling import Sample

TOLD: tuple[Sample, ...] = tuple(
    sample
    for module in (
        public_reporting,
        risk_grading,
        responsibility_registry,
        accountability,
        emergency_command,
        gateway,
        plumbing,
    )
    for sample in module.SAMPLES
)
"""Everything in the samples' stories, in the order in which each aggregate tells it."""

SAMPLES: tuple[Sample, ...] = tuple({sample.event.type: sample for sample in reversed(TOLD)}.values())[::-1]
"""The first of each type: the one that is kept as a file."""
