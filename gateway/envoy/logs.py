"""Access logs: one JSON line a request, and a poorer line for citizens' requests.

A line never carries a query string or an ``Authorization`` header. On report and tracking paths it carries
neither address nor path, browser or client: whoever reads the logs cannot find a reporter, and a tracking
code in a path stays secret.
"""

from typing import Any

Config = dict[str, Any]

CITIZEN_PATHS = "(?i).*(report|track|file|load|%).*"
"""Whatever looks like a citizen's path, however it is spelled or escaped; too many rather than too few."""

COMMON: Config = {
    "time": "%START_TIME(%Y-%m-%dT%H:%M:%S.%3fZ)%",
    "route": "%ROUTE_NAME%",
    "status": "%RESPONSE_CODE%",
    "flags": "%RESPONSE_FLAGS%",
    "why": "%RESPONSE_CODE_DETAILS%",
    "method": "%REQ(:METHOD):16%",
    "bytes_in": "%BYTES_RECEIVED%",
    "bytes_out": "%BYTES_SENT%",
    "duration_ms": "%DURATION%",
    "service": "%UPSTREAM_CLUSTER%",
    "service_ms": "%RESPONSE_DURATION%",
    "attempts": "%UPSTREAM_REQUEST_ATTEMPT_COUNT%",
    "request_id": "%REQ(X-REQUEST-ID):64%",
    "traceparent": "%REQ(TRACEPARENT):64%",
}

WITH_CALLER: Config = {
    **COMMON,
    "path": "%PATH(NQ:PATH):512%",
    "client_address": "%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%",
    "client_id": "%DYNAMIC_METADATA(envoy.filters.http.jwt_authn:token:client_id)%",
    "user_agent": "%REQ(USER-AGENT):200%",
}


def access_logs(path: str) -> list[Config]:
    """Two loggers into one file; every request matches exactly one of them."""
    return [
        _logger(path, COMMON, {"header_filter": {"header": _citizen()}}),
        _logger(path, WITH_CALLER, {"header_filter": {"header": {**_citizen(), "invert_match": True}}}),
    ]


def _citizen() -> Config:
    return {
        "name": ":path",
        "string_match": {"safe_regex": {"regex": CITIZEN_PATHS}},
        "treat_missing_header_as_empty": True,
    }


def _logger(path: str, line: Config, which: Config) -> Config:
    return {
        "name": "envoy.access_loggers.file",
        "filter": which,
        "typed_config": {
            "@type": "type.googleapis.com/envoy.extensions.access_loggers.file.v3.FileAccessLog",
            "path": path,
            "log_format": {"json_format": line},
        },
    }
