"""One thing of each noun, planted through the ears and doors that make it."""

from __future__ import annotations

from itertools import product
from uuid import UUID

import asyncpg
import httpx

from gateway.app import prepare
from gateway.feed.actions import keep_events
from gateway.settings import GatewaySettings
from gateway.subjects import actions as subjects
from gateway.subjects.rules import WHOLE_CITY, Kind
from infra import documents
from infra.settings import APPS, GATEWAY, SERVICES
from libs.common.db import Database
from libs.common.ids import new_id
from libs.common.scope import Scope
from libs.common.watches import sweep_all
from libs.contracts.event import producer_of
from libs.contracts.sample_values import cast
from libs.contracts.sample_values.everything import TOLD
from services.emergency_command.incidents import actions as incidents
from services.emergency_command.incidents.rules import Casualties
from services.responsibility_registry.accountability import watch as accountability
from tests.authorization.callers import BY_SUBJECT, CITIZEN, ENDED, FIRM, JTI, OWNER, PARENT, PARTICIPANT, REVOKED
from tests.authorization.house import House
from tests.authorization.operations import Ids, operations, sent_with
from tests.authorization.planting_pressed import plant_pressed
from tests.authorization.planting_registry import plant_places, plant_registry
from tests.cluster import FreshDatabase
from tests.contracts.feeding import StillDatabase, courses, delivery_of, feed
from tests.contracts.standing import STANDING
from tests.emergency_command import night as nights

