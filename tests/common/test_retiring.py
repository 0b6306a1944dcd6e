"""A route that goes says so in good time, to programs and to readers."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx
import pytest
from fastapi import FastAPI, Response

from libs.common.openapi import describe
from libs.common.retiring import retiring
from libs.common.strict_routes import router

SINCE, ENDS = datetime(2027, 1, 1, tzinfo=UTC), datetime(2027, 12, 31, tzinfo=UTC)


@pytest.fixture(name="app")
def an_app() -> FastAPI:
    routes = router("kettles")

    @routes.get("/old", summary="Old")
    @retiring(since=SINCE, ends=ENDS, instead="/docs#kettles")
    async def old() -> Response:
        """As it was."""
        return Response("old")

    @routes.get("/new", summary="New")
    async def new() -> Response:
        """As it is."""
        return Response("new")

    app = FastAPI()
    app.router.routes[:] = [*routes.routes, *app.router.routes]
    return app


async def test_its_answers_say_since_when_until_when_and_what_instead(app: FastAPI) -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://kettle") as http:
        old, new = await http.get("/old"), await http.get("/new")
    assert old.headers["deprecation"] == f"@{int(SINCE.timestamp())}"
    assert parsedate_to_datetime(old.headers["sunset"]) == ENDS
    assert old.headers["link"] == '</docs#kettles>; rel="deprecation"; type="text/html"'
    assert not {"deprecation", "sunset", "link"} & set(new.headers)


def test_the_document_says_it_too(app: FastAPI) -> None:
    paths = describe(app.openapi(), app.routes)["paths"]
    assert paths["/old"]["get"]["deprecated"] is True
    assert "2027-12-31" in paths["/old"]["get"]["description"]
    assert {"Deprecation", "Sunset"} <= paths["/old"]["get"]["responses"]["200"]["headers"].keys()
    assert "deprecated" not in paths["/new"]["get"]


def test_nobody_is_given_less_than_half_a_year() -> None:
    with pytest.raises(ValueError, match="180 days"):
        retiring(since=SINCE, ends=datetime(2027, 2, 1, tzinfo=UTC), instead="/docs")
