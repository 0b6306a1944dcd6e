"""What an organisation is: a body of Party or government, an institution or a company of the state.

It has posts; a first responsible one among them answers for all of it ([S] Work Safety Law 2021 Arts 5, 21). One
without is shown with that gap and is not refused: the gap is the news, and nobody mends it by not entering the unit.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from uuid import UUID

NAME_MAX = 100
AREAS_MOST = 200
"""[DEF] So many areas at most are one zone's."""
DEEPEST = 20
"""[DEF] So many organisations stand above one at most."""
_CREDIT_SIGNS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""GB 32100-2015 4.2: digits and capitals without I, O, S, V and Z; a sign's place is its value."""
_CREDIT_CODE = re.compile(rf"[{_CREDIT_SIGNS}]{{18}}")
_PREFIXES = (2, 4, 6, 9, 12)
"""How many digits of an area's code its level takes (domain rule 4.5 [M-H])."""


class OrganizationKind(StrEnum):
    """What kind of body it is ([DEF], after the headings of 三定 and of the safety duty lists)."""

    PARTY_COMMITTEE = "party_committee"
    GOVERNMENT = "government"
    DEPARTMENT = "department"
    DEVELOPMENT_ZONE = "development_zone"
    FIELD_OFFICE = "field_office"
    PUBLIC_INSTITUTION = "public_institution"
    STATE_COMPANY = "state_company"
    MASS_ORGANIZATION = "mass_organization"
    GRASSROOTS = "grassroots"


class OrganizationGap(StrEnum):
    """What is missing for an organisation to answer."""

    NO_FIRST_POST = "no_first_post"
    FIRST_POST_VACANT = "first_post_vacant"


@dataclass(frozen=True, kw_only=True, slots=True)
class Organization:
    """`area_code` is where it is at home; `area_codes` are a zone's own, which cut across the lines of government.

    It is there from the beginning of `valid_from` to the beginning of `valid_to`, days of the city.
    """

    id: UUID
    version: int
    area_code: str
    sectors: tuple[str, ...]
    exercise: bool
    correlation_id: UUID
    code: str
    name_zh: str
    name_en: str
    kind: OrganizationKind
    valid_from: date
    valid_to: date | None = None
    credit_code: str | None = None
    area_codes: tuple[str, ...] = ()
    parent_id: UUID | None = None
    ended_reason: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class FirstPost:
    """A first responsible post of an organisation; it answers while it is held, or somebody stands in for it."""

    post_id: UUID
    organization_id: UUID
    answers: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Answered:
    """An organisation with its first responsible posts, as it is shown."""

    organization: Organization
    first: tuple[FirstPost, ...]

    @property
    def id(self) -> UUID:
        """The organisation's own."""
        return self.organization.id

    @property
    def version(self) -> int:
        """The organisation's own."""
        return self.organization.version

    @property
    def correlation_id(self) -> UUID:
        """The organisation's own."""
        return self.organization.correlation_id


class OrganizationWrong(Exception):
    """What was entered about an organisation does not do; `errors` are (pointer, code, detail)."""

    status = 422
    code = "organization_wrong"
    title = ("单位信息有误", "The organisation is wrong")

    def __init__(self, *errors: tuple[str, str, tuple[str, str]]) -> None:
        super().__init__(*errors)
        self.errors = errors


class OrganizationAlreadyEnded(Exception):
    """What has ended stays as it was."""

    status = 409
    code = "organization_already_ended"
    title = ("单位已撤销", "The organisation has ended already")
    state = "ended"
    open_moves: tuple[str, ...] = ()

    def __init__(self, organization: Organization) -> None:
        super().__init__(
            f"该单位已于 {organization.valid_to} 撤销；请另行登记。",
            f"it ended on {organization.valid_to}: register another one",
        )


def check(organization: Organization, found: Iterable[tuple[str, str, tuple[str, str]]] = ()) -> Organization:
    """The organisation, if it holds together; `found` is what was found wrong before. Raises OrganizationWrong."""
    faults = [*found, *_of_areas(organization)]
    if organization.credit_code is not None and not is_credit_code(organization.credit_code):
        said = (
            "统一社会信用代码为 18 位，校验位须相符（GB 32100-2015）。",
            "18 signs with their check sign (GB 32100-2015)",
        )
        faults.append(("/credit_code", "not_a_credit_code", said))
    if organization.valid_to is not None and organization.valid_to <= organization.valid_from:
        said = ("valid_to 须晚于 valid_from。", "valid_to does not come after valid_from")
        faults.append(("/valid_to", "before_its_beginning", said))
    for name in ("code", "name_zh", "name_en"):
        if not 0 < len(getattr(organization, name).strip()) <= NAME_MAX:
            said = (f"请用 1 至 {NAME_MAX} 字写明。", f"say it in 1 to {NAME_MAX} characters")
            faults.append((f"/{name}", "length", said))
    if faults:
        raise OrganizationWrong(*faults)
    return organization


