"""Who is reached where between containers, and where the set-up jobs find their volumes."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from gateway.envoy.plan import Address
from infra.settings import GATEWAY, SERVICES

POSTGRES = Address(host="postgres", port=5432)
NATS = Address(host="nats", port=4222)
NATS_LEAF = Address(host="0.0.0.0", port=7422)  # noqa: S104 - only for agencies' own servers
NATS_MONITOR = Address(host="127.0.0.1", port=8222)
NATS_STORE = Path("/data/jetstream")
ENVOY = "envoy"
FRONT_DOOR = Address(host="0.0.0.0", port=8080)  # noqa: S104 - only this port is published
ENVOY_ADMIN = Address(host="127.0.0.1", port=9901)
BUS_KEEPER = "bus-keeper"
APP_PORT = 8000


def host_of(app: str) -> str:
    """The name of an app's containers; a host name has no underscore."""
    return app.replace("_", "-")


def app_addresses() -> dict[str, Address]:
    """Where each service and the gateway app listen, by name."""
    return {app: Address(host=host_of(app), port=APP_PORT) for app in (*SERVICES, GATEWAY)}


class SetupSettings(BaseSettings):
    """What the set-up jobs are told: each field is a variable SHOUTU_<FIELD>."""

    model_config = SettingsConfigDict(env_prefix="SHOUTU_", extra="ignore", frozen=True)

    home: Path = Field(Path("/var/lib/shoutu"), description="Where every secret is kept.")
    configuration: Path = Field(Path("/configuration"), description="A folder for each program, handed to it alone.")
    anchors: Path = Field(Path("/anchors"), description="A folder of seal anchors for each app.")
    demonstration_home: Path = Field(Path("/demonstration"), description="The clients of a demonstration.")
    public_url: str = Field("http://localhost:8080", description="Where the world reaches the platform.")
    trusted_proxies: int = Field(0, ge=0, description="How many proxies of our own stand before Envoy.")
    cors_origins: tuple[str, ...] = Field((), description="Browser applications that may ask, as JSON.")
