"""What differs between two chains."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.responsibility_registry.duties import rules_chain, rules_diff
from services.responsibility_registry.duties.rules import Duty, Post
from services.responsibility_registry.duties.rules_chain import Chain, Why
from services.responsibility_registry.duties.rules_diff import LinkTurn
from tests.responsibility_registry.duties.cases import (
    DUTIES,
    EVENING,
    POLICY,
    POSTS,
    VILLAGE,
    SomePost,
    duty,
    post_id,
)

LATER = EVENING + timedelta(days=1)


def chain(duties: tuple[Duty, ...] = DUTIES, posts: dict[object, SomePost] | None = None) -> Chain:
    known: dict[object, Post] = {**POSTS, **(posts or {})}
    return rules_chain.chain("rental_house_fire", VILLAGE, EVENING, duties, known, POLICY)  # type: ignore[arg-type]


def ended(role: str) -> tuple[Duty, ...]:
    return tuple(replace(one, valid_to=EVENING) if one.role == role else one for one in DUTIES)


def test_nothing_differs_from_itself() -> None:
    assert rules_diff.differences(chain(), chain()) == ()


def test_a_link_that_passes_to_another_post_says_from_whom_to_whom_and_by_which_duty() -> None:
    successor = duty("grid_post", VILLAGE, post="successor", since=EVENING)
    posts = {successor.post_id: SomePost(id=successor.post_id)}
    (one,) = rules_diff.differences(chain(), chain((*ended("grid_post"), successor), posts))  # type: ignore[arg-type]
    assert (one.role, one.change, one.gap) == ("grid_post", LinkTurn.REPLACED, None)
    assert one.before is not None
    assert one.after is not None
    assert (one.before.post_id, one.after.post_id) == (post_id(f"grid_post {VILLAGE}"), successor.post_id)
    assert one.after.duty_id == successor.id


def test_a_link_that_empties_is_named_with_the_gap_and_the_same_read_backwards_is_filled() -> None:
    before, after = chain(), chain(ended("village_head"))
    (one,) = rules_diff.differences(before, after)
    assert (one.role, one.change, one.after, one.gap) == ("village_head", LinkTurn.EMPTIED, None, Why.NOBODY)
    (back,) = rules_diff.differences(after, before)
    assert (back.change, back.before, back.after) == (LinkTurn.FILLED, None, one.before)


def test_the_same_post_by_another_duty_is_regrounded() -> None:
    again = replace(duty("grid_post", VILLAGE, since=EVENING), clause="新责任清单")
    (one,) = rules_diff.differences(chain(), chain((*ended("grid_post"), again)))
    assert (one.role, one.change) == ("grid_post", LinkTurn.REGROUNDED)


roles = sorted({one.role for one in DUTIES})


@given(st.sets(st.sampled_from(roles)), st.sets(st.sampled_from(roles)))
def test_a_diff_tells_exactly_the_links_that_are_in_one_chain_only(gone: set[str], later_gone: set[str]) -> None:
    before = chain(tuple(one for one in DUTIES if one.role not in gone))
    after = chain(tuple(one for one in DUTIES if one.role not in later_gone))

    def keys(found: Chain) -> set[tuple[str, str, str | None]]:
        return {(link.role, link.tier, link.sector) for link in found.links}

    told = {(one.role, one.tier, one.sector): one.change for one in rules_diff.differences(before, after)}
    assert {key for key, change in told.items() if change is LinkTurn.EMPTIED} == keys(before) - keys(after)
    assert {key for key, change in told.items() if change is LinkTurn.FILLED} == keys(after) - keys(before)
    assert set(told.values()) <= {LinkTurn.EMPTIED, LinkTurn.FILLED}
