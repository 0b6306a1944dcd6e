"""The doors of duty records, of how a pairing is kept, and of missed periods."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query
from starlette.responses import Response

from libs.common.aggregates import load
from libs.common.db import Tx
from libs.common.doors import Change, Read, Write
from libs.common.forms import AreaCode, Code, PageOut
from libs.common.openapi import refuses
from libs.common.pagination import Asked, Page, listed, page
from libs.common.places import Place
from libs.common.problems import IdTaken, NotFound, PostUnsaid
from libs.common.scope import Scope
from libs.common.strict_routes import router
from services.responsibility_registry.duty_records import actions, actions_cadence, rules, store
from services.responsibility_registry.duty_records.actions import Fulfilled
from services.responsibility_registry.duty_records.actions_cadence import PeriodShown
from services.responsibility_registry.duty_records.forms import (
    DutyRecordIn,
    DutyRecordOut,
    FieldRuleOut,
    FulfilledOut,
    FulfilmentOut,
    MissedPeriodOut,
    PeriodOut,
    PeriodsOut,
    RecordKindOut,
    RecordKindsOut,
    RecordLabelOut,
    WithdrawRecordIn,
)
from services.responsibility_registry.duty_records.rules import About, DutyRecord, RecordKind
from services.responsibility_registry.duty_records.rules_cadence import MissedPeriod

routes = router("duty-records", prefix="/v1/duty-records")
pairing_routes = router("pairings", prefix="/v1/pairings")
missed_routes = router("missed-periods", prefix="/v1/missed-periods")
_SAME = tuple(name for name in DutyRecordOut.model_fields if name not in {"actions", "place", "duty_item"})
_ENTERING = (PostUnsaid, NotFound, rules.NotYourDuty, rules.DutyRecordWrong, IdTaken)


def show(record: DutyRecord, scope: Scope) -> DutyRecordOut:
    """A record, and what the caller may do with it now."""
    mine = record.post_id in scope.takes_part_as
    point = None
    if record.lon is not None and record.lat is not None:
        point = Place(lon=record.lon, lat=record.lat)
    said = {name: getattr(record, name) for name in _SAME}
    return DutyRecordOut.model_validate({
        **said, "duty_item": record.duty_code or None, "place": point,
        "actions": rules.open_moves(record) if mine else (),
    })  # fmt: skip


@routes.get("/kinds", response_model=RecordKindsOut, summary="履职记录类型 The kinds of duty records")
async def get_kinds(door: Read) -> Response:
    """The kinds of duty records that there are, and the fields that each asks for."""

    async def find(tx: Tx) -> RecordKindsOut:
        del tx
        policy = actions.POLICY
        return RecordKindsOut(
            version=policy.version, late_after_hours=policy.late_after_hours,
            kinds=tuple(_kind(one) for one in policy.kinds),
        )  # fmt: skip

    return await door.look(find, lambda found, _: found)


@routes.post(
    "", status_code=201, response_model=DutyRecordOut, summary="登记履职 Enter what was done of a duty",
    responses=refuses(*_ENTERING),
)  # fmt: skip
async def enter(body: DutyRecordIn, door: Write) -> Response:
    """A visit, a talk, a check, a day's log, a training: by the post whose duty it was, or who stands in for it. It
    counts for the period of its pairing and for the year's work list. What is entered more than a day after it was
    done says that it is late ([DEF]). A visit to a vulnerable home takes no words, photos or position."""
    new = body.entered()
    return await door.perform(
        lambda tx: actions.enter_record(tx, new), show, created=True, show_again=actions.find_record
    )


@routes.get("", response_model=PageOut[DutyRecordOut], summary="履职记录列表 List duty records")
async def list_records(
    door: Read, asked: Asked, area_code: AreaCode | None = None, kind: Code | None = None,
    post_id: UUID | None = None, pairing_id: UUID | None = None, object_id: UUID | None = None,
    late: bool | None = None,
) -> Response:  # fmt: skip
    """Duty records within your scope, the latest first, corrected and withdrawn ones too."""
    mark = ["duty-records", area_code, kind, str(post_id), str(pairing_id), str(object_id), late]

    async def find(tx: Tx) -> Page[DutyRecord]:
        within = await door.within(tx, area_code)
        return await page(
            tx,
            store.list_records(
                tx.scope, areas=within, kind=kind, post_id=post_id, pairing_id=pairing_id, object_id=object_id,
                late=late,
            ),
            keys=store.ORDER, asked=asked, load=lambda row: load(DutyRecord, row), fingerprint=mark,
        )  # fmt: skip

    return await door.look(find, listed(show))


@routes.get(
    "/fulfilment", response_model=FulfilmentOut, summary="按单履责 What was done duty by duty",
    responses=refuses(NotFound),
)  # fmt: skip
async def get_fulfilment(
    door: Read, post_id: UUID, year: Annotated[int, Query(ge=2000, le=2200, description="of the city")]
) -> Response:
    """Every duty of a post's lists with what was entered of it in a year (以单定责、按单履责 [SEED]), counted from
    the records within your scope that name the duty."""

    def shown(found: list[Fulfilled], scope: Scope) -> FulfilmentOut:
        del scope
        duties = tuple(
            FulfilledOut(
                duty_item=one.code, words=RecordLabelOut(zh=one.zh, en=one.en), source=one.source,
                records=one.records, last_done_at=one.last_done_at,
            )
            for one in found
        )  # fmt: skip
        return FulfilmentOut(post_id=post_id, year=year, duties=duties)

    return await door.look(lambda tx: actions.fulfilment_of(tx, post_id, year), shown)


@routes.get("/{record_id}", response_model=DutyRecordOut, summary="履职记录详情 One duty record")
async def get_record(record_id: UUID, door: Read) -> Response:
    """One duty record by its id."""
    return await door.look(lambda tx: actions.find_record(tx, record_id), show)


@routes.post(
    "/{record_id}/correct", status_code=201, response_model=DutyRecordOut,
    summary="更正履职记录 Correct a duty record",
    responses=refuses(*_ENTERING, rules.DutyRecordStands),
)  # fmt: skip
async def correct(record_id: UUID, body: DutyRecordIn, door: Change) -> Response:
    """A better record takes its place; the one before stays on the books and counts no longer."""
    expected, new = door.expected_version, body.entered()
    return await door.perform(
        lambda tx: actions.correct_record(tx, record_id, expected, new), show,
        location=lambda made: f"/v1/duty-records/{made.id}", show_again=actions.find_record,
    )  # fmt: skip


@routes.post(
    "/{record_id}/withdraw", response_model=DutyRecordOut, summary="撤回履职记录 Withdraw a duty record",
    responses=refuses(rules.NotYourDuty, rules.DutyRecordStands),
)  # fmt: skip
async def withdraw(record_id: UUID, body: WithdrawRecordIn, door: Change) -> Response:
    """It was entered by mistake: it stays on the books with the reason, and counts no longer."""
    expected = door.expected_version
    return await door.perform(
        lambda tx: actions.withdraw_record(tx, record_id, expected, body.reason), show,
        show_again=actions.find_record,
    )  # fmt: skip


@pairing_routes.get(
    "/{pairing_id}/periods", response_model=PeriodsOut, summary="结对履职周期 How a pairing is kept",
    responses=refuses(NotFound),
)  # fmt: skip
async def get_periods(pairing_id: UUID, door: Read) -> Response:
    """The periods of a pairing so far, with what was done in each: days, weeks from Monday on, months, quarters or
    years of the city, as its rhythm says. One that was missed stays so, and says where something came afterwards."""

    def shown(found: tuple[PeriodShown, ...], scope: Scope) -> PeriodsOut:
        del scope
        return PeriodsOut(pairing_id=pairing_id, periods=tuple(_period(one) for one in found))

    return await door.look(lambda tx: actions_cadence.periods_of(tx, pairing_id), shown)


@missed_routes.get("", response_model=PageOut[MissedPeriodOut], summary="未履职周期 List missed periods")
async def list_missed(
    door: Read, asked: Asked, area_code: AreaCode | None = None, kind: Code | None = None,
    post_id: UUID | None = None, pairing_id: UUID | None = None,
) -> Response:  # fmt: skip
    """Periods of pairings in which too little was done and entered in time, within your scope, the latest first."""

    async def find(tx: Tx) -> Page[MissedPeriod]:
        within = await door.within(tx, area_code)
        return await page(
            tx, store.list_missed(tx.scope, areas=within, kind=kind, post_id=post_id, pairing_id=pairing_id),
            keys=store.MISSED_ORDER, asked=asked, load=lambda row: load(MissedPeriod, row),
            fingerprint=["missed-periods", area_code, kind, str(post_id), str(pairing_id)],
        )  # fmt: skip

    return await door.look(find, listed(lambda one, _: MissedPeriodOut.model_validate(one)))


def _period(shown: PeriodShown) -> PeriodOut:
    kept, period = shown.kept, shown.kept.period
    return PeriodOut(
        begins_at=period.begins_at, ends_at=period.ends_at, due_at=period.due_at, judged_at=period.judged_at,
        asked=kept.asked, in_time=kept.in_time, done=kept.done, state=shown.state,
    )  # fmt: skip


def _kind(one: RecordKind) -> RecordKindOut:
    fields = tuple(
        FieldRuleOut(
            name=field.name, label=RecordLabelOut(zh=field.zh, en=field.en), type=field.type,
            required=field.required, choices=field.choices,
        )
        for field in one.fields
    )  # fmt: skip
    return RecordKindOut(
        kind=one.code, name=RecordLabelOut(zh=one.zh, en=one.en), words=one.words,
        evidence_least=one.evidence_least, needs_pairing=one.about is About.PAIRING, private=one.private,
        source=one.source, fields=fields,
    )  # fmt: skip