_SUBJECT = "person-01a13000-79e0-714e-b493-4270173b7a98"
"""Who the examples put into a post."""
_FOUND = {
    "/v1/areas/": f"SELECT '{cast.VILLAGE}'",
    "/v1/accountability-cases/": "SELECT id FROM responsibility_registry.accountability_cases",
    "/v1/accountability-cases/{case_id}/measures/": "SELECT id FROM responsibility_registry.measures ORDER BY key",
    "/v1/liability-traces/": "SELECT trace_id FROM responsibility_registry.accountability_cases",
    "/v1/trace-documents/": "SELECT trace_id FROM responsibility_registry.accountability_cases",
    "/v1/risk-objects/": f"SELECT '{cast.WORKSHOP.id}'",
    "/v1/rule-packs/": "SELECT 'lec-1'",
    "/v1/assessments/": "SELECT id FROM risk_grading.assessments",
    "/v1/hazards/": f"SELECT '{cast.HAZARD.id}'",
    "/v1/alarms/": "SELECT id FROM emergency_command.alarms ORDER BY id",
    "/v1/incidents/": "SELECT id FROM emergency_command.incidents WHERE state = 'open'",
    "/v1/dispatches/": "SELECT id FROM emergency_command.dispatches ORDER BY id",
    "/v1/leader-calls/": "SELECT id FROM emergency_command.leader_calls ORDER BY id",
    "/v1/reviews/": "SELECT id FROM emergency_command.reviews",
    "/v1/teams/": f"SELECT id FROM emergency_command.teams WHERE area_code = '{nights.VILLAGE}'",
    "/v1/reports/": f"SELECT '{cast.SEEN.id}'",
    "/v1/imports/templates/": "SELECT 'risk-objects'",
    "/v1/imports/templates/{noun}.": "SELECT 'xlsx'",
    "/docs/guides/": "SELECT 'events'",
    "/v1/downloads/": "SELECT 'nobody-was-given-this-code-of-a-result'",
    "/v1/file-contents/": "SELECT '01a13000-79e0-714e-b493-4270173b7a98'",
    "/v1/posts/": "SELECT '5d3c1f52-8a0e-5c0b-9f4e-2f3a61a0c701'",
    "/v1/duty-ledger/": "SELECT 'post'",
    "/v1/public-credit/firms/": "SELECT '91331002MA2DEM000J'",
    "/v1/duty-ledger/{bearer}/": "SELECT '5d3c1f52-8a0e-5c0b-9f4e-2f3a61a0c701'",
    "/v1/orders/": "SELECT id FROM responsibility_registry.orders WHERE object_id IS NOT NULL",
    "/v1/timeline/": f"SELECT id FROM risk_grading.timeline WHERE aggregate_id = '{cast.HAZARD.id}'",
    "/v1/traces/": f"SELECT '{cast.HAZARD.correlation_id}'",
}  # fmt: skip
"""What ears and sweeps made."""
_BEHIND = {"/v1/subjects/": f"SELECT id FROM gateway.subjects WHERE subject = '{OWNER}'"}
"""What doors made beside what was asked for."""
_MADE = (
    ("administrator", "POST /v1/areas/import", ""),
    ("administrator", "POST /v1/posts/import", ""),
    ("security_administrator", "POST /v1/tenures", "/v1/tenures/"),
    ("administrator", "POST /v1/duties", "/v1/duties/"),
    ("administrator", "POST /v1/duty-items", "/v1/duty-items/"),
    ("administrator", "POST /v1/chain-templates", "/v1/chain-templates/"),
    ("administrator", "POST /v1/organizations/import", ""),
    ("leader", "POST /v1/bodies", "/v1/bodies/"),
    ("leader", "POST /v1/meetings", "/v1/meetings/"),
    ("administrator", "POST /v1/evaluation-packs", "/v1/evaluation-packs/"),
    ("administrator", "POST /v1/credit-packs", "/v1/credit-packs/"),
    ("inspector", "POST /v1/credit-firms", "/v1/credit-firms/"),
    ("inspector", "POST /v1/credit-feedback", "/v1/credit-feedback/"),
    ("auditor", "POST /v1/inspection-tours", "/v1/inspection-tours/"),
    ("auditor", "POST /v1/tour-visits", "/v1/tour-visits/"),
    ("leader", "POST /v1/letters", "/v1/letters/"),
    ("agency", "POST /v1/enforcement-facts", "/v1/enforcement-facts/"),
    ("inspector", "POST /v1/liability-links", "/v1/liability-links/"),
    ("leader", "POST /v1/commendations", "/v1/commendations/"),
    ("leader", "POST /v1/pairings", "/v1/pairings/"),
    ("administrator", "POST /v1/work-lists", "/v1/work-lists/"),
    ("leader", "POST /v1/rosters", "/v1/rosters/"),
    ("leader", "POST /v1/contacts", "/v1/contacts/"),
    ("administrator", "POST /v1/calendar-years", "/v1/calendar-years/"),
    ("agency", "POST /v1/warnings", "/v1/warnings/"),
    (CITIZEN, "POST /v1/reports", "/v1/tracking/"),
    ("system_administrator", "POST /v1/clients", "/v1/clients/"),
    ("system_administrator", "POST /v1/agencies", "/v1/agencies/"),
    ("system_administrator", "POST /v1/people", "/v1/people/"),
    ("system_administrator", "POST /v1/identity-providers", "/v1/identity-providers/"),
    ("security_administrator", "POST /v1/external-identities", "/v1/external-identities/"),
    (OWNER, "POST /v1/exports", "/v1/jobs/"),
    ("security_administrator", "POST /v1/subjects/{id}/give-grant", "/v1/subjects/{id}/grants/"),
    ("security_administrator", "POST /v1/subjects/{id}/give-party", "/v1/subjects/{id}/parties/"),
    ("security_administrator", "POST /v1/post-roles", "/v1/post-roles/"),
    ("inspector", "POST /v1/entry-links", "/v1/entry-links/"),
    ("auditor", "POST /v1/erasures", "/v1/erasures/"),
    (OWNER, "POST /v1/files", "/v1/files/"),
    (OWNER, "POST /v1/uploads", "/v1/uploads/"),
    (OWNER, "POST /v1/webhooks", "/v1/webhooks/"),
    (OWNER, "POST /v1/webhooks/{webhook_id}/test", "/v1/webhooks/{webhook_id}/deliveries/"),
)  # fmt: skip
"""What is made through the doors: by whom, through which operation, and whose id that gives."""
_PLANTED_WITH = {"POST /v1/files": {"capture": "true"}}
"""What is asked for in planting only: not everybody may."""
_NAMED = {operation.name: operation for operation in operations()}
_SERVICE_OF = {
    key: operation.service for operation in _NAMED.values() for key in (operation.name, *operation.prefixes)
}  # fmt: skip


