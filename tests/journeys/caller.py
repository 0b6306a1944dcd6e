"""One who acts through the front door: a token, a post, If-Match from what was just seen, a key for each write."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import httpx

from tests.cluster import eventually

Body = dict[str, Any]
PATIENCE_SECONDS = 30.0
LOOK_SECONDS = 0.04
_LOOKS = 3


class Unexpected(AssertionError):
    """The front door answered otherwise than the journey says; shows its words."""

    def __init__(self, answer: httpx.Response, wanted: str) -> None:
        asked = f"{answer.request.method} {answer.request.url.path}"
        super().__init__(f"{asked} answered {answer.status_code}, not {wanted}: {answer.text[:1500]}")


@dataclass(slots=True)
class Caller:
    """A client of the platform. `post` is sent as Acting-Post where set; `client` is its id where we made it."""

    http: httpx.AsyncClient = field(repr=False)
    subject: str
    token: str | None = field(repr=False)
    post: UUID | None = None
    client: str | None = None

    async def ask(
        self, method: str, path: str, body: Any = None, *, key: str | None = None, tag: str | None = None,
        params: Mapping[str, Any] | None = None, headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:  # fmt: skip
        """One request and its answer, whatever it is. `tag` is sent as If-Match, `key` as Idempotency-Key."""
        told = {
            "Authorization": f"Bearer {self.token}" if self.token else None,
            "Acting-Post": str(self.post) if self.post else None,
            "Idempotency-Key": key,
            "If-Match": tag,
        }
        sent = {name: value for name, value in told.items() if value is not None} | dict(headers or {})
        return await self.http.request(method, path, json=body, params=params, headers=sent)

    async def get(self, path: str, **params: Any) -> Body:
        """What is there."""
        return body_of(await self.ask("GET", path, params=params), 200)

    async def list(self, path: str, **params: Any) -> Sequence[Body]:
        """The items of a list, the first 500."""
        found: Sequence[Body] = (await self.get(path, limit=500, **params))["items"]
        return found

    async def create(self, path: str, body: Any, *, status: int = 201) -> Body:
        """Make something new, under a key of its own."""
        return body_of(await self.ask("POST", path, body, key=str(uuid4())), status)

    async def act(self, path: str, body: Any = None) -> Body:
        """A verb on something that the caller looks at first, as a person would; the state after it."""
        return body_of(await self._act(path, body), 200)

    async def refused(self, path: str, body: Any, status: int, code: str) -> Body:
        """A verb that is refused with this status and code; the problem."""
        answer = await self._act(path, body)
        problem = body_of(answer, status)
        if problem.get("code") != code:
            raise Unexpected(answer, code)
        return problem

    async def until(
        self, path: str, holds: Callable[[Body], bool] | None = None, *, seconds: float = PATIENCE_SECONDS,
        **shown: Any,
    ) -> Body:  # fmt: skip
        """Look until it is as wanted: `holds` says so, or the named fields have these values."""
        last: dict[str, Body] = {}

        async def is_so() -> bool:
            answer = await self.ask("GET", path)
            if not answer.is_success:
                return False
            last["seen"] = answer.json()
            fits = all(last["seen"].get(name) == value for name, value in shown.items())
            return fits and (holds is None or holds(last["seen"]))

        try:
            await eventually(is_so, seconds=seconds, what=f"{path} {shown or ''}", every_seconds=LOOK_SECONDS)
        except AssertionError as late:
            raise AssertionError(f"{late}; it shows {last.get('seen')}") from None
        return last["seen"]

    async def until_listed(
        self, path: str, count: int = 1, *, seconds: float = PATIENCE_SECONDS, **params: Any
    ) -> Sequence[Body]:
        """Look until a list has so many items at least."""
        found: dict[str, Sequence[Body]] = {}

        async def are_there() -> bool:
            found["items"] = await self.list(path, **params)
            return len(found["items"]) >= count

        await eventually(are_there, seconds=seconds, what=f"{count} of {path} {params}", every_seconds=LOOK_SECONDS)
        return found["items"]

    async def _act(self, path: str, body: Any) -> httpx.Response:
        """Where a sweep moved it between the look and the act, the caller looks again."""
        for _ in range(_LOOKS):
            seen = await self.ask("GET", path.rpartition("/")[0])
            body_of(seen, 200)
            answer = await self.ask("POST", path, body, key=str(uuid4()), tag=seen.headers["etag"])
            if answer.status_code != 412:
                break
        return answer


def body_of(answer: httpx.Response, status: int) -> Body:
    """The JSON of an answer that has to have this status. Raises Unexpected."""
    if answer.status_code != status:
        raise Unexpected(answer, str(status))
    told: Body = answer.json()
    return told