def _of_areas(organization: Organization) -> list[tuple[str, str, tuple[str, str]]]:
    zone, own = organization.kind is OrganizationKind.DEVELOPMENT_ZONE, organization.area_codes
    if zone and not own:
        said = ("开发区管委会须逐一列明所辖区划。", "a development zone names each area that it answers for")
        return [("/area_codes", "required", said)]
    if own and not zone:
        said = (
            "只有开发区管委会列明区划；其他单位以 area_code 为准。",
            "only a development zone names areas of its own",
        )
        return [("/area_codes", "not_a_zone", said)]
    said = ("该区划与所列的另一区划重叠。", "it lies in another area of the list, or is there twice")
    return [
        (f"/area_codes/{number}", "overlaps", said)
        for number, code in enumerate(own)
        if any(lies_in(code, other) for place, other in enumerate(own) if place != number)
    ]


def lies_in(code: str, area: str) -> bool:
    """Whether an area is another one or lies in it."""
    length = next(most for most in _PREFIXES if len(area.rstrip("0")) <= most)
    return code[:length] == area[:length]


def reaches(organization: Organization, code: str) -> bool:
    """Whether an area is among those of the organisation: where it is at home, or one that a zone names."""
    return any(lies_in(code, area) for area in (organization.area_code, *organization.area_codes))


def is_credit_code(code: str) -> bool:
    """Whether this is a unified social credit code 统一社会信用代码: its last sign checks the others, modulo 31
    (GB 32100-2015 4.3)."""
    if not _CREDIT_CODE.fullmatch(code):
        return False
    values = [_CREDIT_SIGNS.index(sign) for sign in code]
    weighed = sum(value * pow(3, place, 31) for place, value in enumerate(values[:17]))
    return values[17] == (31 - weighed % 31) % 31


def above_itself(id: UUID, parents: Mapping[UUID, UUID | None]) -> bool:  # noqa: A002
    """Whether an organisation would stand above itself, or too many above it; `parents` are those that are known."""
    above = parents.get(id)
    for _ in range(DEEPEST):
        if above is None:
            return False
        if above == id:
            return True
        above = parents.get(above)
    return above is not None


def end(organization: Organization, *, on: date, today: date, reason: str) -> Organization:
    """It is there no more from a day on, which is not in the past.

    One that has not begun yet ends where it would begin. Raises OrganizationAlreadyEnded, OrganizationWrong.
    """
    if organization.valid_to is not None and organization.valid_to <= today:
        raise OrganizationAlreadyEnded(organization)
    if on < today:
        said = ("撤销日期不得早于今天。", "what was there until today stays so: name today or later")
        raise OrganizationWrong(("/on", "in_the_past", said))
    return replace(organization, valid_to=max(on, organization.valid_from), ended_reason=reason)


def require_same_end(entered: Organization, known: Organization | None, today: date) -> None:
    """Nothing brings back what has ended: raises OrganizationWrong where an import would move an end that is past."""
    if known is None or known.valid_to is None or known.valid_to > today or entered.valid_to == known.valid_to:
        return
    said = (f"该单位已于 {known.valid_to} 撤销；请另行登记。", f"it ended on {known.valid_to}: register another one")
    raise OrganizationWrong(("/valid_to", "has_ended", said))


def open_moves(organization: Organization, today: date) -> tuple[str, ...]:
    """The verbs that may be used now."""
    return ("end",) if organization.valid_to is None or organization.valid_to > today else ()


def gaps(organization: Organization, first: Collection[FirstPost], today: date) -> tuple[OrganizationGap, ...]:
    """What is missing for it to answer, while it is there: a unit is not active without a first responsible person
    ([S] Work Safety Law 2021 Arts 5, 21)."""
    there = organization.valid_from <= today and (organization.valid_to is None or today < organization.valid_to)
    if not there or any(one.answers for one in first):
        return ()
    return (OrganizationGap.FIRST_POST_VACANT if first else OrganizationGap.NO_FIRST_POST,)