async def plant(house: House, fresh: FreshDatabase) -> Ids:
    """Everything that paths speak of; the ids by the prefix of their paths."""
    gateway = house.apps[GATEWAY].runtime.settings
    assert isinstance(gateway, GatewaySettings)
    async with house.keeping():
        assert await prepare(house.databases[GATEWAY], gateway), "keys and administrators"
        await _open_subjects(house)
    await _let_be_heard(fresh)
    await _burn(fresh)
    superuser = await asyncpg.connect(fresh.superuser_url)
    try:
        await _know_people_and_places(superuser)
        await _stands_duty(superuser)
        ids: Ids = {}
        async with house.keeping():
            for prefix, asked in _FOUND.items():
                ids[prefix] = await _found(superuser, asked)
            await plant_places(house)
            for by, name, prefix in _MADE:
                ids |= {one: await _found(superuser, _BEHIND[one]) for one in _NAMED[name].prefixes if one in _BEHIND}
                await _through_the_door(house, ids, by, name, prefix)
            await plant_registry(house, ids)
            await plant_pressed(house, ids)
        await _take_part(superuser, ids)
    finally:
        await superuser.close()
    return ids


async def _let_be_heard(fresh: FreshDatabase) -> None:
    """What the samples tell, as three of the services hear it."""
    for service in documents.services():
        if service.name == "emergency_command":
            continue
        doors = StillDatabase(fresh.url(f"{service.name}_app"), service=service.name, pool_size=2)
        try:
            if service.name in STANDING:
                async with doors.unit_of_work(Scope.of_system("standing")) as tx:
                    await STANDING[service.name](tx)
            assert not (await feed(courses(service, doors))).failures
            if service.name == GATEWAY:
                await _keep_in_the_feed(doors)
            if service.name == "responsibility_registry":
                await sweep_all(doors, accountability.WATCHES)
        finally:
            await doors.close()


async def _keep_in_the_feed(doors: Database) -> None:
    async with doors.unit_of_work(Scope.of_system("keep feed")) as tx:
        told = [sample for sample in TOLD if producer_of(sample.event.type) in SERVICES]
        early = await keep_events(
            tx, [(f"gateway-keeps-{producer_of(one.event.type)}", delivery_of(one, new_id()), 1) for one in told]
        )
    assert not early


async def _open_subjects(house: House) -> None:
    """Everybody is known to the gateway, under the city itself, so that only who administers all of it sees them."""
    async with house.databases[GATEWAY].unit_of_work(Scope.of_system("planting")) as tx:
        for subject in BY_SUBJECT:
            if subject != OWNER:
                await subjects.open_subject(tx, subject=subject, kind=Kind.PERSON, area_code=WHOLE_CITY)


async def _burn(fresh: FreshDatabase) -> None:
    """A night with one fire that has ended and one that burns, whose leaders are called."""
    async with nights.opened(fresh) as night:
        ended = await nights.burning(night)
        await night.act(nights.DUTY, lambda tx: incidents.close(tx, ended, None, None, ""), time="02:50:00")
        await night.sweep("open_reviews")
        alarm = await night.raised(nights.BRIGADE, nights.call(), time="08:00:00")
        assert alarm.incident_id is not None
        burning = alarm.incident_id
        await night.act(nights.DUTY, lambda tx: incidents.tell_harm(tx, burning, None, Casualties(dead=1), 0))


