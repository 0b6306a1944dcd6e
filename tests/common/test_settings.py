"""Settings from the environment and from a folder of secrets."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from gateway.settings import GatewaySettings
from libs.common.settings import SECRETS_FOLDER, ServiceSettings


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of secrets that the environment names."""
    monkeypatch.setenv(SECRETS_FOLDER, str(tmp_path))
    monkeypatch.setenv("SHOUTU_SERVICE", "risk_grading")
    (tmp_path / "shoutu_database_url").write_text("postgresql://a:b@database:5432/shoutu\n")
    return tmp_path


def test_secrets_are_read_from_files(folder: Path) -> None:
    (folder / "shoutu_nats_password").write_text("the bus's own")
    settings = ServiceSettings()
    assert settings.database_url.get_secret_value() == "postgresql://a:b@database:5432/shoutu"
    assert settings.nats_password is not None
    assert settings.nats_password.get_secret_value() == "the bus's own"


def test_a_variable_goes_before_a_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert folder.exists()
    monkeypatch.setenv("SHOUTU_DATABASE_URL", "postgresql://from/the/environment")
    assert ServiceSettings().database_url.get_secret_value() == "postgresql://from/the/environment"


def test_without_the_folder_a_missing_secret_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(SECRETS_FOLDER, raising=False)
    monkeypatch.delenv("SHOUTU_DATABASE_URL", raising=False)
    with pytest.raises(ValidationError, match="database_url"):
        ServiceSettings(service="risk_grading")


def test_the_gateway_reads_its_own_secrets_there_too(folder: Path) -> None:
    (folder / "shoutu_key_seal").write_text("k" * 43)
    settings = GatewaySettings(**ServiceSettings().model_dump())
    assert settings.key_seal.get_secret_value() == "k" * 43


def test_no_secret_shows_itself(folder: Path) -> None:
    assert folder.exists()
    assert "a:b" not in repr(ServiceSettings())
