"""What an order keeps of its clock and of who acts on it: its deadline, acts, extensions, escalations, pauses, and
the parts of those who assist."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class Unit(StrEnum):
    """What a deadline counts in; `fixed` is a date that the issuing post chose."""

    HOUR = "hour"
    DAY = "day"
    WORKDAY = "workday"
    FIXED = "fixed"


@dataclass(frozen=True, kw_only=True, slots=True)
class Deadline:
    """The deadline rule as it was when the clock started. `provisional` where the calendar of that year is not yet
    announced; `counted_due_at` is what the rule came to, counted from `started_at`."""

    amount: int
    unit: Unit
    policy_version: str
    source: str
    calendar_version: str = ""
    provisional: bool = False
    started_at: datetime | None = None
    counted_due_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Act:
    """Something that posts did to the order, with their words and photos."""

    at: datetime
    by_posts: tuple[UUID, ...] = ()
    words: str = ""
    evidence: tuple[UUID, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Extension:
    """More time, asked for by one and approved by another before it was due."""

    at: datetime
    asked_by: UUID
    approved_by: UUID
    reason: str
    from_due_at: datetime
    to_due_at: datetime
    policy_version: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Escalation:
    """A step of the ladder that was taken, counted `since` an instant; `from_order_id` where a merge brought it."""

    step: str
    at: datetime
    since: datetime
    ladder_version: str
    from_order_id: UUID | None = None


class PauseState(StrEnum):
    """Asked for; then approved, refused, or lapsed with the work that it was about; ended when the clock runs on."""

    ASKED = "asked"
    APPROVED = "approved"
    REFUSED = "refused"
    LAPSED = "lapsed"
    ENDED = "ended"


@dataclass(frozen=True, kw_only=True, slots=True)
class Pause:
    """A time in which the clock stands, with its evidence; asked for by one and approved by another. It moves the due
    time from `from_due_at` to `to_due_at` at once, as if it lasted `until`; `ended_at` is when it did end.
    `asked_subject` is the person who asked, kept here and in no event."""

    state: PauseState
    ground: str
    words: str
    evidence: tuple[UUID, ...]
    from_at: datetime
    until: datetime
    asked_at: datetime
    asked_by: UUID
    asked_subject: str
    policy_version: str
    decided_at: datetime | None = None
    decided_by: UUID | None = None
    decision: str = ""
    from_due_at: datetime | None = None
    to_due_at: datetime | None = None
    ended_at: datetime | None = None

    @property
    def to_at(self) -> datetime:
        """When the clock runs again."""
        return self.until if self.ended_at is None else self.ended_at


@dataclass(frozen=True, kw_only=True, slots=True)
class Assistance:
    """协办: what another post than the lead has to do, when it signed for it, and its report; `subject` is the person
    who reported, kept here and in no event."""

    post_id: UUID
    words: str
    asked_at: datetime
    signed_at: datetime | None = None
    done: Act | None = None
    subject: str = ""
