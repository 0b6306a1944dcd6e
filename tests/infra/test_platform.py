"""The whole platform: started in order, restarted by itself, stopped without a trace."""

import asyncio
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import httpx
import psutil
import pytest

from infra import doctor, evidence, upkeep
from infra.embedded.child import ProcessFailed
from infra.platform import Platform
from infra.ports import PortInUse, is_free
from infra.run_file import PlatformRunning
from infra.settings import APPS, PORT_FIELDS, PlatformSettings, Shape, variable
from infra.status import part_statuses
from tests.cluster import eventually
from tests.homes import new_home


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    folder = new_home()
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@asynccontextmanager
async def running(settings: PlatformSettings, told: list[str]) -> AsyncIterator[Platform]:
    platform = Platform(settings, told.append)
    await platform.start()
    stopping = asyncio.Event()
    watching = asyncio.create_task(platform.watch(stopping))
    try:
        yield platform
    finally:
        stopping.set()
        await watching
        await platform.stop()


@pytest.fixture(scope="module")
async def platform(home: Path) -> AsyncIterator[Platform]:
    async with running(PlatformSettings.on_free_ports(home), []) as started:
        yield started


async def is_well(platform: Platform) -> bool:
    for part in platform.parts.values():
        if not await asyncio.to_thread(part.is_ready):
            return False
    async with httpx.AsyncClient(trust_env=False) as client:
        answer = await client.get(f"{platform.settings.gateway_url}/health/ready")
    return answer.status_code == 200


def left_running(home: Path) -> list[psutil.Process]:
    """Every process that belongs to a home folder."""
    return [process for process in psutil.process_iter() if str(home) in _told(process)]


def _told(process: psutil.Process) -> str:
    """The home and the command of a process that runs; nothing of one that ended while it was looked at."""
    try:
        if process.status() == psutil.STATUS_ZOMBIE:
            return ""
        command = " ".join(process.cmdline())
    except psutil.Error:
        return ""
    try:
        return f"{process.environ().get('SHOUTU_HOME', '')} {command}"
    except psutil.Error:
        return command


async def test_everything_is_ready_behind_the_front_door(platform: Platform) -> None:
    assert await is_well(platform)
    assert [part.problem for part in part_statuses(platform.settings)] == [None] * (3 + len(APPS))


@pytest.mark.parametrize("name", ["postgres", "nats", "envoy", *APPS])
async def test_a_killed_part_comes_back(platform: Platform, name: str) -> None:
    first = platform.parts[name].child.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    await eventually(lambda: platform.parts[name].child.pid not in (None, first), what="the restart")
    await eventually(lambda: is_well(platform), seconds=30, what="readiness")


async def test_a_deleted_stream_comes_back(platform: Platform) -> None:
    client = await platform.connect_admin()
    try:
        js = client.jetstream()
        await js.delete_stream("PUBLIC_REPORTING")

        async def is_back() -> bool:
            return "PUBLIC_REPORTING" in {info.config.name for info in await js.streams_info()}

        await eventually(is_back, what="the stream's return")
    finally:
        await client.close()


async def test_the_doctor_finds_a_healthy_platform_healthy(platform: Platform) -> None:
    findings = await doctor.examine(platform.settings)
    assert [finding for finding in findings if finding.advice] == []
    assert {f"stream {app.upper()}" for app in APPS} <= {finding.what for finding in findings}


async def test_the_doctor_names_what_is_broken_and_what_to_do(platform: Platform) -> None:
    connection = await asyncpg.connect(platform.database_url)
    try:
        await connection.execute(
            "INSERT INTO gateway.dead_letters (consumer, event_id, event_type, aggregate_id, aggregate_version,"
            " headers, data, error) VALUES ('c', gen_random_uuid(), 't', gen_random_uuid(), 1, '{}', '', 'e')"
        )
        unwell = [finding for finding in await doctor.examine(platform.settings) if finding.advice]
        assert [(finding.what, finding.found) for finding in unwell] == [("dead letters of gateway", "1")]
        assert "shoutu replay gateway --yes" in str(unwell[0].advice)
        [listed] = await upkeep.replay(platform.settings, "gateway", do_it=False)
        assert listed.said.endswith("; e")
    finally:
        await connection.execute("DELETE FROM gateway.dead_letters")
        await connection.close()


async def test_every_timeline_verifies(platform: Platform) -> None:
    results = await evidence.verify(platform.settings)
    assert [result.service for result in results if result.ok] == list(APPS)


async def test_no_secret_is_written_to_a_log(platform: Platform) -> None:
    home = platform.settings.home
    secrets = json.loads((home / "secrets.json").read_text())
    logs = {path.name: path.read_text(errors="replace") for path in (home / "logs").iterdir()}
    assert set(logs) >= {f"{name}.log" for name in platform.parts}
    assert [(name, log) for name, value in secrets.items() for log in logs if value in logs[log]] == []


