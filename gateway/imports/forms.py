"""What is asked of an import, beside a raw file in the query or in a form with the file in it."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal, Self

from pydantic import Field, ValidationError, field_validator

from gateway.imports.rules import MOST_MAPPED, UPLOAD_BYTES
from libs.common import strict_json
from libs.common.forms import Form
from libs.common.validation import from_pydantic

Format = Literal["xlsx", "csv", "ndjson"]
_LIST: Final = r"^/v1/[a-z0-9/-]+$"
ListPath = Annotated[str, Field(min_length=4, max_length=100, pattern=_LIST)]
_FLAGS: Final = {"true": True, "false": False}
_SHEET: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_BINARY: Final = {"schema": {"type": "string", "format": "binary", "maxLength": UPLOAD_BYTES}}


class Asked(Form):
    """Into which list, and how."""

    list: ListPath
    format: Format | None = None
    dry_run: bool = False
    all_or_nothing: bool = False
    mapping: dict[Annotated[str, Field(max_length=200)], Annotated[str, Field(max_length=100)]] = Field(
        default_factory=dict, max_length=MOST_MAPPED
    )

    @field_validator("mapping", mode="before")
    @classmethod
    def _opened(cls, given: Any) -> Any:
        if given == "":
            # A form sends a field that nobody filled in.
            return {}
        return strict_json.decode(given.encode()) if isinstance(given, str) else given

    @classmethod
    def read(cls, said: dict[str, Any], place: Literal["body", "query"] = "body") -> Self:
        """The wishes, from texts that were said there. Raises Unprocessable (422) with pointers into a form,
        InvalidParameter (400) for a query, and problems of JSON (400)."""
        texts = {name: value for name, value in said.items() if value is not None}
        flags = {name: _FLAGS.get(str(texts[name]).lower(), texts[name]) for name in texts if name in _BOOLEANS}
        try:
            return cls.model_validate({**texts, **flags})
        except ValidationError as wrong:
            found = [{**error, "loc": (place, *error["loc"])} for error in wrong.errors()]
            raise from_pydantic(found, texts) from None


_BOOLEANS: Final = frozenset({"dry_run", "all_or_nothing"})

_FIELDS: Final[dict[str, Any]] = {
    "file": _BINARY["schema"],
    "list": {"type": "string", "minLength": 4, "maxLength": 100, "pattern": _LIST, "examples": ["/v1/duties"]},
    "format": {"type": "string", "enum": ["xlsx", "csv", "ndjson"]},
    "dry_run": {"type": "boolean"},
    "all_or_nothing": {"type": "boolean"},
    "mapping": {"type": "string", "maxLength": 20_000, "description": "JSON: heading of the file → field"},
}
BODY: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {
            _SHEET: _BINARY,
            "text/csv": _BINARY,
            "application/x-ndjson": _BINARY,
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file", "list"],
                    "properties": _FIELDS,
                    "additionalProperties": False,
                },
            },
        },
    }
}
"""What a caller may send, for the API document."""
