"""The doors of reports: one open to everybody, the others for posts."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Path
from starlette.responses import Response

from libs.common.aggregates import load
from libs.common.doors import Change, Door, Read, Write, public_door
from libs.common.forms import AreaCode, Code, PageOut
from libs.common.openapi import refuses
from libs.common.pagination import Asked, listed, page
from libs.common.places import Place, area_range
from libs.common.problems import IdTaken
from libs.common.scope import Scope
from libs.common.strict_routes import router
from services.public_reporting.reports import actions, actions_commands, rules, rules_words, store
from services.public_reporting.reports.actions_commands import Received, Tracked, Triage
from services.public_reporting.reports.forms import (
    AcceptIn,
    AnswerIn,
    DisputeIn,
    ReceiptOut,
    RejectIn,
    ReplyOut,
    ReportIn,
    ReportOut,
    TrackingOut,
    TransferIn,
)
from services.public_reporting.reports.rules import Report, ReportState
from services.public_reporting.reports.rules_contacts import told_on

routes = router("reports", prefix="/v1/reports")
tracking_routes = router("tracking", prefix="/v1/tracking")
_MOVE = (rules.ReportCannotMove, rules.ReportNotAccepted)
_TOLD = (rules_words.ReportIncomplete, actions_commands.OutsideTheCity)
Reporter = Annotated[Door, Depends(public_door("public:tracking", "read"))]
ReporterSays = Annotated[Door, Depends(public_door("public:tracking"))]
TrackingCode = Annotated[str, Path(min_length=8, max_length=64, pattern=r"^[A-Za-z2-7-]+$", examples=["MZXW-6YTB"])]


def show_in_full(report: Report, scope: Scope) -> ReportOut:
    """One report that is looked at by itself: who triages may have to call back, and reads what was written."""
    shown = show(report, scope)
    if not scope.holds(*actions.TRIAGE, area_code=report.area_code, sectors=report.sectors):
        return shown
    return shown.model_copy(update={"words": report.words, "place_words": report.place_words})


def show(report: Report, scope: Scope) -> ReportOut:
    """A report as posts see it, with what the caller may do now; who told is hidden from its words."""
    triage = scope.holds(*actions.TRIAGE, area_code=report.area_code, sectors=report.sectors)
    moves = [move for move in rules.open_moves(report) if move not in {"dispute", "close"}] if triage else []
    place = None if report.place is None else Place(lon=report.place.lon, lat=report.place.lat)
    words, place_words = told_on(report.words, report.place_words)
    return ReportOut(
        id=report.id, version=report.version, state=report.state, source=report.source,
        category=report.category, words=words, area_code=report.area_code, sectors=report.sectors,
        place=place, place_words=place_words, photos=report.photos, urgent=report.urgent,
        life_at_risk=report.life_at_risk, received_at=report.received_at,
        due_first_answer_at=report.due_first_answer_at, first_answered_at=report.first_answered_at,
        hazard_ids=tuple(one.hazard_id for one in report.hazards), exercise=report.exercise,
        correlation_id=report.correlation_id, actions=tuple(moves),
    )  # fmt: skip


def show_receipt(received: Received, scope: Scope) -> ReceiptOut | ReportOut:
    """A citizen's app gets the receipt, without any id; a post gets the report as well."""
    report = received.report
    receipt = ReceiptOut(
        tracking_code=received.tracking_code, state=report.state, status_words=dict(actions.status_words(report)),
        received_at=report.received_at, due_first_answer_at=report.due_first_answer_at,
    )  # fmt: skip
    return show(report, scope) if scope.posts else receipt


@routes.post(
    "",
    status_code=201,
    response_model=ReceiptOut | ReportOut,
    summary="举报隐患 Report a danger",
    responses=refuses(*_TOLD, actions_commands.SourceNeedsPost, IdTaken),
)
async def create(body: ReportIn, door: Write) -> Response:
    """Tell the city about a danger: no name, no phone, no device. The tracking code is shown this once.

    The client is the citizens' app, the hotline or a post's app. Grid members and inspectors may add what they
    found on the spot: such a report is accepted and its hazards verified in the same step, so it names category
    and sectors, each of them within the reporter's own grant. First answer within 24 h ([SEED] Pudong's profile).

    Nobody is turned away for guessing wrong ([S] Emergency Response Law 2024 Art 9: everybody may report): any
    category code is kept as it was said, none counts as `unknown`, and triage names the one that holds ([DEF]).
    """
    return await door.perform(
        lambda tx: actions.receive(tx, body.told()), show_receipt, created=True, location=_location,
        show_again=actions.received_before,
    )  # fmt: skip


def _location(received: Received) -> str:
    # A citizen's app is not told the id, not even here.
    return "/v1/tracking" if received.by_citizen else f"/v1/reports/{received.report.id}"


