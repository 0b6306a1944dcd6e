"""Every wall stands, and every wall would be noticed if it fell: each contract has violations planted against it."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.architecture.plants import PLANTS, Plant, build, plant

ROOT = Path(__file__).parents[2]
CONFIG = ROOT / "pyproject.toml"


def _contract_ids() -> set[str]:
    table = tomllib.loads(CONFIG.read_text("utf-8"))["tool"]["importlinter"]
    return {one["id"] for one in table["contracts"]}


def _judge(*trees: Path) -> dict[str, list[str]]:
    command = [sys.executable, "-m", "tests.architecture.walls.judge", str(CONFIG), *map(str, trees)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr[-4000:]
    found: dict[str, list[str]] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> dict[Plant | None, set[str]]:
    """What each planted violation breaks, and (under None) what the untouched small house breaks."""
    trees: dict[Path, Plant | None] = {}
    for violation in (None, *PLANTS):
        tree = tmp_path_factory.mktemp("house")
        build(tree)
        if violation is not None:
            plant(tree, violation.module, violation.source)
        trees[tree] = violation
    return {trees[Path(tree)]: set(ids) for tree, ids in _judge(*trees).items()}


def test_the_house_keeps_its_walls() -> None:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-logo"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]


def test_the_small_house_breaks_nothing(broken: dict[Plant | None, set[str]]) -> None:
    assert broken[None] == set()


@pytest.mark.parametrize("violation", PLANTS, ids=lambda one: f"{one.contract}: {one.module}: {one.source.strip()}")
def test_a_planted_violation_breaks_its_contract(violation: Plant, broken: dict[Plant | None, set[str]]) -> None:
    assert broken[violation] == {violation.contract, *violation.also}


def test_every_contract_has_a_planted_violation() -> None:
    assert {one.contract for one in PLANTS} == _contract_ids()
