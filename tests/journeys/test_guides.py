"""The guides for programs, app backends and agencies run from top to bottom, and show what they say."""

import pytest

from infra.settings import Shape
from tests.journeys.guides import Step, followed, steps_of
from tests.journeys.running import RunningCity


@pytest.mark.parametrize("name", ["api-consumer", "mobile-backend", "agency"])
async def test_a_guide_runs_from_top_to_bottom_and_shows_what_it_says(city: RunningCity, name: str) -> None:
    settings = city.platform.settings
    if settings.shape is Shape.MANY:
        pytest.skip("once is enough: readers see no difference between the shapes")
    steps = steps_of(name)
    where = {
        "G": settings.gateway_url, "SHOUTU_HOME": str(settings.home), "SHOUTU_NATS_PORT": str(settings.nats_port),
    }  # fmt: skip
    printed = await followed(steps, where)
    wrong = [
        f"{step.commands}\nprinted\n{shown}\nnot\n{step.seen}"
        for step, shown in zip(steps, printed, strict=False)
        if not step.fits(shown)
    ]
    assert wrong == []
    assert len(printed) == len(steps) + 1, f"stopped at\n{steps[len(printed) - 1].commands}\n{printed[-1]}"


def test_every_step_of_the_three_guides_but_the_first_says_what_is_seen() -> None:
    for name in ("api-consumer", "mobile-backend", "agency"):
        silent = [step.commands for step in steps_of(name)[1:] if step.seen is None]
        assert silent == [], name


def test_what_is_printed_otherwise_than_the_page_says_is_noticed() -> None:
    step = Step("", "201\nwhsec_…\n")
    assert step.fits("201\nwhsec_abc\n")
    assert not step.fits("200\nwhsec_abc\n")
    assert not step.fits("201\n")
    assert not Step("", "a.c").fits("abc")


async def test_a_step_that_fails_stops_the_page() -> None:
    printed = await followed(
        [Step("echo one\n", None), Step("false\necho two\n", None), Step("echo three\n", None)], {}
    )
    assert printed == ["one\n", ""]