async def test_a_second_platform_over_the_same_home_is_refused(platform: Platform) -> None:
    second = Platform(PlatformSettings.on_free_ports(platform.settings.home))
    with pytest.raises(PlatformRunning, match="shoutu down"):
        await second.start()
    assert await is_well(platform)


async def test_every_taken_port_is_named_at_once_and_nothing_is_left(platform: Platform) -> None:
    home = new_home()
    theirs = platform.settings
    taken = {"gateway_port": theirs.gateway_port, "postgres_port": theirs.postgres_port}
    told: list[str] = []
    with pytest.raises(PortInUse) as refused:
        await Platform(PlatformSettings.on_free_ports(home, **taken), told.append).start()
    for field, port in taken.items():
        assert re.search(rf"port {port} is in use by .*{variable(field)}=<port>", str(refused.value))
    assert len(refused.value.problems) == 2
    assert told == []
    assert left_running(home) == []
    shutil.rmtree(home)


async def test_an_app_that_cannot_start_shows_the_end_of_its_log(home: Path, tmp_path: Path) -> None:
    folder = new_home()
    broken = Platform(PlatformSettings.on_free_ports(folder, log_level="nonsense"), lambda _: None)
    broken.apps = broken.apps[:1]
    broken.apps[0]._command[-1] = "services.nothing.app"
    with pytest.raises(ProcessFailed, match=r"services\.nothing"):
        await broken.start()
    assert left_running(folder) == []
    shutil.rmtree(folder)


async def test_one_process_serves_every_app(tmp_path: Path) -> None:
    home = new_home()
    async with running(PlatformSettings.on_free_ports(home, shape=Shape.ONE), []) as one:
        assert [app.child.name for app in one.apps] == ["apps"]
        assert await is_well(one)
    assert left_running(home) == []
    shutil.rmtree(home)


def command_line(home: Path, settings: PlatformSettings | None, *arguments: str) -> subprocess.Popen[str]:
    """A command of `shoutu` on these ports, or on any that are free."""
    ports = {variable(name): str(getattr(settings, name) if settings else 0) for name in PORT_FIELDS}
    environment = {**os.environ, **ports, "SHOUTU_HOME": str(home), "SHOUTU_DEMONSTRATION": "false"}
    return subprocess.Popen(
        [sys.executable, "-m", "infra.cli", *arguments],
        env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip


def until_up(started: subprocess.Popen[str]) -> str:
    """What it printed until it was up."""
    assert started.stdout is not None
    printed = ""
    for line in started.stdout:
        printed += line
        if "The platform is up" in line:
            return printed
    raise AssertionError(f"it ended: {printed}")


def test_the_command_line_starts_stops_and_survives_a_kill() -> None:
    home = new_home()
    settings = PlatformSettings.on_free_ports(home)
    try:
        first = command_line(home, settings, "up")
        assert settings.gateway_url in until_up(first) + str(first.stdout.readline())  # type: ignore[union-attr]
        first.kill()
        first.wait()

        second = command_line(home, settings, "up")
        until_up(second)
        status = command_line(home, settings, "status")
        assert status.wait() == 0
        assert command_line(home, settings, "down").wait() == 0
        rest = second.communicate()[0]
        assert second.returncode == 0, rest
        assert "nothing is left running" in rest
        assert left_running(home) == []
        assert all(is_free(getattr(settings, name)) for name in PORT_FIELDS)
    finally:
        for process in left_running(home):
            process.kill()
        shutil.rmtree(home, ignore_errors=True)


def test_ports_left_open_are_chosen_and_told() -> None:
    home = new_home()
    try:
        early = command_line(home, None, "migrate")
        assert "SHOUTU_GATEWAY_PORT=0" in early.communicate()[0]
        assert early.returncode == 1
        started = command_line(home, None, "up")
        printed = until_up(started) + str(started.stdout.readline())  # type: ignore[union-attr]
        status = command_line(home, None, "status")
        told = status.communicate()[0]
        assert status.returncode == 0, told
        [door] = re.findall(r"http://127\.0\.0\.1:\d+", told)
        assert f"{door}/docs" in printed
        assert command_line(home, None, "migrate").wait() == 0
        assert command_line(home, None, "down").wait() == 0
        started.communicate()
    finally:
        for process in left_running(home):
            process.kill()
        shutil.rmtree(home, ignore_errors=True)


def test_ctrl_c_while_starting_leaves_nothing() -> None:
    home = new_home()
    started = command_line(home, PlatformSettings.on_free_ports(home), "up")
    assert started.stdout is not None
    assert "PostgreSQL" in started.stdout.readline()
    started.send_signal(signal.SIGINT)
    started.communicate(timeout=60)
    assert left_running(home) == []
    shutil.rmtree(home)
