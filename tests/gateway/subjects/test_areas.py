"""Rights follow areas: what was given over exactly an area holds over what became of it, and over nothing else."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

from gateway.subjects.actions_areas import follow_area
from gateway.subjects.listen import LISTENS
from gateway.subjects.rules import GivenGrant, give
from gateway.subjects.rules_areas import BY_SUCCESSION, inherited
from libs.common.places import area_range
from libs.common.scope import Scope
from libs.contracts.areas import AreaMerged, AreaSplit
from tests.gateway.running import Running
from tests.gateway.subjects.test_rules import NOW, grant, subject

OLD, NEW, OTHER = "331002051000", "331002052000", "331002053000"
BECOMES = {area_range(OLD): [area_range(NEW)], area_range(NEW): [area_range(OLD)]}
DAY = datetime(2027, 1, 1, tzinfo=UTC)


def over(code: str, **changes: object) -> GivenGrant:
    first, last = area_range(code)
    return replace(grant(), area_from=first, area_to=last, **changes)  # type: ignore[arg-type]


def heirs(*grants: GivenGrant) -> tuple[GivenGrant, ...]:
    return inherited(replace(subject(), grants=grants), BECOMES, DAY, "批复", NOW, uuid4)


def test_a_right_over_exactly_an_area_is_given_over_its_successor_by_the_same_dates() -> None:
    held = over(OLD, valid_to=DAY + timedelta(days=9), sectors=("fire",))
    (heir,) = heirs(held)
    assert (heir.area_from, heir.area_to) == area_range(NEW)
    assert (heir.valid_from, heir.valid_to, heir.sectors) == (DAY, held.valid_to, ("fire",))
    assert (heir.given_by, heir.reason, heir.given_at) == (BY_SUCCESSION, "批复", NOW)
    assert heir.id != held.id


def test_wider_narrower_and_ended_rights_stay_as_they_are() -> None:
    assert heirs(over("331002000000"), over("331002051201"), over(OLD, valid_to=DAY), over(OTHER)) == ()


def test_the_same_succession_told_twice_gives_nothing_twice() -> None:
    held = over(OLD)
    (heir,) = heirs(held)
    assert heirs(held, heir) == ()
    assert len(give(replace(subject(), grants=(held,)), heir).grants) == 2


def test_both_kinds_of_succession_are_heard() -> None:
    assert {one.event for one in LISTENS} == {AreaMerged, AreaSplit}


async def test_whoever_held_the_old_area_sees_the_new_one_and_the_other_way_round(gateway: Running) -> None:
    def given(code: str) -> dict[str, object]:
        first, last = area_range(code)
        return {"role": "inspector", "area_from": first, "area_to": last, "sectors": ["fire"], "reason": "test"}

    before, after = await gateway.register([given(OLD)]), await gateway.register([given(NEW)])
    elsewhere = await gateway.register([given(OTHER)])

    async def follow() -> int:
        async with gateway.app.state.runtime.database.unit_of_work(Scope.of_system("test")) as tx:
            return await follow_area(tx, OLD, [NEW], date(2026, 1, 1), "批复 2026-31号")

    assert (await follow(), await follow()) == (2, 0)
    for made, codes in ((before, {OLD, NEW}), (after, {OLD, NEW}), (elsewhere, {OTHER})):
        headers = await gateway.bearer(made["client_id"], made["client_secret"])
        shown = (await gateway.http.get("/v1/me", headers=headers)).json()
        assert {one["area_from"] for one in shown["grants"]} == codes
