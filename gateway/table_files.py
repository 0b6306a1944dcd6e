"""Tables as files: their media types, how they are answered, and how the API document says so."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from starlette.responses import FileResponse
from starlette.types import Receive, Scope, Send

TABLE_TYPES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "csv": "text/csv; charset=utf-8",
        "ndjson": "application/x-ndjson",
    }
)
"""The Content-Type of each kind of table."""


class WholeTable(FileResponse):
    """A table as a file, always whole: a `Range` is passed over, as RFC 9110 §14.2 allows. Starlette would refuse one
    that is malformed in words of its own, and answer several as a form that no document of ours names."""

    def __init__(self, path: Path, kind: str, filename: str | None, headers: Mapping[str, str] | None = None) -> None:
        told = {**(headers or {}), "Accept-Ranges": "none"}
        super().__init__(path, media_type=TABLE_TYPES[kind], filename=filename, headers=told)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        headers = [(name, value) for name, value in scope["headers"] if name != b"range"]
        await super().__call__({**scope, "headers": headers}, receive, send)


def answers_a_table(*kinds: str) -> dict[int | str, dict[str, Any]]:
    """The answer of a door that hands out a table of one of these kinds, for `responses`."""
    bare = (TABLE_TYPES[kind].partition(";")[0] for kind in kinds)
    content = {one: {"schema": {"type": "string", "format": "binary"}} for one in bare}
    return {200: {"description": "the file", "content": content}}
