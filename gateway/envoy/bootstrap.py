"""The whole Envoy bootstrap from one plan: a pure function from value to dictionary, and its YAML."""

from typing import Any

import yaml

from gateway.envoy import answers, doors, logs, quotas, tokens, upstreams
from gateway.envoy.plan import Address, EnvoyPlan, Limits

Config = dict[str, Any]

_HTTP = "type.googleapis.com/envoy.extensions.filters.http"
UNTRUSTED = ("x-envoy-", "x-internal-", "x-original-", "x-rewrite-", "x-shoutu-")
"""Headers by which a client could pretend to be the gateway: removed before anything reads them."""
FORWARDED = "x-forwarded-"
"""Removed as well, unless a proxy of the city's own stands in front and writes them."""
UNTRUSTED_NAMES = (
    "forwarded",
    "x-real-ip",
    "x-client-ip",
    "true-client-ip",
    "x-http-method-override",
    "proxy",
)
COMPRESSED = r"(application/((geo|problem)\+)?json|text/(css|csv|html|javascript|plain))(;.*)?"
NOBODY = {"address_prefix": "0.0.0.0", "prefix_len": 32}  # noqa: S104 - never bound
"""No peer has this address: every caller counts as an outsider, also one in the same network."""
ADMIN_PATHS = "/(ready|drain_listeners|stats|stats/prometheus|server_info|clusters|config_dump)([?].*)?"


STRICT = {"envoy.reloadable_features.strict_chunk_parsing": True}
"""A chunk that is longer than it says is refused: a proxy in front might take its rest for a request."""


def bootstrap(plan: EnvoyPlan) -> Config:
    """Static resources, the admin door and the overload limits for ``plan``.

    Raises KeyError when a service of the route table has no address in the plan.
    """
    return {
        "node": {"id": "gateway", "cluster": "shoutu"},
        "static_resources": {
            "listeners": [_listener(plan)],
            "clusters": upstreams.clusters(plan),
        },
        "admin": _admin(plan.admin),
        "layered_runtime": {"layers": [{"name": "strictness", "static_layer": STRICT}]},
        "overload_manager": _overload(plan.limits),
    }


def to_yaml(plan: EnvoyPlan) -> str:
    """The bootstrap as YAML, keys in the order in which they are written here."""
    return yaml.safe_dump(bootstrap(plan), sort_keys=False, allow_unicode=True, width=110)


def _listener(plan: EnvoyPlan) -> Config:
    chain: Config = {"filters": [_http_manager(plan)]}
    if plan.tls is not None:
        chain["transport_socket"] = _tls(plan.tls.certificate, plan.tls.private_key)
    return {
        "name": "front_door",
        "address": upstreams.socket_address(plan.listen),
        "per_connection_buffer_limit_bytes": 32_768,
        "filter_chains": [chain],
    }


def _http_manager(plan: EnvoyPlan) -> Config:
    return {
        "name": "envoy.filters.network.http_connection_manager",
        "typed_config": {
            "@type": "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3"
            ".HttpConnectionManager",
            "stat_prefix": "front_door",
            **_strictness(plan.limits),
            **_identity(plan.trusted_proxies),
            "route_config": doors.route_config(plan),
            "local_reply_config": answers.local_reply(),
            "access_log": logs.access_logs(plan.access_log),
            "http_filters": _filters(plan),
        },
    }


def _strictness(limits: Limits) -> Config:
    """One reading of a request for everyone: what two parsers could read differently is refused."""
    return {
        "codec_type": "AUTO",
        "normalize_path": True,
        "merge_slashes": True,
        "path_with_escaped_slashes_action": "REJECT_REQUEST",
        "common_http_protocol_options": {
            "headers_with_underscores_action": "REJECT_REQUEST",
            "max_headers_count": limits.header_count,
            "idle_timeout": f"{limits.idle_seconds}s",
        },
        "max_request_headers_kb": limits.header_kib,
        "request_headers_timeout": f"{limits.headers_seconds}s",
        "request_timeout": f"{max(limits.request_seconds, limits.file_seconds)}s",
        "stream_idle_timeout": f"{limits.idle_seconds}s",
        # Methods that HTTP does not know reach the route table, which answers 405: the codec would call them broken.
        "http_protocol_options": {"allow_custom_methods": True},
        "http2_protocol_options": {
            "max_concurrent_streams": 100,
            "initial_stream_window_size": 65_536,
            "initial_connection_window_size": 1_048_576,
        },
    }


