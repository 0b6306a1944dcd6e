"""What a person may choose about a running platform: each field is a variable SHOUTU_<FIELD>."""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from enum import StrEnum
from pathlib import Path
from typing import Self

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from infra.ports import LOCAL, Wanted, free_port
from libs.common.crypto import Suite

SERVICES = ("responsibility_registry", "risk_grading", "emergency_command", "public_reporting")
GATEWAY = "gateway"
APPS = (*SERVICES, GATEWAY)
"""Everything that owns a schema, database roles and a bus user."""


class Shape(StrEnum):
    """How the apps are spread over processes."""

    ONE = "one"
    MANY = "many"


def app_module(app: str) -> str:
    """The module that exposes `create_app` for one service or the gateway."""
    return "gateway.app" if app == GATEWAY else f"services.{app}.app"


class PlatformSettings(BaseSettings):
    """Settings of one platform on one machine. Port 0 asks for a free port (see `with_free_ports`)."""

    model_config = SettingsConfigDict(env_prefix="SHOUTU_", extra="ignore")

    home: Path = Field(Path(".shoutu"), description="Folder with data, secrets, logs and run files.")
    listen_host: str = Field("127.0.0.1", description="Address on which the front door listens.")
    public_url: str | None = Field(None, description="Where others reach the platform, if not at listen_host.")
    shape: Shape = Field(Shape.MANY, description="`many`: a process an app; `one`: all apps in one process.")
    demonstration: bool = Field(False, description="Demonstration city, tour and movable city clock.")
    crypto_suite: Suite = Field(Suite.AES_SHA2, description="aes-sha2, or sm4-sm3 for domestic cryptography.")
    key_seal_id: str = Field(
        "1",
        pattern=r"^[A-Za-z0-9._]{1,40}$",
        description="Names the seal of small secrets; another name makes another seal, and the old one still opens.",
    )
    quota_factor: int = Field(
        1, ge=1, le=1_000, description="How many times the shipped request quotas this city's callers may use."
    )
    log_level: str = Field("info", description="debug, info, warning or error.")

    gateway_port: int = Field(8080, ge=0, le=65535, description="The front door (Envoy).")
    gateway_app_port: int = Field(8090, ge=0, le=65535)
    responsibility_registry_port: int = Field(8091, ge=0, le=65535)
    risk_grading_port: int = Field(8092, ge=0, le=65535)
    emergency_command_port: int = Field(8093, ge=0, le=65535)
    public_reporting_port: int = Field(8094, ge=0, le=65535)
    envoy_admin_port: int = Field(8099, ge=0, le=65535)
    postgres_port: int = Field(8432, ge=0, le=65535)
    nats_port: int = Field(8422, ge=0, le=65535)
    nats_monitor_port: int = Field(8423, ge=0, le=65535)
    nats_leaf_port: int = Field(8424, ge=0, le=65535, description="Where agencies' own bus servers connect.")

    postgres_host: str = Field("127.0.0.1", description="Where upkeep finds PostgreSQL; it is started here only.")
    postgres_bin: Path | None = Field(None, description="Folder with the programs of PostgreSQL 18 or later.")
    postgres_user: str | None = Field(None, description="Unprivileged system user when started as root.")

    @property
    def gateway_url(self) -> str:
        """Where programs on this machine reach the platform."""
        host = "127.0.0.1" if self.listen_host in ("0.0.0.0", "::") else self.listen_host  # noqa: S104
        return f"http://{host}:{self.gateway_port}"

    @property
    def issuer(self) -> str:
        """Who issues tokens, byte for byte: the address under which the world knows the platform."""
        return self.public_url or self.gateway_url

    def port_of(self, app: str) -> int:
        """The port on which one app listens behind the gateway."""
        return int(getattr(self, port_field(app)))

    @property
    def ports(self) -> dict[str, int]:
        """The port of every field that holds one."""
        return {name: getattr(self, name) for name in PORT_FIELDS}

    def with_free_ports(self) -> Self:
        """A copy in which every port 0 is replaced by one that is free now, each by another."""
        chosen = {port for port in self.ports.values() if port}
        given: dict[str, int] = {}
        for name in (name for name, port in self.ports.items() if port == 0):
            given[name] = next(port for port in iter(free_port, None) if port not in chosen)
            chosen.add(given[name])
        return self.model_copy(update=given)

    def with_ports(self, chosen: Mapping[str, int]) -> Self:
        """A copy in which every port 0 is replaced by the one that a running platform has chosen for the field."""
        given = {name: chosen[name] for name, port in self.ports.items() if port == 0 and name in chosen}
        return self.model_copy(update=given)

    def wanted_ports(self) -> list[Wanted]:
        """Every port to listen on, with the variable that asks for it; only the front door may be asked from afar."""
        return [
            Wanted(port=port, setting=variable(name), host=self.listen_host if name == "gateway_port" else LOCAL)
            for name, port in self.ports.items()
        ]

    @classmethod
    def on_free_ports(cls, home: Path, **fields: object) -> Self:
        """Settings for a throw-away platform, every port free now."""
        values: dict[str, object] = {"home": home, **dict.fromkeys(PORT_FIELDS, 0), **fields}
        return cls.model_validate(values).with_free_ports()


PORT_FIELDS = tuple(name for name in PlatformSettings.model_fields if name.endswith("_port"))


def port_field(app: str) -> str:
    """The settings field that holds an app's port."""
    return "gateway_app_port" if app == GATEWAY else f"{app}_port"


def variable(field: str) -> str:
    """The environment variable that sets a field, for messages that say what to change."""
    return f"SHOUTU_{field.upper()}"


class SettingsWrong(Exception):
    """Settings that cannot be used; a line for each names the variable, what it holds and what it may hold."""


def chosen(shape: Shape | None = None) -> PlatformSettings:
    """The settings of the environment, with the shape that was asked for. Raises SettingsWrong."""
    try:
        return PlatformSettings() if shape is None else PlatformSettings(shape=shape)
    except ValidationError as error:
        wrong = [
            f"{variable(str(one['loc'][0]))}={one['input']} cannot be used: {one['msg']}" for one in error.errors()
        ]
        raise SettingsWrong("\n".join([*wrong, "Change or unset it and run the command again."])) from error


def misspelt(environment: Mapping[str, str]) -> Iterator[str]:
    """A sentence for each variable SHOUTU_… that is no setting and would be ignored in silence."""
    known = [variable(field) for field in PlatformSettings.model_fields]
    for name in sorted(environment):
        if name.upper().startswith("SHOUTU_") and name.upper() not in known:
            near = get_close_matches(name.upper(), known, n=1, cutoff=0.8)
            hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(known)}"
            yield f"{name} is no setting and is ignored; {hint}"
