"""What the rows of orders say to a trace: who was told, who was pressed, who did what; and how each order stood.

A post stands under its id, a responsible entity under its name.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from services.responsibility_registry.accountability.rules_trace import Entry, OrderRow

NOTICE = "rectification_notice"
PRESSES = "supervision_notice"
Said = tuple[Any, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """One row of an order's history, or of a reminder of it; `fact` is the noun and the past fact of its event, such
    as `order.issued`."""

    fact: str
    order_id: UUID
    version: int
    correlation_id: UUID
    area_code: str
    sectors: tuple[str, ...]
    actor_post: UUID | None
    at: datetime
    why: str
    details: Mapping[str, Any]

    @property
    def order(self) -> Mapping[str, Any]:
        """The order as the event carried it."""
        found: Mapping[str, Any] = self.details.get("order") or {}
        return found

    @property
    def entity(self) -> str | None:
        """The responsible entity's name."""
        found: str | None = (self.order.get("entity") or {}).get("name")
        return found


@dataclass(frozen=True, kw_only=True, slots=True)
class Act:
    """What a post did about a hazard, on site; it counts for the orders that came of the hazard."""

    who: UUID
    what: str
    hazard_id: UUID
    object_id: UUID | None
    correlation_id: UUID
    at: datetime
    told_at: datetime
    words: str
    category: str = ""
    sectors: tuple[str, ...] = ()
    """The hazard's, as it was told with the act."""


def _issued(row: Told) -> Iterable[Said]:
    # A supervision notice is told of by the order that climbed: once is enough.
    if row.order.get("kind") == PRESSES:
        return ()
    return ((row.order.get("issuing_post"), "issued_order"), (row.order.get("assigned_post"), "delivered"))


def _assigned(row: Told) -> Iterable[Said]:
    return ((row.order.get("assigned_post"), "delivered"),)


def _served(row: Told) -> Iterable[Said]:
    return ((row.actor_post, "served"), (row.entity, "delivered"))


def _signed_for(row: Told) -> Iterable[Said]:
    return ((row.actor_post, "signed_for"), (row.actor_post, "read"))


def _rectified(row: Told) -> Iterable[Said]:
    return ((row.actor_post or row.entity, "rectified"),)


def _inspected(row: Told) -> Iterable[Said]:
    return ((row.actor_post, "inspected"),)


def _reminded(row: Told) -> Iterable[Said]:
    return ((row.order.get("assigned_post"), "reminder"),)


def _read(row: Told) -> Iterable[Said]:
    # A post that reads for several says which took part; an entity stands under its name.
    return ((row.details.get("who") or row.actor_post, "read"),)


def _escalated(row: Told) -> Iterable[Said]:
    """Whoever is addressed is pressed; of a proposal only those know who decide it. The ladder climbs on the
    issuing post's order: it counts as that post's escalation [DEF]."""
    yield row.order.get("issuing_post"), "escalated"
    if row.details.get("is_proposal"):
        yield from ((post, "reported") for post in row.details.get("decided_by_posts", ()))
        return
    act = row.details.get("act")
    code = "delivered" if act == "take_over" else str(act)
    yield from ((post, code) for post in row.details.get("addressed_posts", ()))


_SAY: Mapping[str, Callable[[Told], Iterable[Said]]] = {
    "order.issued": _issued,
    "order.assigned": _assigned,
    "order.served": _served,
    "order.signed_for": _signed_for,
    "order.rectified": _rectified,
    "order.inspection_failed": _inspected,
    "order.closed": _inspected,
    "order.escalated": _escalated,
    "order.read": _read,
    "order_reminder.told": _reminded,
}
_GIVEN = ("order.issued", "order.assigned", "order.unassigned")
_DONE = ("order.rectified", "order.closed", "order.merged", "order.withdrawn")


def entries_of(rows: Iterable[Told]) -> Iterator[Entry]:
    """Everything that the rows say of anybody."""
    for row in rows:
        for who, what in _SAY.get(row.fact, _nothing)(row):
            if who is not None:
                yield Entry(who=str(who), what=what, about=row.order_id, at=row.at, recorded_at=row.at, words=row.why)


def _nothing(row: Told) -> Iterable[Said]:
    del row
    return ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """What a trace is about: a risk object, an order, a hazard; or, where none of them is known, an area with its
    sectors, by the codes that its ground has had."""

    object_id: UUID | None
    area_codes: frozenset[str]
    sectors: tuple[str, ...]
    order_id: UUID | None = None
    hazard_id: UUID | None = None


def about(rows: Iterable[Told], place: Place) -> Mapping[UUID, Sequence[Told]]:
    """The histories of the orders about a place, each in its order: the order itself, those of the hazard, those
    about its risk object; or, none of them known, those of the same village in a sector that it shares [DEF]."""
    histories: dict[UUID, list[Told]] = {}
    for row in rows:
        histories.setdefault(row.order_id, []).append(row)
    return {order_id: told for order_id, told in histories.items() if any(_is_about(row, place) for row in told)}


def _is_about(row: Told, place: Place) -> bool:
    named = (place.order_id, place.hazard_id, place.object_id)
    if any(named):
        of_row = (str(row.order_id), row.order.get("hazard_id"), row.order.get("risk_object_id"))
        return any(one is not None and str(one) == other for one, other in zip(named, of_row, strict=True))
    return row.area_code in place.area_codes and bool(set(row.sectors) & set(place.sectors))


def entries_of_acts(acts: Iterable[Act], orders_of: Mapping[UUID, Sequence[UUID]]) -> Iterator[Entry]:
    """What was done on site, about each order that came of the hazard; about the hazard itself where none did."""
    for act in acts:
        for about in orders_of.get(act.hazard_id) or (act.hazard_id,):
            yield Entry(
                who=str(act.who), what=act.what, about=about, at=act.at, recorded_at=act.told_at, words=act.words
            )


def order_row(rows: Sequence[Told], until: datetime, words: Mapping[UUID, str]) -> OrderRow | None:
    """One order as it stood at an instant, out of its rows in their order; None for what was never given to anybody
    and for a supervision notice, which is no claim of its own. `words` are those of the hazards."""
    given = next((row for row in rows if row.fact in _GIVEN), None)
    if given is None or given.order.get("kind") == PRESSES:
        return None
    # What came only later is kept as it began: the trace counts it and leaves it out.
    latest = [row for row in rows if row.at <= until and row.order] or [given]
    order, done = latest[-1].order, _done_at(latest)
    hazard = order.get("hazard_id")
    return OrderRow(
        order_id=given.order_id,
        number=f"{order['kind']}-{str(given.order_id)[-12:]}",
        words=words.get(UUID(hazard), "") if hazard else "",
        who=_whose(latest[-1]),
        issued_at=given.at,
        due_at=datetime.fromisoformat(order["due_at"]),
        done_at=done,
        recorded_at=given.at,
        done_recorded_at=done,
    )


def _whose(row: Told) -> str:
    """A notice is the entity's to carry out, anything else the assigned post's."""
    if row.order.get("kind") == NOTICE and row.entity:
        return row.entity
    return str(row.order.get("assigned_post") or "unassigned")


def _done_at(rows: Iterable[Told]) -> datetime | None:
    """Since when there was nothing left to do: reported done and not failed since, or ended otherwise."""
    done: datetime | None = None
    for row in rows:
        if row.fact == "order.inspection_failed":
            done = None
        elif row.fact in _DONE:
            done = done or row.at
    return done
