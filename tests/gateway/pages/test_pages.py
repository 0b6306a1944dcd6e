"""The pages read well without a script, without the internet, and show nothing unescaped."""

import re

from gateway.pages.rules import operations_page, sample
from infra.guides import ROOT, rendered
from tests.gateway.running import Running
from tests.gateway.stub_service import stubbed

GUIDES = ROOT / "docs/guides"
KNOWN = ("/docs", "/docs/problems", "/docs/style.css", "/openapi.json", "/asyncapi.json")


def document(**operation: object) -> dict[str, object]:
    described = {"tags": ["orders"], "summary": "List", "responses": {}, **operation}
    return {"info": {"title": "Shoutu"}, "paths": {"/v1/orders": {"get": described}}, "components": {}}


def test_words_of_a_document_are_escaped() -> None:
    page = operations_page(document(summary="<script>alert(1)</script>", description="a < b & c"))
    assert "<script>" not in page
    assert "a &lt; b &amp; c" in page


def test_a_shape_that_refers_to_itself_ends() -> None:
    tree = {"properties": {"child": {"$ref": "#/components/schemas/Tree"}}}
    shown = sample({"$ref": "#/components/schemas/Tree"}, {"components": {"schemas": {"Tree": tree}}})
    assert "…" in str(shown)


async def test_the_pages_need_no_token_and_nothing_from_elsewhere(gateway: Running) -> None:
    with stubbed(gateway):
        start = await gateway.http.get("/")
        pages = [
            await gateway.http.get(path) for path in ("/docs", "/docs/problems", "/docs/guides", "/docs/style.css")
        ]
    assert (start.status_code, start.headers["location"]) == (303, "/docs")
    for page in pages:
        assert page.status_code == 200
        assert "default-src 'none'" in page.headers["content-security-policy"]
        assert "<script" not in page.text
        assert not re.findall(r"(?:src|href)=\"(?!/|#)", page.text)


def test_the_search_keeps_what_speaks_of_every_word_and_says_when_nothing_does() -> None:
    page = operations_page(document(), "orders list")
    assert "/v1/orders" in page
    assert "没有找到" in operations_page(document(), "kettle")
    assert "<b>" not in operations_page(document(), "<b>")


def test_an_operation_is_shown_as_a_command() -> None:
    body = {"content": {"application/json": {"example": {"words": "it's late"}}}}
    named = [{"name": name, "in": "header"} for name in ("Idempotency-Key", "If-Match")]
    page = operations_page(document(requestBody=body, parameters=named, security=[{"bearer": []}]))
    for part in ("Authorization: Bearer", "Idempotency-Key", "If-Match: &quot;7&quot;", "&#x27;\\&#x27;&#x27;s late"):
        assert part in page


async def test_the_page_is_searched_by_a_form(gateway: Running) -> None:
    with stubbed(gateway):
        found = (await gateway.http.get("/docs", params={"q": "clients"})).text
        unknown = await gateway.http.get("/docs", params={"x": "y"})
    assert "/v1/clients" in found
    assert "/v1/clock" not in found
    assert unknown.status_code == 400


async def test_every_code_that_the_gateway_and_its_door_answer_is_listed(gateway: Running) -> None:
    with stubbed(gateway):
        page = (await gateway.http.get("/docs/problems")).text
    for code in ("token_missing", "quota_exceeded", "service_timeout", "grant_beyond_own", "stale_version"):
        assert f'id="{code}"' in page


async def test_every_guide_is_a_page_whose_links_lead_somewhere(gateway: Running) -> None:
    listed = re.findall(r'href="(/docs/guides/[\w-]+)"', (await gateway.http.get("/docs/guides")).text)
    assert [link.rpartition("/")[2] for link in listed] == sorted(path.stem for path in GUIDES.glob("*.md"))
    for link in listed:
        page = await gateway.http.get(link)
        assert page.status_code == 200
        assert "default-src 'none'" in page.headers["content-security-policy"]
        assert "<script" not in page.text
        led = {one for one in re.findall(r'href="([^"]*)"', page.text) if not one.startswith("https://")}
        assert led <= {*listed, "/docs/guides", *KNOWN}, link


async def test_a_guide_that_is_not_there_is_not_found(gateway: Running) -> None:
    for name in ("kettle", "..%2fapi", "x" * 300):
        assert (await gateway.http.get(f"/docs/guides/{name}")).status_code in (400, 404, 422)


def test_what_stands_in_a_guide_as_html_stays_text() -> None:
    assert "<script" not in "".join(rendered().values())
