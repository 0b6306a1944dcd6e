"""The verbs of reports: hear, triage, follow the hazards, answer, dispute, close."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from libs.common.aggregates import require_version
from libs.common.db import Tx
from libs.common.ids import new_id
from libs.common.places import distance_m
from libs.common.scope import TRIAGE_ROLES
from libs.contracts import public_reporting as events
from libs.contracts.values import FiveItems, Point
from services.public_reporting.copies import store as areas
from services.public_reporting.replies import actions as replies
from services.public_reporting.replies.actions import ReplyKind
from services.public_reporting.reports import actions_tracking as tracking
from services.public_reporting.reports import rules, rules_likeness, store
from services.public_reporting.reports.actions_commands import (
    OutsideTheCity,
    Received,
    Seen,
    SourceNeedsPost,
    Told,
    Tracked,
    Triage,
)
from services.public_reporting.reports.policies import INTAKE
from services.public_reporting.reports.rules import HazardStage, Place, Report, Source
from services.public_reporting.reports.rules_contacts import told_on, without_contacts
from services.public_reporting.reports.rules_findings import Finding

TRIAGE = tuple(sorted(TRIAGE_ROLES))
_SEES_FOR_ITSELF = ("grid_member", "inspector")


async def receive(tx: Tx, told: Told) -> Received:
    """Keep a new report and start its first-answer clock; the tracking code is shown this once.

    Only a caller with a post may speak for another source than a resident, or bring findings, which are accepted
    and verified in the same step. Raises SourceNeedsPost (403), OutsideTheCity, Unprocessable (422).
    """
    by_citizen = not tx.caller.posts
    if by_citizen and (told.source is not Source.RESIDENT or told.findings or told.exercise):
        raise SourceNeedsPost
    area_code = await _area_of(tx, told)
    if told.findings:
        told.require_words()
        # It is accepted at once, and binds every sector that it names.
        tx.caller.require_every(*_SEES_FOR_ITSELF, area_code=area_code, sectors=told.sectors)
    findings = tuple(_finding_of(tx, seen) for seen in told.findings)
    code = tracking.new_code()
    async with tx.system("reports:intake"):
        report = rules.receive_report(
            report_id=told.id or new_id(), area_code=area_code, exercise=told.exercise, correlation_id=new_id(),
            source=told.source, category=told.category, words=told.words, place=told.place,
            place_words=told.place_words, photos=told.photos, findings=findings,
            tracking_hash=tracking.hash_of(code), now=tx.now, intake=INTAKE,
        )  # fmt: skip
        report = await store.record_report(tx, report, _received(report))
        if findings:
            report = await _accept(tx, report, Triage(
                category=told.category, area_code=area_code, sectors=told.sectors, urgent=False, life_at_risk=False,
            ))  # fmt: skip
    return Received(report=report, tracking_code=code, by_citizen=by_citizen)


async def received_before(tx: Tx, report_id: UUID) -> Received:
    """The report of an earlier, equal request; its code was shown then and is known to nobody here."""
    async with tx.system("reports:intake"):
        report = await store.find_report(tx, report_id)
    return Received(report=report, tracking_code=None, by_citizen=not tx.caller.posts)


async def track(tx: Tx, code: str) -> Tracked:
    """The report behind a tracking code, with its answers. NotFound for a code that is not one."""
    report = await store.find_tracked(tx, tracking.hash_of(code))
    return Tracked(report=report, replies=await replies.replies_to(tx, report.id))


async def tracked_again(tx: Tx, report_id: UUID) -> Tracked:
    """The same for a repeat of a request that had the code; under a system scope."""
    report = await store.find_report(tx, report_id)
    return Tracked(report=report, replies=await replies.replies_to(tx, report.id))


async def dispute(tx: Tx, code: str, words: str) -> Tracked:
    """The reporter disputes, and sees the report as it stands then."""
    report = await dispute_report(tx, code, words)
    return Tracked(report=report, replies=await replies.replies_to(tx, report.id))


async def accept_report(tx: Tx, report_id: UUID, expected: int | None, triage: Triage) -> Report:
    """Take a report on: what it is, where, and whose; a hazard is registered from it.

    Raises OutsideTheCity (422) for an area that nobody here answers for: its hazard would be seen by no one.
    """
    report = await store.lock_report(tx, report_id)
    tx.caller.require(*TRIAGE, area_code=report.area_code, sectors=report.sectors)
    require_version(report, expected)
    if triage.area_code != report.area_code and not await areas.knows_area(tx, triage.area_code):
        raise OutsideTheCity("/area_code")
    async with tx.system("reports:triage"):
        # Triage may move the report to an area or a sector that the call-taker cannot see afterwards.
        return await _accept(tx, report, triage)


async def reject_report(tx: Tx, report_id: UUID, expected: int | None, reason: str) -> Report:
    """Turn a report away, with a reason that the reporter is told ([S] ERL 2024 Art 9)."""
    report = await store.lock_report(tx, report_id)
    tx.caller.require(*TRIAGE, area_code=report.area_code, sectors=report.sectors)
    require_version(report, expected)
    rejected = rules.reject(report, by_post=_post(tx), reason=reason, now=tx.now)
    written = await store.record_report(tx, rejected, events.ReportRejected(reason=reason), why=reason)
    return await _answer(tx, written, ReplyKind.REJECTION, reason, None, tx.caller.post_id)


async def transfer_report(tx: Tx, report_id: UUID, expected: int | None, to: str, reason: str) -> Report:
    """Pass a report to the body whose duty it is, and tell the reporter ([S] WSL Art 73, ERL Art 9)."""
    report = await store.lock_report(tx, report_id)
    tx.caller.require(*TRIAGE, area_code=report.area_code, sectors=report.sectors)
    require_version(report, expected)
    moved = rules.transfer(report, by_post=_post(tx), to=to, reason=reason, now=tx.now)
    written = await store.record_report(tx, moved, events.ReportTransferred(to=to, reason=reason), why=reason)
    return await _answer(tx, written, ReplyKind.TRANSFER, f"{to}:{reason}", None, tx.caller.post_id)


async def answer_report(tx: Tx, report_id: UUID, expected: int | None, words_zh: str, words_en: str | None) -> Report:
    """Answer the reporter; the first answer by a post stops the first-answer clock."""
    report = await store.lock_report(tx, report_id)
    tx.caller.require(*TRIAGE, *_SEES_FOR_ITSELF, area_code=report.area_code, sectors=report.sectors)
    require_version(report, expected)
    return await _answer(tx, report, ReplyKind.PROGRESS, words_zh, words_en, tx.caller.post_id)


async def dispute_report(tx: Tx, tracking_code: str, words: str) -> Report:
    """The reporter says that it is not fixed; the registry decides what follows, under the order's lock."""
    tracked = await store.find_tracked(tx, tracking.hash_of(tracking_code))
    report = await store.lock_report(tx, tracked.id)
    until = replies.may_be_disputed_until(report.fixed_at)
    disputed = rules.dispute(report, words=words, now=tx.now, until=until)
    told = without_contacts(words, report.words)
    event = events.ReportDisputed(words=told, hazard_ids=tuple(one.hazard_id for one in report.hazards))
    return await store.record_report(tx, disputed, event, why=told)


