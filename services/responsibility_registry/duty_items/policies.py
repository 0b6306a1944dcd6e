"""The lists of the ledger, and the duties that ship with the platform: what the law and the regulations say."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from uuid import UUID, uuid5

from pydantic import TypeAdapter

from services.responsibility_registry.duty_items.rules import EVERYWHERE, SOURCED, Bearer, DutyItem, ListKind

_HERE = Path(__file__).parent / "policies"
_IDS = UUID("6f1d9a52-21c4-5b3f-8a57-0d3f1c6be540")


@dataclass(frozen=True, kw_only=True, slots=True)
class _Shipped:
    """One duty of the file, as it is written there."""

    code: str
    list: str
    bearer: Bearer
    zh: str
    en: str
    source: str
    valid_from: date
    edition: int = 1
    sectors: tuple[str, ...] = ()
    tiers: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    first_responsible: bool = False
    repealed: bool = False

    def item(self) -> DutyItem:
        """The edition; its id follows from code and edition."""
        made = uuid5(_IDS, f"{self.code} {self.edition}")
        return DutyItem(
            id=made, version=1, area_code=EVERYWHERE, sectors=self.sectors, exercise=False, correlation_id=made,
            code=self.code, edition=self.edition, list_code=self.list, bearer=self.bearer, zh=self.zh, en=self.en,
            tiers=self.tiers, links=self.links, kinds=self.kinds, first_responsible=self.first_responsible,
            valid_from=self.valid_from, repealed=self.repealed, source=self.source,
        )  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class _File:
    policy: str
    version: str
    valid_from: date
    valid_to: date | None
    lists: tuple[ListKind, ...]
    items: tuple[_Shipped, ...]

    def __post_init__(self) -> None:
        lists = {one.code: one.bearers for one in self.lists}
        keys = [(one.code, one.edition) for one in self.items]
        bad = [one.code for one in self.items if one.bearer not in lists.get(one.list, ())]
        sources = {one.code: one.source for one in self.lists} | {one.code: one.source for one in self.items}
        bad += [code for code, source in sources.items() if not SOURCED.match(source)]
        if bad or len(set(keys)) < len(keys):
            raise ValueError(f"{self.policy} {self.version}: a code is there twice, or wrong: {bad}")


_READ = TypeAdapter(_File).validate_json((_HERE / "duty-lists-1.json").read_bytes())
LISTS = _READ.lists
SHIPPED: tuple[DutyItem, ...] = tuple(one.item() for one in _READ.items)
