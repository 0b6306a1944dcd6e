"""What a duty is, where and when it holds, and which links a category's chain must have.

A duty binds a post to an area, to sectors and categories, in a role, from when to when, by a clause. It is never
overwritten: it ends, and another one begins. Area codes have 12 digits; trailing zeros give the level.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from re import compile as pattern
from typing import Protocol
from uuid import UUID

AREA_CODE = pattern(r"[1-9][0-9]{11}")
SOURCED = pattern(r"\[(S|P|C|SEED|DEF|M-[HML])\] \S")
ACTS = ("issue", "assign", "supervise", "inspect", "take_over")


class Tier(StrEnum):
    """The level of an area and of a link, narrowest first."""

    VILLAGE = "village"
    TOWNSHIP = "township"
    COUNTY = "county"
    CITY = "city"
    PROVINCE = "province"


TIERS = tuple(Tier)
_PREFIXES = {Tier.PROVINCE: 2, Tier.CITY: 4, Tier.COUNTY: 6, Tier.TOWNSHIP: 9, Tier.VILLAGE: 12}


class Post(Protocol):
    """What a chain needs to know of a post; the aggregate of `organizations` has it all."""

    @property
    def vacant(self) -> bool:
        """Whether nobody holds it."""

    @property
    def substitute_post_id(self) -> UUID | None:
        """Who stands in while it is vacant."""


class Claim(Protocol):
    """What a chain needs to know of a duty; a whole `Duty` has more."""

    @property
    def id(self) -> UUID:
        """The duty's id."""

    @property
    def post_id(self) -> UUID:
        """Whose duty it is."""

    @property
    def area_code(self) -> str:
        """Where it holds."""

    @property
    def sectors(self) -> Collection[str]:
        """For which sectors; none: every one."""

    @property
    def role(self) -> str:
        """In which role."""

    @property
    def categories(self) -> Collection[str]:
        """For which categories; none: every one."""

    @property
    def clause(self) -> str:
        """Where it comes from."""

    @property
    def valid_from(self) -> datetime:
        """From when on."""

    @property
    def valid_to(self) -> datetime | None:
        """Up to, and not at, when."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Duty:
    """A post answers in a role. No sectors: every sector; no categories: every category. It holds from `valid_from`
    up to, and not at, `valid_to`."""

    id: UUID
    version: int
    area_code: str
    sectors: tuple[str, ...]
    exercise: bool
    correlation_id: UUID
    post_id: UUID
    role: str
    categories: tuple[str, ...]
    clause: str
    valid_from: datetime
    valid_to: datetime | None = None
    ended_reason: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class LinkRule:
    """One link that a chain has: a role whose duty lies on an area between `down_to` and `tier`, for a sector where
    one is named. A required link that nobody fills is a gap."""

    role: str
    tier: Tier
    down_to: Tier
    sector: str | None
    required: bool
    clause: str
    source: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Selector:
    """Links by role, and by sector where one is named."""

    role: str
    sector: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class CategoryRule:
    """The sectors of a category of danger and the links that only its chain has."""

    category: str
    sectors: tuple[str, ...]
    supervisors: tuple[LinkRule, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class ChainPolicy:
    """Which links a chain has, bottom up, and who of them acts; shaped like `policies/chain-*.json`. Building it
    checks it (ValueError)."""

    policy: str
    version: str
    valid_from: date
    valid_to: date | None
    below: tuple[LinkRule, ...]
    above: tuple[LinkRule, ...]
    categories: tuple[CategoryRule, ...]
    unmapped_sectors: tuple[str, ...]
    acts: Mapping[str, tuple[Selector, ...]]
    acts_source: str

    def __post_init__(self) -> None:
        faults = policy_faults(self)
        if faults:
            raise ValueError(f"chain policy {self.version}: {'; '.join(faults)}")


class DutyAlreadyEnded(Exception):
    """A duty ends once; another assignment is another duty."""

    status = 409
    code = "duty_already_ended"
    title = ("责任分工已终止", "The duty has ended already")

    def __init__(self, duty: Duty) -> None:
        super().__init__(
            f"已于 {duty.valid_to} 终止；请新设责任分工。", f"ended at {duty.valid_to}: assign a new duty instead"
        )
        self.state = "ended"
        self.open_moves = open_moves(duty)


class DutyWrong(Exception):
    """What was entered about a duty does not do; `errors` are (pointer, code, detail)."""

    status = 422
    code = "duty_wrong"
    title = ("责任分工信息有误", "The duty is wrong")

    def __init__(self, *errors: tuple[str, str, tuple[str, str]]) -> None:
        super().__init__(*errors)
        self.errors = errors


def check_duty(duty: Duty, policy: ChainPolicy, found: Iterable[tuple[str, str, tuple[str, str]]] = ()) -> Duty:
    """The duty, if it holds together and its role is one that chains know; `found` is what was found wrong before.
    Raises DutyWrong."""
    known = {link.role for link in all_links(policy)}
    checks = (
        (
            bool(AREA_CODE.fullmatch(duty.area_code)),
            "/area_code",
            ("区划代码为 12 位数字。", "an area code has 12 digits"),
        ),
        (
            duty.role in known,
            "/link",
            (f"须为以下之一：{', '.join(sorted(known))}。", f"one of {', '.join(sorted(known))}"),
        ),
        (
            bool(duty.clause.strip()),
            "/clause",
            ("请写明责任所依据的条款。", "name the clause that the duty comes from"),
        ),
        (
            duty.valid_to is None or duty.valid_from < duty.valid_to,
            "/valid_to",
            ("终止时间须晚于起始时间。", "it ends after it begins"),
        ),
    )
    faults = [*found, *((pointer, "invalid", detail) for good, pointer, detail in checks if not good)]
    if faults:
        raise DutyWrong(*faults)
    return duty


def end_duty(duty: Duty, *, at: datetime, reason: str) -> Duty:
    """The duty no longer holds from `at` on. Raises DutyAlreadyEnded, DutyWrong."""
    if "end" not in open_moves(duty):
        raise DutyAlreadyEnded(duty)
    if at <= duty.valid_from or not reason.strip():
        raise DutyWrong(
            (
                "/at",
                "invalid",
                (
                    f"须晚于 {duty.valid_from.isoformat()}，并写明原因。",
                    f"after {duty.valid_from.isoformat()}, and with a reason",
                ),
            )
        )
    return replace(duty, valid_to=at, ended_reason=reason)


def open_moves(duty: Duty) -> tuple[str, ...]:
    """The verbs that may be used now."""
    return ("end", "reassign") if duty.valid_to is None else ()


def holds(duty: Claim, at: datetime) -> bool:
    """Whether the duty is in force at that instant."""
    return duty.valid_from <= at and (duty.valid_to is None or at < duty.valid_to)


def level_of(area_code: str) -> Tier:
    """The level of an area by its trailing zeros. Raises ValueError where it is no area code."""
    if not AREA_CODE.fullmatch(area_code):
        raise ValueError(f"{area_code!r} is no 12-digit area code")
    return next(tier for tier, size in _PREFIXES.items() if not area_code[size:].strip("0"))


def covers(wide: str, narrow: str) -> bool:
    """Whether `narrow` is `wide` itself or lies in it."""
    return narrow.startswith(wide[: _PREFIXES[level_of(wide)]])


def category_rule(policy: ChainPolicy, category: str) -> CategoryRule | None:
    """What the policy says of a category; None is a blind spot: no sector was made to answer ([S] WSL Art 3)."""
    return next((rule for rule in policy.categories if rule.category == category), None)


def all_links(policy: ChainPolicy) -> tuple[LinkRule, ...]:
    """Every link that some chain has."""
    own = (link for rule in policy.categories for link in rule.supervisors)
    return (*policy.below, *own, *policy.above)


def links_of(policy: ChainPolicy, category: str) -> tuple[LinkRule, ...]:
    """The links of a category's chain, bottom up; without supervisors where the category is unmapped."""
    rule = category_rule(policy, category)
    return (*policy.below, *(rule.supervisors if rule else ()), *policy.above)


