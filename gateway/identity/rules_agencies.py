"""What an agency is: a body with a name, a place, sectors and a way to be reached that is nobody's private one."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

MOST_CLIENTS = 200
"""[DEF] So many clients end with their agency in one transaction; with more, some are ended one by one first."""
_CREDIT_SIGNS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""GB 32100-2015 4.2: digits and capitals without I, O, S, V and Z; a sign's place is its value."""
_CREDIT_CODE = re.compile(rf"[{_CREDIT_SIGNS}]{{18}}")
_OWN_NUMBER = re.compile(r"(?<!\d)(1[3-9]\d{9}|\d{17}[\dXx])(?!\d)")
"""A mobile number, or a citizen's number: whose it is leaves, and the agency stays."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Agency:
    """A body that acts here through clients; no sectors means every sector."""

    id: UUID
    version: int
    area_code: str
    sectors: tuple[str, ...]
    exercise: bool
    correlation_id: UUID
    name_zh: str
    name_en: str
    credit_code: str | None
    contact: str
    ended_at: datetime | None
    ended_reason: str | None


class AgencyWrong(Exception):
    """What was entered about an agency does not do; `errors` are (pointer, code, detail)."""

    status = 422
    code = "agency_wrong"
    title = ("机构信息有误", "The agency is wrong")

    def __init__(self, *errors: tuple[str, str, tuple[str, str]]) -> None:
        super().__init__(*errors)
        self.errors = errors


class AgencyAlreadyEnded(Exception):
    """An ended agency stays ended: register a new one."""

    status = 409
    code = "agency_already_ended"
    title = ("机构已停用", "The agency has ended")
    state = "ended"
    open_moves: tuple[str, ...] = ()

    def __init__(self, agency: Agency) -> None:
        super().__init__(
            f"该机构已于 {agency.ended_at} 停用；请另行登记。",
            f"it ended at {agency.ended_at}: register a new agency",
        )


class AgencyHasManyClients(Exception):
    """More clients than end in one step."""

    status = 409
    code = "agency_has_many_clients"
    title = ("机构名下客户端过多", "The agency has too many clients to end at once")
    state = "active"
    open_moves = ("change",)

    def __init__(self) -> None:
        super().__init__(
            f"名下客户端超过 {MOST_CLIENTS} 个；请先停用一部分。",
            f"more than {MOST_CLIENTS} clients act for it: end some of them first",
        )


def check(agency: Agency) -> Agency:
    """The agency, if it holds together. Raises AgencyWrong."""
    faults = []
    if agency.credit_code is not None and not is_credit_code(agency.credit_code):
        faults.append(
            (
                "/credit_code",
                "not_a_credit_code",
                (
                    "统一社会信用代码为 18 位，校验位须相符（GB 32100-2015）。",
                    "18 signs with their check sign (GB 32100-2015)",
                ),
            )
        )
    if _OWN_NUMBER.search(re.sub(r"[\s-]", "", agency.contact)):
        faults.append(
            (
                "/contact",
                "somebodys_own",
                (
                    "请填写单位的电话或邮箱，不得填写个人号码。",
                    "give an office's line or mailbox, never a person's own number",
                ),
            )
        )
    if faults:
        raise AgencyWrong(*faults)
    return agency


def is_credit_code(code: str) -> bool:
    """Whether this is a unified social credit code 统一社会信用代码: its last sign checks the others, modulo 31
    (GB 32100-2015 4.3)."""
    if not _CREDIT_CODE.fullmatch(code):
        return False
    values = [_CREDIT_SIGNS.index(sign) for sign in code]
    weighed = sum(value * pow(3, place, 31) for place, value in enumerate(values[:17]))
    return values[17] == (31 - weighed % 31) % 31


def require_live(agency: Agency) -> Agency:
    """The agency itself; raises AgencyAlreadyEnded."""
    if agency.ended_at is not None:
        raise AgencyAlreadyEnded(agency)
    return agency


def end(agency: Agency, at: datetime, reason: str) -> Agency:
    """The agency after its end; raises AgencyAlreadyEnded the second time."""
    return replace(require_live(agency), ended_at=at, ended_reason=reason)
