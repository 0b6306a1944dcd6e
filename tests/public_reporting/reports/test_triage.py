"""Triage on a real database: a report goes to an area that somebody here answers for."""

from __future__ import annotations

from datetime import date

import pytest

from libs.common.db import Database
from libs.common.ids import new_id
from libs.common.scope import Grant, Scope
from services.public_reporting.copies.model import area_copies
from services.public_reporting.reports import actions, store
from services.public_reporting.reports.actions_commands import OutsideTheCity, Told, Triage
from services.public_reporting.reports.rules import HazardStage, Report, ReportState, Source
from tests.cluster import FreshDatabase

TOWNSHIP, VILLAGE, NEIGHBOUR, NOWHERE = "331002004000", "331002004208", "331002005201", "331002999999"
SYSTEM = Scope.of_system("test")
POST = new_id()
CALL_TAKER = Scope(
    subject="call-taker", client_id="test", posts=frozenset({POST}), post_id=POST,
    grants=(Grant(area_from=TOWNSHIP, area_to="331002004999", sectors=None, role="call_taker"),),
)  # fmt: skip
TOLD = Told(
    id=None, source=Source.RESIDENT, category="gas", words="x", area_code=VILLAGE, place=None, place_words="x"
)


def triaged_to(area_code: str) -> Triage:
    return Triage(category="gas", area_code=area_code, sectors=("gas",), urgent=False, life_at_risk=False)


async def received(database: Database) -> Report:
    """A report in a city of two villages."""
    async with database.unit_of_work(SYSTEM) as tx:
        for code in (VILLAGE, NEIGHBOUR):
            known = {"name": code, "level": "village", "valid_from": date(2020, 1, 1)}
            row = {"id": new_id(), "version": 1, "code": code, "parent_code": f"{code[:9]}000", **known}
            await tx.execute(area_copies.insert().values(row))
    async with database.unit_of_work(CALL_TAKER) as tx:
        return (await actions.receive(tx, TOLD)).report


async def test_a_report_is_not_sent_where_nobody_answers_for_it(fresh_database: FreshDatabase) -> None:
    database = Database(fresh_database.url("public_reporting_app"), service="public_reporting", pool_size=2)
    try:
        report = await received(database)
        with pytest.raises(OutsideTheCity):
            async with database.unit_of_work(CALL_TAKER) as tx:
                await actions.accept_report(tx, report.id, None, triaged_to(NOWHERE))
        async with database.unit_of_work(CALL_TAKER) as tx:
            assert (await store.find_report(tx, report.id)).state is ReportState.RECEIVED
            accepted = await actions.accept_report(tx, report.id, None, triaged_to(NEIGHBOUR))
        assert (accepted.state, accepted.area_code) == (ReportState.ACCEPTED, NEIGHBOUR)
    finally:
        await database.close()


async def test_everybody_who_reported_a_hazard_follows_it_however_many_they_are(
    fresh_database: FreshDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "MOST_AT_ONCE", 2)
    database = Database(fresh_database.url("public_reporting_app"), service="public_reporting", pool_size=2)
    hazard = new_id()
    try:
        told = [(await received(database)).id]
        async with database.unit_of_work(CALL_TAKER) as tx:
            told += [(await actions.receive(tx, TOLD)).id for _ in range(4)]
            for report_id in told:
                await actions.accept_report(tx, report_id, None, triaged_to(VILLAGE))
        async with database.unit_of_work(SYSTEM) as tx:
            await actions.follow_hazard(tx, hazard, HazardStage.REGISTERED, told)
            assert await store.ids_following(tx, hazard, []) == sorted(told)
    finally:
        await database.close()