async def _know_people_and_places(superuser: asyncpg.Connection) -> None:
    """What a bus would bring that nobody here tells: the village, and who may be put into a post."""
    for service, area in product(("risk_grading", "public_reporting"), (cast.VILLAGE, cast.WORKSHOP_VILLAGE)):
        await superuser.execute(
            f"INSERT INTO {service}.area_copies (id, version, code, name, level, valid_from)"
            f" SELECT $1, 1, $2, '村', 'village', '2020-01-01'"
            f" WHERE NOT EXISTS (SELECT 1 FROM {service}.area_copies WHERE code = $2)",
            new_id(), area,
        )  # fmt: skip
    for app in APPS:
        await superuser.executemany(
            f"INSERT INTO {app}.access_grants (id, subject, kind, version, posts, parties, grants, ended)"
            " VALUES ($1, $2, 'person', 1, '[]', '[]', '[]', $3)",
            [(new_id(), ENDED, True), (new_id(), REVOKED, False)],
        )
        await superuser.execute(f"INSERT INTO {app}.revoked_tokens (jti, expires_at) VALUES ($1, '2100-01-01')", JTI)
    await superuser.execute(
        "INSERT INTO responsibility_registry.access_grants (id, subject, kind, version, posts, grants)"
        " VALUES ($1, $2, 'person', 1, '[]', '[]')", new_id(), _SUBJECT,
    )  # fmt: skip


async def _stands_duty(superuser: asyncpg.Connection) -> None:
    """Somebody who is on duty around the village, as command heard it."""
    await superuser.execute(
        "INSERT INTO emergency_command.shift_copies (id, version, roster_id, roster_kind, roster_name, place, role,"
        " area_code, post_id, begins_at, ends_at, cancelled) VALUES ($1, 1, $1, 'duty_room', '值班室', '', "
        " 'duty_officer', '331002004000', $1, '2020-01-01', '2100-01-01', false)", new_id(),
    )  # fmt: skip


async def _found(superuser: asyncpg.Connection, asked: str) -> str:
    found = await superuser.fetchval(f"{asked} LIMIT 1")
    assert found is not None, asked
    return str(found)


async def _through_the_door(house: House, ids: Ids, by: str, name: str, prefix: str) -> None:
    """Make one thing as somebody who may; what comes later speaks of what came before."""
    operation = _NAMED[name]
    sent = sent_with(house, operation, ids)
    sent["params"] = {**sent["params"], **_PLANTED_WITH.get(name, {})}
    sent["headers"] |= {"If-Match": "*"} if operation.entrance.if_match else {}
    subject = by if by in (OWNER, CITIZEN) else f"{by}, {PARENT}"
    answer = await house.ask(operation.service, operation.method, operation.at(ids), subject, **sent)
    assert answer.status_code < 300, (name, answer.text)
    if prefix:
        ids[prefix] = _named_in(answer, prefix)


def _named_in(answer: httpx.Response, prefix: str) -> str:
    """The id of what was made: in the body, or in the Location of an upload."""
    if not answer.content:
        return answer.headers["location"].rpartition("/")[2]
    told = answer.json()
    match prefix.rpartition("/")[0].rpartition("/")[2]:
        case "tracking":
            return str(told["tracking_code"])
        case "grants" | "parties" as given:
            return str(told[given][0]["id"])
    return str(told["id"])


async def _take_part(superuser: asyncpg.Connection, ids: Ids) -> None:
    """One party takes part in everything that is planted, and the notice is served on a firm of its own."""
    for service in SERVICES:
        named = [UUID(one) for prefix, one in ids.items() if _SERVICE_OF.get(prefix) == service and len(one) == 36]
        await superuser.executemany(
            f"INSERT INTO {service}.participants (aggregate_id, party_id, part) VALUES ($1, $2, 'joint')"
            " ON CONFLICT DO NOTHING",
            [(one, PARTICIPANT) for one in named],
        )
    await superuser.execute(
        "INSERT INTO responsibility_registry.participants (aggregate_id, party_id, part) VALUES ($1, $2, 'entity')",
        UUID(ids["/v1/orders/"]), FIRM,
    )  # fmt: skip
