"""What the registry keeps beyond its orders: places, who sits where, meetings, evaluations and tours, one of each."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from libs.common.ids import new_id
from libs.common.scope import Grant, Scope
from libs.contracts.gaps import GapOpened, GapState
from libs.contracts.leads import LeadTransferred
from libs.contracts.orders import OrderBatchIssued
from libs.contracts.rosters import ShiftGapFacts, ShiftGapOpened
from libs.contracts.sample_values import cast
from services.responsibility_registry.duty_records.actions import NewRecord, enter_record
from services.responsibility_registry.evaluations import actions, actions_appeals
from services.responsibility_registry.evaluations.actions import NewEvaluation
from services.responsibility_registry.evaluations.rules import BodyKind, Evaluation
from services.responsibility_registry.gaps.rules import Gap
from services.responsibility_registry.gaps.store import record_gap
from services.responsibility_registry.leads.actions import state_of
from services.responsibility_registry.leads.rules import Hop, Lead, LeadState
from services.responsibility_registry.leads.store import record_lead
from services.responsibility_registry.order_batches.rules import Batch, BatchRow
from services.responsibility_registry.order_batches.store import add_batch
from services.responsibility_registry.rosters import actions_shifts, actions_swaps, store_gaps
from services.responsibility_registry.rosters.actions_shifts import Assigned
from services.responsibility_registry.rosters.actions_swaps import NewSwap
from services.responsibility_registry.rosters.rules import Member
from services.responsibility_registry.rosters.rules_gaps import ShiftGap
from services.responsibility_registry.rosters.rules_shifts import Uncovered
from services.responsibility_registry.stages import actions as stages
from tests.authorization.callers import BY_SUBJECT, COUNTY, EVERYBODY, OTHER, OWN, PARENT
from tests.authorization.house import House
from tests.authorization.operations import NEIGHBOURS, Ids
from tests.authorization.planting_credit import plant_credit

_SERVICE = "responsibility_registry"
_COUNTY, _STREET = COUNTY[0], "331002004000"
_ORGANIZATION = "5d3c1f52-8a0e-5c0b-9f4e-2f3a61a0c711"
OFFICE = "5d3c1f52-8a0e-5c0b-9f4e-2f3a61a0c712"
"""The body that hands leads over to the one of the examples."""
_DEPUTIES = ("5d3c1f52-8a0e-5c0b-9f4e-2f3a61a0c702", "5d3c1f52-8a0e-5c0b-9f4e-2f3a61a0c703")
"""Posts that the examples speak of."""
_GROUND = (
    '{"type": "Polygon", "coordinates": [[[121.41, 28.64], [121.46, 28.64], [121.46, 28.69], [121.41, 28.69],'
    " [121.41, 28.64]]]}"
)
"""The ground of the street, for grids to lie in."""


async def plant_places(house: House) -> None:
    """The areas around the village, and the posts of the street and of everybody in the county."""
    await _made(house, "administrator", "/v1/areas/import", {"items": [
        _area(_COUNTY, "county", "331000000000"), _area(_STREET, "township", _COUNTY) | {"shape": _GROUND},
        _area("331002005000", "township", _COUNTY), *(_area(code, "village", _STREET) for code in NEIGHBOURS),
    ]})  # fmt: skip
    own = [one.scope.post_id for one in EVERYBODY if one.scope and one.relation in (OWN, OTHER)]
    posts = [_post(str(one), "county", _COUNTY) for one in own]
    posts += [_post(one, "township", _STREET) for one in _DEPUTIES]
    await _made(house, "administrator", "/v1/posts/import", {"items": posts})


async def plant_registry(house: House, ids: Ids) -> None:
    """Everything else; what comes later speaks of what came before."""
    body = ids["/v1/bodies/"]
    meeting = {
        "body_id": body, "kind": "regular", "title": "第三季度例会", "agenda": "听取整治进展", "place": "街道会议室",
        "planned_at": "2026-12-10T06:00:00Z",
    }  # fmt: skip
    held = (await _made(house, "leader", "/v1/meetings", meeting))["id"]
    said = {"chaired_by": _DEPUTIES[0], "attended": [_DEPUTIES[0]]}
    await _made(house, "leader", f"/v1/meetings/{held}/hold", said, headers={"If-Match": "*"})
    grid = {
        "code": "331002004000009R", "kind": "railway", "name": "铁路护路九段(演示)", "area_code": _STREET,
        "buffer_m": 200, "document": "铁路护路网格划分方案 2026-3号",
        "geometry": {"type": "LineString", "coordinates": [[121.431, 28.662], [121.436, 28.665]]},
    }  # fmt: skip
    charge = {
        "id": str(new_id()), "template": "road_chiefs", "link": "township_road_chief", "area_code": _STREET,
        "post_id": _DEPUTIES[0], "document": "路长名册", "valid_from": "2026-12-01",
    }  # fmt: skip
    await _made(house, "administrator", "/v1/chain-assignments/import", {"items": [charge]})
    ids["/v1/chain-assignments/"] = charge["id"]
    ids["/v1/duty-records/"] = await _done(house)
    ids["/v1/organizations/"] = _ORGANIZATION
    ids["/v1/grids/"] = (await _made(house, "administrator", "/v1/grids", grid))["id"]
    ids |= {f"POST /v1/meetings/{{meeting_id}}/{verb}": held for verb in ("minutes", "decide")}
    async with house.databases[_SERVICE].unit_of_work(Scope.of_system("look for gaps")) as tx:
        gap = Gap(
            id=new_id(), version=0, area_code=cast.VILLAGE, sectors=("fire",), exercise=False,
            correlation_id=new_id(), link="sector_supervisor", tier="county", sector="fire",
            categories=("ebike_charging",), why="nobody", opened_at=tx.now,
        )  # fmt: skip
        told = {name: getattr(gap, name) for name in GapState.model_fields}
        await record_gap(tx, gap, GapOpened(state=GapState(**told)))
    about = {"about_kind": "hazard", "about_id": str(cast.HAZARD.id), "purpose": "核查"}
    await _made(house, "auditor", "/v1/liability-traces", about)
    async with house.databases[_SERVICE].unit_of_work(Scope.of_system("ask for a report")) as tx:
        stage = await stages.plan_stage(tx, UUID(ids["/v1/orders/"]), new_id(), "过半", tx.now + timedelta(hours=6))
    ids["/v1/order-stages/"] = str(stage.id)
    ids["/v1/order-batches/"] = str(await _batch(house))
    await _evaluate(house, ids)
    await _roster(house, ids)
    await _hand_over(house, ids)
    ids |= {"/v1/firm-records/": "91331002MA28G0000D", "/v1/post-records/": _DEPUTIES[0]}
    await plant_credit(house, ids)


async def _roster(house: House, ids: Ids) -> None:
    """Shifts that the inspector of the county stands, now and later; the administrator is asked to take the last; and
    an hour that nobody stands."""
    doors = house.databases[_SERVICE]
    stands, keeps, free = (BY_SUBJECT[f"{role}, {OWN}"] for role in ("inspector", "administrator", "grid_member"))
    assert stands.post_id
    assert keeps.post_id
    assert free.post_id
    made = []
    for day in (20, 26, 27):
        begins = datetime(2026, 12, day, 0, 30, tzinfo=UTC)
        new = Assigned(
            id=new_id(), roster_id=UUID(ids["/v1/rosters/"]), rota="officer", member=Member(post_id=stands.post_id),
            begins_at=begins, ends_at=begins + timedelta(days=1), reason="元旦前加强值守",
        )  # fmt: skip
        async with doors.unit_of_work(keeps) as tx:
            made.append(await actions_shifts.assign_shift(tx, new))
    to = Member(post_id=keeps.post_id)
    swap = NewSwap(id=new_id(), shift_id=made[2].id, with_shift_id=None, to=to, reason="家中有事")
    async with doors.unit_of_work(stands) as tx:
        ids["/v1/shift-swaps/"] = str((await actions_swaps.ask_swap(tx, swap)).id)
    ids["/v1/shifts/"], ids["POST /v1/shift-swaps"] = (str(one.id) for one in made[1:])
    ids["a post that is free"] = str(free.post_id)
    async with doors.unit_of_work(Scope.of_system("tell gaps")) as tx:
        hour = ShiftGap(
            id=new_id(), version=0, area_code=_STREET, sectors=(), exercise=False, correlation_id=new_id(),
            roster_id=made[0].roster_id, roster_name="值班室", rota="officer", role="duty_officer",
            day=date(2026, 12, 22),
            begins_at=tx.now + timedelta(days=1), ends_at=tx.now + timedelta(days=2), missing=1,
            why=Uncovered.NOBODY, opened_at=tx.now,
        )  # fmt: skip
        told = {name: getattr(hour, name) for name in ShiftGapFacts.model_fields}
        await store_gaps.record_gap(tx, hour, ShiftGapOpened(gap=ShiftGapFacts(**told)))


async def _hand_over(house: House, ids: Ids) -> None:
    """Two leads that lie with the bureau, whose posts the leader's and the inspector's of the county are: one waits
    to be signed for, of one the answer is due."""
    office = {
        "id": OFFICE, "code": "331002000000-safety_office", "name_zh": "安委办(演示)", "name_en": "Safety office",
        "kind": "department", "area_code": _COUNTY, "sectors": ["fire"], "valid_from": "2019-01-01",
    }  # fmt: skip
    await _made(house, "administrator", "/v1/organizations/import", {"items": [office]})
    own = [str(BY_SUBJECT[f"{role}, {OWN}"].post_id) for role in ("leader", "inspector")]
    posts = [_post(one, "county", _COUNTY) | {"organization_id": _ORGANIZATION} for one in own]
    await _made(house, "administrator", "/v1/posts/import", {"items": posts})
    sender, receiver = UUID(OFFICE), UUID(_ORGANIZATION)
    for key, state in (("/v1/leads/", LeadState.SENT), ("POST /v1/leads/{lead_id}/conclude", LeadState.RECEIVED)):
        async with house.databases[_SERVICE].unit_of_work(Scope.of_system("hand over")) as tx:
            hop = Hop(from_organization_id=sender, to_organization_id=receiver, by_post=UUID(_DEPUTIES[0]), at=tx.now)
            lead = Lead(
                id=new_id(), version=0, area_code=cast.VILLAGE, sectors=("fire",), exercise=False,
                correlation_id=new_id(), kind="other_department", title="线索", grounds="夹层住人", attachments=(),
                case_id=None, from_organization_id=sender, to_organization_id=receiver, hops=(hop,), sent_at=tx.now,
                receipt_due_at=tx.now + timedelta(days=3), state=state, policy_version="lead_limits-1",
            )  # fmt: skip
            ids[key] = str((await record_lead(tx, lead, LeadTransferred(state=state_of(lead)))).id)


async def _done(house: House) -> str:
    """A visit in the village, by a post of the street."""
    async with house.databases[_SERVICE].unit_of_work(_acting("appellant")) as tx:
        visit = NewRecord(
            id=new_id(), kind="visit", post_id=None, pairing_id=None, object_id=None, grid_id=None,
            area_code=cast.VILLAGE, duty_code="", done_at=tx.now, lon=None, lat=None, words="走访出租房",
            values={"problems_found": 1}, evidence=(), serves=(),
        )  # fmt: skip
        return str((await enter_record(tx, visit)).id)


async def _batch(house: House) -> UUID:
    """A batch of the village; its order is another one."""
    async with house.databases[_SERVICE].unit_of_work(Scope.of_system("issue a batch")) as tx:
        row = BatchRow(post_id=UUID(_DEPUTIES[0]), area_code=cast.VILLAGE, code="vacant_post", zh="空缺", en="vacant")
        batch = Batch(
            id=new_id(), version=0, area_code=cast.VILLAGE, sectors=("fire",), exercise=False,
            correlation_id=new_id(), kind="task", category="ebike_charging", words="夜间巡查",
            issued_by=row.post_id, issued_at=tx.now, rows=(row,),
        )  # fmt: skip
        event = OrderBatchIssued(kind="task", category="ebike_charging", orders=(), refused=1, issued_by=row.post_id)
        return (await add_batch(tx, batch, event)).id


async def _evaluate(house: House, ids: Ids) -> None:
    """An evaluation that is open, one under review, and two that are published, one of them with an appeal.

    By people of their own: who had a hand in one is refused afterwards for that, and not for what they may.
    """
    doors = house.databases[_SERVICE]

    async def by(who: str, verb: Any, *told: Any, **said: Any) -> Any:
        async with doors.unit_of_work(_acting(who)) as tx:
            return await verb(tx, *told, **said)

    async def handed_in(first: date, last: date) -> Evaluation:
        opened = await by("committee", actions.open_evaluation, _evaluation(first, last))
        submitted: Evaluation = await by("committee", actions.submit_evaluation, opened.id, None)
        return submitted

    opened = await by("committee", actions.open_evaluation, _evaluation(date(2026, 7, 1), date(2026, 9, 30)))
    reviewed = await handed_in(date(2026, 4, 1), date(2026, 6, 30))
    shown = []
    for month in (1, 2):
        published = await handed_in(date(2026, month, 1), date(2026, month, 28))
        await by("reviewer", actions.publish_evaluation, published.id, None)
        listed = await house.ask(
            _SERVICE, "GET", "/v1/evaluation-publications", f"leader, {PARENT}",
            params={"evaluation_id": str(published.id)},
        )  # fmt: skip
        shown.append(listed.json()["items"][0]["id"])
    appeal = await by(
        "appellant", actions_appeals.lodge_appeal, UUID(shown[0]), _COUNTY, "该指令单已于期限内办结", ()
    )
    ids["POST /v1/evaluations/{evaluation_id}/submit"] = str(opened.id)
    ids["/v1/evaluations/"] = str(reviewed.id)
    ids["/v1/evaluation-publications/"] = shown[1]
    ids["/v1/evaluation-appeals/"] = str(appeal.id)


def _evaluation(first: date, last: date) -> NewEvaluation:
    return NewEvaluation(
        name=f"{first} 县区考核", area_code=_COUNTY, pack_code="area_safety", body_kind=BodyKind.AREAS,
        among="county", first_day=first, last_day=last,
    )  # fmt: skip


def _acting(who: str) -> Scope:
    """A leader of the county whom nobody else is; the appellant by a post that the county has."""
    post = UUID(_DEPUTIES[0]) if who == "appellant" else uuid5(UUID(_ORGANIZATION), who)
    grant = Grant(area_from=COUNTY[0], area_to=COUNTY[1], sectors=None, role="leader")
    return Scope(subject=who, client_id=who, posts=frozenset({post}), post_id=post, grants=(grant,))


def _area(code: str, level: str, parent: str) -> dict[str, Any]:
    return {"code": code, "name": f"演示{code}", "level": level, "parent_code": parent, "valid_from": "2020-01-01"}


def _post(post_id: str, tier: str, area: str) -> dict[str, Any]:
    return {
        "id": post_id, "code": f"{area}-{post_id}", "name_zh": "岗位", "name_en": "A post", "kind": "official",
        "tier": tier, "area_code": area, "sectors": [], "organization": "演示",
    }  # fmt: skip


async def _made(house: House, role: str, path: str, body: dict[str, Any], **sent: Any) -> dict[str, Any]:
    answer = await house.ask(_SERVICE, "POST", path, f"{role}, {PARENT}", json=body, **sent)
    assert answer.status_code < 300, (path, answer.text)
    told: dict[str, Any] = answer.json()
    return told
