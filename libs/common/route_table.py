"""The table of a service's routes: finds one by the first two segments of its path, not by trying them all.

It also answers what a path does not take (405 with every method that it does take), HEAD and OPTIONS. A path belongs
to the route that names most of it: `/v1/things/changes` is never the thing whose id is `changes`.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Final

from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from libs.common.faults import MethodNotAllowed, NoSuchPath
from libs.common.strict_routes import refuse_bad_path

_PARAMETER: Final = re.compile(r"\{[^}]*\}")
_Shaped = tuple[str, Route]


class RouteTable:
    """An ASGI app over routes. What is no plain route (a mount) is tried last, through `others`."""

    def __init__(self, routes: Iterable[BaseRoute], others: ASGIApp) -> None:
        self._by_start: dict[tuple[str, ...], list[_Shaped]] = defaultdict(list)
        self._anywhere: list[_Shaped] = []
        self._others, self._mounted = others, False
        for route in routes:
            if not isinstance(route, Route):
                self._mounted = True
            elif "{" in "/".join(start := _start(route.path)):
                self._anywhere.append((_shape(route), route))
            else:
                self._by_start[start].append((_shape(route), route))
        for listed in (self._anywhere, *self._by_start.values()):
            listed.sort(key=lambda shaped: shaped[0].count("{"))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand the request to its route; raises NoSuchPath (404) or MethodNotAllowed (405)."""
        if scope["type"] != "http":
            await self._others(scope, receive, send)
            return
        path: str = scope["path"]
        refuse_bad_path(scope)
        method: str = scope["method"]
        wanted = "GET" if method == "HEAD" else method
        allowed: set[str] = set()
        nearest: str | None = None
        for shape, route in self._candidates(path):
            found = route.path_regex.match(path)
            if found is None or (nearest or shape) != shape:
                continue
            nearest = shape
            methods = route.methods or set()
            if wanted in methods:
                _select(scope, route, found.groupdict())
                await route.app(scope, receive, _without_body(send) if method == "HEAD" else send)
                return
            allowed |= methods
        if not allowed and self._mounted:
            await self._others(scope, receive, send)
            return
        await _refuse(allowed, method)(scope, receive, send)

    def _candidates(self, path: str) -> Sequence[_Shaped]:
        near = self._by_start.get(_start(path), ())
        return [*near, *self._anywhere] if self._anywhere else near


def _start(path: str) -> tuple[str, ...]:
    return tuple(path.split("/", 3)[1:3])


def _shape(route: Route) -> str:
    """The path without the names of its parameters: each method of it may name them as it likes."""
    return _PARAMETER.sub("{}", route.path)


def _select(scope: Scope, route: Route, parameters: dict[str, str]) -> None:
    convertors = route.param_convertors
    scope["path_params"] = {name: convertors[name].convert(value) for name, value in parameters.items()}
    scope["endpoint"] = route.endpoint
    scope["route"] = route


def _refuse(allowed: set[str], method: str) -> Response:
    if not allowed:
        raise NoSuchPath
    listed = sorted(allowed | ({"HEAD"} if "GET" in allowed else set()) | {"OPTIONS"})
    if method == "OPTIONS":
        return Response(status_code=204, headers={"Allow": ", ".join(listed)})
    raise MethodNotAllowed(headers={"Allow": ", ".join(listed)})


def _without_body(send: Send) -> Send:
    """HEAD: the headers of GET, its Content-Length included, and no body."""

    async def bare(message: Message) -> None:
        if message["type"] == "http.response.body":
            message = {**message, "body": b""}
        await send(message)

    return bare
