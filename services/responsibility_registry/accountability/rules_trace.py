"""The trace as of an instant: who answered, what each knew and when, what was overdue, what was done, what exempts.

Only rows count that say what was by then *and* were on record by then: what came to light later blames nobody for
not having known it. The trace finds; it judges nobody.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID

DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Answerer:
    """One link of the chain that answered then. `who` is a post's id, or the responsible entity's."""

    who: str
    role: str
    tier: str
    clause: str


@dataclass(frozen=True, kw_only=True, slots=True)
class OrderRow:
    """An order as recorded: who had to do it, for what, by when, and when it was done, if it was."""

    order_id: UUID
    number: str
    words: str
    who: str
    issued_at: datetime
    due_at: datetime
    done_at: datetime | None
    recorded_at: datetime
    done_recorded_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One thing that reached or was done by somebody: `what` is a code of the trace policy (delivered, read,
    supervision_notice, inspected …), `about` an order, hazard or report."""

    who: str
    what: str
    about: UUID
    at: datetime
    recorded_at: datetime
    words: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Exemption:
    """Due diligence 尽职免责: who in these roles did all of these acts about every open order of the trace."""

    id: str
    roles: tuple[str, ...]
    acts: tuple[str, ...]
    zh: str
    en: str
    source: str


@dataclass(frozen=True, kw_only=True, slots=True)
class TracePolicy:
    """What counts as knowing, as being pressed, and as doing, shaped like `policies/trace-*.json`."""

    policy: str
    version: str
    valid_from: date
    valid_to: date | None
    knowing: tuple[str, ...]
    pressing: tuple[str, ...]
    doing: tuple[str, ...]
    exemptions: tuple[Exemption, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """How an order stood: whole days past due (0: not overdue), and the notices that had pressed it."""

    order: OrderRow
    days_overdue: int
    pressed: tuple[Entry, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class TraceLink:
    """One who answered: what was known and when, which own orders stood open, what was done, what exempts."""

    answerer: Answerer
    knew: tuple[Entry, ...]
    orders: tuple[Standing, ...]
    did: tuple[Entry, ...]
    exempts: tuple[Exemption, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Trace:
    """The whole, with the orders that stood open and the count of rows that were not on record by then."""

    as_of: datetime
    known_at: datetime
    links: tuple[TraceLink, ...]
    orders: tuple[Standing, ...]
    later_rows: int
    policy_version: str


def trace_as_of(
    as_of: datetime, chain: Iterable[Answerer], orders: Iterable[OrderRow], entries: Iterable[Entry],
    policy: TracePolicy, *, known_at: datetime | None = None,
) -> Trace:  # fmt: skip
    """The trace as of an instant by the data known then, or known at a later instant where that is asked."""
    known = known_at or as_of
    all_orders, all_entries = tuple(orders), tuple(entries)
    told = [entry for entry in all_entries if entry.at <= as_of and entry.recorded_at <= known]
    there = [_as_known(o, as_of, known) for o in all_orders if o.issued_at <= as_of and o.recorded_at <= known]
    told.sort(key=lambda entry: (entry.at, entry.what, entry.who))
    standing = tuple(
        _stand(order, told, as_of, policy) for order in sorted(there, key=lambda o: (o.due_at, o.number))
    )
    return Trace(
        as_of=as_of,
        known_at=known,
        links=tuple(_link(answerer, standing, told, policy) for answerer in chain),
        orders=standing,
        later_rows=len(all_orders) + len(all_entries) - len(there) - len(told),
        policy_version=policy.version,
    )


def _as_known(order: OrderRow, as_of: datetime, known: datetime) -> OrderRow:
    """What was done later, or was not on record as done, was not done as far as anybody could know."""
    done = order.done_at is not None and order.done_at <= as_of and (order.done_recorded_at or order.done_at) <= known
    return order if done else replace(order, done_at=None, done_recorded_at=None)


def days_overdue(order: OrderRow, as_of: datetime) -> int:
    """Whole days past due at an instant, or at the time when it was done if that was before; never negative."""
    until = as_of if order.done_at is None else min(order.done_at, as_of)
    return max(0, (until - order.due_at) // DAY)


def _stand(order: OrderRow, told: Iterable[Entry], as_of: datetime, policy: TracePolicy) -> Standing:
    pressed = tuple(entry for entry in told if entry.about == order.order_id and entry.what in policy.pressing)
    return Standing(order=order, days_overdue=days_overdue(order, as_of), pressed=pressed)


def _link(answerer: Answerer, standing: Iterable[Standing], told: Iterable[Entry], policy: TracePolicy) -> TraceLink:
    own = [entry for entry in told if entry.who == answerer.who]
    still_open = [stood.order.order_id for stood in standing if stood.order.done_at is None]
    did = tuple(entry for entry in own if entry.what in policy.doing)
    return TraceLink(
        answerer=answerer,
        knew=tuple(entry for entry in own if entry.what in (*policy.knowing, *policy.pressing)),
        orders=tuple(stood for stood in standing if stood.order.who == answerer.who),
        did=did,
        exempts=tuple(rule for rule in policy.exemptions if _exempts(rule, answerer, did, still_open)),
    )


def _exempts(rule: Exemption, answerer: Answerer, did: Iterable[Entry], still_open: Iterable[UUID]) -> bool:
    done = {(entry.about, entry.what) for entry in did}
    about = tuple(still_open)
    return (
        answerer.role in rule.roles and bool(about) and all((one, act) in done for one in about for act in rule.acts)
    )
