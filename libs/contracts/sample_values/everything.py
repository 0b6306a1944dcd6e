"""Every sample of every producer, in one place."""

from __future__ import annotations

from libs.contracts.sample_values import (
    accountability,
    chain_templates,
    circular_notices,
    credit,
    duty_items,
    duty_records,
    emergency_command,
    enforcement,
    evaluations,
    gateway,
    inspection_tours,
    liability_shared,
    listings,
    order_work,
    orders,
    organizations,
    plumbing,
    public_reporting,
    responsibility_registry,
    risk_grading,
    risk_objects,
    rosters,
    stop_measures,
    work_lists,
)
from libs.contracts.sampling import Sample

_MODULES = (
    public_reporting,
    risk_objects,
    risk_grading,
    orders,
    order_work,
    listings,
    circular_notices,
    stop_measures,
    responsibility_registry,
    accountability,
    enforcement,
    liability_shared,
    evaluations,
    inspection_tours,
    chain_templates,
    duty_items,
    duty_records,
    work_lists,
    rosters,
    credit,
    emergency_command,
    gateway,
    organizations,
    plumbing,
)
TOLD: tuple[Sample, ...] = tuple(sample for module in _MODULES for sample in module.SAMPLES)
"""Everything in the samples' stories, in the order in which each aggregate tells it."""

SAMPLES: tuple[Sample, ...] = tuple({sample.event.type: sample for sample in reversed(TOLD)}.values())[::-1]
"""The first of each type: the one that is kept as a file."""
