"""The question who answers: by area, by point or by risk object, now, then, or as it was known; one or a thousand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from pydantic import TypeAdapter

from libs.common.clocks import city_day
from libs.common.db import Tx
from libs.common.problems import NotFound
from services.responsibility_registry.areas import actions as areas
from services.responsibility_registry.copies import store as copies
from services.responsibility_registry.copies.store import KnownObject
from services.responsibility_registry.duties import actions_register as register
from services.responsibility_registry.duties import rules_diff, rules_parties
from services.responsibility_registry.duties.actions_register import Posts
from services.responsibility_registry.duties.rules_chain import Chain
from services.responsibility_registry.duties.rules_diff import LinkChange
from services.responsibility_registry.duties.rules_parties import Completeness, PartyPolicy

PARTIES = TypeAdapter(PartyPolicy).validate_json((Path(__file__).parent / "policies" / "parties-1.json").read_bytes())

_AT_A_STRETCH = 16
"""So many chains are put together before others are answered."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PostName:
    """How a post is shown."""

    zh: str
    en: str
    kind: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Where:
    """How a caller names a place: by a risk object, by an area's code, or by a WGS 84 point."""

    area_code: str | None = None
    lon: float | None = None
    lat: float | None = None
    object_id: UUID | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """The area that was meant, and the risk object where one was named."""

    area_code: str
    known: KnownObject | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """Who answers for a category somewhere, at an instant; `known_at`: by what was on record then."""

    category: str
    where: Where
    at: datetime
    known_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """The chain, how its posts are called, and whether every party that the city counts is there. `one_of`: the areas
    among which one has to choose, where the code that was asked has become several, or came of several."""

    chain: Chain
    names: Mapping[UUID, PostName]
    place: Place
    parties: Completeness | None
    known_at: datetime | None
    one_of: tuple[str, ...]


async def place_of(tx: Tx, where: Where) -> Place | None:
    """The place that is meant; None where it is not said, or lies outside of every area.

    Raises NotFound (404) for a risk object that nobody told of, or out of the caller's scope.
    """
    found = (await places_of(tx, [where]))[0]
    if isinstance(found, NotFound):
        raise found
    return found


async def places_of(tx: Tx, wheres: Sequence[Where]) -> Sequence[Place | NotFound | None]:
    """The place of each, as `place_of` finds it, in a few statements for all of them. This is where places are found:
    another way to name one comes in here."""
    named = sorted({one.object_id for one in wheres if one.object_id is not None})
    objects = await copies.find_visible_objects(tx, named) if named else {}
    spots = [
        (one.lon, one.lat) for one in wheres
        if one.object_id is None and one.area_code is None and one.lon is not None and one.lat is not None
    ]  # fmt: skip
    located = dict(zip(spots, await areas.locate_each(tx, spots), strict=True)) if spots else {}
    found: list[Place | NotFound | None] = []
    for one in wheres:
        if one.object_id is not None:
            known = objects.get(one.object_id)
            found.append(NotFound("risk_objects", one.object_id) if known is None else Place(
                area_code=known.area_code, known=known
            ))  # fmt: skip
            continue
        code = one.area_code
        if code is None and one.lon is not None and one.lat is not None:
            code = located[one.lon, one.lat]
        found.append(None if code is None else Place(area_code=code))
    return found


async def ask(tx: Tx, category: str, place: Place, at: datetime, known_at: datetime | None = None) -> Answer:
    """Who answers there, with everything that an answer says."""
    entity = place.known.entity_name if place.known else ""
    found = await register.answered(tx, category, place.area_code, at, entity, known_at)
    return _answer(found.chain, found.posts, place, known_at, found.one_of)


async def ask_each(tx: Tx, questions: Sequence[Question]) -> Sequence[Answer | NotFound | None]:
    """As `ask`, for each of many; what is read is read once for all that ask of the same instants."""
    places = await places_of(tx, [one.where for one in questions])
    times = dict.fromkeys((one.at, one.known_at) for one in questions)
    answers: dict[int, Answer] = {}
    for at, known_at in times:
        asked = {
            number: place for number, (one, place) in enumerate(zip(questions, places, strict=True))
            if isinstance(place, Place) and (one.at, one.known_at) == (at, known_at)
        }  # fmt: skip
        found = await register.register_of(tx, {place.area_code for place in asked.values()}, at, known_at)
        for number, place in asked.items():
            chain = found.chain(questions[number].category, place.area_code, at)
            ground = found.grounds.get(place.area_code)
            one_of = ground.one_of if ground else ()
            answers[number] = _answer(chain, found.shown, place, known_at, one_of)
            if number % _AT_A_STRETCH == 0:
                await register.give_way()
    return [
        answers.get(number, place if isinstance(place, NotFound) else None) for number, place in enumerate(places)
    ]


async def who_by_name(tx: Tx, category: str, area_code: str, at: datetime) -> tuple[Chain, Mapping[UUID, PostName]]:
    """Who answers, and the names of the posts in it."""
    found = await ask(tx, category, Place(area_code=area_code), at)
    return found.chain, found.names


@dataclass(frozen=True, kw_only=True, slots=True)
class Diff:
    """What changed between two instants, each with its answer."""

    before: Answer
    after: Answer
    changes: tuple[LinkChange, ...]


async def diff(
    tx: Tx, category: str, place: Place, begins: datetime, ends: datetime, known_at: datetime | None = None
) -> Diff:
    """Which links of a place changed from one instant to another, and who replaced whom by which duty."""
    before = await ask(tx, category, place, begins, known_at)
    after = await ask(tx, category, place, ends, known_at)
    return Diff(before=before, after=after, changes=rules_diff.differences(before.chain, after.chain))


def names_of(ids: Iterable[UUID | None], posts: Posts) -> dict[UUID, PostName]:
    """How these posts are called; nothing of one that the registry does not know."""
    return {
        id_: PostName(zh=post.name_zh, en=post.name_en, kind=post.kind) for id_ in ids
        if id_ is not None and (post := posts.get(id_)) is not None
    }  # fmt: skip


def _answer(
    chain: Chain, posts: Posts, place: Place, known_at: datetime | None, one_of: tuple[str, ...]
) -> Answer:  # fmt: skip
    chosen = rules_parties.chosen_set(PARTIES, chain.area_code, city_day(chain.at))
    entity = None if place.known is None else bool(place.known.entity_name.strip())
    roles = {link.role for link in chain.links}
    return Answer(
        chain=chain, names=names_of((id_ for x in chain.links for id_ in (x.post_id, x.vacant_post_id)), posts),
        place=place, known_at=known_at, one_of=one_of,
        parties=None if chosen is None else rules_parties.completeness(chosen, roles, entity=entity),
    )  # fmt: skip