def policy_faults(policy: ChainPolicy) -> tuple[str, ...]:
    """What is wrong with a policy: empty when every link and act is sourced, known and said once."""
    names = [rule.category for rule in policy.categories]
    roles = {link.role for link in all_links(policy)}
    chosen = {selector.role for selectors in policy.acts.values() for selector in selectors}
    said = [policy.acts_source, *(link.source for link in all_links(policy))]
    twice = [name for name in names if len(keys := [key_of(x) for x in links_of(policy, name)]) != len(set(keys))]
    checks = (
        (len(set(names)) == len(names), "a category is said twice"),
        (not twice, f"a link is said twice in {', '.join(twice)}"),
        (all(rule.sectors for rule in policy.categories), "a category has no sector"),
        (set(policy.acts) == set(ACTS), f"the acts are {', '.join(ACTS)}"),
        (chosen <= roles, f"acts name unknown roles: {', '.join(sorted(chosen - roles))}"),
        (all(SOURCED.match(source) for source in said), "a source is missing"),
        (all(TIERS.index(x.down_to) <= TIERS.index(x.tier) for x in all_links(policy)), "down_to is above tier"),
    )
    return tuple(fault for good, fault in checks if not good)


def key_of(link: LinkRule) -> tuple[str, Tier, str | None]:
    """What makes a link one of its kind: in a chain it is filled exactly once, or a named gap."""
    return link.role, link.tier, link.sector
