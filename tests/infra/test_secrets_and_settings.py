"""Settings from the environment, and secrets that a first start makes."""

import json
import os
import socket
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from gateway.envoy.plan import QUOTAS
from infra.platform import envoy_plan
from infra.ports import PortInUse, Wanted, free_port, require_all_free, require_free
from infra.run_file import RunFile
from infra.running import PortNotChosen, reachable
from infra.secrets import Secrets
from infra.settings import APPS, PORT_FIELDS, PlatformSettings, Shape, variable


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOUTU_GATEWAY_PORT", "9090")
    monkeypatch.setenv("SHOUTU_SHAPE", "one")
    settings = PlatformSettings()
    assert settings.gateway_url == "http://127.0.0.1:9090"
    assert settings.shape is Shape.ONE


def test_the_issuer_is_the_address_that_the_world_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOUTU_LISTEN_HOST", "0.0.0.0")
    assert PlatformSettings().issuer == "http://127.0.0.1:8080"
    monkeypatch.setenv("SHOUTU_PUBLIC_URL", "https://safety.example.gov.cn")
    assert PlatformSettings().issuer == "https://safety.example.gov.cn"
    assert PlatformSettings().gateway_url == "http://127.0.0.1:8080"


def test_quotas_are_the_shipped_ones_times_a_factor(tmp_path: Path) -> None:
    settings = PlatformSettings.on_free_ports(tmp_path, quota_factor=3)
    raised = envoy_plan(settings).limits.quotas
    assert {name: (quota.requests, quota.overall) for name, quota in raised.items()} == {
        name: (3 * quota.requests, None if quota.overall is None else 3 * quota.overall)
        for name, quota in QUOTAS.items()
    }
    assert envoy_plan(settings.model_copy(update={"quota_factor": 1})).limits.quotas == QUOTAS


def test_a_default_platform_never_uses_a_port_twice() -> None:
    settings = PlatformSettings()
    ports = [getattr(settings, name) for name in PORT_FIELDS]
    assert len(set(ports)) == len(ports)


def test_port_zero_asks_for_free_ports(tmp_path: Path) -> None:
    settings = PlatformSettings.on_free_ports(tmp_path)
    assert all(20000 <= settings.port_of(app) < 32000 for app in APPS)


def test_a_taken_port_names_the_setting_to_change() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port := free_port()))
        taken.listen()
        with pytest.raises(PortInUse, match=f"port {port} .*SHOUTU_POSTGRES_PORT=<port>"):
            require_free(port, variable("postgres_port"))


def test_every_taken_port_is_named_in_one_message() -> None:
    with socket.socket() as one, socket.socket() as other:
        for taken in (one, other):
            taken.bind(("127.0.0.1", 0))
            taken.listen()
        ports = [taken.getsockname()[1] for taken in (one, other)]
        wanted = [Wanted(port=port, setting=f"SHOUTU_{number}") for number, port in enumerate([*ports, free_port()])]
        with pytest.raises(PortInUse) as refused:
            require_all_free(wanted)
    assert [str(port) in line for port, line in zip(ports, refused.value.problems, strict=True)] == [True, True]
    assert all(f"(process {os.getpid()})" in line and "SHOUTU_" in line for line in refused.value.problems)


def test_two_settings_may_not_ask_for_one_port(tmp_path: Path) -> None:
    settings = PlatformSettings(home=tmp_path, nats_port=(port := free_port()), risk_grading_port=port)
    free = [one for one in settings.wanted_ports() if one.port == port]
    with pytest.raises(PortInUse, match=f"port {port} .*SHOUTU_RISK_GRADING_PORT and SHOUTU_NATS_PORT"):
        require_all_free(free)


def test_ports_left_open_become_those_of_the_running_platform(tmp_path: Path) -> None:
    chosen = PlatformSettings.on_free_ports(tmp_path)
    asked = PlatformSettings.model_validate({"home": tmp_path, **dict.fromkeys(PORT_FIELDS, 0), "nats_port": 4222})
    with pytest.raises(PortNotChosen, match=r"SHOUTU_GATEWAY_PORT=0 .*shoutu up"):
        reachable(asked)
    running = RunFile(tmp_path)
    running.claim(ports=chosen.ports)
    assert reachable(asked).ports == chosen.ports | {"nats_port": 4222}
    running.release()


def test_secrets_are_made_once_and_kept_private(tmp_path: Path) -> None:
    first = Secrets(tmp_path).of("nats/gateway")
    assert len(first) >= 40
    assert Secrets(tmp_path).of("nats/gateway") == first
    assert stat.S_IMODE((tmp_path / "secrets.json").stat().st_mode) == 0o600


def test_secrets_made_at_the_same_time_agree(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        seen = list(pool.map(lambda number: Secrets(tmp_path).of(f"name/{number % 2}"), range(40)))
    assert len(set(seen)) == 2
    assert set(json.loads((tmp_path / "secrets.json").read_text()).values()) == set(seen)


def test_secrets_do_not_show_themselves(tmp_path: Path) -> None:
    secrets = Secrets(tmp_path)
    assert secrets.of("nats/gateway") not in repr(secrets)
