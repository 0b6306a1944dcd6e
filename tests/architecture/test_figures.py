"""The figures that the house promises."""

from __future__ import annotations

import pytest

from tests.architecture.figures import figures


def test_functions_and_modules_stay_small(capsys: pytest.CaptureFixture[str]) -> None:
    found = figures()
    with capsys.disabled():
        print(f"\n{found}")  # noqa: T201
    assert found.function_median <= 10
    assert found.module_median <= 100
