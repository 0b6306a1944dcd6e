"""Children are tied to us, restarted when they end, and recognised when a killed run left them."""

import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from infra.embedded.child import AlreadyRunning, Child, Identity, clear_leftovers
from infra.environment import app_environment, process_environment
from infra.parts import app_processes
from infra.ports import PortInUse, free_port
from infra.processes import AppProcess, Watched, readiness
from infra.run_file import PlatformRunning, RunFile
from infra.secrets import Secrets
from infra.settings import APPS, PlatformSettings, Shape
from tests.cluster import eventually

READY = """
    import os, http.server
    class Answer(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200); self.end_headers()
        def log_message(self, *arguments): pass
    print(sorted(name for name in os.environ if name.startswith("SHOUTU_")), flush=True)
    http.server.HTTPServer(("127.0.0.1", int(os.environ["SHOUTU_LISTEN_PORT"])), Answer).serve_forever()
"""


@pytest.fixture
def app(tmp_path: Path):
    script = tmp_path / "answering_app.py"
    script.write_text(textwrap.dedent(READY))
    port = free_port()
    told = {"SHOUTU_LISTEN_PORT": str(port)}
    part = AppProcess("answering", tmp_path, [str(script)], told, {"SHOUTU_ANSWERING_PORT": port})
    yield part
    part.child.stop()


async def started(app: AppProcess) -> int:
    app.launch()
    await eventually(app.is_ready, what="readiness")
    pid = app.child.pid
    assert pid is not None
    return pid


