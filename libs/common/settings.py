"""Settings of one service, read once by the process that starts it and passed in from there."""

from __future__ import annotations

import os
from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SecretsSettingsSource,
    SettingsConfigDict,
)

from libs.common.crypto import Suite
from libs.common.merkle import Algorithm

_ALGORITHMS = {Suite.AES_SHA2: Algorithm.SHA256, Suite.SM4_SM3: Algorithm.SM3}
SECRETS_FOLDER = "SHOUTU_SECRETS_FOLDER"
"""Names a folder with one file for each setting that must not stand in an environment."""


class ServiceSettings(BaseSettings):
    """What a service needs to run; every name has the prefix `SHOUTU_` in the environment.

    Where SHOUTU_SECRETS_FOLDER is set, a file of that folder, such as `shoutu_database_url`, counts like a
    variable of its name; a variable goes before a file.
    """

    model_config = SettingsConfigDict(env_prefix="SHOUTU_", extra="ignore", frozen=True)

    service: str = Field(description="the service's name, which is also its schema and its bus user")
    database_url: SecretStr = Field(description="the app role's connection")
    sealer_database_url: SecretStr | None = Field(default=None, description="the sealer role's connection")
    nats_url: str = "nats://127.0.0.1:4222"
    nats_user: str | None = None
    nats_password: SecretStr | None = None
    listen_host: str = "127.0.0.1"
    listen_port: int = Field(default=8000, ge=0, le=65535)
    issuer: str = Field(default="http://127.0.0.1:8080", description="the `iss` of tokens, byte for byte")
    jwks_url: str = Field(
        default="http://127.0.0.1:8080/.well-known/jwks.json", description="where the issuer's keys are"
    )
    audience: str = "shoutu"
    demonstration: bool = Field(default=False, description="a simulated clock and Server-Timing are allowed")
    log_level: str = "INFO"
    access_log: bool = True
    home: Path = Field(default=Path(".shoutu"), description="data and state of the local installation")
    trace_sample: float = Field(default=0.01, ge=0, le=1, description="part of new traces that is recorded")
    crypto_suite: Suite = Field(
        default=Suite.AES_SHA2,
        description="aes-sha2, or sm4-sm3 for domestic cryptography: of new seals; old ones stay readable",
    )
    body_limit_bytes: int = Field(default=1 << 20, ge=1024, description="the largest JSON body a door reads")

    @property
    def algorithm(self) -> Algorithm:
        """What the timeline is hashed with from now on."""
        return _ALGORITHMS[self.crypto_suite]

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments, the environment, and the folder of secrets where one is named; nothing else is read."""
        del dotenv_settings, file_secret_settings
        folder = os.environ.get(SECRETS_FOLDER)
        files = (SecretsSettingsSource(settings_cls, secrets_dir=folder),) if folder else ()
        return init_settings, env_settings, *files
