"""What would break a reader that is less strict: bombs, depths, edges and encodings, at every door for JSON."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator

import httpx
import orjson
import pytest

from tests.hostile.files import FILES
from tests.journeys.caller import Caller
from tests.journeys.running import RunningCity

_AT_ONCE = 8
_STALL_SECONDS = 20.0
DEEP = 100_000
BOMBS = {
    "deep arrays": b"[" * DEEP + b"]" * DEEP,
    "deep objects": b'{"a":' * DEEP + b"1" + b"}" * DEEP,
    "open arrays": b"[" * DEEP,
    "many keys": b"{" + b",".join(b'"k%d":1' % number for number in range(60_000)) + b"}",
    "many nulls": b"[" + b",".join([b"null"] * 200_000) + b"]",
    "a long number": b'{"id":' + b"9" * 500_000 + b"}",
    "a long fraction": b'{"id":0.' + b"1" * 500_000 + b"}",
    "an exponent": b'{"id":1e999999}',
    "beyond 64 bits": b'{"id":9223372036854775808}',
    "NaN": b'{"id":NaN}',
    "a key twice": b'{"id":1,"id":2}',
    "a key twice by escape": b'{"id":1,"\\u0069d":2}',
    "a lone surrogate": b'{"words":"\\ud800"}',
    "a surrogate in UTF-8": b'{"words":"\xed\xa0\x80"}',
    "NUL": b'{"words":"\\u0000"}',
    "a raw NUL": b'{"words":"\x00"}',
    "GBK": '{"words":"着火了"}'.encode("gbk"),
    "UTF-16": '{"words":"着火了"}'.encode("utf-16"),
    "a byte order mark": b"\xef\xbb\xbf{}",
    "two values": b"{}{}",
    "a comment": b"{/* */}",
    "no bytes": b"",
    "a text": b'"words"',
    "null": b"null",
    "many spaces": b" " * 900_000 + b"{}",
    "more than a body may be": b'{"words":"' + b"a" * 1_100_000 + b'"}',
    "backslashes": b'{"words":"' + b"\\\\" * 400_000 + b'"}',
    "quotes": b'"' * 900_000,
    "__proto__": b'{"__proto__":{"role":"administrator"},"constructor":{"prototype":1}}',
}
HEADERS = {"Content-Type": "application/json", "If-Match": "*"}


def doors(document: dict) -> Iterator[tuple[str, str]]:  # type: ignore[type-arg]
    """Every method and path that takes a JSON body, some row's id in its path."""
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            if "application/json" in operation.get("requestBody", {}).get("content", {}):
                words = [
                    "01a13000-79e0-714e-b493-4270173b7a98" if word.startswith("{") else word
                    for word in path.split("/")
                ]
                yield method.upper(), "/".join(words)


async def told(caller: Caller, method: str, path: str, body: bytes) -> str | None:
    """What is wrong with the answer to a bomb, or None: a refusal in time, as a problem with a code."""
    begun = time.monotonic()
    answer = await caller.http.request(
        method, path, content=body, headers={**HEADERS, "Authorization": f"Bearer {caller.token}"}
    )
    seconds = time.monotonic() - begun
    problem = answer.headers.get("content-type") == "application/problem+json" and orjson.loads(answer.content)
    fine = 400 <= answer.status_code < 500 and problem and problem["code"] and problem["detail"]
    return None if fine and seconds < _STALL_SECONDS else f"{method} {path}: {answer.status_code} in {seconds:.1f} s"


@pytest.mark.parametrize("bomb", BOMBS.values(), ids=BOMBS)
async def test_a_bomb_is_refused_at_every_door(city: RunningCity, bomb: bytes) -> None:
    caller = await city.caller("registry-administrator")
    document = (await city.http.get("/openapi.json")).json()
    at_once = asyncio.Semaphore(_AT_ONCE)

    async def thrown(method: str, path: str) -> str | None:
        async with at_once:
            return await told(caller, method, path, bomb)

    answers = await asyncio.gather(*(thrown(*door) for door in doors(document)))
    assert len(answers) > 100
    # What reads no field at all may do its work: an empty body is nothing wrong there.
    assert not [one for one in answers if one is not None]


@pytest.mark.parametrize("content_type", ["image/jpeg", "application/pdf", "application/octet-stream", "text/html"])
async def test_a_file_that_is_two_things_is_refused_or_made_anew(city: RunningCity, content_type: str) -> None:
    caller = await city.caller("grid-331002004208")
    for file in FILES:
        headers = {"Content-Type": content_type, "Authorization": f"Bearer {caller.token}"}
        answer = await city.http.post("/v1/files", content=file, headers=headers)
        assert answer.status_code < 500, (answer.status_code, file[:40])
        if answer.status_code == httpx.codes.CREATED:
            assert b"script" not in orjson.dumps(answer.json())
        else:
            assert answer.json()["code"], answer.text


async def test_after_all_of_it_the_platform_is_well(city: RunningCity) -> None:
    assert (await city.http.get("/health/ready")).status_code == 200
    for service in ("responsibility_registry", "risk_grading", "emergency_command", "public_reporting", "gateway"):
        assert not await city.rows(service, "SELECT 1 FROM dead_letters LIMIT 1")
