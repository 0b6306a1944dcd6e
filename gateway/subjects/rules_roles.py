"""The words for what somebody may be. They stand here and nowhere else; services ask for them by these words."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum


class Role(StrEnum):
    """What a grant lets its holder be."""

    CALL_TAKER = "call_taker"
    DUTY_OFFICER = "duty_officer"
    GRID_MEMBER = "grid_member"
    INSPECTOR = "inspector"
    COMMANDER = "commander"
    LEADER = "leader"
    AUDITOR = "auditor"
    OPERATOR = "operator"
    AGENCY = "agency"
    RESPONSIBLE_ENTITY = "responsible_entity"
    """A firm or landlord: its own objects and orders, through its parties and never over an area."""
    ADMINISTRATOR = "administrator"
    """Keeps the registry's data: areas, posts, duties, teams."""
    SYSTEM_ADMINISTRATOR = "system_administrator"
    """Keeps accounts, clients, providers and settings, and gives nobody a right."""
    SECURITY_ADMINISTRATOR = "security_administrator"
    """Gives and ends grants, parties, tenures and links, and opens no account."""
    AUDIT_ADMINISTRATOR = "audit_administrator"
    """Reads who did what, and changes nothing."""


SEPARATED = frozenset({Role.SYSTEM_ADMINISTRATOR, Role.SECURITY_ADMINISTRATOR, Role.AUDIT_ADMINISTRATOR})
"""三员分立 (GB/T 22239-2019 8.1.5 系统管理、审计管理、安全管理): three offices that no one hand may join."""
GIVEN_BY_POSTS = frozenset(Role) - SEPARATED - {Role.RESPONSIBLE_ENTITY, Role.AGENCY, Role.ADMINISTRATOR}
"""[DEF] What may follow from a kind of post by a table; the rest is given to somebody by name, and is seen to be."""


class OfficesJoined(Exception):
    """System, security and audit administration are three hands."""

    status = 409
    code = "offices_joined"
    title = ("三员不得兼任", "Two of the three administrators' offices in one hand")

    def __init__(self, roles: frozenset[str]) -> None:
        super().__init__(
            "系统管理员、安全管理员、审计管理员不得由一人兼任；请先终止已有的，或授予他人。",
            f"nobody holds two of {', '.join(sorted(roles))}: end the one that is held, or give it to somebody else",
        )


def require_separated(roles: Iterable[str]) -> None:
    """Raise OfficesJoined where two of the three separated offices are among the roles."""
    offices = SEPARATED.intersection(roles)
    if len(offices) > 1:
        raise OfficesJoined(frozenset(offices))
