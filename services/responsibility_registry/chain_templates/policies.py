"""The templates that ship with the platform: what is known of how cities chain their contacts; data, and no row."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from uuid import UUID, uuid5

from pydantic import TypeAdapter

from libs.contracts.classification import CATEGORIES, SECTORS
from services.responsibility_registry.chain_templates.rules import (
    EVERYWHERE,
    ChainCount,
    ChainLink,
    ChainTemplate,
    HangsOn,
)

_IDS = UUID("2c9d6c5e-5f0a-5d7c-9a55-6f6f3f1c0d47")


@dataclass(frozen=True, kw_only=True, slots=True)
class _Shipped:
    """One template of the file, as it is written there."""

    code: str
    edition: int
    zh: str
    en: str
    category: str | None
    sectors: tuple[str, ...]
    hangs_on: HangsOn
    of: str
    links: tuple[ChainLink, ...]
    counts: tuple[ChainCount, ...]
    valid_from: date
    source: str

    def template(self) -> ChainTemplate:
        """The edition; its id follows from code and edition."""
        made = uuid5(_IDS, f"{self.code} {self.edition}")
        said = {name: getattr(self, name) for name in type(self).__slots__}
        return ChainTemplate(
            **said, id=made, version=1, area_code=EVERYWHERE, exercise=False, correlation_id=made
        )  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class _File:
    policy: str
    version: str
    valid_from: date
    valid_to: date | None
    templates: tuple[_Shipped, ...]

    def __post_init__(self) -> None:
        faults = [one.code for one in self.templates if not {*one.sectors} <= {*SECTORS}]
        faults += [one.code for one in self.templates if one.category not in {None, *CATEGORIES}]
        keys = [(one.code, one.edition) for one in self.templates]
        if faults or len(set(keys)) < len(keys):
            raise ValueError(f"{self.policy} {self.version}: a template is there twice, or wrong: {faults}")


_READ = TypeAdapter(_File).validate_json(
    (Path(__file__).parent / "policies" / "chain-templates-1.json").read_bytes()
)  # fmt: skip
SHIPPED: tuple[ChainTemplate, ...] = tuple(one.template() for one in _READ.templates)
