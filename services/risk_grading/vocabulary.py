"""The words that doors of several slices share: sectors, categories and kinds, of those that there are."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from libs.common.forms import Code
from libs.contracts.classification import CATEGORIES, SECTORS

_EVENT_CODE = r"1[1-4][A-HJ-NP-Z]([0-9]{2})?"


class UnknownSector(ValueError):
    """A sector that the city does not have."""

    code = "unknown_sector"


class UnknownCategory(ValueError):
    """A category that the city does not have."""

    code = "unknown_category"


def _sector(code: str) -> str:
    if code not in SECTORS:
        raise UnknownSector(f"本市没有此行业领域 The city has no such sector: {code}")
    return code


def _category(code: str) -> str:
    if code not in CATEGORIES:
        raise UnknownCategory(f"本市没有此类别 The city has no such category: {code}")
    return code


def _kind(code: str) -> str:
    return code if code[:1].isdigit() else _category(code)


Sector = Annotated[Code, AfterValidator(_sector), Field(json_schema_extra={"enum": sorted(SECTORS)})]
"""A sector of the city's; any other is refused (`unknown_sector`)."""
Category = Annotated[Code, AfterValidator(_category), Field(json_schema_extra={"enum": sorted(CATEGORIES)})]
"""A category of the city's; any other is refused (`unknown_category`)."""
Kind = Annotated[
    str,
    Field(
        pattern=rf"^({_EVENT_CODE}|[a-z][a-z0-9_]{{0,59}})$", examples=["12G01"],
        description="event code of family 1, or a category of the city's",
    ),
    AfterValidator(_kind),
]  # fmt: skip
"""What a warning is about: an event code, or a category of the city's."""
AreaDoubt = Literal["", "other_area", "no_known_area"]
"""What the place and the area that was told say of each other: empty, they agree."""
