"""The clusters: where each service listens, and how much Envoy may ask of it at once."""

from dataclasses import replace
from ipaddress import ip_address
from typing import Any

from gateway.envoy.plan import Address, EnvoyPlan, Limits
from gateway.routes import GATEWAY, UPSTREAMS

Config = dict[str, Any]

STREAMS = "gateway_streams"
"""The gateway app once more, for answers that go on: each holds a connection for as long as it lasts."""


def clusters(plan: EnvoyPlan) -> list[Config]:
    """One cluster a service, and one more for streams; KeyError when the plan lacks the address of one."""
    addresses = plan.upstreams()
    own = [_cluster(name, addresses[name], plan.limits) for name in UPSTREAMS]
    return [
        *own,
        _cluster(STREAMS, addresses[GATEWAY], replace(plan.limits, upstream_connections=plan.limits.streams)),
    ]


def socket_address(address: Address) -> Config:
    """Envoy's form of a host and port."""
    return {"socket_address": {"address": address.host, "port_value": address.port}}


def _cluster(name: str, address: Address, limits: Limits) -> Config:
    kind = "STATIC" if _is_ip(address.host) else "STRICT_DNS"
    return {
        "name": name,
        "type": kind,
        **({} if kind == "STATIC" else {"dns_lookup_family": "V4_PREFERRED"}),
        "connect_timeout": f"{limits.connect_seconds}s",
        "lb_policy": "LEAST_REQUEST",
        "circuit_breakers": {"thresholds": [_thresholds(limits)]},
        "typed_extension_protocol_options": {
            "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": _protocol(limits)
        },
        "load_assignment": {
            "cluster_name": name,
            "endpoints": [{"lb_endpoints": [{"endpoint": {"address": socket_address(address)}}]}],
        },
    }


def _thresholds(limits: Limits) -> Config:
    """Beyond these Envoy answers 503 at once: a queue nobody will wait for helps nobody."""
    return {
        "max_connections": limits.upstream_connections,
        "max_pending_requests": limits.upstream_pending,
        "max_requests": limits.upstream_requests,
        "retry_budget": {"budget_percent": {"value": 20.0}, "min_retry_concurrency": 3},
    }


def _protocol(limits: Limits) -> Config:
    return {
        "@type": "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
        "explicit_http_config": {"http_protocol_options": {}},
        "common_http_protocol_options": {"idle_timeout": f"{limits.upstream_idle_seconds}s"},
    }


def _is_ip(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
