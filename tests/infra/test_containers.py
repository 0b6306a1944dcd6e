"""What the set-up jobs hand to each program, and how they keep the bus declared."""

import io
import json
import re
import stat
import sys
from pathlib import Path

import pytest
import yaml
from pydantic_settings import SecretsSettingsSource

from gateway.settings import GatewaySettings
from infra.agencies import AgenciesWrong
from infra.docker import bus_keeper, places
from infra.docker.__main__ import JOBS, main
from infra.docker.configuration import SecretUnfit, choose_secret, every_secret, hand_out
from infra.docker.places import SetupSettings
from infra.environment import ADMINISTRATORS, client_password
from infra.secrets import Secrets
from infra.settings import APPS, GATEWAY


@pytest.fixture
def setup(tmp_path: Path) -> SetupSettings:
    """A fresh installation after its first preparation."""
    settings = SetupSettings(
        home=tmp_path / "secrets",
        configuration=tmp_path / "configuration",
        anchors=tmp_path / "anchors",
        demonstration_home=tmp_path / "demonstration",
        public_url="https://safety.example.gov.cn",
    )
    hand_out(settings, Secrets(settings.home))
    return settings


def _texts(folder: Path) -> str:
    return "\n".join(path.read_text() for path in sorted(folder.rglob("*")) if path.is_file())


def test_each_app_is_handed_its_own_secrets_and_nobody_elses(setup: SetupSettings) -> None:
    secrets = Secrets(setup.home)
    for app in APPS:
        told = _texts(setup.configuration / places.host_of(app))
        others = [name for name in every_secret() if secrets.of(name) in told and app not in name]
        allowed = [*map(client_password, ADMINISTRATORS)] if app == GATEWAY else []
        assert others == allowed
        assert f"database/{app}_owner" not in [name for name in every_secret() if secrets.of(name) in told]


def test_the_files_are_settings_of_the_app_and_readable_by_it_alone(setup: SetupSettings) -> None:
    known = {f"shoutu_{name}" for name in GatewaySettings.model_fields}
    for app in APPS:
        for path in (setup.configuration / places.host_of(app)).iterdir():
            assert path.name in known
            assert stat.S_IMODE(path.stat().st_mode) == 0o400
    source = SecretsSettingsSource(GatewaySettings, secrets_dir=setup.configuration / "gateway")
    assert {"database_url", "key_seal", "system_administrator_secret", "audit_administrator_secret"} <= set(source())


def test_visitors_hold_no_password_of_the_database_or_the_bus(setup: SetupSettings) -> None:
    told, secrets = _texts(setup.demonstration_home), Secrets(setup.home)
    known = [name for name in every_secret() if secrets.of(name) in told]
    assert sorted(known) == sorted(map(client_password, ADMINISTRATORS))


def test_the_front_door_knows_no_secret_and_the_address_of_the_world(setup: SetupSettings) -> None:
    told, secrets = _texts(setup.configuration / places.ENVOY), Secrets(setup.home)
    assert [name for name in every_secret() if secrets.of(name) in told] == []
    assert "https://safety.example.gov.cn" in told
    rendered = yaml.safe_load(told)
    hosts = {cluster["name"]: cluster["type"] for cluster in rendered["static_resources"]["clusters"]}
    assert hosts == dict.fromkeys((*APPS, "gateway_streams"), "STRICT_DNS")


def test_the_bus_server_writes_every_message_to_disk(setup: SetupSettings) -> None:
    assert "sync_interval: always" in _texts(setup.configuration / "nats")


async def test_agencies_are_kept_and_the_bus_told_of_them(
    setup: SetupSettings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SHOUTU_HOME", str(setup.home))
    monkeypatch.setenv("SHOUTU_CONFIGURATION", str(setup.configuration))
    monkeypatch.setenv("SHOUTU_ANCHORS", str(setup.anchors))
    monkeypatch.setenv("SHOUTU_DEMONSTRATION_HOME", str(setup.demonstration_home))
    agency = {"name": "county-fire", "counties": ["331002"], "agreed": "2026-3"}
    monkeypatch.setattr("sys.stdin", io.StringIO(json.dumps({"agencies": [agency]})))
    await JOBS["agencies"]([])
    assert "agency-county-fire" in capsys.readouterr().out
    assert "AGENCY_COUNTY_FIRE" in _texts(setup.configuration / "nats")
    monkeypatch.setattr("sys.stdin", io.StringIO('{"agencies": [{"name": "!"}]}'))
    with pytest.raises(AgenciesWrong):
        await JOBS["agencies"]([])
    assert "AGENCY_COUNTY_FIRE" in _texts(setup.configuration / "nats")


def test_preparing_again_changes_nothing(setup: SetupSettings) -> None:
    before = {path: path.stat().st_mtime_ns for path in setup.configuration.rglob("*")}
    hand_out(setup, Secrets(setup.home))
    assert {path: path.stat().st_mtime_ns for path in setup.configuration.rglob("*")} == before


def test_a_chosen_secret_is_handed_out(setup: SetupSettings) -> None:
    chosen = "c" * 40
    choose_secret(Secrets(setup.home), "nats/gateway", chosen)
    hand_out(setup, Secrets(setup.home))
    assert (setup.configuration / "gateway" / "shoutu_nats_password").read_text() == chosen
    assert chosen in _texts(setup.configuration / "nats")


@pytest.mark.parametrize("value", ["short", "with space" * 8, "slash/" * 10, "x" * 201])
def test_a_weak_or_unfit_secret_is_refused(setup: SetupSettings, value: str) -> None:
    with pytest.raises(SecretUnfit, match="32 to 200"):
        choose_secret(Secrets(setup.home), "nats/gateway", value)


def test_an_unknown_secret_is_refused_by_naming_the_known(setup: SetupSettings) -> None:
    with pytest.raises(SecretUnfit, match=re.escape("database/gateway_app")):
        choose_secret(Secrets(setup.home), "nats/nobody", "c" * 40)


async def test_a_secret_is_shown_and_an_unknown_one_is_not_made_by_asking(
    setup: SetupSettings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SHOUTU_HOME", str(setup.home))
    await JOBS["show-secret"](["nats/gateway"])
    assert capsys.readouterr().out.strip() == Secrets(setup.home).of("nats/gateway")
    with pytest.raises(SecretUnfit, match="no secret nats/nobody"):
        await JOBS["show-secret"](["nats/nobody"])
    assert Secrets(setup.home).find("nats/nobody") is None


def test_an_unknown_job_is_answered_with_the_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["infra.docker", "dance"])
    with pytest.raises(SystemExit, match="prepare") as ended:
        main()
    assert all(job in str(ended.value) for job in JOBS)


def test_the_health_check_looks_at_the_mark_that_is_touched() -> None:
    compose = yaml.safe_load((Path(__file__).parents[2] / "docker-compose.yml").read_text())
    assert str(bus_keeper.MARK) in compose["services"]["bus-keeper"]["healthcheck"]["test"][1]
