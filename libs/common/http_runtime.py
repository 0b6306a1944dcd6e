"""What a service's doors need to work, put together by the process that starts the service."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any, Protocol
from uuid import UUID

from libs.common.db import Cause, FindScope, Tx
from libs.common.places import area_range
from libs.common.scope import Scope
from libs.common.settings import ServiceSettings
from libs.common.telemetry import Telemetry
from libs.common.tokens import Principal, TokenVerifier


class UnitsOfWork(Protocol):
    """The part of libs.common.db.Database that doors use."""

    def unit_of_work(
        self, scope: Scope | FindScope, cause: Cause | None = None
    ) -> AbstractAsyncContextManager[Tx]: ...


ScopeOf = Callable[[Tx, Principal, UUID | None], Awaitable[Scope]]
"""(tx, who the token speaks for, acting post) → the caller's scope now; libs.common.access.ScopesOfCallers.find."""


Ranges = tuple[tuple[str, str], ...]
RangesOf = Callable[[Tx, str], Awaitable[Ranges]]
"""(tx, an area's code) → the ranges of codes that a list by this area means now."""


async def its_own_range(tx: Tx, area_code: str) -> Ranges:
    """The area and all below it: what a list means in a service that knows nothing of what became of areas."""
    del tx
    return (area_range(area_code),)


@dataclass(frozen=True, kw_only=True, slots=True)
class Checked:
    """One readiness check: whether it is well, and what an operator wants to know."""

    ok: bool
    facts: Mapping[str, Any] = field(default_factory=dict)


Check = Callable[[], Awaitable[Checked]]


@dataclass(frozen=True, kw_only=True, slots=True)
class HttpRuntime:
    """Everything that is passed in; nothing is imported from a global."""

    settings: ServiceSettings
    database: UnitsOfWork
    scope_of: ScopeOf
    tokens: TokenVerifier
    telemetry: Telemetry
    checks: Mapping[str, Check] = field(default_factory=dict)
    ranges_of: RangesOf = its_own_range
