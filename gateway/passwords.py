"""Hashing of passwords: argon2id in threads, few at a time, so that a flood of guesses stalls nobody else.

One hash costs tens of milliseconds and its own memory by design. A transaction must not be open meanwhile: it would
hold a connection of the pool for as long. The threads are its own: in those of the loop names are looked up as well,
and a few names whose servers are silent (a webhook's, a provider's) would let nobody sign in.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from secrets import token_urlsafe
from typing import Annotated, TypeVar, cast

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from fastapi import Depends
from starlette.requests import Request

from gateway.settings import GatewaySettings
from libs.common.languages import Said
from libs.common.problems import Problem

R = TypeVar("R")
_MOST_WAITING = 64
"""[DEF] More than wait for two seconds at 34 hashes a second: whoever comes then is asked to come again."""
_MOST_STRANGERS = 48
"""[DEF] The rest is kept for who comes in a browser that is known, or has proved something already: a dozen addresses
that guess at names of nobody fill the room of strangers, and keep nobody else out (docs/decisions/0019)."""


class TooManySignIns(Problem):
    """More people sign in, or guess, at this moment than can be looked at."""

    status = 429
    code = "too_many_sign_ins"
    title = Said("登录人数过多", "Too many are signing in")
    advice = Said("请几秒钟后重试。", "Try again in a few seconds.")

    def __init__(self) -> None:
        super().__init__(headers={"Retry-After": "3"})


class Passwords:
    """argon2id with the parameters of the settings; every hash says its own, so that older ones still verify."""

    def __init__(self, settings: GatewaySettings) -> None:
        self._hasher = PasswordHasher(
            time_cost=settings.argon2_rounds, memory_cost=settings.argon2_memory_kib, parallelism=1
        )
        self._threads = ThreadPoolExecutor(settings.argon2_parallel, thread_name_prefix="password")
        self._waiting = 0
        self._decoy = self._hasher.hash(token_urlsafe())

    async def hash(self, password: str) -> str:
        """The hash to keep. Raises TooManySignIns (429)."""
        return await self._apart(lambda: self._hasher.hash(password), _MOST_WAITING)

    async def verify(self, kept: str | None, password: str, *, known: bool = False) -> bool:
        """Whether it is the password; the same work where nothing is kept. Raises TooManySignIns (429), later for who
        is `known` by their browser."""
        most = _MOST_WAITING if known else _MOST_STRANGERS
        right = await self._apart(lambda: self._matches(kept or self._decoy, password), most)
        return right and kept is not None

    def is_worn(self, kept: str) -> bool:
        """Whether a hash was made with other parameters than now, and should be made anew at the next sign-in."""
        return self._hasher.check_needs_rehash(kept)

    def _matches(self, kept: str, password: str) -> bool:
        try:
            return self._hasher.verify(kept, password)
        except (VerificationError, InvalidHashError):
            return False

    async def _apart(self, work: Callable[[], R], most: int) -> R:
        if self._waiting >= most:
            raise TooManySignIns
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        finally:
            self._waiting -= 1


def passwords_of(request: Request) -> Passwords:
    """The hashing that this app was started with."""
    return cast(Passwords, request.app.state.passwords)


Hashing = Annotated[Passwords, Depends(passwords_of)]
"""The hashing of passwords in a route's signature."""
