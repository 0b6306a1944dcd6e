"""The one document of the API, for what is derived from it: exports and imports know no list by name."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated, Any, cast

from fastapi import Depends
from starlette.requests import Request


def whole_document_of(request: Request) -> Callable[[], Awaitable[dict[str, Any]]]:
    """Reads the document of the whole API, kept for a minute."""
    return cast(Callable[[], Awaitable[dict[str, Any]]], request.app.state.portal.document)


WholeDocument = Annotated[Callable[[], Awaitable[dict[str, Any]]], Depends(whole_document_of)]
"""The document of the whole API in a route's signature: `await document()`."""
