"""Request quotas: one bucket a client or address, and RateLimit fields that say how much of it is left.

The bucket is told in the fields of the IETF draft (``RateLimit-Policy``, ``RateLimit``). Envoy writes only
``x-ratelimit-*``, so a header mutation that stands before the limiter translates its answers.
"""

from math import ceil
from typing import Any

from gateway.envoy.plan import Limits, Quota
from gateway.routes import Limit

Config = dict[str, Any]

LIMITER = "envoy.filters.http.local_ratelimit"
TRANSLATOR = "shoutu.ratelimit_fields"
BY_CLIENT = "client_id"
BY_ADDRESS = "masked_remote_address"
_LIMITER_TYPE = "type.googleapis.com/envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit"
_MUTATION = "type.googleapis.com/envoy.extensions.filters.http.header_mutation.v3"
_BY_CLIENT = frozenset({Limit.CLIENT, Limit.UPLOAD})
_ALWAYS = {"numerator": 100, "denominator": "HUNDRED"}
_BOUNDLESS = 1_000_000_000
_IN_NETWORK: Config = {"generic_key": {"descriptor_value": "network"}}
_NETWORK: Config = {"masked_remote_address": {"v4_prefix_mask_len": 24, "v6_prefix_mask_len": 48}}


def limiter() -> Config:
    """The filter itself, idle: every route brings its own quota."""
    return {
        "name": LIMITER,
        "typed_config": {"@type": _LIMITER_TYPE, "stat_prefix": "idle"},
    }


def route_limiter(limit: Limit, limits: Limits) -> Config:
    """The quota of one route, keyed by client where there is a token and by address where there is none."""
    quota = limits.quotas[limit]
    enabled = {"default_value": _ALWAYS, "runtime_key": f"shoutu.quota.{limit}"}
    return {
        "@type": _LIMITER_TYPE,
        "stat_prefix": f"quota_{limit}",
        "token_bucket": _bucket(quota.overall or _BOUNDLESS, quota.window_seconds),
        "filter_enabled": enabled,
        "filter_enforced": enabled,
        "descriptors": [
            {
                "entries": [{"key": _key(limit)}],
                "token_bucket": _bucket(quota.requests, quota.window_seconds),
            },
            *_neighbours(quota),
        ],
        "rate_limits": [
            {"actions": [_caller(limit)]},
            *({"actions": [_IN_NETWORK, _NETWORK]} for _ in _neighbours(quota)),
        ],
        "max_dynamic_descriptors": limits.tracked_callers,
        "enable_x_ratelimit_headers": "DRAFT_VERSION_03",
        "response_headers_to_add": [_header("Retry-After", str(_wait_seconds(quota)))],
    }


def _neighbours(quota: Quota) -> list[Config]:
    """The bucket that the addresses of one network share; its first entry tells it from that of one address."""
    if quota.neighbours is None:
        return []
    entries = [{"key": "generic_key", "value": "network"}, {"key": BY_ADDRESS}]
    return [{"entries": entries, "token_bucket": _bucket(quota.neighbours, quota.window_seconds)}]


def translator(*, secure: bool) -> Config:
    """The header mutation before the limiter: fields of every answer; a limited route adds its own words."""
    fields = [_header("X-Content-Type-Options", "nosniff"), _header("Referrer-Policy", "no-referrer")]
    if secure:
        fields.append(_header("Strict-Transport-Security", "max-age=31536000"))
    return {
        "name": TRANSLATOR,
        "typed_config": {
            "@type": f"{_MUTATION}.HeaderMutation",
            "mutations": {"response_mutations": [{"append": field} for field in fields]},
        },
    }


def route_translator(limit: Limit, quota: Quota) -> Config:
    """``RateLimit: "client";r=1999;t=1`` from what the limiter said, whose own fields are then removed.

    An answer that never met the limiter (401, a preflight) has nothing left to tell: the first mutation sets
    the field only where the limiter spoke, an empty value being dropped, and the second gives it its form.
    """
    policy = f'"{limit}";q={quota.requests};w={quota.window_seconds}'
    left = f'"{limit}";r=%RESP(X-RATELIMIT-REMAINING)%;t=%RESP(X-RATELIMIT-RESET)%'
    return {
        "@type": f"{_MUTATION}.HeaderMutationPerRoute",
        "mutations": {
            "response_mutations": [
                {"append": _header("RateLimit-Policy", policy)},
                {"append": _header("RateLimit", "%RESP(X-RATELIMIT-REMAINING)%")},
                {"append": {**_header("RateLimit", left), "append_action": "OVERWRITE_IF_EXISTS"}},
                {"remove_on_match": {"key_matcher": {"prefix": "x-ratelimit-"}}},
            ]
        },
    }


def _bucket(requests: int, seconds: int) -> Config:
    return {"max_tokens": requests, "tokens_per_fill": requests, "fill_interval": f"{seconds}s"}


def _wait_seconds(quota: Quota) -> int:
    """The bucket fills evenly, so the next request fits in after one share of the window."""
    return max(1, ceil(quota.window_seconds / quota.requests))


def _key(limit: Limit) -> str:
    return BY_CLIENT if limit in _BY_CLIENT else BY_ADDRESS


def _caller(limit: Limit) -> Config:
    if limit not in _BY_CLIENT:
        # Whoever has one IPv6 address has 2^64 of them: a line counts as one caller.
        return {"masked_remote_address": {"v4_prefix_mask_len": 32, "v6_prefix_mask_len": 64}}
    where = {"key": "envoy.filters.http.jwt_authn", "path": [{"key": "token"}, {"key": "client_id"}]}
    named = {"descriptor_key": BY_CLIENT, "metadata_key": where, "default_value": "unnamed"}
    return {"metadata": named}


def _header(name: str, value: str) -> Config:
    return {"header": {"key": name, "value": value}, "append_action": "OVERWRITE_IF_EXISTS_OR_ADD"}
