"""How a route goes: it says since when it is deprecated (RFC 9745), when it ends (RFC 8594), and what to read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from typing import Any, TypeVar

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, kw_only=True, slots=True)
class Retirement:
    """Since when it is deprecated, when it stops answering (aware, in UTC), and the page that says what instead."""

    since: datetime
    ends: datetime
    instead: str

    @property
    def headers(self) -> dict[str, str]:
        """What every good answer of the route carries."""
        return {
            "Deprecation": f"@{int(self.since.timestamp())}",
            "Sunset": format_datetime(self.ends, usegmt=True),
            "Link": f'<{self.instead}>; rel="deprecation"; type="text/html"',
        }


def retiring(*, since: datetime, ends: datetime, instead: str) -> Callable[[F], F]:
    """Mark an endpoint, under its route's decorator. A route stays at least 180 days after it is marked [DEF]; raises
    ValueError where it would not."""
    if (ends - since).days < 180:
        raise ValueError("a route stays at least 180 days after it is deprecated")

    def mark(endpoint: F) -> F:
        vars(endpoint)["retirement"] = Retirement(since=since, ends=ends, instead=instead)
        return endpoint

    return mark


def retirement_of(endpoint: object) -> Retirement | None:
    """The mark of an endpoint, if it has one."""
    found = getattr(endpoint, "retirement", None)
    return found if isinstance(found, Retirement) else None
