"""Which case a request is about: what its answer and its problems name as the correlation id."""

from __future__ import annotations

from typing import TypeVar

from libs.common.outbox import Aggregate
from libs.common.scope import Scope
from libs.common.telemetry import passage

A = TypeVar("A", bound=Aggregate)


def met(scope: Scope, found: A) -> A:
    """The first case that a request meets within its caller's own scope is the one; what a wider scope found is not
    the caller's to know."""
    current = passage.get()
    if current is not None and current.correlation_id is None and scope.system is None:
        current.correlation_id = str(found.correlation_id)
    return found
