"""Posts that are named as present: believed where the registry knows them, they are held and reach the area."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

import pytest

from libs.common.ids import new_id
from libs.common.problems import RoleMissing
from services.risk_grading.hazards import actions
from services.risk_grading.hazards.rules import Hazard
from services.risk_grading.hazards.rules_presence import PresenceNotBelieved
from tests.risk_grading.hazards.test_verbs import LIMITED, ON_THE_SPOT
from tests.risk_grading.village import (
    FIRE_OFFICE,
    FOREIGN_POST,
    GRID_MEMBER,
    GRID_POST,
    LEADER,
    PHOTO,
    PHOTO_AFTER,
    POLICE,
    VACANT,
    Village,
)

NOBODY = UUID(int=99)
REFUSED = {
    "unknown_post": (NOBODY,), "vacant_post": (VACANT,), "out_of_reach": (FOREIGN_POST,),
    "acting_post": (GRID_POST,),
}  # fmt: skip


async def _verify(village: Village, hazard: Hazard, with_posts: Sequence[UUID]) -> Hazard:
    asked = replace(LIMITED, with_posts=tuple(with_posts))
    return await village.act(GRID_MEMBER, lambda tx: actions.verify_hazard(tx, hazard.id, 1, asked))


async def _fix(village: Village, hazard: Hazard, with_posts: Sequence[UUID]) -> Hazard:
    return await village.act(
        GRID_MEMBER,
        lambda tx: actions.fix_hazard(
            tx, hazard.id, None, words="断电移车", before=(PHOTO,), after=(PHOTO_AFTER,), with_posts=with_posts
        ),
    )


@pytest.mark.parametrize(("code", "named"), REFUSED.items(), ids=REFUSED)
async def test_a_post_that_cannot_have_been_there_is_refused_by_its_place_in_the_list(
    village: Village, code: str, named: tuple[UUID, ...]
) -> None:
    hazard = await village.reported()
    with pytest.raises(PresenceNotBelieved) as refused:
        await _verify(village, hazard, (POLICE, *named))
    assert [(at, said) for at, said, _ in refused.value.errors] == [("/with_posts/1", code)]
    assert (await village.hazard(hazard.id)).version == 1


async def test_a_post_is_named_once(village: Village) -> None:
    hazard = await village.reported()
    with pytest.raises(PresenceNotBelieved) as refused:
        await _verify(village, hazard, (POLICE, FIRE_OFFICE, POLICE))
    assert [(at, said) for at, said, _ in refused.value.errors] == [("/with_posts/2", "twice")]


async def test_posts_that_were_there_are_hands(village: Village) -> None:
    hazard = await village.reported()
    after = await _verify(village, hazard, (POLICE, FIRE_OFFICE))
    assert after.hands == (GRID_POST, POLICE, FIRE_OFFICE)


async def test_the_same_holds_for_a_fix_on_the_spot(village: Village) -> None:
    hazard = await village.reported()
    await village.act(GRID_MEMBER, lambda tx: actions.verify_hazard(tx, hazard.id, 1, ON_THE_SPOT))
    with pytest.raises(PresenceNotBelieved) as refused:
        await _fix(village, hazard, (VACANT,))
    assert refused.value.errors[0][:2] == ("/with_posts/0", "vacant_post")
    assert (await _fix(village, hazard, (POLICE,))).hands == (GRID_POST, POLICE)


async def test_whoever_may_not_verify_learns_nothing_of_posts(village: Village) -> None:
    hazard = await village.reported()
    asked = replace(LIMITED, with_posts=(new_id(),))
    with pytest.raises(RoleMissing) as refused:
        await village.act(LEADER, lambda tx: actions.verify_hazard(tx, hazard.id, 77, asked))
    assert "version" not in str(refused.value.extra)
