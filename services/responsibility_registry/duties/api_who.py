"""The doors of the question who answers: one, many, and what changed between two instants."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Query
from pydantic import AwareDatetime
from starlette.responses import Response

from libs.common.db import Tx
from libs.common.doors import Read
from libs.common.forms import AreaCode, Code
from libs.common.languages import Said, spoken
from libs.common.openapi import refuses
from libs.common.problems import FieldError, NotFound, Problem, Unprocessable
from libs.common.strict_routes import router
from libs.common.validation import InvalidParameter
from services.responsibility_registry.duties import actions_simulate, actions_who
from services.responsibility_registry.duties.actions_who import Answer, Diff, Place, Question, Where
from services.responsibility_registry.duties.forms import (
    BulkIn,
    BulkOut,
    ChainOut,
    DiffOut,
    show_answer,
    show_diff,
)
from services.responsibility_registry.duties.forms_simulate import SimulatedOut, SimulateIn, show_simulated
from services.responsibility_registry.duties.rules_simulate import CannotTry, NoPartThere, TrialRunning

responsible_routes = router("responsible", prefix="/v1/responsible")
_MOST_TIMES = 50
_NO_PLACE = Said(
    "请给出 area_code、object_id，或市内的 lon 和 lat。",
    "give an area_code, an object_id, or lon and lat inside the city",
)


class PlaceUnknown(Problem):
    """One question of many names no place, or a point outside of every area."""

    status = 422
    code = "place_unknown"
    title = Said("地点不明", "The place is not known")
    advice = _NO_PLACE


async def asked_where(
    area_code: AreaCode | None = None,
    lon: Annotated[float | None, Query(ge=-180, le=180)] = None,
    lat: Annotated[float | None, Query(ge=-90, le=90)] = None,
    object_id: Annotated[
        UUID | None, Query(description="a risk object: its place and its responsible entity")
    ] = None,
) -> Where:
    """The query parameters of a place."""
    return Where(area_code=area_code, lon=lon, lat=lat, object_id=object_id)


AskedWhere = Annotated[Where, Depends(asked_where)]
KnownAt = Annotated[AwareDatetime | None, Query(description="by what was on record then, not by what is known now")]


@responsible_routes.get("", response_model=ChainOut, summary="谁负责 Who answers", responses=refuses(NotFound))
async def who(
    door: Read, category: Code, where: AskedWhere, at: AwareDatetime | None = None, known_at: KnownAt = None
) -> Response:
    """The whole chain for a category at a place and an instant, bottom up, with gaps and substitutes.

    Each link names the clause that chose it, who was passed over and why ([S] Work Safety Law 2021 Art 3). For a past
    instant, posts stand as they stood then. With `known_at` a duty that was entered late or corrected since counts as
    it was on record. `parties` says whether all are there that the city counts (四方责任, [SEED]). `truncated` says
    that there were more duties here than were looked at: those that ended longest ago are left out. A code that was
    merged, split or replaced is followed to where the ground lay at that instant (`area_code`); where that is one of
    several areas, `one_of` names them and the tiers above answer.
    """

    async def find(tx: Tx) -> Answer:
        return await actions_who.ask(tx, category, await _place(tx, where), at or tx.now, known_at)

    return await door.look(find, lambda found, _: show_answer(found))


@responsible_routes.post(
    "/bulk", response_model=BulkOut, summary="批量查询谁负责 Who answers, many at once",
    responses=refuses(PlaceUnknown),
)  # fmt: skip
async def who_each(body: BulkIn, door: Read) -> Response:
    """Up to 1,000 questions, with one answer or problem for each, in their order; it writes nothing. They may ask of
    50 different instants."""
    if len({one.at for one in body.questions}) > _MOST_TIMES:
        detail = Said(f"最多 {_MOST_TIMES} 个不同时刻。", f"at most {_MOST_TIMES} different instants")
        raise Unprocessable(errors=[FieldError("too_many_times", detail, pointer="#/questions")])

    async def find(tx: Tx) -> Sequence[Answer | NotFound | None]:
        asked = [
            Question(category=one.category, where=one.where(), at=one.at or tx.now, known_at=body.known_at)
            for one in body.questions
        ]
        return await actions_who.ask_each(tx, asked)

    return await door.look(find, lambda found, _: {"answers": [_one(each) for each in found]})


@responsible_routes.get(
    "/diff", response_model=DiffOut, summary="两个时刻之间责任的变化 What changed between two instants",
    responses=refuses(NotFound),
)  # fmt: skip
async def diff(
    door: Read,
    category: Code,
    where: AskedWhere,
    begins: Annotated[AwareDatetime, Query(alias="from")],
    ends: Annotated[AwareDatetime, Query(alias="to")],
    known_at: KnownAt = None,
) -> Response:
    """The links of a chain that changed from one instant to another: who replaced whom, by which duty and clause."""

    async def find(tx: Tx) -> Diff:
        return await actions_who.diff(tx, category, await _place(tx, where), begins, ends, known_at)

    return await door.look(find, lambda found, _: show_diff(found))


@responsible_routes.post(
    "/simulate", response_model=SimulatedOut, summary="推演责任调整 Try a reassignment or a vacancy",
    responses=refuses(CannotTry, NoPartThere, TrialRunning),
)  # fmt: skip
async def simulate(body: SimulateIn, door: Read) -> Response:
    """What changes would do, without saving anything: which links of which chains would change, and which gaps and
    overlaps would open or close. For everybody who holds a role in the area, one trial at a time. Up to 50 changes
    over up to 100 areas; a second first-responsible post, which the registry refuses, comes out as an overlap."""
    changes = [one.tried() for one in body.changes]
    return await door.look(
        lambda tx: actions_simulate.simulate(tx, body.area_code, body.categories, changes, body.at or tx.now),
        lambda found, _: show_simulated(found),
    )


async def _place(tx: Tx, where: Where) -> Place:
    place = await actions_who.place_of(tx, where)
    if place is None:
        raise InvalidParameter(errors=[FieldError("required", _NO_PLACE, parameter="area_code", place="query")])
    return place


def _one(found: Answer | NotFound | None) -> dict[str, Any]:
    if isinstance(found, Answer):
        return {"answer": show_answer(found), "problem": None}
    problem = found or PlaceUnknown()
    language = spoken()
    said = {"code": problem.code, "title": problem.title.to(language), "detail": problem.detail.to(language)}
    return {"answer": None, "problem": said}
