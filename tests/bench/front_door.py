"""What the gateway costs: the service through Envoy, called directly, and through nginx."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from statistics import median

from gateway.envoy.bootstrap import to_yaml
from gateway.envoy.plan import QUOTAS, Address, EnvoyPlan, InlineKeys, Limits, Quota
from gateway.routes import SERVICES, Limit
from infra.embedded.envoy import program
from infra.ports import accepts, free_port
from tests.bench.figures import Figure, Measured, Skipped, Tell, ratio
from tests.bench.load import Answered, press
from tests.bench.stack_apps import NOTHING
from tests.bench.stage import Set, process, served, stage_set
from tests.cluster import Cluster, eventually

_MANY = 16
_NGINX = """
daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/nginx-error.log;
events {{ worker_connections 1024; }}
http {{
  access_log {folder}/nginx-access.log;
  client_body_temp_path {folder}/nginx-body; proxy_temp_path {folder}/nginx-proxy;
  fastcgi_temp_path {folder}/nginx-f; uwsgi_temp_path {folder}/nginx-u; scgi_temp_path {folder}/nginx-s;
  keepalive_requests 10000000;
  upstream service {{ server 127.0.0.1:{service}; keepalive 64; keepalive_requests 10000000; }}
  server {{
    listen 127.0.0.1:{port};
    location / {{ proxy_pass http://service; proxy_http_version 1.1; proxy_set_header Connection ""; }}
  }}
}}
"""
Rounds = dict[tuple[str, int], list[Answered]]


async def measure(cluster: Cluster, tell: Tell, *, rounds: int = 5, seconds: float = 2) -> list[Measured]:
    """Row b: interleaved rounds at many connections and at one."""
    async with AsyncExitStack() as stack:
        on = await stack.enter_async_context(stage_set(cluster))
        service = await stack.enter_async_context(served("ours", on))
        doors = {"direct": service, "envoy": await stack.enter_async_context(_envoy(service, on))}
        if shutil.which("nginx"):
            doors["nginx"] = await stack.enter_async_context(_nginx(service, cluster.home))
        path = f"{NOTHING}/{on.row}"
        found: Rounds = {(name, many): [] for name in doors for many in (_MANY, 1)}
        for port in doors.values():
            await press(port, path, headers=on.headers, connections=_MANY, seconds=1)
        for number in range(rounds):
            tell(f"gateway: round {number + 1} of {rounds}")
            for many in (_MANY, 1):
                for name in list(doors) if number % 2 else list(reversed(doors)):
                    found[name, many].append(
                        await press(doors[name], path, headers=on.headers, connections=many, seconds=seconds)
                    )
    return _figures(found, with_nginx="nginx" in doors)


@asynccontextmanager
async def _envoy(service: int, on: Set) -> AsyncIterator[int]:
    """Envoy as it ships, with one quota so wide that it counts and never refuses."""
    port, here = free_port(), Address(host="127.0.0.1", port=service)
    wide: Mapping[Limit, Quota] = {**QUOTAS, Limit.CLIENT: Quota(requests=10_000_000, window_seconds=1)}
    folder = on.file.parent
    plan = EnvoyPlan(
        listen=Address(host="127.0.0.1", port=port), admin=Address(host="127.0.0.1", port=free_port()),
        gateway_app=here, services=dict.fromkeys(SERVICES, here), issuer=on.stage.issuer,
        keys=InlineKeys(jwks=on.stage.jwks), access_log=str(folder / "envoy-access.log"), limits=Limits(quotas=wide),
    )  # fmt: skip
    config = folder / "bench-envoy.yaml"
    config.write_text(to_yaml(plan), "utf-8")
    command = [program(), "-c", config, "--concurrency", "1", "--disable-hot-restart", "-l", "warning"]
    with process(command, folder / "bench-envoy.log"):
        await eventually(lambda: accepts(port), seconds=30, what="Envoy")
        yield port


@asynccontextmanager
async def _nginx(service: int, folder: Path) -> AsyncIterator[int]:
    """nginx that only passes on: it verifies no token and counts nobody."""
    port = free_port()
    config = folder / "bench-nginx.conf"
    config.write_text(_NGINX.format(folder=folder, service=service, port=port), "utf-8")
    with process([shutil.which("nginx") or "", "-c", config], folder / "bench-nginx.log"):
        await eventually(lambda: accepts(port), seconds=10, what="nginx")
        yield port


def _figures(found: Rounds, *, with_nginx: bool) -> list[Measured]:
    rates = {name: [one.rate for one in told] for (name, many), told in found.items() if many == _MANY}
    waits = {name: [one.p50_ms for one in told] for (name, many), told in found.items() if many == 1}
    middle = {name: round(median(told)) for name, told in rates.items()}
    facts = {"requests_per_second": middle, "p50_ms_at_one": {name: median(told) for name, told in waits.items()}}
    added = median(through - direct for through, direct in zip(waits["envoy"], waits["direct"], strict=True))
    told: list[Measured] = [
        Figure(
            row="b", what="gateway, tokens verified and counted", value=ratio(rates["envoy"], rates["direct"]),
            unit="of direct", bar=0.85, beside=f"{middle['envoy']:,}/s beside {middle['direct']:,}/s direct",
            facts=facts,
        ),
        Figure(
            row="b", what="gateway, added p50 at one connection", value=added, unit="ms", bar=0.5, at_least=False,
            beside=f"{median(waits['envoy']):.2f} ms beside {median(waits['direct']):.2f} ms direct",
        ),
    ]  # fmt: skip
    if not with_nginx:
        return [*told, Skipped(row="b", what="gateway beside nginx", why="nginx is not installed")]
    nginx = Figure(
        row="b", what="gateway beside nginx", value=ratio(rates["envoy"], rates["nginx"]), unit="of nginx", bar=1.0,
        beside=f"{middle['nginx']:,}/s of nginx, which verifies and counts nothing",
    )  # fmt: skip
    return [*told, nginx]