def python(program: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", textwrap.dedent(program)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def is_alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


async def test_an_app_is_ready_when_it_says_so(app: AppProcess) -> None:
    assert not app.is_ready()
    await started(app)
    [port] = app.ports.values()
    assert readiness(port) is None
    assert app.child.stop()
    assert "does not answer" in str(readiness(port))


async def test_an_app_learns_nothing_from_our_environment(app: AppProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOUTU_SOMEBODY_ELSES_SECRET", "x")
    await started(app)
    assert app.child.log.read_text().splitlines() == ["['SHOUTU_LISTEN_PORT']"]


async def test_a_killed_app_is_restarted_and_said_so(app: AppProcess) -> None:
    said: list[str] = []
    watched = Watched(app, said.append)
    first = await started(app)
    os.kill(first, signal.SIGKILL)

    def is_back() -> bool:
        watched.look()
        return app.is_ready() and app.child.pid != first

    await eventually(is_back, what="the restart")
    assert "answering ended (code -9); starting again in 0.2 s" in said[0]


async def test_an_app_that_cannot_start_is_tried_ever_more_slowly(app: AppProcess, tmp_path: Path) -> None:
    (tmp_path / "answering_app.py").write_text("raise SystemExit(3)")
    said: list[str] = []
    watched = Watched(app, said.append)
    app.launch()

    def has_ended_thrice() -> bool:
        watched.look()
        return len(said) == 3

    await eventually(has_ended_thrice, what="the third try")
    assert [sentence.split("again in ")[1].split(" s")[0] for sentence in said] == ["0.2", "0.4", "0.8"]


async def test_a_taken_port_is_named_before_anything_starts(app: AppProcess) -> None:
    await started(app)
    [port] = app.ports.values()
    second = AppProcess("second", app.child.log.parent.parent, ["nothing"], {}, {"SHOUTU_X_PORT": port})
    with pytest.raises(PortInUse, match="SHOUTU_X_PORT"):
        second.launch()


async def test_a_paused_child_goes_on_where_it_was(app: AppProcess) -> None:
    pid = await started(app)
    app.child.pause()
    await eventually(lambda: psutil.Process(pid).status() == psutil.STATUS_STOPPED, what="the pause")
    app.child.resume()
    await eventually(app.is_ready, what="the return")
    assert app.child.pid == pid


async def test_a_child_dies_with_the_process_that_started_it(app: AppProcess, tmp_path: Path) -> None:
    program = f"""
        import signal
        from infra.embedded.child import Child
        from pathlib import Path
        child = Child("sleeper", Path({str(tmp_path)!r}), marker="600")
        child.spawn(["/bin/sleep", "600"])
        print(child.pid, flush=True)
        signal.pause()
    """
    with python(program) as starter:
        assert starter.stdout is not None
        pid = int(starter.stdout.readline())
        assert is_alive(pid)
        starter.kill()
    await eventually(lambda: not is_alive(pid), what="the orphan's end")


@contextmanager
def left_behind(home: Path, owner: Identity) -> Iterator[subprocess.Popen[bytes]]:
    """A child as a killed run leaves it where the kernel knows no parent-death signal."""
    orphan = subprocess.Popen(["/bin/sleep", "612"])
    while "612" not in psutil.Process(orphan.pid).cmdline():
        os.sched_yield()  # between fork and exec a process has no command line for a moment
    record = {"pid": orphan.pid, "created": Identity.of(orphan.pid).created}
    record |= {"owner": owner.pid, "owner_created": owner.created}
    (home / "run").mkdir()
    (home / "run" / "sleeper.json").write_text(json.dumps(record))
    try:
        yield orphan
    finally:
        orphan.kill()
        orphan.wait()


def test_a_leftover_is_ended(tmp_path: Path) -> None:
    gone = Identity(pid=os.getpid(), created=time.time() - 9999)
    with left_behind(tmp_path, gone) as orphan:
        assert Child("sleeper", tmp_path, marker="612").clear_leftover() == orphan.pid
        assert not is_alive(orphan.pid)
    assert not (tmp_path / "run" / "sleeper.json").exists()


def test_leftovers_are_all_asked_before_one_is_waited_for(tmp_path: Path) -> None:
    """The first ends only when the second was asked too: one by one, it would have to be killed."""
    told = tmp_path / "second-was-asked"
    first = f"signal.signal(signal.SIGTERM, lambda *_: exit(0 if wait({str(told)!r}) else 1))"
    second = f"signal.signal(signal.SIGTERM, lambda *_: exit(pathlib.Path({str(told)!r}).touch()))"
    gone = Identity(pid=os.getpid(), created=time.time() - 9999)
    with orphan(first) as one, orphan(second) as other:
        children = [left(tmp_path, f"child-{each.pid}", each.pid, gone) for each in (one, other)]
        assert clear_leftovers(children, 5) == [one.pid, other.pid]
        assert (one.wait(), other.wait()) == (0, 0)
    assert list((tmp_path / "run").iterdir()) == []


def test_of_leftovers_none_is_ended_when_one_is_somebodys(tmp_path: Path) -> None:
    gone, living = Identity(pid=os.getpid(), created=time.time() - 9999), Identity.of(os.getppid())
    with orphan("") as one, orphan("") as other:
        children = [left(tmp_path, "one", one.pid, gone), left(tmp_path, "other", other.pid, living)]
        with pytest.raises(AlreadyRunning, match=f"kill {living.pid}"):
            clear_leftovers(children, 5)
        assert is_alive(one.pid)
        assert is_alive(other.pid)


@contextmanager
def orphan(program: str) -> Iterator[subprocess.Popen[str]]:
    """A process that waits for signals."""
    lines = (
        "import pathlib, signal, time",
        "def wait(name):",
        "    while not pathlib.Path(name).exists(): time.sleep(0.01)",
        "    return True",
        program,
        "print('up', flush=True)",
        "while True: signal.pause()",
    )
    with python("\n".join(lines)) as started:
        assert started.stdout is not None
        started.stdout.readline()
        yield started
        started.kill()


def left(home: Path, name: str, pid: int, owner: Identity) -> Child:
    """The record that a killed run leaves of a child."""
    record = {"pid": pid, "created": Identity.of(pid).created, "owner": owner.pid, "owner_created": owner.created}
    (home / "run").mkdir(exist_ok=True)
    (home / "run" / f"{name}.json").write_text(json.dumps(record))
    return Child(name, home, marker="signal.pause()")


def test_a_process_that_only_has_the_number_is_left_alone(tmp_path: Path) -> None:
    gone = Identity(pid=os.getpid(), created=time.time() - 9999)
    with left_behind(tmp_path, gone) as stranger:
        assert Child("sleeper", tmp_path, marker="something else").clear_leftover() is None
        assert stranger.poll() is None


def test_a_child_whose_owner_lives_is_not_touched(tmp_path: Path) -> None:
    living = Identity.of(os.getppid())
    with left_behind(tmp_path, living) as orphan:
        with pytest.raises(AlreadyRunning, match=f"kill {living.pid}"):
            Child("sleeper", tmp_path, marker="612").clear_leftover()
        assert is_alive(orphan.pid)


def test_one_platform_at_a_time_over_a_home(tmp_path: Path) -> None:
    first = RunFile(tmp_path)
    first.claim()
    with pytest.raises(PlatformRunning, match=f"process {os.getpid()}.*shoutu down"):
        RunFile(tmp_path).claim()
    assert RunFile(tmp_path).owner() == psutil.Process()
    first.release()
    assert RunFile(tmp_path).owner() is None
    RunFile(tmp_path).claim()


def test_a_killed_platform_does_not_block_the_next(tmp_path: Path) -> None:
    program = f"""
        import os, signal
        from pathlib import Path
        from infra.run_file import RunFile
        RunFile(Path({str(tmp_path)!r})).claim()
        os.kill(os.getpid(), signal.SIGKILL)
    """
    subprocess.run([sys.executable, "-c", textwrap.dedent(program)], check=False)
    assert (tmp_path / "run" / "platform.json").exists()
    assert RunFile(tmp_path).owner() is None
    RunFile(tmp_path).claim()


@pytest.mark.parametrize("app_name", APPS)
def test_an_app_is_told_its_own_secrets_only(tmp_path: Path, app_name: str) -> None:
    secrets = Secrets(tmp_path)
    told = {app: app_environment(app, PlatformSettings(home=tmp_path), secrets) for app in APPS}
    own = json.dumps(told[app_name])
    assert secrets.of("postgres/superuser") not in own
    for other in set(APPS) - {app_name}:
        assert secrets.of(f"nats/{other}") not in own
        assert secrets.of(f"database/{other}_app") not in own
    assert secrets.of(f"database/{app_name}_owner") not in own


def test_both_shapes_serve_every_app_on_its_own_port(tmp_path: Path) -> None:
    for shape, processes in ((Shape.MANY, len(APPS)), (Shape.ONE, 1)):
        settings = PlatformSettings(home=tmp_path, shape=shape)
        parts = app_processes(settings, Secrets(tmp_path))
        assert len(parts) == processes
        assert {port for part in parts for port in part.ports.values()} == {settings.port_of(app) for app in APPS}


def test_a_process_environment_keeps_the_path_and_drops_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    environment = process_environment({"SHOUTU_SERVICE": "gateway"})
    assert environment["SHOUTU_SERVICE"] == "gateway"
    assert "PATH" in environment
    assert "AWS_SECRET_ACCESS_KEY" not in environment
