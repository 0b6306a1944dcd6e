"""What the doctor says when nothing runs."""

import os
import socket
from pathlib import Path

from infra import doctor
from infra.settings import PlatformSettings


async def test_a_platform_that_does_not_run_is_said_so(tmp_path: Path) -> None:
    findings = await doctor.examine(PlatformSettings.on_free_ports(tmp_path))
    [stopped] = [finding for finding in findings if finding.advice]
    assert (stopped.what, stopped.found) == ("platform", "does not run")
    assert "make run" in str(stopped.advice)


async def test_who_holds_a_port_that_we_need_is_named(tmp_path: Path) -> None:
    settings = PlatformSettings.on_free_ports(tmp_path)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", settings.nats_port))
        taken.listen()
        findings = await doctor.examine(settings)
    [port] = [finding for finding in findings if finding.what == f"port {settings.nats_port}"]
    assert f"(process {os.getpid()})" in port.found
    assert "SHOUTU_NATS_PORT" in str(port.advice)


async def test_looking_makes_no_secrets(tmp_path: Path) -> None:
    await doctor.examine(PlatformSettings.on_free_ports(tmp_path / "home"))
    assert not (tmp_path / "home").exists()
