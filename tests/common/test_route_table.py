"""Which route a path belongs to, and what is answered for what that route does not take."""

from __future__ import annotations

import httpx
import pytest
from fastapi import FastAPI
from fastapi.middleware.asyncexitstack import AsyncExitStackMiddleware
from pydantic import AwareDatetime
from starlette.responses import Response

from libs.common.faults import MethodNotAllowed
from libs.common.route_table import RouteTable
from libs.common.strict_routes import router

routes = router("things", prefix="/v1/things")


@routes.get("/{thing_id}")
async def get_thing(thing_id: str) -> Response:
    """One thing; declared first on purpose."""
    return Response(f"thing {thing_id}")


@routes.patch("/{id}")
async def change_thing(id: str) -> Response:  # noqa: A002
    """The same path under another name of its parameter."""
    return Response(f"changed {id}")


@routes.get("/changes")
async def list_changes(since: AwareDatetime | None = None) -> Response:
    """A path that names more than the one of a thing."""
    return Response(f"changes since {since}")


@routes.post("/import")
async def import_things() -> Response:
    """A path with one method."""
    return Response("imported")


def client() -> httpx.AsyncClient:
    """The table over these routes."""
    table = AsyncExitStackMiddleware(RouteTable(routes.routes, FastAPI()))
    return httpx.AsyncClient(transport=httpx.ASGITransport(table), base_url="http://things")


async def said(method: str, path: str) -> str:
    """What is answered."""
    return (await client().request(method, f"/v1/things/{path}")).text


async def allowed(path: str) -> str:
    """What OPTIONS tells."""
    answer = await client().options(f"/v1/things/{path}")
    assert (answer.status_code, answer.text) == (204, "")
    return answer.headers["allow"]


async def test_a_path_is_that_of_the_route_that_names_most_of_it() -> None:
    assert await said("GET", "changes") == "changes since None"
    assert await said("GET", "7") == "thing 7"


async def test_options_tells_what_this_very_path_takes() -> None:
    assert await allowed("changes") == "GET, HEAD, OPTIONS"
    assert await allowed("import") == "OPTIONS, POST"
    assert await allowed("7") == "GET, HEAD, OPTIONS, PATCH"


@pytest.mark.parametrize(("method", "path"), [("PATCH", "changes"), ("GET", "import"), ("PATCH", "import")])
async def test_what_a_named_path_does_not_take_is_no_thing_of_that_name(method: str, path: str) -> None:
    with pytest.raises(MethodNotAllowed):
        await said(method, path)
