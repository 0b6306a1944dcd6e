"""What the command line answers to mistakes, and when there is nothing to do."""

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from infra import cli, demonstration, home, upkeep
from infra.secrets import Secrets
from infra.settings import PORT_FIELDS, PlatformSettings, variable

Shoutu = Callable[..., SimpleNamespace]


@pytest.fixture
def shoutu(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Shoutu:
    """Run one command over a folder of its own, which is not there yet; its code and what it printed."""
    for name in [name for name in os.environ if name.startswith("SHOUTU_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("SHOUTU_HOME", str(tmp_path / "home"))

    def run(*arguments: str) -> SimpleNamespace:
        monkeypatch.setattr(sys, "argv", ["shoutu", *arguments])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        said = capsys.readouterr()
        return SimpleNamespace(code=ended.value.code or 0, said=said.out + said.err)

    return run


@pytest.fixture
def played(tmp_path: Path) -> Path:
    """A home over which the city was loaded and the tour played; nothing runs there."""
    folder = tmp_path / "home"
    Secrets(folder).keep("client/auditor", "x")
    (folder / "demonstration.json").write_text(json.dumps({"city": {}, "tour": {"Loop A": "0199-a"}}))
    return folder


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


MISTAKES: dict[str, tuple[tuple[str, ...], dict[str, str], str]] = {
    "a command that is none": (("tokn",), {}, "No such command 'tokn'. Did you mean 'token'?"),
    "an argument left out": (("token",), {}, "Missing argument 'subject'"),
    "a shape that is none": (("up", "--shape", "x"), {}, "'x' is not one of 'one', 'many'"),
    "a port that is no number": (("up",), {"SHOUTU_GATEWAY_PORT": "abc"}, "SHOUTU_GATEWAY_PORT=abc cannot be used"),
    "a home that cannot be": (("up",), {"SHOUTU_HOME": "/dev/null/x"}, "nothing can be kept in /dev/null/x"),
    "a home that is a file": (("up",), {"SHOUTU_HOME": __file__}, f"nothing can be kept in {__file__}"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_plain_mistake_is_two_lines_and_code_2(
    shoutu: Shoutu, monkeypatch: pytest.MonkeyPatch, mistake: str
) -> None:
    arguments, environment, sentence = MISTAKES[mistake]
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    answer = shoutu(*arguments)
    assert (answer.code, len(answer.said.splitlines())) == (2, 2), answer.said
    assert sentence in answer.said


def test_a_misspelt_setting_is_said_by_the_start_and_by_the_doctor(
    shoutu: Shoutu, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOUTU_GATEWAY_PROT", "9000")
    sentence = "SHOUTU_GATEWAY_PROT is no setting and is ignored; did you mean SHOUTU_GATEWAY_PORT?"
    assert sentence in shoutu("doctor").said
    for field in PORT_FIELDS:
        monkeypatch.setenv(variable(field), "9001")  # two settings for one port: it ends before anything starts
    assert sentence in shoutu("up").said
    monkeypatch.delenv("SHOUTU_GATEWAY_PROT")
    monkeypatch.setenv("SHOUTU_WHATEVER", "1")
    assert "SHOUTU_WHATEVER is no setting and is ignored; there are SHOUTU_HOME, " in shoutu("doctor").said


@pytest.mark.parametrize(
    "command", ["status", "doctor", "token x", "tour", "verify", "replay", "migrate", "down", "clean"]
)
def test_a_command_where_nothing_has_run_makes_nothing(shoutu: Shoutu, tmp_path: Path, command: str) -> None:
    answer = shoutu(*command.split())
    assert list(tmp_path.iterdir()) == []
    if command.split()[0] not in ("doctor", "down", "clean"):
        assert (answer.code, "no platform has ever run over" in answer.said) == (1, True)


def test_what_is_removed_is_what_a_platform_keeps(shoutu: Shoutu, played: Path) -> None:
    (played / "logs").mkdir()
    (played / "letter.txt").write_text("mine")
    answer = shoutu("clean")
    assert (answer.code, names(played)) == (0, ["letter.txt"])
    assert "left there: letter.txt" in answer.said
    Secrets(played).of("x")
    (played / "letter.txt").unlink()
    assert shoutu("clean").code == 0
    assert not played.exists()
    assert "nothing to remove" in shoutu("clean").said


def test_a_folder_that_is_no_home_is_never_removed(shoutu: Shoutu, tmp_path: Path) -> None:
    (tmp_path / "home" / "run").mkdir(parents=True)
    (tmp_path / "home" / "logs").mkdir()
    assert (shoutu("clean").code, shoutu("down").code) == (1, 0)
    assert names(tmp_path / "home") == ["logs", "run"]
    assert names(tmp_path / "home" / "run") == []


def test_data_that_lie_elsewhere_go_with_their_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ours, theirs = tmp_path / "root" / "0123", tmp_path / "theirs"
    monkeypatch.setattr(home, "ROOT_DATA", tmp_path / "root")
    for data in (ours, theirs):
        data.mkdir(parents=True)
        folder = tmp_path / f"home-{data.name}"
        Secrets(folder).of("x")
        (folder / "postgres").symlink_to(data)
        assert home.remove(folder) == []
        assert not folder.exists()
    assert (ours.exists(), theirs.exists()) == (False, True)


def test_a_tour_that_was_played_says_how_to_play_it_anew_over_this_home(
    shoutu: Shoutu, played: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOUTU_GATEWAY_PORT", "0")
    answer = shoutu("tour")
    assert answer.code == 1
    assert f"`SHOUTU_HOME={played} make clean`" in answer.said
    assert f"`SHOUTU_HOME={played} make run`" in answer.said


def test_a_mistyped_subject_is_told_who_there_is(shoutu: Shoutu, played: Path) -> None:
    answer = shoutu("token", "auditer")
    assert (answer.code, "nobody here is called auditer; did you mean auditor?" in answer.said) == (1, True)
    [listed] = [word for word in answer.said.split() if word.endswith("clients.json")]
    assert '"auditor"' in Path(listed).read_text("utf-8")
    (played / "demonstration.json").unlink()
    assert "shoutu load-city" in shoutu("token", "auditer").said


def test_no_dead_letters_is_said(shoutu: Shoutu, played: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def none(*_: object, **__: object) -> list[upkeep.Outcome]:
        return []

    monkeypatch.setattr(upkeep, "replay", none)
    assert "There are no dead letters: nothing to replay." in shoutu("replay").said
    assert "There are no dead letters of gateway" in shoutu("replay", "gateway").said


def test_a_later_start_shows_again_where_to_look(played: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings = PlatformSettings(home=played)
    cli._print_addresses(settings, demonstration.traces(settings))
    shown = capsys.readouterr().out
    for path in ("/docs", "/openapi.json", "/health/ready", "/v1/traces/0199-a"):
        assert f"{settings.issuer}{path}" in shown
    (played / "demonstration.json").write_text('["city", "tour"]')
    assert demonstration.traces(settings) == {}
    with pytest.raises(demonstration.DemonstrationFailed):
        demonstration.require_not_played(settings)
