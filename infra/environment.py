"""What one app is told when it starts: its own addresses and passwords, and nobody else's."""

import json
import os
from collections.abc import Mapping

from infra.database import DATABASE, Roles, at
from infra.database import password_name as role_password
from infra.embedded.nats import password_name as bus_password
from infra.seal_keys import retired_seals, seal_name
from infra.secrets import Secrets
from infra.settings import APPS, GATEWAY, PlatformSettings

_INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "VIRTUAL_ENV", "PYTHONPATH", "SSL_CERT_FILE")
"""The rest of our environment stays with us: it may hold secrets that are none of an app's business."""

SYSTEM_ADMINISTRATOR, SECURITY_ADMINISTRATOR, AUDIT_ADMINISTRATOR = ADMINISTRATORS = (
    "bootstrap-system-administrator",
    "bootstrap-security-administrator",
    "bootstrap-audit-administrator",
)
"""The first three hands: one registers clients, one says what they may do, one reads what the two did."""
REGISTRY_ADMINISTRATOR = "registry-administrator"
"""The client that keeps areas, posts, duties and teams; it is registered and granted like every other."""


def client_password(client_id: str) -> str:
    """The name under which a client's secret is kept."""
    return f"client/{client_id}"


def app_environment(
    app: str, settings: PlatformSettings, secrets: Secrets, *, database: str = DATABASE
) -> dict[str, str]:
    """The settings of one app as environment variables (`SHOUTU_…`)."""
    roles = Roles(app)
    server = f"postgresql://127.0.0.1:{settings.postgres_port}/{database}"
    told = {
        "SERVICE": app,
        "DATABASE_URL": _database_url(server, roles.app, secrets),
        "SEALER_DATABASE_URL": _database_url(server, roles.sealer, secrets),
        "NATS_URL": f"nats://127.0.0.1:{settings.nats_port}",
        "NATS_USER": app,
        "NATS_PASSWORD": secrets.of(bus_password(app)),
        "LISTEN_HOST": "127.0.0.1",
        "LISTEN_PORT": str(settings.port_of(app)),
        "ISSUER": settings.issuer,
        "JWKS_URL": f"http://127.0.0.1:{settings.gateway_app_port}/.well-known/jwks.json",
        "CRYPTO_SUITE": settings.crypto_suite,
        "DEMONSTRATION": str(settings.demonstration).lower(),
        "LOG_LEVEL": settings.log_level.upper(),
        "HOME": str(settings.home.resolve()),
    }
    if app == GATEWAY:
        told |= _gateway_only(settings, secrets)
    return {f"SHOUTU_{name}": value for name, value in told.items()}


def _gateway_only(settings: PlatformSettings, secrets: Secrets) -> dict[str, str]:
    """The gateway composes reads from all services, and keeps keys and clients."""
    addresses = {app: f"http://127.0.0.1:{settings.port_of(app)}" for app in APPS if app != GATEWAY}
    return {
        "SERVICE_URLS": json.dumps(addresses),
        "KEY_SEAL": secrets.of(seal_name(settings.key_seal_id)),
        "KEY_SEAL_ID": settings.key_seal_id,
        "RETIRED_KEY_SEALS": json.dumps(retired_seals(settings, secrets)),
        **administrator_secrets(secrets),
    }


def administrator_secrets(secrets: Secrets) -> dict[str, str]:
    """The secrets of the three administrators by the names of their settings."""
    setting = {client: client.removeprefix("bootstrap-").replace("-", "_") for client in ADMINISTRATORS}
    return {f"{name.upper()}_SECRET": secrets.of(client_password(client)) for client, name in setting.items()}


def process_environment(told: Mapping[str, str]) -> dict[str, str]:
    """The whole environment of a child: what it is told, and what every program needs."""
    kept = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    return {**kept, "PYTHONUNBUFFERED": "1", **told}


def _database_url(server: str, role: str, secrets: Secrets) -> str:
    return at(server, user=role, password=secrets.of(role_password(role)))
