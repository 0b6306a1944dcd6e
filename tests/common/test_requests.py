"""Requests are read strictly: paths, queries and bodies."""

import httpx
import pytest

from tests.common.counter_answers import JSON, made, problem
from tests.common.counter_service import FakeDatabase, client_of, counters_app


@pytest.fixture
def database() -> FakeDatabase:
    return FakeDatabase()


@pytest.fixture
def client(database: FakeDatabase) -> httpx.AsyncClient:
    return client_of(counters_app(database))


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/v1/counters?colour=red", 400, "unknown_parameter"),
        ("/v1/counters?name=a&name=b", 400, "repeated_parameter"),
        ("/v1/counters?name=%ff", 400, "bad_encoding"),
        ("/v1/counters?name=%00", 400, "bad_encoding"),
        ("/v1/counters?%ed%a0%80=1", 400, "bad_encoding"),
        ("/v1/counters/%ff", 400, "bad_encoding"),
        ("/v1/counters/%00", 400, "bad_encoding"),
        ("/v1/counters/nonsense", 400, "invalid_parameter"),
        ("/v1/counters?name=" + "a" * 20_000, 414, "query_too_long"),
        ("/v1/nothing", 404, "no_such_path"),
        ("/v1/counters/", 404, "no_such_path"),
        ("/v1/counters/01a13000-79e0-714e-b493-4270173b7a98", 404, "not_found"),
    ],
)
async def test_paths_and_queries_are_read_strictly(
    client: httpx.AsyncClient, path: str, status: int, code: str
) -> None:
    assert problem(await client.get(path), status, code)["detail"]


async def test_list_parameters_may_repeat_and_unicode_is_kept(client: httpx.AsyncClient) -> None:
    answer = await client.get("/v1/counters", params={"tag": ["a", "b"], "name": "楼梯"})
    assert answer.json() == {"name": "楼梯", "tag": ["a", "b"]}
    assert (await client.get("/open/things?page=2&page=3")).json() == []


@pytest.mark.parametrize(
    ("body", "headers", "status", "code"),
    [
        (b"", JSON, 400, "empty_body"),
        (b"  \n", JSON, 400, "empty_body"),
        (b"{", JSON, 400, "invalid_json"),
        (b'{"name":NaN}', JSON, 400, "invalid_json"),
        (b'{"name":"\xff"}', JSON, 400, "invalid_json"),
        (b'{"name":"a","name":"b"}', JSON, 400, "duplicate_key"),
        (b'{"name":"a\\u0000"}', JSON, 400, "forbidden_character"),
        (b'{"name":"\\ud800"}', JSON, 400, "forbidden_character"),
        (b'{"name":9223372036854775808}', JSON, 400, "number_out_of_range"),
        (b"[" * 40 + b"]" * 40, JSON, 400, "too_deep"),
        (b'{"name":"a"}', {}, 415, "unsupported_media_type"),
        (b'{"name":"a"}', {"Content-Type": "text/plain"}, 415, "unsupported_media_type"),
        (b'{"name":"a"}', JSON | {"Content-Encoding": "gzip"}, 415, "unsupported_media_type"),
        (b'{"name":"a"}', {"Content-Type": "application/json; charset=gbk"}, 415, "unsupported_media_type"),
        (b'{"name":"' + b"a" * 1_100_000 + b'"}', JSON, 413, "body_too_large"),
        (b"null", JSON, 422, "invalid_body"),
        (b"[]", JSON, 422, "invalid_body"),
    ],
)
async def test_bodies_are_read_strictly(
    client: httpx.AsyncClient, body: bytes, headers: dict[str, str], status: int, code: str
) -> None:
    assert problem(await client.post("/v1/counters", content=body, headers=headers), status, code)["detail"]


async def test_body_too_large_is_refused_also_when_it_streams(client: httpx.AsyncClient) -> None:
    async def chunks():
        for _ in range(40):
            yield b" " * 50_000

    problem(await client.post("/v1/counters", content=chunks(), headers=JSON), 413, "body_too_large")
    problem(await client.post("/v1/uploads", content=b"a" * 5000), 413, "body_too_large")
    assert (await client.post("/v1/uploads", content=b"a" * 4000)).json() == {"size": 4000}


async def test_shapes_that_do_not_fit_are_named_with_pointers(client: httpx.AsyncClient) -> None:
    body = {"name": "a" * 21, "tags": ["a", 2], "place": {"kind": "line", "lon": 200, "x/y": 1}, "version": 3}
    answer = await client.post("/v1/counters", json=body, headers={"Accept-Language": "en"})
    found = {error["pointer"]: error for error in problem(answer, 422, "invalid_body")["errors"]}
    assert {pointer: error["code"] for pointer, error in found.items()} == {
        "#/name": "too_long",
        "#/tags/1": "wrong_type",
        "#/place/kind": "unknown_value",
        "#/place/lon": "too_large",
        "#/place/x~1y": "unknown_field",
        "#/version": "unknown_field",
    }
    assert found["#/name"]["detail"] == "At most 20 characters."
    assert "aaaa" not in answer.text


async def test_missing_field_is_said_in_chinese_unless_asked_otherwise(client: httpx.AsyncClient) -> None:
    answer = await client.post("/v1/counters", json={})
    assert answer.headers["content-language"] == "zh"
    assert problem(answer, 422, "invalid_body")["errors"] == [
        {"pointer": "#/name", "code": "missing", "detail": "缺少此项。"}
    ]


async def test_verb_without_a_body_takes_none(client: httpx.AsyncClient) -> None:
    where = (await made(client)).headers["location"]
    headers = {"If-Match": "*", **JSON}
    assert (await client.post(f"{where}/raise", content=b"{}", headers=headers)).status_code == 200
    answer = await client.post(f"{where}/raise", content=b'{"by": 2}', headers=headers)
    problem(answer, 400, "unexpected_body")
