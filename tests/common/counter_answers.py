"""What the tests of the web plumbing ask of an answer."""

import httpx

JSON = {"Content-Type": "application/json"}


async def made(client: httpx.AsyncClient, **fields: object) -> httpx.Response:
    return await client.post("/v1/counters", json={"name": "a"} | fields)


def problem(answer: httpx.Response, status: int, code: str) -> dict[str, object]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    found = answer.json()
    assert (found["status"], found["code"]) == (status, code)
    assert found["type"] == f"/docs/problems#{code}"
    assert found["request_id"] == answer.headers["x-request-id"]
    return found
