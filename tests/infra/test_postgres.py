"""PostgreSQL as our child: kills, leftovers, ports, users."""

import os
import shutil
import signal
import stat
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import psutil
import pytest

from infra.embedded.child import AlreadyRunning
from infra.embedded.postgres import Postgres
from infra.embedded.postgres_files import PostgresUnusable, find_place
from infra.ports import PortInUse, free_port
from tests.cluster import Cluster, eventually
from tests.homes import new_home

PASSWORD = "only-for-this-test"


@pytest.fixture
def home() -> Iterator[Path]:
    folder = new_home()
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def postgres(home: Path) -> Iterator[Postgres]:
    server = Postgres(home, port=free_port(), password=PASSWORD)
    yield server
    server.stop()


async def ask(url: str, question: str) -> object:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(question)
    finally:
        await connection.close()


async def test_it_starts_answers_and_leaves_no_process(postgres: Postgres) -> None:
    postgres.start()
    assert str(await ask(postgres.url, "SHOW server_version")).startswith("18.")
    pid = postgres.pid
    assert pid is not None
    children = psutil.Process(pid).children(recursive=True)
    assert postgres.stop()
    assert not any(child.is_running() and child.status() != psutil.STATUS_ZOMBIE for child in children)


async def test_what_was_committed_survives_a_kill(postgres: Postgres) -> None:
    postgres.start()
    await ask(postgres.url, "CREATE TABLE kept AS SELECT 42 AS answer")
    postgres.kill()
    assert not postgres.is_ready()
    postgres.start()
    assert await ask(postgres.url, "SELECT answer FROM kept") == 42


async def test_only_the_password_opens_it(postgres: Postgres) -> None:
    postgres.start()
    with pytest.raises(asyncpg.InvalidPasswordError):
        await ask(postgres.url.replace(PASSWORD, "guessed"), "SELECT 1")


async def test_text_sorts_by_code_point_and_knows_every_script(cluster: Cluster) -> None:
    assert await ask(cluster.postgres.url, "SELECT 'Z' < 'a' AND lower('É') = 'é'")


async def test_the_server_ends_forgotten_transactions(cluster: Cluster) -> None:
    assert await ask(cluster.postgres.url, "SHOW idle_in_transaction_session_timeout") == "1min"
    assert await ask(cluster.postgres.url, "SHOW fsync") == "on"
    assert await ask(cluster.postgres.url, "SHOW max_connections") == "200"


def test_a_taken_port_is_named(home: Path, cluster: Cluster) -> None:
    server = Postgres(home, port=cluster.postgres.port, password=PASSWORD)
    with pytest.raises(PortInUse, match="SHOUTU_POSTGRES_PORT"):
        server.start()


def test_a_second_start_over_the_same_data_is_refused(postgres: Postgres, home: Path) -> None:
    postgres.start()
    program = f"""
        from pathlib import Path
        from infra.embedded.postgres import Postgres
        Postgres(Path({str(home)!r}), port={free_port()}, password={PASSWORD!r}).start()
    """
    answer = run(program)
    assert answer.returncode != 0
    assert AlreadyRunning.__name__ in answer.stderr
    assert f"kill {os.getpid()}" in answer.stderr
    assert postgres.is_ready()


async def test_it_stops_when_its_starter_is_killed(home: Path) -> None:
    starter = owner(home, "signal.pause()")
    pid = int(starter.stdout.readline())
    starter.kill()
    starter.wait()
    await eventually(lambda: not is_alive(pid), what="the orphan's end")


async def test_a_leftover_of_a_killed_run_is_ended_and_its_data_kept(home: Path) -> None:
    starter = owner(home, "os.kill(server.pid, signal.SIGSTOP); os.kill(os.getpid(), signal.SIGKILL)")
    leftover = int(starter.stdout.readline())
    starter.wait()
    assert is_alive(leftover)
    os.kill(leftover, signal.SIGCONT)
    server = Postgres(home, port=free_port(), password=PASSWORD)
    server.start()
    try:
        assert not is_alive(leftover)
        assert await ask(server.url, "SELECT 1") == 1
    finally:
        server.stop()


async def test_a_stale_pid_file_with_a_reused_number_does_not_block(postgres: Postgres) -> None:
    postgres.start()
    path = postgres.place.data / "postmaster.pid"
    lines = path.read_text().splitlines()
    postgres.kill()
    stranger = sleeper(postgres)
    try:
        path.write_text("\n".join([str(stranger.pid), *lines[1:]]) + "\n")
        postgres.start()
        assert await ask(postgres.url, "SELECT 1") == 1
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_a_postgresql_that_does_not_run_names_the_setting(home: Path) -> None:
    with pytest.raises(PostgresUnusable, match="SHOUTU_POSTGRES_BIN"):
        find_place(home, binaries=home)


def test_an_older_postgresql_is_refused(home: Path) -> None:
    fake = home / "postgres"
    fake.write_text("#!/bin/sh\necho postgres '(PostgreSQL)' 17.2\n")
    fake.chmod(0o755)
    home.chmod(0o755)
    with pytest.raises(PostgresUnusable, match=r"17\.2"):
        find_place(home, binaries=home)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to drop its rights")
async def test_root_uses_a_closed_folder_without_opening_it(home: Path) -> None:
    closed = home / "closed"
    closed.mkdir(mode=0o700)
    server = Postgres(closed / "home", port=free_port(), password=PASSWORD)
    try:
        server.start()
        assert await ask(server.url, "SELECT 1") == 1
        assert stat.S_IMODE(closed.stat().st_mode) == 0o700
        assert (closed / "home" / "postgres").resolve() == server.place.data
        assert psutil.Process(server.pid).uids().real != 0
    finally:
        server.stop()
        shutil.rmtree(server.place.data)


def owner(home: Path, then: str) -> subprocess.Popen[str]:
    """Another process that starts the server over this home, prints its pid, and goes on as told."""
    program = f"""
        import os, signal
        from pathlib import Path
        from infra.embedded.postgres import Postgres
        server = Postgres(Path({str(home)!r}), port={free_port()}, password={PASSWORD!r})
        server.start()
        print(server.pid, flush=True)
        {then}
    """
    return subprocess.Popen([sys.executable, "-c", textwrap.dedent(program)], stdout=subprocess.PIPE, text=True)


def run(program: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", textwrap.dedent(program)], capture_output=True, text=True)


def is_alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def sleeper(server: Postgres) -> subprocess.Popen[bytes]:
    """A process of the server's own user that has nothing to do with PostgreSQL."""
    user = server.place.user
    identity = {} if user is None else {"user": user.uid, "group": user.gid}
    return subprocess.Popen(["sleep", "60"], **identity)
