"""The route table as Envoy wants it: matching, verification, quota, body limit and retries of every door."""

from dataclasses import replace
from typing import Any

from gateway.envoy import quotas, tokens
from gateway.envoy.plan import EnvoyPlan, Limits
from gateway.envoy.upstreams import STREAMS
from gateway.routes import CITIZEN_PREFIXES, READING, Limit, Route, routes

Config = dict[str, Any]

BUFFER = "envoy.filters.http.buffer"
CORS = "envoy.filters.http.cors"
EXPOSED = (
    "allow,content-language,correlation-id,deprecation,etag,idempotency-replayed,location,ratelimit,"
    "ratelimit-policy,retry-after,server-timing,sunset,tus-resumable,upload-expires,upload-length,upload-offset,"
    "x-request-id"
)
ACCEPTED = (
    "accept,accept-language,acting-post,authorization,content-type,correlation-id,idempotency-key,if-match,"
    "if-none-match,last-event-id,range,traceparent,tracestate,tus-resumable,upload-length,upload-metadata,"
    "upload-offset,x-request-id"
)
_BUFFER_TYPE = "type.googleapis.com/envoy.extensions.filters.http.buffer.v3.BufferPerRoute"
_UNBUFFERED = {"@type": _BUFFER_TYPE, "disabled": True}
LINE = "x-shoutu-line"
"""The caller's address as Envoy knows it."""
_ACCEPTS_STREAM = {"name": "accept", "string_match": {"contains": "text/event-stream", "ignore_case": True}}
_GOES_ON: Config = {"cluster": STREAMS, "timeout": "0s", "max_stream_duration": {"max_stream_duration": "0s"}}
"""No end by the clock, and connections of its own: streams must not use up those of everybody else. What is silent
for longer than the idle limit is cut off all the same: a stream that lives sends a heartbeat more often than that."""
METHODS = "GET,HEAD,POST,PUT,PATCH,DELETE,OPTIONS"
_ASKED_OF_DOORS = ("TRACE", "QUERY")
"""Methods of HTTP that no door takes today: the door itself says so, and which ones it does take."""


def route_config(plan: EnvoyPlan) -> Config:
    """One virtual host for every name: the city's DNS decides what reaches the listener."""
    host: Config = {
        "name": "shoutu",
        "domains": ["*"],
        "routes": [
            _two_hosts(),
            _tunnel(),
            _foreign_method(),
            *(entry for route in routes() for entry in _entries(route, plan)),
        ],
    }
    if plan.cors_origins:
        host["typed_per_filter_config"] = {CORS: _cors(plan.cors_origins)}
    return {"name": "doors", "virtual_hosts": [host], "validate_clusters": True}


def _two_hosts() -> Config:
    """Two Host fields reach Envoy as one value with a comma; RFC 9112 §3.2 wants 400 for them."""
    several = {"name": ":authority", "string_match": {"contains": ","}}
    return {
        "name": "two hosts",
        "match": {"prefix": "/", "headers": [several]},
        "direct_response": {"status": 400},
        "typed_per_filter_config": {tokens.FILTER: tokens.not_needed()},
    }


def _tunnel() -> Config:
    """CONNECT has no path and no end: without an answer of its own it would wait for a body that never comes."""
    return _refused("tunnel", {"connect_matcher": {}})


def _foreign_method() -> Config:
    """A method that HTTP does not know (RFC 9110 §9.1) is refused as one that no door takes, not as broken."""
    known = "|".join((*METHODS.split(","), *_ASKED_OF_DOORS))
    foreign = {"name": ":method", "string_match": {"safe_regex": {"regex": known}}, "invert_match": True}
    return _refused("foreign method", {"prefix": "/", "headers": [foreign]})


def _refused(name: str, match: Config) -> Config:
    return {
        "name": name,
        "match": match,
        "direct_response": {"status": 405},
        "typed_per_filter_config": {tokens.FILTER: tokens.not_needed(), BUFFER: _UNBUFFERED},
    }


def _entries(route: Route, plan: EnvoyPlan) -> list[Config]:
    """An open door is two routes: without credentials it is let through, with them it is verified.

    One that streams is a route more, for whoever accepts a stream.
    """
    if route.streams:
        pages = replace(route, streams=False)
        return [*_kinds(route, plan, [_ACCEPTS_STREAM]), *_kinds(pages, plan, [])]
    return _kinds(route, plan, [])


