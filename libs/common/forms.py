"""Shapes that every slice's doors share: what a body refuses, and what an answer says of an aggregate."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from typing import Annotated, Any, Generic, TypeVar

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_core import CoreSchema, PydanticCustomError

from libs.common.imports import Imported
from libs.common.languages import spoken
from libs.common.scope import Scope
from libs.common.texts import READABLE_PATTERN, Line, Name, Words, check
from libs.contracts.classification import CATEGORIES, SECTORS

__all__ = [
    "AreaCode", "Category", "ChangesOut", "Code", "Form", "ImportedOut", "Items", "Line", "Moment", "Name",
    "PageOut", "RowFaultOut", "Sector", "Shown", "UnknownCategory", "UnknownSector", "Words", "known_category",
    "known_sector", "show_import",
]  # fmt: skip

AreaCode = Annotated[str, Field(pattern=r"^[0-9]{12}$", examples=["331002004208"], description="12-digit area code")]
Code = Annotated[str, Field(pattern=r"^[a-z0-9_]{1,60}$", examples=["ebike_charging"], description="machine code")]


Moment = Annotated[AwareDatetime, Field(ge=datetime(2000, 1, 1, tzinfo=UTC), le=datetime(2199, 12, 31, tzinfo=UTC))]
"""An instant that can be said in UTC: at the ends of the calendar another offset has no such day."""


class UnknownSector(ValueError):
    """A sector that the classification does not have."""

    code = "unknown_sector"


class UnknownCategory(ValueError):
    """A category that the classification does not have."""

    code = "unknown_category"


def known_sector(code: str) -> str:
    """The sector itself; raises UnknownSector."""
    if code not in SECTORS:
        raise UnknownSector(f"分类中没有此行业领域：{code}。", f"there is no such sector: {code}")
    return code


def known_category(code: str) -> str:
    """The category itself; raises UnknownCategory."""
    if code not in CATEGORIES:
        raise UnknownCategory(f"分类中没有此类别：{code}。", f"there is no such category: {code}")
    return code


Sector = Annotated[Code, AfterValidator(known_sector), Field(json_schema_extra={"enum": sorted(SECTORS)})]
"""A sector of the classification; any other is refused (`unknown_sector`)."""
Category = Annotated[Code, AfterValidator(known_category), Field(json_schema_extra={"enum": sorted(CATEGORIES)})]
"""A category of the classification; any other is refused (`unknown_category`)."""

_MOST_UNKNOWN = 20
_SAYS_MORE = frozenset({"pattern", "format", "enum", "const"})

I = TypeVar("I", bound=BaseModel)  # noqa: E741 — the item of a list


def _tell_readable(schema: dict[str, Any]) -> None:
    """Say of each text of a body that control characters are refused, where nothing says more of it."""
    for field in schema.get("properties", {}).values():
        for shape in (field, field.get("items", {}), *field.get("anyOf", ())):
            # `password` says how a text is shown, and nothing of the characters that it takes.
            says = shape.keys() - ({"format"} if shape.get("format") == "password" else set())
            if shape.get("type") == "string" and _SAYS_MORE.isdisjoint(says):
                shape["pattern"] = READABLE_PATTERN


class Form(BaseModel):
    """A body: unknown fields are refused, texts can be read, and times are written as in RFC 3339."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        shape = handler(core)
        _tell_readable(handler.resolve_ref_schema(shape))
        return shape

    @model_validator(mode="before")
    @classmethod
    def _bounded(cls, value: Any) -> Any:
        """Each unknown field would be a fault of its own, and 60,000 of them hold everybody up for a second."""
        if isinstance(value, dict) and len(value) > len(cls.model_fields) + _MOST_UNKNOWN:
            raise PydanticCustomError("too_many_fields", "more fields than there are")
        return value

    @field_validator("*", mode="before")
    @classmethod
    def _checked(cls, value: Any, info: ValidationInfo) -> Any:
        return check(value, _annotation(cls, info.field_name or ""))


@cache
def _annotation(form: type[Form], field: str) -> Any:
    return form.model_fields[field].annotation


class Shown(BaseModel):
    """An answer."""

    model_config = ConfigDict(frozen=True, from_attributes=True)


class Items(Form, Generic[I]):
    """The body of a bulk import: up to 500 rows."""

    items: list[I] = Field(min_length=1, max_length=500)


class PageOut(Shown, Generic[I]):
    """A page of a list; `next` is the cursor of the page after it, null at the end."""

    items: list[I]
    next: str | None = Field(description="the cursor of the next page; null at the end", examples=[None])
    count: int | None = Field(default=None, description="only where `count` was asked for")


class ChangesOut(Shown, Generic[I]):
    """What was written since the cursor; `next` is the cursor to go on with."""

    items: list[I]
    next: str = Field(description="the cursor to go on with", examples=["WyI3NTEiLCIwMTlhYzVkYSJd"])
    more: bool = Field(description="whether there is more already")


class RowFaultOut(Shown):
    """What is wrong with one row of an import."""

    row: int = Field(description="its place in `items`, from 0 on")
    pointer: str | None = Field(description="JSON pointer into the row")
    code: str
    detail: str


class ImportedOut(Shown):
    """What an import did to its rows, or would do (`dry_run`)."""

    created: int
    updated: int
    unchanged: int
    faults: list[RowFaultOut] = Field(description="the rows that were refused, with `good_rows`")


def show_import(imported: Imported, scope: Scope) -> ImportedOut:
    """The counts of an import, and what is wrong with which row."""
    del scope
    faults = [
        RowFaultOut(row=one.row, pointer=one.fault.pointer, code=one.fault.code, detail=one.fault.detail.to(spoken()))
        for one in imported.faults
    ]
    return ImportedOut(
        created=imported.created, updated=imported.updated, unchanged=imported.unchanged, faults=faults
    )
