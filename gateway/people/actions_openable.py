"""Whose account an administrator may open: asked when a code is issued, and again when it is used."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from gateway.people import store
from gateway.people.rules import InvitationOutgrown, OfficeOfItsOwn, Person
from gateway.subjects import actions as subjects
from gateway.subjects.rules_reach import GrantBeyondOwn, Reach, require_within
from gateway.subjects.rules_roles import SEPARATED, Role
from libs.common.db import Tx


async def require_openable(tx: Tx, subject: str, administered: Iterable[Reach]) -> None:
    """Raise OfficeOfItsOwn or GrantBeyondOwn (403) where whoever administers this much could gain by the account."""
    roles, ranges = await subjects.reach_of(tx, subject)
    if (SEPARATED - {Role.SYSTEM_ADMINISTRATOR}).intersection(roles):
        raise OfficeOfItsOwn
    require_within(administered, ranges)


async def require_still_openable(tx: Tx, person: Person, issuer: str | None) -> None:
    """Raise InvitationOutgrown unless who issued a code could issue it for the person as both stand now.

    A code holds for three days and its issuer knows it: a grant or a tenure given meanwhile must not be theirs.
    """
    own = [] if issuer is None else await _administered_by(tx, issuer)
    home = Reach(area_from=person.area_code, area_to=person.area_code, sectors=())
    try:
        require_within(own, [home])
        await require_openable(tx, person.subject, own)
    except (OfficeOfItsOwn, GrantBeyondOwn):
        raise InvitationOutgrown from None


async def _administered_by(tx: Tx, subject: str) -> list[Reach]:
    return [
        Reach(
            area_from=one["area_from"],
            area_to=one["area_to"],
            sectors=None if one.get("sectors") is None else tuple(one["sectors"]),
        )
        for one in await store.grants_of(tx, subject)
        if one["role"] == Role.SYSTEM_ADMINISTRATOR and _holds_at(one, tx.now)
    ]


def _holds_at(grant: dict[str, str | None], at: datetime) -> bool:
    begins, ends = grant.get("valid_from"), grant.get("valid_to")
    if begins is not None and at < datetime.fromisoformat(begins):
        return False
    return ends is None or at < datetime.fromisoformat(ends)
