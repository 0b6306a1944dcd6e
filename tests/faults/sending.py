"""A sender that never gives up: every request is repeated under its key until it is acknowledged, and noted then."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import httpx

from infra.clients import ClientRefused, token_of
from infra.secrets import Secrets
from tests.cluster import eventually

PAUSE_SECONDS = 0.2
_TOKEN_SECONDS = 300.0
_ANSWER_SECONDS = 20.0
AWAY = frozenset({401, 409, 429, 502, 503, 504})
"""Answers of a platform of which a part is away; 401 while nobody can verify, 409 while the first try still runs."""


class NotAcknowledged(AssertionError):
    """The platform refused for good what it should have taken, or never answered."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Acknowledged:
    """One request that was answered with success: what it was about, and the version that it made."""

    path: str
    key: str
    about: UUID
    version: int
    attempts: int


@dataclass(slots=True)
class Sender:
    """Requests of many subjects through the front door, with what came back."""

    http: httpx.AsyncClient
    secrets: Secrets
    answers: Counter[str] = field(default_factory=Counter)
    acknowledged: list[Acknowledged] = field(default_factory=list)
    without_retry_after: int = 0
    _tokens: dict[str, tuple[float, str]] = field(default_factory=dict)
    _asking: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def write(
        self, subject: str, path: str, body: Any, *, key: str, seconds: float, version: int | None = None
    ) -> dict[str, Any]:
        """Send until it is acknowledged; the resource as it was answered. Raises NotAcknowledged."""
        tag = {} if version is None else {"If-Match": f'"{version}"'}
        told: list[dict[str, Any]] = []
        attempts = 0

        async def is_acknowledged() -> bool:
            nonlocal attempts
            attempts += 1
            answer = await self._once("POST", subject, path, body=body, headers={"Idempotency-Key": key} | tag)
            if answer is not None and answer.is_success:
                told.append(answer.json())
            elif answer is not None and not _passes_by_itself(answer):
                raise NotAcknowledged(f"POST {path} as {subject}: {answer.status_code} {answer.text[:500]}")
            return bool(told)

        await eventually(
            is_acknowledged, seconds=seconds, what=f"acknowledgement of POST {path} by {subject}",
            every_seconds=PAUSE_SECONDS,
        )  # fmt: skip
        about, after = UUID(told[0]["id"]), int(told[0]["version"])
        self.acknowledged.append(Acknowledged(path=path, key=key, about=about, version=after, attempts=attempts))
        return told[0]

    async def read(self, subject: str, path: str, **params: Any) -> dict[str, Any] | None:
        """One look; None while a part is away."""
        answer = await self._once("GET", subject, path, params=params)
        if answer is None or not answer.is_success:
            return None
        told: dict[str, Any] = answer.json()
        return told

    async def _once(
        self, method: str, subject: str, path: str, *, body: Any = None, params: Any = None,
        headers: dict[str, str] | None = None,
    ) -> httpx.Response | None:  # fmt: skip
        token = await self._token(subject)
        if token is None:
            return None
        told = {"Authorization": f"Bearer {token}"} | (headers or {})
        try:
            answer = await self.http.request(
                method, path, json=body, params=params, headers=told, timeout=_ANSWER_SECONDS
            )
        except httpx.TransportError as error:
            self.answers[type(error).__name__] += 1
            return None
        self.answers[_kind(answer)] += 1
        if answer.status_code == httpx.codes.SERVICE_UNAVAILABLE and "retry-after" not in answer.headers:
            self.without_retry_after += 1
        return answer

    async def _token(self, subject: str) -> str | None:
        """A token that is young enough, or None while nobody issues one."""
        kept = self._tokens.get(subject)
        if kept is not None and time.monotonic() - kept[0] < _TOKEN_SECONDS:
            return kept[1]
        async with self._asking:
            kept = self._tokens.get(subject)
            if kept is not None and time.monotonic() - kept[0] < _TOKEN_SECONDS:
                return kept[1]
            try:
                token = await token_of(self.http, self.secrets, subject)
            except (ClientRefused, httpx.TransportError) as error:
                self.answers[f"no token: {type(error).__name__}"] += 1
                # The one that we have is still good for a while.
                return kept[1] if kept is not None else None
            self._tokens[subject] = (time.monotonic(), token)
            return token


def _kind(answer: httpx.Response) -> str:
    if answer.is_success:
        return "replayed" if "idempotency-replayed" in answer.headers else str(answer.status_code)
    try:
        return f"{answer.status_code} {answer.json().get('code')}"
    except ValueError:
        return f"{answer.status_code} without a problem"


def _passes_by_itself(answer: httpx.Response) -> bool:
    """Whether to send it again: a part is away, or the first try of this key has not ended."""
    if answer.status_code != httpx.codes.CONFLICT:
        return answer.status_code in AWAY
    return bool(answer.json().get("code") == "still_running")
