"""Hands every program its configuration and its own secrets: one folder each, mounted into that program alone."""

import os
import re
from collections.abc import Sequence
from pathlib import Path

from gateway.envoy.bootstrap import to_yaml
from gateway.envoy.plan import Address, EnvoyPlan
from infra.agencies import Agency, read_agencies
from infra.database import DATABASE, Roles
from infra.database import password_name as role_password
from infra.docker import places
from infra.docker.places import SetupSettings
from infra.embedded import nats_config
from infra.embedded.nats import password_name as bus_password
from infra.embedded.postgres import PASSWORD_NAME as SUPERUSER_PASSWORD
from infra.embedded.postgres import SUPERUSER
from infra.environment import ADMINISTRATORS, administrator_secrets, client_password
from infra.seal_keys import KEY_SEAL
from infra.secrets import Secrets
from infra.settings import APPS, GATEWAY, SERVICES

_OWN = 0o400
_ANYBODY = 0o444
"""In a folder that one container mounts and whose program runs under a user that is not ours."""
_SOUND = re.compile(r"[A-Za-z0-9_-]{32,200}")


class SecretUnfit(Exception):
    """A chosen secret would be guessed, or would not survive a place in an address."""


def hand_out(settings: SetupSettings, secrets: Secrets) -> None:
    """Write every program's folder anew; what is missing is made, what is there is kept. Safe to repeat."""
    for app in APPS:
        for name, value in app_secrets(app, secrets).items():
            _write(settings.configuration / places.host_of(app) / name, value, _OWN)
        (settings.anchors / places.host_of(app)).mkdir(mode=0o700, parents=True, exist_ok=True)
    infra = secrets.of(bus_password(nats_config.ADMIN))
    _write(settings.configuration / places.BUS_KEEPER / "nats-password", infra, _OWN)
    agencies = read_agencies(settings.home)
    _write(settings.configuration / "nats" / "server.conf", bus_server(secrets, agencies), _OWN)
    _write(settings.configuration / places.ENVOY / "bootstrap.yaml", to_yaml(envoy_plan(settings)), _ANYBODY)
    superuser = secrets.of(SUPERUSER_PASSWORD)
    _write(settings.configuration / "postgres" / "superuser-password", superuser, _ANYBODY)
    for administrator in map(client_password, ADMINISTRATORS):
        Secrets(settings.demonstration_home).keep(administrator, secrets.of(administrator))


def app_secrets(app: str, secrets: Secrets) -> dict[str, str]:
    """The secret settings of one app by file name; its other settings are in docker-compose.yml."""
    roles = Roles(app)
    told = {
        "database_url": database_url(roles.app, secrets),
        "sealer_database_url": database_url(roles.sealer, secrets),
        "nats_password": secrets.of(bus_password(app)),
    }
    if app == GATEWAY:
        told["key_seal"] = secrets.of(KEY_SEAL)
        told |= {name.lower(): secret for name, secret in administrator_secrets(secrets).items()}
    return {f"shoutu_{name}": value for name, value in told.items()}


def database_url(role: str, secrets: Secrets, database: str = DATABASE) -> str:
    """The address of the database for one role, or for the superuser."""
    name = SUPERUSER_PASSWORD if role == SUPERUSER else role_password(role)
    return f"postgresql://{role}:{secrets.of(name)}@{places.POSTGRES.host}:{places.POSTGRES.port}/{database}"


def bus_server(secrets: Secrets, agencies: Sequence[Agency] = ()) -> str:
    """The bus server's configuration: the same users and permissions as on one machine."""
    return nats_config.render(
        apps=APPS,
        password_of=lambda user: secrets.of(bus_password(user)),
        listen=f"0.0.0.0:{places.NATS.port}",
        monitor=f"{places.NATS_MONITOR.host}:{places.NATS_MONITOR.port}",
        store=places.NATS_STORE,
        leaf=f"{places.NATS_LEAF.host}:{places.NATS_LEAF.port}",
        agencies=agencies,
    )


def envoy_plan(settings: SetupSettings) -> EnvoyPlan:
    """The front door over the containers; names of many replicas resolve to all of them."""
    addresses: dict[str, Address] = places.app_addresses()
    return EnvoyPlan(
        listen=places.FRONT_DOOR,
        admin=places.ENVOY_ADMIN,
        gateway_app=addresses[GATEWAY],
        services={service: addresses[service] for service in SERVICES},
        issuer=settings.public_url,
        trusted_proxies=settings.trusted_proxies,
        cors_origins=settings.cors_origins,
    )


def choose_secret(secrets: Secrets, name: str, value: str) -> None:
    """Keep a secret that a person chose, instead of one made here. Raises SecretUnfit."""
    if name not in every_secret():
        raise SecretUnfit(f"there is no secret {name}; there are {', '.join(every_secret())}")
    if not _SOUND.fullmatch(value):
        raise SecretUnfit("a secret has 32 to 200 letters, digits, '-' or '_'; `openssl rand -hex 32` makes one")
    secrets.keep(name, value)


def every_secret() -> tuple[str, ...]:
    """The name of every secret that the platform makes for itself."""
    roles = (role_password(role) for app in APPS for role in Roles(app).all())
    users = (bus_password(user) for user in (*APPS, nats_config.ADMIN))
    return (SUPERUSER_PASSWORD, *roles, *users, KEY_SEAL, *map(client_password, ADMINISTRATORS))


def _write(path: Path, text: str, mode: int) -> None:
    """Private from its first byte, whole when it appears, and left alone where nothing changed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and path.read_text() == text:
        return
    fresh = path.with_name(f".{path.name}.new")
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(text)
        os.fchmod(file.fileno(), mode)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