async def follow_hazard(
    tx: Tx, hazard_id: UUID, stage: HazardStage, report_ids: Sequence[UUID], became: UUID | None = None
) -> None:
    """The public status of every report that a hazard came from moves with it."""
    for report_id in await store.ids_following(tx, hazard_id, report_ids):
        report = await store.lock_report(tx, report_id)
        followed = rules.follow_hazard(report, hazard_id=hazard_id, stage=stage, now=tx.now, became=became)
        if followed == report:
            continue
        hazards = tuple(one.hazard_id for one in followed.hazards)
        event = events.ReportMoved(state=followed.state, hazard_ids=hazards)
        await store.record_report(tx, followed, event)


async def tell_results(tx: Tx, limit: int) -> int:
    """Answer every reporter whose report has ended. A sweep does this, not the fact: facts of several hazards
    come in any order, and nobody is to be told "fixed" between two of them."""
    told = 0
    for report_id in await store.ids_untold(tx, limit):
        report = await store.lock_report(tx, report_id)
        if not rules.result_untold(report):
            continue
        words = replies.words_for(report.state)
        await _answer(tx, report, ReplyKind.RESULT, words["zh"], words["en"], None)
        ended = replace(report, result_told_at=tx.now)
        await store.record_report(tx, ended, events.ReportResultTold(state=ended.state))
        told += 1
    return told


async def close_settled_reports(tx: Tx, now: datetime, limit: int) -> int:
    """Close what was called fixed or unfounded and not disputed in time."""
    closed = 0
    for report_id in await store.ids_due_to_close(tx, replies.disputes_over_before(now), limit):
        report = await store.lock_report(tx, report_id)
        until = replies.may_be_disputed_until(report.fixed_at)
        done = rules.close(report, now=now, until=until or now)
        hazards = tuple(one.hazard_id for one in done.hazards)
        await store.record_report(tx, done, events.ReportMoved(state=done.state, hazard_ids=hazards))
        closed += 1
    return closed