def _identity(trusted_proxies: int) -> Config:
    """Who is calling and under which request id; nothing that a client says about itself is believed."""
    prefixes = UNTRUSTED if trusted_proxies else (*UNTRUSTED, FORWARDED)
    removed: list[Config] = [{"remove_on_match": {"key_matcher": {"prefix": name}}} for name in prefixes]
    removed += [{"remove": name} for name in UNTRUSTED_NAMES]
    kind = "type.googleapis.com/envoy.extensions.http.early_header_mutation.header_mutation.v3.HeaderMutation"
    uuid = "type.googleapis.com/envoy.extensions.request_id.uuid.v3.UuidRequestIdConfig"
    return {
        "early_header_mutation_extensions": [
            {
                "name": "envoy.http.early_header_mutation.header_mutation",
                "typed_config": {"@type": kind, "mutations": removed},
            }
        ],
        "use_remote_address": True,
        "xff_num_trusted_hops": trusted_proxies,
        "internal_address_config": {"cidr_ranges": [NOBODY]},
        "generate_request_id": True,
        "preserve_external_request_id": True,
        "always_set_request_id_in_response": True,
        "request_id_extension": {"typed_config": {"@type": uuid, "pack_trace_reason": False}},
        "server_name": "shoutu",
        "server_header_transformation": "OVERWRITE",
    }


def _filters(plan: EnvoyPlan) -> list[Config]:
    """In the order of a request; answers pass them backwards."""
    return [
        {"name": doors.CORS, "typed_config": {"@type": f"{_HTTP}.cors.v3.Cors"}},
        tokens.verifier(plan),
        quotas.translator(secure=plan.tls is not None),
        quotas.limiter(),
        {
            "name": doors.BUFFER,
            "typed_config": {
                "@type": f"{_HTTP}.buffer.v3.Buffer",
                "max_request_bytes": plan.limits.body_bytes,
            },
        },
        _compressor("brotli", {"quality": 4}, last=False),
        _compressor("gzip", {"compression_level": "COMPRESSION_LEVEL_5"}, last=True),
        {
            "name": "envoy.filters.http.router",
            "typed_config": {"@type": f"{_HTTP}.router.v3.Router", "suppress_envoy_headers": True},
        },
    ]


def _compressor(name: str, options: Config, *, last: bool) -> Config:
    """An answer with an ETag stays as it is: compressing it would drop the tag that If-Match needs."""
    library = f"type.googleapis.com/envoy.extensions.compression.{name}.compressor.v3.{name.capitalize()}"
    return {
        "name": f"envoy.filters.http.compressor.{name}",
        "typed_config": {
            "@type": f"{_HTTP}.compressor.v3.Compressor",
            "response_direction_config": {
                "common_config": {
                    "min_content_length": 1_024,
                    "content_type_matcher": {"safe_regex": {"regex": COMPRESSED}},
                },
                "disable_on_etag_header": True,
                "remove_accept_encoding_header": last,
            },
            "compressor_library": {
                "name": name,
                "typed_config": {"@type": library, **options},
            },
        },
    }


def _tls(certificate: str, private_key: str) -> Config:
    return {
        "name": "envoy.transport_sockets.tls",
        "typed_config": {
            "@type": "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext",
            "common_tls_context": {
                "alpn_protocols": ["h2", "http/1.1"],
                "tls_params": {"tls_minimum_protocol_version": "TLSv1_2"},
                "tls_certificates": [
                    {"certificate_chain": {"filename": certificate}, "private_key": {"filename": private_key}}
                ],
            },
        },
    }


def _admin(address: Address) -> Config:
    return {
        "address": upstreams.socket_address(address),
        "allow_paths": [{"safe_regex": {"regex": ADMIN_PATHS}}],
    }


def _overload(limits: Limits) -> Config:
    kind = (
        "type.googleapis.com/envoy.extensions.resource_monitors.downstream_connections.v3.DownstreamConnectionsConfig"
    )
    return {
        "resource_monitors": [
            {
                "name": "envoy.resource_monitors.global_downstream_max_connections",
                "typed_config": {"@type": kind, "max_active_downstream_connections": limits.connections},
            }
        ]
    }
