"""What stands beside the slices of a service is shared by them: it knows none of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.emergency_command.resources.policies import SECTORS
from services.emergency_command.vocabulary import CAPABILITIES

SERVICES = Path(__file__).parents[2] / "services"
OURS = ("emergency_command", "risk_grading")
_WIRES = "app.py"


@pytest.mark.parametrize("service", OURS)
def test_a_module_beside_the_slices_opens_no_slice_of_its_own(service: str) -> None:
    home = SERVICES / service
    slices = [folder.name for folder in home.iterdir() if (folder / "__init__.py").exists()]
    for module in (file for file in home.glob("*.py") if file.name not in (_WIRES, "__init__.py")):
        said = module.read_text("utf-8")
        assert [name for name in slices if f'"{name}/' in said or f"{service}.{name}" in said] == [], module.name


def test_slices_and_doors_read_one_table_of_what_teams_can_do() -> None:
    assert frozenset(SECTORS.capabilities) == CAPABILITIES
    assert SECTORS.capabilities["fire"] == ("fire",)