async def suggest_duplicates(tx: Tx, report_id: UUID) -> Sequence[Report]:
    """Earlier reports that a person should compare with this one ([DEF] 50 m, 7 days); nothing is merged."""
    report = await store.find_report(tx, report_id)
    since = report.received_at - timedelta(days=INTAKE.duplicate_days)
    near = await store.list_near(tx, report, INTAKE, since)
    return [
        earlier
        for earlier in near
        if rules_likeness.looks_like(report, earlier, metres_apart=_apart(report.place, earlier.place), intake=INTAKE)
    ]


def _apart(one: Place | None, other: Place | None) -> float | None:
    if one is None or other is None:
        return None
    return distance_m((one.lon, one.lat), (other.lon, other.lat))


async def _accept(tx: Tx, report: Report, triage: Triage) -> Report:
    accepted = rules.accept(
        report, by_post=_post(tx), category=triage.category, area_code=triage.area_code,
        sectors=triage.sectors, urgent=triage.urgent, life_at_risk=triage.life_at_risk, now=tx.now,
    )  # fmt: skip
    summary, place_words = told_on(accepted.words, accepted.place_words)
    event = events.ReportAccepted(
        source=accepted.source, category=accepted.category, summary=summary,
        place=_point(accepted.place), place_words=place_words, urgent=accepted.urgent,
        life_at_risk=accepted.life_at_risk, received_at=accepted.received_at,
        findings=tuple(_finding(one) for one in accepted.findings),
    )  # fmt: skip
    return await store.record_report(tx, accepted, event)


async def _answer(
    tx: Tx, report: Report, kind: ReplyKind, words_zh: str, words_en: str | None, by_post: UUID | None
) -> Report:
    await replies.write_reply(
        tx, area_code=report.area_code, sectors=report.sectors, exercise=report.exercise,
        correlation_id=report.correlation_id, report_id=report.id, kind=kind, words_zh=words_zh,
        words_en=words_en, by_post=by_post,
    )  # fmt: skip
    if by_post is None:
        return report
    answered = rules.answer(report, now=tx.now)
    waited = int((tx.now - report.received_at).total_seconds())
    event = events.ReportAnswered(
        by_post=by_post, first=report.first_answered_at is None, seconds_from_receipt=waited
    )
    return await store.record_report(tx, answered, event)


def status_words(report: Report) -> Mapping[str, str]:
    """What the public reads about the report's state, by language."""
    return replies.words_for(report.state)


def _post(tx: Tx) -> UUID:
    """The post that decides. Raises PostNotHeld (422) where the caller holds several and names none."""
    return tx.caller.acting_post()


async def _area_of(tx: Tx, told: Told) -> str:
    """The area that was named, or else the one around the point. Raises OutsideTheCity (422)."""
    if told.area_code is not None:
        if not await areas.knows_area(tx, told.area_code):
            raise OutsideTheCity("/area_code")
        return told.area_code
    found = None if told.place is None else await areas.locate(tx, told.place.lon, told.place.lat)
    if found is None:
        raise OutsideTheCity("/place")
    return found


def _finding_of(tx: Tx, seen: Seen) -> Finding:
    return Finding(
        found_at=tx.now, by_post=_post(tx), description=seen.description, is_major=seen.is_major,
        fix_at_once=seen.fix_at_once, risk_object_id=seen.risk_object_id, before_evidence=seen.before_evidence,
        after_evidence=seen.after_evidence, five_items=seen.five_items,
    )  # fmt: skip


def _received(report: Report) -> events.ReportReceived:
    return events.ReportReceived(
        source=report.source, category=report.category, place=_point(report.place),
        received_at=report.received_at, due_first_answer_at=report.due_first_answer_at, photos=report.photos,
    )  # fmt: skip


def _point(place: Place | None) -> Point | None:
    return None if place is None else Point(lon=place.lon, lat=place.lat)


def _finding(finding: Finding) -> events.OnSiteFinding:
    items = finding.five_items
    return events.OnSiteFinding(
        found_at=finding.found_at, by_post=finding.by_post, description=finding.description,
        is_major=finding.is_major, fix_at_once=finding.fix_at_once, risk_object_id=finding.risk_object_id,
        before_evidence=finding.before_evidence, after_evidence=finding.after_evidence,
        five_items=FiveItems(
            responsible=items.responsible, measures=items.measures, funds_fen=items.funds_fen,
            limit_days=items.limit_days, contingency=items.contingency,
        ),
    )  # fmt: skip
