"""What a post's board is made of ([DEF])."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from services.responsibility_registry.orders.rules import Order


class Group(StrEnum):
    """What is at work here; what of it is due soon, and overdue; what was reported done and waits for a look; what
    others were given."""

    MINE = "mine"
    DUE_SOON = "due_soon"
    OVERDUE = "overdue"
    TO_BE_INSPECTED = "to_be_inspected"
    WAITING_FOR_OTHERS = "waiting_for_others"


@dataclass(frozen=True, kw_only=True, slots=True)
class Counted:
    """How many orders a group has, and the first of them."""

    count: int
    first: tuple[Order, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Board:
    """The board of a post as it stands at an instant; `soon` is how far ahead `due_soon` looks."""

    post_id: UUID
    at: datetime
    soon: datetime
    groups: dict[Group, Counted]
