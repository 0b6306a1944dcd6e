"""The words that doors of several slices share: sectors, categories and kinds, of those that there are."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from libs.common.forms import Category, Sector, known_category

__all__ = ["Category", "Kind", "Sector"]

_EVENT_CODE = r"1[1-4][A-HJ-NP-Z]([0-9]{2})?"


def _kind(code: str) -> str:
    return code if code[:1].isdigit() else known_category(code)


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