@routes.get("", response_model=PageOut[ReportOut], summary="举报列表 List reports")
async def list_reports(
    door: Read, asked: Asked, state: ReportState | None = None, category: Code | None = None,
    area_code: AreaCode | None = None,
) -> Response:  # fmt: skip
    """Reports within your scope, the newest first."""
    within = None if area_code is None else area_range(area_code)
    return await door.look(
        lambda tx: page(
            tx, store.list_reports(tx, state=state, category=category, area=within), keys=store.ORDER,
            asked=asked, load=lambda row: load(Report, row), fingerprint=["reports", state, category, area_code],
        ),
        listed(show),
    )  # fmt: skip


@routes.get("/{report_id}", response_model=ReportOut, summary="举报详情 One report")
async def get_report(report_id: UUID, door: Read) -> Response:
    """One report within your scope. Telephones, names and addresses that its words give of the reporter are shown
    here and nowhere else, and only to who triages ([S] Work Safety Law Art 73-76, Emergency Response Law Art 9)."""
    return await door.look(lambda tx: store.find_report(tx, report_id), show_in_full)


@routes.get("/{report_id}/duplicates", response_model=PageOut[ReportOut], summary="疑似重复 Likely duplicates")
async def list_duplicates(report_id: UUID, door: Read) -> Response:
    """Earlier reports that a person should compare with this one ([DEF] 50 m, 7 days); nothing merges by itself."""
    return await door.look(
        lambda tx: actions.suggest_duplicates(tx, report_id),
        lambda found, scope: {"items": [show(one, scope) for one in found], "next": None},
    )


@routes.post(
    "/{report_id}/accept", response_model=ReportOut, summary="受理 Accept a report", responses=refuses(*_MOVE, *_TOLD)
)
async def accept(report_id: UUID, body: AcceptIn, door: Change) -> Response:
    """Take the report on: what, where, whose; a hazard is registered from it, an urgent one raises an alarm.

    Triage says the category that holds, whatever the reporter guessed; `unknown` is not taken for one ([DEF]).
    """
    triage = Triage(**body.model_dump())
    expected = door.expected_version
    return await door.perform(
        lambda tx: actions.accept_report(tx, report_id, expected, triage), show, show_again=store.find_report
    )


@routes.post(
    "/{report_id}/reject",
    response_model=ReportOut,
    summary="不予受理 Reject a report",
    responses=refuses(*_MOVE, *_TOLD),
)
async def reject(report_id: UUID, body: RejectIn, door: Change) -> Response:
    """Turn the report away with a reason that the reporter is told ([S] Emergency Response Law 2024 Art 9)."""
    expected = door.expected_version
    return await door.perform(
        lambda tx: actions.reject_report(tx, report_id, expected, body.reason), show, show_again=store.find_report
    )


@routes.post(
    "/{report_id}/transfer",
    response_model=ReportOut,
    summary="转交 Transfer a report",
    responses=refuses(*_MOVE, *_TOLD),
)
async def transfer(report_id: UUID, body: TransferIn, door: Change) -> Response:
    """Pass the report to the body whose duty it is, and tell the reporter ([S] Work Safety Law Art 73)."""
    expected = door.expected_version
    return await door.perform(
        lambda tx: actions.transfer_report(tx, report_id, expected, body.to, body.reason),
        show, show_again=store.find_report,
    )  # fmt: skip


@routes.post(
    "/{report_id}/answer",
    response_model=ReportOut,
    summary="答复 Answer the reporter",
    responses=refuses(*_MOVE, *_TOLD),
)
async def answer(report_id: UUID, body: AnswerIn, door: Change) -> Response:
    """Answer whoever reported; the first answer by a post stops the first-answer clock."""
    expected = door.expected_version
    return await door.perform(
        lambda tx: actions.answer_report(tx, report_id, expected, body.words_zh, body.words_en),
        show, show_again=store.find_report,
    )  # fmt: skip


def show_tracked(tracked: Tracked, scope: Scope) -> TrackingOut:
    """The public's view: words and times, no id, no place."""
    del scope
    report = tracked.report
    replies = tuple(ReplyOut(at=one.at, words_zh=one.words_zh, words_en=one.words_en) for one in tracked.replies)
    moves = tuple(move for move in rules.open_moves(report) if move == "dispute")
    return TrackingOut(
        state=report.state, status_words=dict(actions.status_words(report)), received_at=report.received_at,
        due_first_answer_at=report.due_first_answer_at, first_answered_at=report.first_answered_at,
        replies=replies, actions=moves,
    )  # fmt: skip


@tracking_routes.get("/{code}", response_model=TrackingOut, summary="凭查询码查看进度 Track a report")
async def track(code: TrackingCode, door: Reporter) -> Response:
    """How your report is getting on, and what you were answered. No token: the code is the key."""
    return await door.look(lambda tx: actions.track(tx, code), show_tracked)


@tracking_routes.post(
    "/{code}/dispute",
    response_model=TrackingOut,
    summary="对处理结果提出异议 Dispute the result",
    responses=refuses(*_MOVE, rules.DisputeWindowOver),
)
async def dispute(code: TrackingCode, body: DisputeIn, door: ReporterSays) -> Response:
    """Say that it is not fixed. Before closure the inspection fails; after it the hazard reopens."""
    return await door.perform(
        lambda tx: actions.dispute(tx, code, body.words), show_tracked, show_again=actions.tracked_again
    )
