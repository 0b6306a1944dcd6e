"""What a duty item (责任清单条目) is: one duty of a list, who bears it, from which day on, and by which source.

One ledger, several lists (Qinhuangdao 一台账四清单 [SEED]): which lists there are is data. Nothing in the catalogue
is overwritten: what changes is a later edition of the same code, which holds from its day on, and an edition that is
a repeal ends it on its day ([S] law versions are dated: domain rule 0.2.5). Areas may have editions of their own:
where one code is kept for a wider and for a narrower area, the narrower one holds there ([DEF]), and what the law
says gives way to law alone.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from re import compile as pattern
from typing import Protocol
from uuid import UUID

EVERYWHERE = "000000000000"
"""The area of what ships with the platform: it holds in every one."""
SOURCED = pattern(r"\[(S|P|C|SEED|DEF|M-[HML])\] \S")
STATUTE = "[S]"
MOST_EDITIONS = 200
"""[DEF] Editions of one code in one area."""
MOST_CODES = 500
"""[DEF] Codes of one area: so a ledger has an end."""


class Bearer(StrEnum):
    """Who bears a duty: a post, a body of Party or government, or a firm."""

    POST = "post"
    ORGANIZATION = "organization"
    FIRM = "firm"


class Tier(StrEnum):
    """The tier of a post."""

    CITY = "city"
    COUNTY = "county"
    TOWNSHIP = "township"
    VILLAGE = "village"


@dataclass(frozen=True, kw_only=True, slots=True)
class ListKind:
    """One of the lists of the ledger; `bearers` are who can be on it."""

    code: str
    zh: str
    en: str
    bearers: tuple[Bearer, ...]
    source: str


@dataclass(frozen=True, kw_only=True, slots=True)
class DutyItem:
    """One edition of one duty.

    Who bears it: of its bearer's kind, those that fit every selector that is not empty. `links` are links of the
    responsible chain that the post, or one of the organisation's posts, holds; `kinds` are kinds of posts, of
    organisations, or of responsible entities; `first_responsible` asks for the post that answers for its whole unit;
    `bearer_ids` name single ones. No sectors: whatever the sector.
    """

    id: UUID
    version: int
    area_code: str
    sectors: tuple[str, ...]
    exercise: bool
    correlation_id: UUID
    code: str
    edition: int
    list_code: str
    bearer: Bearer
    zh: str
    en: str
    tiers: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    first_responsible: bool = False
    bearer_ids: tuple[UUID, ...] = ()
    valid_from: date
    repealed: bool = False
    source: str


class Borne(Protocol):
    """Whoever may bear duties, as the catalogue asks for it."""

    @property
    def bearer(self) -> Bearer: ...
    @property
    def id(self) -> UUID: ...
    @property
    def tier(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def links(self) -> Collection[str]: ...
    @property
    def sectors(self) -> Collection[str]: ...
    @property
    def first_responsible(self) -> bool: ...


class DutyItemWrong(Exception):
    """What was entered about a duty does not do; `errors` are (pointer, code, detail)."""

    status = 422
    code = "duty_item_wrong"
    title = ("责任清单条目有误", "The duty item is wrong")

    def __init__(self, *errors: tuple[str, str, tuple[str, str]]) -> None:
        super().__init__(*errors)
        self.errors = errors


class DutyEditionStale(Exception):
    """Somebody else entered an edition of this code meanwhile, or the caller has not seen the last one."""

    status = 409
    code = "duty_edition_stale"
    title = ("条目已有新版次", "There is a later edition")
    open_moves: tuple[str, ...] = ("enter",)

    def __init__(self, code: str, last: int) -> None:
        super().__init__(
            f"条目 {code} 在本区划现为第 {last} 版；请查看后填写 edition = {last + 1}。",
            f"{code} stands at edition {last} in this area: look at it, then enter edition {last + 1}",
        )
        self.state = f"edition {last}"


class DutyItemGone(Exception):
    """What is repealed is not repealed again; a new edition brings it back."""

    status = 409
    code = "duty_item_repealed"
    title = ("条目已废止或不存在", "The duty item is repealed, or was never there")
    state = "repealed"
    open_moves: tuple[str, ...] = ("enter",)

    def __init__(self, code: str) -> None:
        super().__init__(f"条目 {code} 在本区划没有现行版次。", f"no edition of {code} holds in this area")


def check(
    item: DutyItem, *, own: Sequence[DutyItem], wider: Sequence[DutyItem], lists: Sequence[ListKind],
    links: Collection[str], found: Iterable[tuple[str, str, tuple[str, str]]] = (),
) -> DutyItem:  # fmt: skip
    """The edition, if it may follow what stands.

    `own` are the editions of its code in its area, `wider` those of areas around it; `links` are the chain's.
    Raises DutyEditionStale, DutyItemGone (409), DutyItemWrong (422).
    """
    last = own[-1].edition if own else 0
    if item.edition != last + 1:
        raise DutyEditionStale(item.code, last)
    current = latest(own) or latest(wider)
    if item.repealed and (current is None or current.repealed):
        raise DutyItemGone(item.code)
    kind = next((one for one in lists if one.code == item.list_code), None)
    faults = [*found, *_of_list(item, kind, lists), *_of_dates(item, own), *_of_source(item, current)]
    if unknown := sorted(set(item.links) - set(links)):
        said = (f"责任链没有此环节：{', '.join(unknown)}。", f"no chain has this link: {', '.join(unknown)}")
        faults.append(("/links", "unknown_link", said))
    if last >= MOST_EDITIONS:
        said = (f"一个条目最多 {MOST_EDITIONS} 版。", f"one code has {MOST_EDITIONS} editions at most")
        faults.append(("/edition", "too_many", said))
    if faults:
        raise DutyItemWrong(*faults)
    return item


def _of_list(
    item: DutyItem, kind: ListKind | None, lists: Sequence[ListKind]
) -> Iterable[tuple[str, str, tuple[str, str]]]:  # fmt: skip
    if kind is None:
        known = ", ".join(one.code for one in lists)
        yield ("/list", "unknown_list", (f"须为以下之一：{known}。", f"one of {known}"))
    elif item.bearer not in kind.bearers:
        said = (f"「{kind.zh}」不含此类责任人。", f"the list {kind.code} has no duties of such a bearer")
        yield ("/bearer", "not_on_list", said)
    if item.bearer is not Bearer.POST and (item.tiers or item.first_responsible):
        yield ("/bearer", "post_only", ("层级和第一责任人只用于岗位。", "tiers and first_responsible are for posts"))
    if item.bearer is Bearer.FIRM and item.links:
        yield ("/links", "not_of_firms", ("企业不在责任链环节中。", "a firm holds no link of the chain"))


def _of_dates(item: DutyItem, own: Sequence[DutyItem]) -> Iterable[tuple[str, str, tuple[str, str]]]:
    if own and item.valid_from <= own[-1].valid_from:
        day = own[-1].valid_from.isoformat()
        yield ("/valid_from", "too_early", (f"须晚于上一版的 {day}。", f"after the last edition's {day}"))


def _of_source(item: DutyItem, current: DutyItem | None) -> Iterable[tuple[str, str, tuple[str, str]]]:
    if not SOURCED.match(item.source):
        said = (
            "请以证据标记开头，例如：[P] 市安委办 2027 年 3 号文；[DEF] 为本地自定。",
            "begin with its evidence tag, as in “[P] document 3/2027”; [DEF] is the city's own",
        )
        yield ("/source", "untagged", said)
    elif current is not None and current.source.startswith(STATUTE) and not item.source.startswith(STATUTE):
        said = (
            "法定职责只能依新的法律条文变更或废止（来源以 [S] 开头）。",
            "what the law says is changed or repealed by law alone: a source that begins with [S]",
        )
        yield ("/source", "statutory", said)


def latest(editions: Sequence[DutyItem]) -> DutyItem | None:
    """The last edition, held or to come; None where there is none."""
    return max(editions, key=lambda one: (one.valid_from, one.edition), default=None)


def holding(items: Iterable[DutyItem], day: date) -> list[DutyItem]:
    """What holds in one place on a day, by list and code. `items` are every edition of the areas around the place.

    Of each code the narrowest area that has an edition by that day decides, and there the last one; a repeal is
    nothing.
    """
    chosen: dict[str, DutyItem] = {}
    for item in items:
        if item.valid_from > day:
            continue
        other = chosen.get(item.code)
        if other is None or _rank(item) > _rank(other):
            chosen[item.code] = item
    return sorted(
        (one for one in chosen.values() if not one.repealed), key=lambda one: (one.list_code, one.code)
    )  # fmt: skip


def _rank(item: DutyItem) -> tuple[int, date, int]:
    return len(item.area_code.rstrip("0")), item.valid_from, item.edition


def bears(item: DutyItem, who: Borne) -> bool:
    """Whether somebody bears a duty that holds where they are."""
    return (
        item.bearer is who.bearer
        and (not item.bearer_ids or who.id in item.bearer_ids)
        and (not item.tiers or who.tier in item.tiers)
        and (not item.links or not set(item.links).isdisjoint(who.links))
        and (not item.kinds or who.kind in item.kinds)
        and (not item.first_responsible or who.first_responsible)
        and (not item.sectors or not who.sectors or not set(item.sectors).isdisjoint(who.sectors))
    )
