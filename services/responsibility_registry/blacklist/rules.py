"""How a firm comes onto the blacklist 严重失信主体名单 and off it.

[S] Work Safety Law 2021 Art 78: serious breaches are told to society, and bodies take joint measures. [SEED]
失信联合惩戒"黑名单", with repair. Never listed without a served notice and the whole time for a defence ([M-M] Order
11 of the ministry of emergency management, 2023: notice before listing); the terms are frozen when it is proposed.
"""

from calendar import monthrange
from dataclasses import replace
from datetime import datetime, tzinfo

from services.responsibility_registry.blacklist.rules_kept import (
    Entry,
    EntryState,
    Repair,
    Ruling,
    Said,
    Served,
    pending_repair,
)
from services.responsibility_registry.blacklist.rules_refusals import (
    AnotherMustDecide,
    DefenceRunning,
    EntryNotOpenToThis,
    ObjectionTooLate,
    RepairTooEarly,
)

_S = EntryState


def serve(entry: Entry, notice: Served, *, until: datetime, subject: str) -> Entry:
    """The notice reached the firm: it may state and defend until an instant. Raises EntryNotOpenToThis."""
    _require(entry, _S.PROPOSED)
    return replace(
        entry, state=_S.NOTICED, notice=notice, defence_until=until,
        hands=tuple(dict.fromkeys((*entry.hands, notice.by_post))),
        hand_subjects=tuple(dict.fromkeys((*entry.hand_subjects, subject))),
    )  # fmt: skip


def object_to(entry: Entry, said: Said) -> Entry:
    """The firm objects in time, once: nothing is decided until that is reviewed.

    Raises EntryNotOpenToThis, ObjectionTooLate.
    """
    if entry.state is _S.OBJECTED:
        raise ObjectionTooLate(entry)
    _require(entry, _S.NOTICED)
    if entry.objection is not None or entry.defence_until is None or said.at >= entry.defence_until:
        raise ObjectionTooLate(entry)
    return replace(entry, state=_S.OBJECTED, objection=said)


def review(entry: Entry, ruling: Ruling) -> Entry:
    """The objection is reviewed by another; upheld, it ends here. Raises EntryNotOpenToThis, AnotherMustDecide."""
    _require(entry, _S.OBJECTED)
    _require_another(entry, ruling, entry.objection)
    return replace(entry, review=ruling, state=_S.DISMISSED if ruling.yes else _S.NOTICED, ended_at=_end(ruling))


def _end(ruling: Ruling) -> datetime | None:
    return ruling.at if ruling.yes else None


def decide(entry: Entry, ruling: Ruling, *, tz: tzinfo) -> Entry:
    """Listed for the months of its ground, or not listed.

    Never listed before a notice was served and the time for a defence is over; an objection is reviewed first.
    Raises EntryNotOpenToThis, AnotherMustDecide, DefenceRunning.
    """
    _require(entry, _S.NOTICED)
    _require_another(entry, ruling, entry.objection)
    if not ruling.yes:
        return replace(entry, state=_S.DISMISSED, decision=ruling, ended_at=ruling.at)
    if entry.defence_until is None or ruling.at < entry.defence_until:
        raise DefenceRunning(entry)
    return replace(
        entry, state=_S.LISTED, decision=ruling, listed_at=ruling.at,
        ends_at=months_after(ruling.at, entry.terms.months, tz),
        repair_from=months_after(ruling.at, entry.terms.repair_after_months, tz),
    )  # fmt: skip


def withdraw(entry: Entry, *, at: datetime) -> Entry:
    """Taken back before anybody decided. Raises EntryNotOpenToThis."""
    _require(entry, _S.PROPOSED, _S.NOTICED, _S.OBJECTED)
    return replace(entry, state=_S.WITHDRAWN, ended_at=at)


def ask_repair(entry: Entry, said: Said) -> Entry:
    """The firm asks for early removal. Raises EntryNotOpenToThis, RepairTooEarly."""
    _require(entry, _S.LISTED)
    if pending_repair(entry) is not None or entry.repair_from is None or said.at < entry.repair_from:
        raise RepairTooEarly(entry)
    return replace(entry, repairs=(*entry.repairs, Repair(asked=said)))


def decide_repair(entry: Entry, ruling: Ruling) -> Entry:
    """Removed early, or not. Raises EntryNotOpenToThis, AnotherMustDecide."""
    _require(entry, _S.LISTED)
    waits = pending_repair(entry)
    if waits is None:
        raise EntryNotOpenToThis(entry)
    _require_another(entry, ruling, waits.asked)
    repairs = (*entry.repairs[:-1], replace(waits, ruling=ruling))
    if not ruling.yes:
        return replace(entry, repairs=repairs)
    return replace(entry, repairs=repairs, state=_S.REPAIRED, ended_at=ruling.at, ended=ruling)


def revoke(entry: Entry, ruling: Ruling) -> Entry:
    """It should not have been listed. Raises EntryNotOpenToThis, AnotherMustDecide."""
    _require(entry, _S.LISTED)
    _require_another(entry, ruling, None)
    return replace(entry, state=_S.REVOKED, ended_at=ruling.at, ended=ruling)


def expire(entry: Entry, now: datetime) -> Entry:
    """Its period is over; it ended when it was due, whenever that is noticed. Raises EntryNotOpenToThis."""
    if entry.state is not _S.LISTED or entry.ends_at is None or now < entry.ends_at:
        raise EntryNotOpenToThis(entry)
    return replace(entry, state=_S.EXPIRED, ended_at=entry.ends_at)


def listed_from(entry: Entry) -> datetime:
    """Since when it is on the blacklist. Raises EntryNotOpenToThis for one that never was."""
    if entry.listed_at is None:
        raise EntryNotOpenToThis(entry)
    return entry.listed_at


def months_after(at: datetime, months: int, tz: tzinfo) -> datetime:
    """The same time of day so many months later in the city, on the month's last day where there is no such day."""
    local = at.astimezone(tz)
    year, month = local.year + (local.month - 1 + months) // 12, (local.month - 1 + months) % 12 + 1
    day = min(local.day, monthrange(year, month)[1])
    return local.replace(year=year, month=month, day=day).astimezone(at.tzinfo)


def _require(entry: Entry, *states: EntryState) -> None:
    if entry.state not in states:
        raise EntryNotOpenToThis(entry)


def _require_another(entry: Entry, ruling: Ruling, said: Said | None) -> None:
    """Whoever decides neither proposed nor served it, nor entered what is decided about for the firm."""
    entered = said is not None and said.by_post == ruling.by_post
    if ruling.by_post in entry.hands or ruling.by_subject in entry.hand_subjects or entered:
        raise AnotherMustDecide(entry)
