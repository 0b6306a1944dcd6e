"""Gaps are opened once, changed and closed, so that the open ones are those that were found."""

from datetime import UTC, datetime
from uuid import UUID, uuid5

from hypothesis import given
from hypothesis import strategies as st

from services.responsibility_registry.gaps import rules
from services.responsibility_registry.gaps.policies import POLICY
from services.responsibility_registry.gaps.rules import Gap, Missing

NOW = datetime(2026, 10, 12, tzinfo=UTC)
SPACE = UUID(int=331)


def missing(link: str, *categories: str, why: str = "nobody", sector: str | None = None) -> Missing:
    return Missing(
        area_code="331002004000", link=link, tier="township", sector=sector, categories=categories, why=why
    )


def opened(one: Missing) -> Gap:
    return Gap(
        id=uuid5(SPACE, f"{one.link} {one.sector}"), version=1, area_code=one.area_code, sectors=(), exercise=False,
        correlation_id=SPACE, link=one.link, tier=one.tier, sector=one.sector, categories=one.categories,
        why=one.why, opened_at=NOW,
    )  # fmt: skip


def test_what_is_found_as_it_is_known_tells_nothing() -> None:
    one = missing("grid_post", "gas")
    assert rules.moves([opened(one)], [one], NOW) == rules.Moves(opened=(), changed=(), closed=())


def test_one_link_that_lacks_for_two_reasons_is_one_gap() -> None:
    found = [missing("deputy", "gas", why="vacant"), missing("deputy", "mine", "crowd")]
    (one,) = rules.moves([], found, NOW).opened
    assert (one.categories, one.why) == (("crowd", "gas", "mine"), "nobody")


def test_a_gap_that_is_found_no_more_closes_now_and_not_before_it_opened() -> None:
    told = rules.moves([opened(missing("grid_post", "gas"))], [], datetime(2026, 1, 1, tzinfo=UTC))
    assert [gap.closed_at for gap in told.closed] == [NOW]


some = st.builds(
    missing, st.sampled_from(["a", "b", "c"]), st.sampled_from(["gas", "mine"]),
    why=st.sampled_from(["nobody", "vacant"]), sector=st.sampled_from([None, "fire"]),
)  # fmt: skip


@given(st.lists(some), st.lists(some))
def test_after_the_moves_the_open_gaps_are_those_that_were_found(before: list[Missing], after: list[Missing]) -> None:
    known = [opened(one) for one in rules.moves([], before, NOW).opened]
    told = rules.moves(known, after, NOW)
    left = [gap for gap in known if gap.id not in {one.id for one in (*told.closed, *told.changed)}]
    now_open = [*left, *told.changed, *(opened(one) for one in told.opened)]
    assert rules.moves(now_open, after, NOW) == rules.Moves(opened=(), changed=(), closed=())
    assert len({(gap.link, gap.sector) for gap in now_open}) == len(now_open)


def test_the_shipped_policy_waits_before_it_looks() -> None:
    assert POLICY.settle_seconds >= POLICY.look_every_seconds > 0
    assert POLICY.source.startswith("[DEF]")
