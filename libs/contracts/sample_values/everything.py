"""Every sample of every producer, in one place."""

from __future__ import annotations

from libs.contracts.sample_values import (
    accountability,
    chain_templates,
    duty_items,
    duty_records,
    emergency_command,
    evaluations,
    gateway,
    inspection_tours,
    order_work,
    orders,
    organizations,
    plumbing,
    public_reporting,
    responsibility_registry,
    risk_grading,
    risk_objects,
    rosters,
    work_lists,
)
from libs.contracts.sampling import Sample

_MODULES = (
    public_reporting,
    risk_objects,
    risk_grading,
    orders,
    order_work,
    responsibility_registry,
    accountability,
    evaluations,
    inspection_tours,
    chain_templates,
    duty_items,
    duty_records,
    work_lists,
    rosters,
    emergency_command,
    gateway,
    organizations,
    plumbing,
)
TOLD: tuple[Sample, ...] = tuple(sample for module in _MODULES for sample in module.SAMPLES)
"""Everything in the samples' stories, in the order in which each aggregate tells it."""

SAMPLES: tuple[Sample, ...] = tuple({sample.event.type: sample for sample in reversed(TOLD)}.values())[::-1]
"""The first of each type: the one that is kept as a file."""
