"""What comes out of an examination, and how one ends early."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


class Refused(Exception):
    """The file is not taken; `code` names one of the refusals."""

    def __init__(self, code: str, **extra: Any) -> None:
        self.code, self.extra = code, extra
        super().__init__(code)


@dataclass(frozen=True, kw_only=True, slots=True)
class Made:
    """One form of the file that is to be kept."""

    name: str
    path: Path
    media_type: str
    width: int | None = None
    height: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Examined:
    """What a file is, the forms of it that are kept, and what its camera wrote of time and place, if asked for."""

    media_type: str
    kind: str
    variants: tuple[Made, ...]
    capture: dict[str, Any] = field(default_factory=dict)
