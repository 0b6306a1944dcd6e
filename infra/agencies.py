"""Agencies with a bus of their own: who is let to which facts of which counties, read from a file of the city's.

The file is `agencies.json` in the platform's home (docs/guides/agencies-nats.md); where it is missing, nobody is.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from libs.contracts.catalogue import CATALOGUE
from libs.contracts.event import SHARED

FILE = "agencies.json"
_County = Annotated[str, Field(pattern=r"^[0-9]{6}$")]


class AgenciesWrong(Exception):
    """The file of agencies cannot be used; the message says where and why."""


class Agency(BaseModel):
    """One agency: it hears facts of these types (`*`: every one that may leave the house) in these counties."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{1,40}$")]
    counties: Annotated[tuple[_County, ...], Field(min_length=1, max_length=100)]
    types: Annotated[tuple[str, ...], Field(min_length=1, max_length=200)] = ("*",)
    agreed: Annotated[str, Field(min_length=1, max_length=500, description="the paper that allows it, with its date")]

    @field_validator("types")
    @classmethod
    def _known(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for pattern in value:
            if not any(_matches(pattern, name) for name in shared_types()):
                raise ValueError(f"{pattern} names no fact that may leave the house")
        return value

    @property
    def account(self) -> str:
        """The name of its account on the bus."""
        return f"AGENCY_{self.name.upper().replace('-', '_')}"

    @property
    def user(self) -> str:
        """As whom it connects."""
        return f"agency-{self.name}"

    def subjects(self) -> Iterator[str]:
        """Every subject that it hears: a type in a county, whatever the partition."""
        for name in shared_types():
            if any(_matches(pattern, name) for pattern in self.types):
                yield from (f"{name}.{county}.*" for county in self.counties)


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")

    agencies: Annotated[tuple[Agency, ...], Field(max_length=200)]

    @field_validator("agencies")
    @classmethod
    def _each_once(cls, value: tuple[Agency, ...]) -> tuple[Agency, ...]:
        if len({agency.account for agency in value}) < len(value):
            raise ValueError("two agencies have one name")
        return value


def read_agencies(home: Path) -> tuple[Agency, ...]:
    """The agencies of this platform; none where there is no file. Raises AgenciesWrong."""
    path = home / FILE
    try:
        text = path.read_text("utf-8")
    except FileNotFoundError:
        return ()
    except (OSError, UnicodeDecodeError) as error:
        raise AgenciesWrong(f"{path} cannot be read: {error}") from error
    return _parsed(path, text)


def write_agencies(home: Path, text: str) -> None:
    """Keep another file of agencies in place of the present one. Raises AgenciesWrong, and keeps the present one."""
    path = home / FILE
    _parsed(path, text)
    fresh = path.with_suffix(".new")
    fresh.write_text(text, "utf-8")
    fresh.replace(path)


def _parsed(path: Path, text: str) -> tuple[Agency, ...]:
    try:
        return _File.model_validate_json(text).agencies
    except ValidationError as error:
        said = [f"{path}: {'/'.join(str(part) for part in one['loc'])}: {one['msg']}" for one in error.errors()]
        raise AgenciesWrong("\n".join(said)) from error


def shared_types() -> list[str]:
    """Every fact that may leave the house, by name."""
    return sorted(name for name, event in CATALOGUE.items() if event.sensitivity == SHARED)


def _matches(pattern: str, name: str) -> bool:
    if pattern == "*":
        return True
    return name.startswith(pattern[:-1]) if pattern.endswith(".*") else name == pattern
