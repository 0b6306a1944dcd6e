"""Requests as fast as they go, over kept-alive connections: by wrk where it is installed, else by our own generator.

Both are told which they were: a generator in Python takes more of the machine away from what it measures.
"""

from __future__ import annotations

import asyncio
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from time import perf_counter

from tests.bench.figures import percentile

_UNITS = {"us": 0.001, "ms": 1.0, "s": 1000.0}
_RATE = re.compile(r"Requests/sec:\s+([\d.]+)")
_HALF = re.compile(r"50%\s+([\d.]+)(us|ms|s)")


class Unhealthy(RuntimeError):
    """What was measured did not answer 200: its figures would be worth nothing."""


@dataclass(frozen=True, slots=True)
class Answered:
    """How fast one round was: requests a second, and the median in milliseconds."""

    rate: float
    p50_ms: float


def generator() -> str:
    """Which generator is used here."""
    return "wrk" if shutil.which("wrk") else "own asyncio generator (wrk is not installed)"


async def press(port: int, path: str, *, headers: Mapping[str, str], connections: int, seconds: float) -> Answered:
    """Ask one path again and again over so many connections. Raises Unhealthy for any other answer than 200."""
    if shutil.which("wrk"):
        return await asyncio.to_thread(_wrk, port, path, headers, connections, seconds)
    return await _ask(port, path, headers, connections, seconds)


def _wrk(port: int, path: str, headers: Mapping[str, str], connections: int, seconds: float) -> Answered:
    said = [part for name, value in headers.items() for part in ("-H", f"{name}: {value}")]
    told = subprocess.run(
        ["wrk", "-t1", f"-c{connections}", f"-d{max(1, round(seconds))}s", "--latency", *said,
         f"http://127.0.0.1:{port}{path}"],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    rate, half = _RATE.search(told), _HALF.search(told)
    if rate is None or half is None or "Non-2xx" in told or "Socket errors" in told:
        raise Unhealthy(told)
    return Answered(float(rate.group(1)), float(half.group(1)) * _UNITS[half.group(2)])


async def _ask(port: int, path: str, headers: Mapping[str, str], connections: int, seconds: float) -> Answered:
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{lines}\r\n".encode()
    until = perf_counter() + seconds
    begun = perf_counter()
    rounds = await asyncio.gather(*(_keep_asking(port, request, until) for _ in range(connections)))
    times = [one for single in rounds for one in single]
    return Answered(len(times) / (perf_counter() - begun), percentile(times, 50) * 1000)


async def _keep_asking(port: int, request: bytes, until: float) -> list[float]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    times: list[float] = []
    try:
        while (begun := perf_counter()) < until:
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            length = re.search(rb"(?i)content-length: (\d+)", head)
            if not head.startswith(b"HTTP/1.1 200") or length is None:
                raise Unhealthy(head.decode("latin-1"))
            await reader.readexactly(int(length.group(1)))
            times.append(perf_counter() - begun)
    finally:
        writer.close()
    return times
