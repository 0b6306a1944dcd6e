"""The door of a slice for people and programs: one transaction under the caller's scope, one answer.

A route names its door in its signature (`door: Read`, `Write`, `Change`, or one of its own from
`public_door`), calls one verb through it and says how the outcome is shown. The door opens the unit of work,
honours Idempotency-Key and If-Match, and answers with ETag, Location and Correlation-Id.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from time import perf_counter
from typing import Annotated, Any, Final, Literal, TypeVar
from urllib.parse import quote
from uuid import UUID

from fastapi import Depends
from starlette.requests import Request
from starlette.responses import Response

from libs.common import answers, idempotency, preconditions, telemetry
from libs.common.db import Cause, FindScope, Tx
from libs.common.http_runtime import HttpRuntime, Ranges
from libs.common.idempotency import Claim, Kept
from libs.common.languages import Language, spoken
from libs.common.problems import FieldError, NotFound, PostNotHeld, StaleVersion
from libs.common.scope import Scope
from libs.common.strict_routes import StrictRoute
from libs.common.tokens import OauthScopeMissing, Principal
from libs.common.validation import InvalidParameter

R = TypeVar("R")
Verb = Callable[[Tx], Awaitable[R]]
Show = Callable[[R, Scope], Any]
ShowAgain = Callable[[Tx, UUID], Awaitable[R]]

PRINCIPAL: Final = "shoutu.principal"
TX_SECONDS: Final = "shoutu.tx_seconds"


class Door:
    """What one request may do: read or write under its caller's scope. Made by FastAPI from an Entrance."""

    __slots__ = ("_request", "_runtime", "_system", "principal")

    def __init__(self, request: Request, system: str | None) -> None:
        self._request, self._system = request, system
        self._runtime: HttpRuntime = request.app.runtime
        self.principal: Principal | None = request.scope.get(PRINCIPAL)

    @property
    def _route(self) -> StrictRoute:
        route: StrictRoute = self._request.scope["route"]
        return route

    @property
    def language(self) -> Language:
        """The language to answer in."""
        return spoken()

    @property
    def expected_version(self) -> int | None:
        """The version in If-Match, None for `*`; raises PreconditionRequired (428) where it is missing."""
        return preconditions.expected_version(self._request.headers.get("if-match"))

    @property
    def acting_post(self) -> UUID | None:
        """The post in the Acting-Post header; whether the caller holds it is checked with the scope."""
        given = self._request.headers.get("acting-post")
        if given is None:
            return None
        try:
            return UUID(given)
        except ValueError:
            fault = FieldError("wrong_type", PostNotHeld.advice, parameter="Acting-Post", place="header")
            raise InvalidParameter(errors=[fault]) from None

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Tx]:
        """A transaction under the caller's scope, looked up in it; it commits when the block ends."""
        begun = perf_counter()
        try:
            async with self._runtime.database.unit_of_work(self._scope(), self._cause()) as tx:
                yield tx
        finally:
            spent: float = self._request.scope.get(TX_SECONDS, 0.0)
            self._request.scope[TX_SECONDS] = spent + perf_counter() - begun

    async def within(self, tx: Tx, area_code: str | None) -> Ranges | None:
        """The ranges that a list by this area means, or None where none is asked for."""
        return None if area_code is None else await self._runtime.ranges_of(tx, area_code)

    async def known(self) -> Scope:
        """Who asks, looked up now: for a route that does something before its own transaction, so that nothing is
        done for an ended subject or under a revoked token. Raises what looking a caller up raises (401, 422)."""
        async with self.read() as tx:
            return tx.scope

    async def look(self, find: Verb[R], show: Show[R]) -> Response:
        """Answer a GET: what `find` returns, as `show(found, scope)` renders it."""
        async with self.read() as tx:
            found = await find(tx)
            return self.answer(show(found, tx.scope), of=found)

    async def perform(
        self,
        verb: Verb[R],
        show: Show[R],
        *,
        created: bool | None = None,
        location: Callable[[R], str] | None = None,
        status: int | None = None,
        show_again: ShowAgain[R] | None = None,
    ) -> Response:
        """Run one verb in one transaction and answer with what it returns, as `show(after, scope)` renders it.

        The status is the one that the route declares (`status_code=201`), unless `created` or `status` say
        another; 201 has a Location: the request's path and the new id, or what `location` says.
        `show_again(tx, id)` finds the resource for a repeat of an Idempotency-Key and for the `current`
        state in a 412. Without it the answer is kept with the key for its day: only for what has no resource and
        says nothing about anybody (counts). `tests/architecture/test_repeats.py` lists those.
        """
        claim = self._claim()
        try:
            async with self.read() as tx:
                if claim is not None and (first := await idempotency.look_back(tx, claim)) is not None:
                    return await self._again(tx, first, show, show_again)
                after = await verb(tx)
                code = status or (201 if created else None) or self._route.status_code or 200
                where = self._location(after, location) if code == 201 or location else None
                answer = self.answer(show(after, tx.scope), of=after, status=code, location=where)
                if claim is not None:
                    await idempotency.keep(tx, claim, _left(after, answer, where, by_id=show_again is not None))
        except StaleVersion as stale:
            await self._add_current(stale, show, show_again)
            raise
        return answer

    def answer(
        self,
        body: Any,
        *,
        of: Any = None,
        status: int = 200,
        location: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        """One answer. `of` is the aggregate that it shows: its version becomes the ETag (and 304 on a GET)."""
        told = dict(headers or {}) | _located(location)
        version = getattr(of, "version", None)
        if isinstance(version, int):
            told["ETag"] = preconditions.etag(version)
            known = self._request.headers.get("if-none-match")
            if self._request.method in ("GET", "HEAD") and preconditions.is_known(known, version):
                return answers.respond(None, 304, told)
        correlation, current = getattr(of, "correlation_id", None), telemetry.passage.get()
        if correlation is not None and current is not None:
            current.correlation_id = str(correlation)
        return answers.respond(body, status, told)

    def _scope(self) -> Scope | FindScope:
        who = self.principal
        if who is None:
            return Scope.of_system(self._system or "")

        async def of_caller(tx: Tx) -> Scope:
            return await self._runtime.scope_of(tx, who, self.acting_post)

        return of_caller

    def _cause(self) -> Cause:
        current = telemetry.passage.get()
        if current is None:
            return Cause()
        return Cause(traceparent=current.traceparent, client_reference=current.client_reference)

    def _claim(self) -> Claim | None:
        request = self._request
        key = idempotency.key_of(request.headers.getlist("idempotency-key"), has_token=self.principal is not None)
        if key is None:
            return None
        body: bytes = vars(request).get("_body", b"")
        path, query = request.scope["path"], request.scope["query_string"]
        return Claim(
            key=key,
            route=f"{request.method} {self._route.path_format}",
            fingerprint=idempotency.fingerprint(request.method, path, query, body),
        )

    async def _again(self, tx: Tx, first: Kept, show: Show[R], show_again: ShowAgain[R] | None) -> Response:
        repeated = {"Idempotency-Replayed": "true"}
        if show_again is None or first.resource_id is None:
            return answers.again(first.body, first.status, repeated | _located(first.location))
        found = await show_again(tx, first.resource_id)
        body = show(found, tx.scope)
        return self.answer(body, of=found, status=first.status, location=first.location, headers=repeated)

    def _location(self, after: Any, location: Callable[[Any], str] | None) -> str:
        path = location(after) if location else f"{self._request.scope['path'].rstrip('/')}/{after.id}"
        # A path may hold any character of ours or the caller's; a header holds only these.
        return quote(path, safe="/:?#[]@!$&'()*+,;=%~")

    async def _add_current(self, stale: StaleVersion, show: Show[R], show_again: ShowAgain[R] | None) -> None:
        """Put what is there now into a 412: the caller sees at once what somebody else changed."""
        named = [value for value in self._request.path_params.values() if _is_uuid(value)]
        if show_again is None or len(named) != 1:
            return
        with suppress(NotFound):
            async with self.read() as tx:
                found = await show_again(tx, UUID(named[0]))
                stale.extra["current"] = answers.plain(show(found, tx.scope))
                stale.headers["ETag"] = preconditions.etag(getattr(found, "version", 0))


def _left(after: Any, answer: Response, location: str | None, *, by_id: bool) -> Kept:
    """What a repeat is answered from: the resource's id, or the answer as it is where there is none."""
    resource = getattr(after, "id", None) if by_id else None
    if isinstance(resource, UUID):
        return Kept(status=answer.status_code, resource_id=resource, location=location)
    return Kept(status=answer.status_code, resource_id=None, location=location, body=bytes(answer.body) or None)


def _located(location: str | None) -> dict[str, str]:
    return {} if location is None else {"Location": location}


def _is_uuid(value: str) -> bool:
    try:
        UUID(value)
    except ValueError:
        return False
    return True


class Entrance:
    """How callers come in: with a token for reading or writing, or, for the public, under a system scope."""

    def __init__(
        self,
        kind: Literal["read", "write"],
        *,
        system: str | None = None,
        if_match: bool = False,
        token_welcome: bool = False,
        accepted: tuple[str, ...] = (),
    ) -> None:
        self.kind, self.system, self.if_match, self.token_welcome = kind, system, if_match, token_welcome
        self.accepted = accepted
        """The OAuth scopes that let a call in, where they are others than the service's own."""

    async def admit(self, request: Request) -> None:
        """Before anything is read: who is there. Raises 401, 403, or 428 where If-Match has to be given."""
        given = self.token_welcome and "authorization" in request.headers
        if self.system is None or given:
            runtime: HttpRuntime = request.app.runtime
            principal = await runtime.tokens.principal(request.headers.getlist("authorization"))
            accepted = self.accepted or oauth_scopes(runtime.settings.service, self.kind)
            if principal.oauth_scopes.isdisjoint(accepted):
                raise OauthScopeMissing(accepted)
            request.scope[PRINCIPAL] = principal
        if self.kind == "write":
            idempotency.key_of(request.headers.getlist("idempotency-key"), has_token=self.system is None)
        if self.if_match:
            preconditions.expected_version(request.headers.get("if-match"))

    async def __call__(self, request: Request) -> Door:
        """The door that the route gets."""
        return Door(request, self.system)


def oauth_scopes(service: str, kind: str) -> tuple[str, ...]:
    """The OAuth scopes that let a call of this kind in, the widest last. They only narrow what a client may try."""
    return (f"{service}:{kind}", f"shoutu:{kind}", service, "shoutu")


def public_door(system: str, kind: Literal["read", "write"] = "write", *, token_welcome: bool = False) -> Entrance:
    """An entrance without a token, under a named system scope; its verbs decide what they disclose.

    `token_welcome`: a caller who does show a token acts under its own scope, and a bad token is refused.
    """
    if not system:
        raise ValueError("a public door names its system scope")
    return Entrance(kind, system=system, token_welcome=token_welcome)


Read = Annotated[Door, Depends(Entrance("read"))]
Write = Annotated[Door, Depends(Entrance("write"))]
Change = Annotated[Door, Depends(Entrance("write", if_match=True))]
"""Write that needs If-Match: 428 is answered before anything is read."""
