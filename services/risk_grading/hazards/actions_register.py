"""How hazards come on the books: from an accepted report, one for each finding, or as a further part of one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from libs.common.clocks import CITY_ZONE
from libs.common.db import Tx
from libs.common.ids import new_id
from libs.common.places import distance_m
from libs.contracts import risk_grading as told
from libs.contracts.public_reporting import OnSiteFinding
from services.risk_grading.copies import store as copies
from services.risk_grading.hazards import rules, rules_likeness, rules_parts, store
from services.risk_grading.hazards.actions_facts import tell, tell_verified
from services.risk_grading.hazards.policies import CLOCKS, LIKENESS, clocks_of
from services.risk_grading.hazards.rules import Finding, Handling, Hazard, HazardIncomplete, Place, Proposal, Severity
from services.risk_grading.objects import actions as objects
from services.risk_grading.objects.rules_area import agree

SEES = ("grid_member", "inspector")
"""Who stands there: verifies, fixes, dismisses, parts, looks back."""
SORTS = (*SEES, "duty_officer")
"""Who says that two hazards are one, and that one has come back."""
_ON_SITE = "on_site_finding"


@dataclass(frozen=True, kw_only=True, slots=True)
class Accepted:
    """What an accepted report tells of a danger; several `findings` are several dangers."""

    report_id: UUID
    area_code: str
    sectors: tuple[str, ...]
    exercise: bool
    correlation_id: UUID
    category: str
    words: str
    place: Place | None
    place_words: str
    life_at_risk: bool
    findings: tuple[OnSiteFinding, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class PartAsked:
    """A further danger of the same report; what is None is inherited."""

    words: str
    category: str | None = None
    place: Place | None = None
    life_at_risk: bool | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Alike:
    """Open hazards to compare with one; `truncated`: there were more around than are looked at."""

    hazards: tuple[Hazard, ...]
    truncated: bool


async def register_accepted(tx: Tx, report: Accepted) -> Sequence[Hazard]:
    """One hazard that waits to be verified; or one for each finding, verified by the post that stood there.

    The trace is the report's. A likely-same open hazard is suggested in the event, never merged in silence.
    """
    if not report.findings:
        return [await _register(tx, _hazard(tx, report))]
    registered: list[Hazard] = []
    for finding in report.findings:
        known = await objects.known_object(tx, finding.risk_object_id)
        # Whoever entered the finding may name any id: another county's object is none of this hazard's.
        near = known is not None and rules_parts.same_county(known.area_code, report.area_code)
        object_id = known.id if known is not None and near else None
        hazard = replace(_hazard(tx, report), words=finding.description, object_id=object_id)
        registered.append(await _take_finding(tx, await _register(tx, hazard), finding))
    return registered


async def part_hazard(tx: Tx, hazard_id: UUID, asked: PartAsked) -> Hazard:
    """Tell a further danger apart: one report becomes two hazards, each with its own course ([DEF])."""
    hazard = await store.lock_hazard(tx, hazard_id)
    tx.caller.require(*SEES, area_code=hazard.area_code, sectors=hazard.sectors)
    await _require_place(tx, hazard, asked.place)
    further = rules_parts.part(
        hazard, part_id=new_id(), words=asked.words, category=asked.category, place=asked.place,
        life_at_risk=asked.life_at_risk, now=tx.now, clocks=CLOCKS,
    )  # fmt: skip
    return await _register(tx, further, part_of=hazard.id)


async def likely_same(tx: Tx, hazard: Hazard) -> Alike:
    """Open hazards within the scope that a person should compare with this one ([DEF] 50 m)."""
    found = await store.list_near(tx, hazard, LIKENESS.metres)
    near = [(other, _apart(hazard, other)) for other in found]
    alike = tuple(
        other
        for other, metres in near
        if rules_likeness.looks_like(hazard, other, metres_apart=metres, likeness=LIKENESS)
    )
    return Alike(hazards=alike, truncated=len(found) >= store.MOST_NEAR)


async def suggest_same(tx: Tx, hazard_id: UUID) -> Alike:
    """The same for a hazard that is asked about by its id, for those who sort hazards there. Raises RoleMissing."""
    hazard = await store.find_hazard(tx, hazard_id)
    tx.caller.require(*SORTS, area_code=hazard.area_code, sectors=hazard.sectors)
    return await likely_same(tx, hazard)


def _hazard(tx: Tx, report: Accepted) -> Hazard:
    return rules.register_hazard(
        hazard_id=new_id(), area_code=report.area_code, sectors=report.sectors, exercise=report.exercise,
        correlation_id=report.correlation_id, category=report.category, words=report.words, place=report.place,
        place_words=report.place_words, report_ids=(report.report_id,), life_at_risk=report.life_at_risk,
        now=tx.now, clocks=CLOCKS,
    )  # fmt: skip


async def _register(tx: Tx, hazard: Hazard, *, part_of: UUID | None = None) -> Hazard:
    async with tx.system("hazards:likeness"):
        # Neighbours may lie across a border; only their ids are told.
        alike = tuple(other.id for other in (await likely_same(tx, hazard)).hazards)
    return await tell(
        tx,
        hazard,
        lambda facts: told.HazardRegistered(
            hazard=facts, verify_by_at=hazard.verify_due_at, part_of=part_of, likely_same=alike
        ),
    )


async def _take_finding(tx: Tx, hazard: Hazard, finding: OnSiteFinding) -> Hazard:
    """Verify with what the post saw, and close what it fixed on the spot with photos from before and after.

    A finding that does not do (a limit without its five items) leaves the hazard registered: its clock to verify
    runs, and nothing is lost.
    """
    seen = Finding(
        at=min(finding.found_at, tx.now), by_posts=(finding.by_post,), words=finding.description,
        evidence=finding.before_evidence,
    )  # fmt: skip
    try:
        verified = _verified(hazard, finding, seen)
    except HazardIncomplete as incomplete:
        await store.note(tx, hazard, heard="public_reporting.report.accepted.v1", why=str(incomplete))
        return hazard
    fix = replace(seen, before=finding.before_evidence, evidence=finding.after_evidence)
    if verified.handling is Handling.FIX_AT_ONCE and fix.before and set(fix.evidence) - set(fix.before):
        return await _fixed(tx, verified, fix)
    return await tell_verified(tx, verified)


def _verified(hazard: Hazard, finding: OnSiteFinding, seen: Finding) -> Hazard:
    severity = Severity.MAJOR if finding.is_major else Severity.ORDINARY
    at_once = finding.fix_at_once and not finding.is_major
    handling = Handling.FIX_AT_ONCE if at_once else Handling.WITHIN_LIMIT
    proposal = None if at_once else _proposal(finding, seen)
    return rules.verify(hazard, finding=seen, severity=severity, basis=_ON_SITE, handling=handling, proposal=proposal)


async def _fixed(tx: Tx, verified: Hazard, fix: Finding) -> Hazard:
    after = tuple(photo for photo in fix.evidence if photo not in fix.before)
    fixed = rules.fix_at_once(verified, fix=replace(fix, evidence=after), clocks=clocks_of(verified.clocks_version))
    return await tell(
        tx,
        fixed,
        lambda facts: told.HazardFixedAtOnce(
            hazard=facts,
            verified_by=fix.by_posts[0],
            verified_at=fix.at,
            look_back_at=fixed.look_back_due_at,
            before_evidence=fix.before,
            after_evidence=after,
        ),
    )


def _proposal(finding: OnSiteFinding, seen: Finding) -> Proposal:
    items = finding.five_items
    due_at = None if items.limit_days is None else rules_parts.due_of(items.limit_days, seen.at, CITY_ZONE)
    return Proposal(
        responsible=items.responsible or "", measures=items.measures or "", funds_fen=items.funds_fen or 0,
        contingency=items.contingency or "", due_at=due_at,
    )  # fmt: skip


async def _require_place(tx: Tx, hazard: Hazard, place: Place | None) -> None:
    """A further danger of one report lies in the area of the first; elsewhere it is reported there."""
    if place is None:
        return
    found = await copies.locate(tx, place.lon, place.lat)
    if not agree(hazard.area_code, found):
        raise HazardIncomplete(
            (
                "/place",
                "other_area",
                (f"位置在 {found} 内，请在该区划登记。", f"the place lies in {found}: report it there"),
            )
        )


def _apart(hazard: Hazard, other: Hazard) -> float | None:
    if hazard.place is None or other.place is None:
        return None
    return distance_m((hazard.place.lon, hazard.place.lat), (other.place.lon, other.place.lat))
