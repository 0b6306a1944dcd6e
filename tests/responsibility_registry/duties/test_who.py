"""Who answers, read in one look, answers the same bytes as when everything is read whole and looked through."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any
from uuid import UUID

from sqlalchemy import Executable

from libs.common.answers import dump
from libs.common.db import Row, Tx
from libs.common.scope import Scope
from services.responsibility_registry.duties import rules, store
from services.responsibility_registry.duties.actions import POLICY, import_duties
from services.responsibility_registry.duties.actions_who import PostName, who_by_name
from services.responsibility_registry.duties.forms import show_chain
from services.responsibility_registry.duties.rules import Duty
from services.responsibility_registry.duties.rules_reassign import contradicts
from services.responsibility_registry.organizations.actions import import_posts
from services.responsibility_registry.organizations.rules import Post, Tier
from tests.cluster import FreshDatabase
from tests.responsibility_registry.duties import plain_chain
from tests.responsibility_registry.stage import (
    BEGAN,
    COUNTY,
    SYSTEM,
    TOWNSHIP,
    VILLAGE,
    administrator,
    duty_of,
    stage,
)

CITY, NEXT_VILLAGE = "331000000000", "331002004209"
PLACES = (VILLAGE, NEXT_VILLAGE, TOWNSHIP, COUNTY, CITY)
QUESTIONS = 400
SECTORS: tuple[tuple[str, ...], ...] = ((), (), ("fire",), ("gas",), ("fire", "industry"))
CATEGORIES: tuple[tuple[str, ...], ...] = ((), (), ("gas",), ("rental_house_fire", "gas"), ("ebike_charging",))


class Listening(Tx):
    """A transaction that counts what it reads."""

    def __init__(self, tx: Tx) -> None:
        super().__init__(tx.connection, tx.service, tx.scope, tx.caller, tx.now, tx.cause)
        self.reads = 0

    async def all(self, statement: Executable, parameters: Mapping[str, Any] | None = None) -> Sequence[Row]:
        self.reads += 1
        return await Tx.all(self, statement, parameters)


def some_posts(random: Random) -> list[Post]:
    """Posts of which many are vacant, with substitutes that may be vacant too, in rings as well."""
    plain = [
        Post(
            id=UUID(int=random.getrandbits(128)), version=0, area_code=random.choice(PLACES), sectors=(),
            exercise=False, correlation_id=UUID(int=1), code=f"post {number}", name_zh=f"岗位{number}",
            name_en=f"Post {number}", kind="post", tier=Tier.VILLAGE, organization="test", vacant=False,
        )
        for number in range(60)
    ]  # fmt: skip
    return [
        replace(post, vacant=True, substitute_post_id=random.choice([None, *(other.id for other in plain)]))
        if random.random() < 0.4 and post != plain[0]
        else post
        for post in plain
    ]


def some_duties(random: Random, posts: Sequence[Post]) -> list[Duty]:
    """Duties that overlap, have ended, have not begun, or are for others."""
    roles = sorted({link.role for link in rules.all_links(POLICY)})
    made: list[Duty] = []
    for _ in range(900):
        role, begins = random.choice(roles), BEGAN + timedelta(days=random.choice((0, 0, 10, 20)))
        plain = duty_of(random.choice(posts).id, role, random.choice(PLACES), begins)
        ends = random.choice((None, None, begins + timedelta(days=random.choice((5, 10, 40)))))
        one = replace(
            plain, id=UUID(int=random.getrandbits(128)), sectors=random.choice(SECTORS),
            categories=random.choice(CATEGORIES), valid_to=ends, clause=f"责任清单 第{len(made)}项",
        )  # fmt: skip
        # The database refuses two first-responsible posts for the same at once; the stage has some for everything.
        of_all = role.endswith("_first") and not one.sectors and not one.categories
        if not of_all and not any(contradicts(one, other) for other in made):
            made.append(one)
    return made


async def test_some_hundred_random_questions_are_answered_as_by_reading_everything(
    fresh_database: FreshDatabase,
) -> None:
    random = Random(331)
    async with stage(fresh_database) as town:
        posts = some_posts(random)
        held = [replace(post, vacant=False, substitute_post_id=None) for post in posts]
        async with town.database.unit_of_work(administrator()) as tx:
            await import_posts(tx, held)
            await import_posts(tx, [replace(post, correlation_id=UUID(int=2)) for post in posts])
            await import_duties(tx, some_duties(random, posts))
        asked = [rule.category for rule in POLICY.categories] + ["drones"]
        vacant = 0
        async with town.database.unit_of_work(Scope(subject="anybody")) as tx:
            for _ in range(QUESTIONS):
                category, place = random.choice(asked), random.choice(PLACES)
                at = BEGAN + timedelta(days=random.choice((-1, 0, 7, 15, 300)), seconds=random.choice((0, 1)))
                found, names = await who_by_name(tx, category, place, at)
                duties, known = await plain_chain.read(tx, place)
                plain = plain_chain.chain(category, place, at, duties, known, POLICY)
                named = {link.post_id for link in plain.links} | {link.vacant_post_id for link in plain.links}
                its_names = {
                    id_: PostName(zh=post.name_zh, en=post.name_en, kind=post.kind)
                    for id_, post in known.items() if id_ in named
                }  # fmt: skip
                assert dump(show_chain(found, names)) == dump(show_chain(plain, its_names))
                vacant += sum(link.vacant_post_id is not None for link in found.links)
        assert vacant > QUESTIONS


async def test_one_look_is_enough_where_nobody_stands_in(fresh_database: FreshDatabase) -> None:
    async with stage(fresh_database) as town, town.database.unit_of_work(SYSTEM) as tx:
        listening = Listening(tx)
        found, names = await who_by_name(listening, "ebike_charging", VILLAGE, tx.now)
        assert listening.reads == 1
        assert {link.post_id for link in found.links} == set(names)


async def test_who_has_no_scope_learns_nothing_of_who_holds_what(fresh_database: FreshDatabase) -> None:
    async with stage(fresh_database) as town, town.database.unit_of_work(Scope(subject="")) as tx:
        assert (await store.find_around(tx, [VILLAGE, TOWNSHIP])).duties == []