def _kinds(route: Route, plan: EnvoyPlan, headers: list[Config]) -> list[Config]:
    if not route.open or route.own_credentials:
        return [_entry(route, plan, verified=not route.open, headers=headers)]
    without = {"name": "authorization", "present_match": True, "invert_match": True}
    return [
        _entry(route, plan, verified=False, headers=[*headers, without]),
        _entry(route, plan, verified=True, headers=headers),
    ]


def _entry(route: Route, plan: EnvoyPlan, *, verified: bool, headers: list[Config]) -> Config:
    limit = Limit.CLIENT if verified and route.open else route.limit
    return {
        "name": route.name,
        "match": _match(route, headers),
        "route": _action(route, plan.limits) | (_GOES_ON if route.streams else {}),
        "request_headers_to_remove": _withheld(route),
        "request_headers_to_add": _told(route),
        "metadata": {"filter_metadata": {"shoutu": {"limit": limit.value}}},
        "typed_per_filter_config": {
            tokens.FILTER: tokens.required() if verified else tokens.not_needed(),
            quotas.LIMITER: quotas.route_limiter(limit, plan.limits),
            quotas.TRANSLATOR: quotas.route_translator(limit, plan.limits.quotas[limit]),
            **_body_limit(route, plan.limits),
        },
    }


def _withheld(route: Route) -> list[str]:
    """A service cannot lose what it never got: nothing about the caller's line on citizens' paths."""
    if route.prefix in CITIZEN_PREFIXES:
        return ["x-envoy-external-address", "x-forwarded-for", "user-agent"]
    return ["x-envoy-external-address"]


def _told(route: Route) -> list[Config]:
    """The caller's line, for the pages that count wrong passwords by it; what callers say of themselves is gone."""
    if route.limit is not Limit.SIGN_IN:
        return []
    address = {"key": LINE, "value": "%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%"}
    return [{"header": address, "append_action": "OVERWRITE_IF_EXISTS_OR_ADD"}]


def _match(route: Route, headers: list[Config]) -> Config:
    match: Config = {"path" if route.exact else "path_separated_prefix": route.prefix}
    conditions = list(headers)
    if route.methods:
        pattern = "|".join(route.methods)
        conditions.append({"name": ":method", "string_match": {"safe_regex": {"regex": pattern}}})
    if conditions:
        match["headers"] = conditions
    if route.query is not None:
        match["query_parameters"] = [{"name": route.query, "present_match": True}]
    return match


def _action(route: Route, limits: Limits) -> Config:
    """Only a read that never met the service is sent again: a write might have been done already."""
    reads = [{"name": ":method", "string_match": {"exact": method}} for method in READING]
    arrives = limits.file_seconds if route.upload else limits.request_seconds
    answers = limits.file_seconds if route.upload or route.download else limits.request_seconds
    return {
        "cluster": route.service,
        "timeout": f"{answers}s",
        # The listener waits for the slowest file; every other request has its own, shorter end.
        "max_stream_duration": {"max_stream_duration": f"{arrives + answers}s"},
        "retry_policy": {
            "retry_on": "connect-failure,reset",
            "num_retries": limits.retries,
            "retriable_request_headers": reads,
            "retry_back_off": {"base_interval": "0.05s", "max_interval": "0.5s"},
        },
    }


def _body_limit(route: Route, limits: Limits) -> Config:
    if route.upload:
        # A file is not gathered here first: it streams through, and the app counts its bytes.
        return {BUFFER: _UNBUFFERED}
    if not route.own_credentials:
        return {}
    return {BUFFER: {"@type": _BUFFER_TYPE, "buffer": {"max_request_bytes": limits.token_body_bytes}}}


def _cors(origins: tuple[str, ...]) -> Config:
    """Exact origins only; tokens travel in a header, so cookies are never allowed."""
    return {
        "@type": "type.googleapis.com/envoy.extensions.filters.http.cors.v3.CorsPolicy",
        "allow_origin_string_match": [{"exact": origin} for origin in origins],
        "allow_methods": METHODS,
        "allow_headers": ACCEPTED,
        "expose_headers": EXPOSED,
        "max_age": "600",
        "allow_credentials": False,
    }
