"""The relations that there are: versioned data, read once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from pydantic import TypeAdapter

from services.responsibility_registry.liability_links.rules import Relation


@dataclass(frozen=True, kw_only=True, slots=True)
class _File:
    policy: str
    version: str
    valid_from: date
    valid_to: date | None
    relations: tuple[Relation, ...]


_READ = TypeAdapter(_File).validate_json((Path(__file__).parent / "policies" / "relations-1.json").read_bytes())
RELATIONS = {one.code: one for one in _READ.relations}
VERSION = f"{_READ.policy}-{_READ.version}"
