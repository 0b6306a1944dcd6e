"""Token verification at the door; the services verify again and alone decide what a token may do."""

import json
from typing import Any

from gateway.envoy.plan import EnvoyPlan, InlineKeys

Config = dict[str, Any]

FILTER = "envoy.filters.http.jwt_authn"
_TYPE = "type.googleapis.com/envoy.extensions.filters.http.jwt_authn.v3"
REQUIREMENT = "token"
SKEW_SECONDS = 30
CACHED_TOKENS = 2_000
SCHEMES = ("Bearer ", "bearer ")


def verifier(plan: EnvoyPlan) -> Config:
    """Tokens come from the ``Authorization`` header only: one in a query string would reach logs."""
    provider: Config = {
        "issuer": plan.issuer,
        "audiences": [plan.audience],
        "from_headers": [{"name": "Authorization", "value_prefix": scheme} for scheme in SCHEMES],
        "forward": True,
        "payload_in_metadata": REQUIREMENT,
        "require_expiration": True,
        "clock_skew_seconds": SKEW_SECONDS,
        "jwt_cache_config": {"jwt_cache_size": CACHED_TOKENS},
        **_keys(plan),
    }
    return {
        "name": FILTER,
        "typed_config": {
            "@type": f"{_TYPE}.JwtAuthentication",
            "providers": {"issuer": provider},
            "requirement_map": {REQUIREMENT: {"provider_name": "issuer"}},
        },
    }


def required() -> Config:
    """Per-route: a valid token or 401."""
    return {"@type": f"{_TYPE}.PerRouteConfig", "requirement_name": REQUIREMENT}


def not_needed() -> Config:
    """Per-route: nothing is verified."""
    return {"@type": f"{_TYPE}.PerRouteConfig", "disabled": True}


def _keys(plan: EnvoyPlan) -> Config:
    if isinstance(plan.keys, InlineKeys):
        json.loads(plan.keys.jwks)  # a broken set is refused here, where the message still says why
        return {"local_jwks": {"inline_string": plan.keys.jwks}}
    app = plan.gateway_app
    return {
        "remote_jwks": {
            "http_uri": {
                "uri": f"http://{app.host}:{app.port}{plan.keys.path}",
                "cluster": "gateway",
                "timeout": "3s",
            },
            "cache_duration": f"{plan.keys.cache_seconds}s",
            "async_fetch": {"failed_refetch_duration": "1s"},
        }
    }
