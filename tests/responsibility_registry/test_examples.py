"""What the API document shows can be sent as it stands, and every body shows something."""

from __future__ import annotations

import json
from typing import Any

import pytest

from libs.common.forms import Form
from libs.common.web import create_service_app
from services.responsibility_registry.accountability import forms as accountability
from services.responsibility_registry.app import SERVICE
from services.responsibility_registry.areas import rules as areas
from services.responsibility_registry.areas.forms import AreaIn, MergeIn, RenameIn, SplitIn
from services.responsibility_registry.areas.policies import SEGMENTS
from services.responsibility_registry.areas.rules_segments import segment_faults
from services.responsibility_registry.blacklist import forms as blacklist
from services.responsibility_registry.bodies import forms as bodies
from services.responsibility_registry.chain_templates import forms as chain_templates
from services.responsibility_registry.chain_templates import forms_assignments as chain_assignments
from services.responsibility_registry.circular_notices import forms as circulars
from services.responsibility_registry.classification.actions import unknown_categories, unknown_sectors
from services.responsibility_registry.commendations import forms as commendations
from services.responsibility_registry.consequences import forms as consequences
from services.responsibility_registry.contacts import api as contacts
from services.responsibility_registry.credit import forms as credit
from services.responsibility_registry.credit import rules_packs as credit_packs
from services.responsibility_registry.credit.forms_packs import CreditPackIn
from services.responsibility_registry.duties import rules as duties
from services.responsibility_registry.duties.actions import POLICY
from services.responsibility_registry.duties.api import DutyIn, DutyRowIn, End, ReassignIn
from services.responsibility_registry.duties.forms import BulkIn
from services.responsibility_registry.duties.forms_simulate import SimulateIn
from services.responsibility_registry.duty_items import forms as duty_items
from services.responsibility_registry.duty_records import forms as duty_records
from services.responsibility_registry.enforcement import forms as enforcement
from services.responsibility_registry.evaluations import forms as evaluations
from services.responsibility_registry.evaluations import rules_packs
from services.responsibility_registry.evaluations.forms_packs import PackIn
from services.responsibility_registry.grids import forms as grids
from services.responsibility_registry.inspection_tours import forms as tours
from services.responsibility_registry.leads import forms as leads
from services.responsibility_registry.letters import forms as letters
from services.responsibility_registry.liability_links import forms as liability_links
from services.responsibility_registry.liability_traces.forms import LiabilityTraceIn
from services.responsibility_registry.listings import forms as listings
from services.responsibility_registry.meetings import forms as meetings
from services.responsibility_registry.order_batches.forms import BatchIn
from services.responsibility_registry.orders import forms as orders
from services.responsibility_registry.orders import forms_joint, forms_pauses, rules_delivery
from services.responsibility_registry.orders.rules import FiveItems
from services.responsibility_registry.orders.rules_chosen import Chosen
from services.responsibility_registry.organizations import rules as posts
from services.responsibility_registry.organizations.api import PostIn, Reason, Vacate
from services.responsibility_registry.organizations.api_organizations import EndOrganizationIn, OrganizationIn
from services.responsibility_registry.pairings import forms as pairings
from services.responsibility_registry.rosters import forms as rosters
from services.responsibility_registry.stages import forms as stages
from services.responsibility_registry.stop_measures import forms as stops
from services.responsibility_registry.tenures.api import EndTenureIn, HandOverIn, TenureIn
from services.responsibility_registry.work_lists import forms as work_lists
from services.responsibility_registry.workdays import api as workdays
from services.responsibility_registry.workdays import rules as years
from tests.common.counter_service import FakeDatabase, runtime
from tests.responsibility_registry.orders.cases import DUE

SHOWN: tuple[type[Form], ...] = (
    AreaIn, PostIn, Vacate, Reason, TenureIn, EndTenureIn, HandOverIn, DutyIn, DutyRowIn, End, ReassignIn,
    BulkIn, SimulateIn, duty_items.DutyItemIn, duty_items.RepealIn,
    chain_templates.ChainTemplateIn, chain_templates.AdoptTemplateIn, chain_templates.RepealTemplateIn,
    chain_assignments.AssignmentRowIn, chain_assignments.EndAssignmentIn,
    pairings.PairingIn, pairings.EndPairingIn, duty_records.DutyRecordIn, duty_records.WithdrawRecordIn,
    work_lists.WorkListIn, work_lists.ReviseListIn, work_lists.ReturnListIn,
    workdays.AnnounceIn, workdays.CorrectIn, orders.DraftIn,
    orders.IssueIn, orders.ServeIn, orders.ReturnIn, orders.ExtendIn, orders.RectifyIn, orders.InspectIn,
    orders.RecountIn, accountability.TraceIn, accountability.ConcludeIn, accountability.DecideIn,
    accountability.ObjectIn, accountability.RevokeIn, letters.LetterIn, letters.SignIn, letters.SignedOnPaperIn,
    letters.ReasonIn, LiabilityTraceIn, enforcement.EnforcementFactIn, enforcement.CorrectFactIn,
    enforcement.RevokeFactIn, accountability.RenewIn, liability_links.LinkIn, liability_links.EndLinkIn,
    leads.LeadIn, leads.ReceiveLeadIn, leads.RefuseLeadIn, leads.ForwardLeadIn, leads.ConcludeLeadIn,
    commendations.CommendationIn, commendations.RevokeCommendationIn,
    AreaIn, OrganizationIn, EndOrganizationIn, PostIn, Vacate, Reason,
    TenureIn, EndTenureIn, HandOverIn, DutyIn, DutyRowIn, End,
    AreaIn, RenameIn, MergeIn, SplitIn, grids.GridIn, grids.RegisterIn, grids.RedrawIn, grids.EndGridIn,
    grids.FeaturesIn, grids.LocateIn, PostIn, Vacate, Reason, TenureIn, EndTenureIn, HandOverIn, DutyIn,
    DutyRowIn, End,
    workdays.AnnounceIn, workdays.CorrectIn, orders.DraftIn,
    orders.IssueIn, orders.ServeIn, orders.ReturnIn, orders.ExtendIn, orders.RectifyIn, orders.InspectIn,
    orders.RecountIn, accountability.TraceIn, accountability.ConcludeIn, accountability.DecideIn,
    accountability.ObjectIn, accountability.RevokeIn,
    bodies.FoundIn, bodies.SeatIn, bodies.UnseatIn, bodies.ProlongIn, bodies.EndBodyIn,
    meetings.PlanIn, meetings.PostponeIn, meetings.CancelIn, meetings.HoldIn, meetings.MinutesIn, meetings.TaskIn,
    accountability.ObjectIn, accountability.RevokeIn, PackIn, evaluations.OpenIn, evaluations.ReturnEvaluationIn,
    evaluations.WithdrawEvaluationIn, evaluations.AppealIn, evaluations.DecideAppealIn,
    contacts.ContactIn, contacts.ChangeContactIn, rosters.RosterIn, rosters.ChangeRosterIn,
    rosters.PublishIn, rosters.RosterReasonIn, rosters.ShiftIn, rosters.ReassignShiftIn, rosters.HandOverShiftIn,
    rosters.SwapIn,
    forms_pauses.AskPauseIn, forms_pauses.DecidePauseIn, forms_pauses.ResumeIn,
    forms_joint.AssistantsIn, forms_joint.PartIn,
    BatchIn, stages.StageIn, stages.StageReportIn, stages.ProgressIn, stages.DropStageIn,
    credit.FirmIn, credit.ChangeFirmIn, credit.CreditFactIn, credit.VoidFactIn, CreditPackIn, consequences.AskIn,
    consequences.FeedbackIn, blacklist.ProposeIn, blacklist.ServeNoticeIn, blacklist.ObjectToListingIn,
    blacklist.ReviewIn, blacklist.DecideListingIn, blacklist.WithdrawEntryIn, blacklist.AskRepairIn,
    blacklist.DecideRepairIn, blacklist.RevokeEntryIn,
    listings.ListingIn, listings.IssueListingIn, listings.ListingReasonIn, listings.PublishListingIn,
    listings.ListingPlanIn, listings.SuperviseListingIn, listings.AskListingInspectionIn, listings.InspectListingIn,
    listings.DelistIn, listings.LookBackListingIn, listings.ProposeConsequenceIn, listings.DecideConsequenceIn,
    circulars.DecideCircularIn, circulars.SignCircularIn,
    stops.StopMeasureIn, stops.DecideStopIn, stops.StopReasonIn, stops.NotifyStopIn, stops.AcknowledgeStopIn,
    stops.ExecuteStopIn,
    tours.PlanTourIn, tours.VisitIn, tours.OrderFindingIn, tours.ConcludeTourIn,
)  # fmt: skip


def shown(form: type[Form]) -> Any:
    (body,) = form.model_json_schema()["examples"]
    return form.model_validate_json(json.dumps(body))


@pytest.mark.parametrize("form", SHOWN, ids=lambda form: form.__name__)
def test_each_form_takes_its_own_example_and_no_unknown_field(form: type[Form]) -> None:
    (body,) = form.model_json_schema()["examples"]
    assert form.model_validate_json(json.dumps(body)).model_dump(exclude_unset=True)
    with pytest.raises(ValueError, match="extra"):
        form.model_validate_json(json.dumps(body | {"strange": 1}))


def test_every_body_of_the_registry_shows_an_example() -> None:
    document = create_service_app(runtime(FakeDatabase()), SERVICE.routers, title=SERVICE.title).openapi()
    schemas = document["components"]["schemas"]
    bodies = {
        operation["requestBody"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
        for methods in document["paths"].values()
        for operation in methods.values()
        if "requestBody" in operation
    }
    # An import shows one row of what it takes.
    rows = [schemas[name]["properties"].get("items", {}).get("items", {}).get("$ref", name) for name in bodies]
    taken = {row.rpartition("/")[2] for row in rows}
    assert taken == {form.__name__ for form in SHOWN}
    assert {name for name in taken if "examples" not in schemas[name]} == set()


def test_what_is_shown_holds_by_the_rules_too() -> None:
    area, post, duty = shown(AreaIn).area(), shown(PostIn).post(), shown(DutyIn).duty()
    assert areas.check(area, lambda code: segment_faults(code, SEGMENTS)) == area
    assert posts.check(post, unknown_sectors(post.sectors)) == post
    said = [*unknown_sectors(duty.sectors), *unknown_categories(duty.categories)]
    assert duties.check_duty(duty, POLICY, said) == duty
    assert duties.end_duty(duty, at=shown(End).at, reason=shown(End).reason).valid_to == shown(End).at
    draft = shown(orders.DraftIn)
    assert [*unknown_sectors(draft.sectors), *unknown_categories([draft.category])] == []
    five = Chosen(**shown(orders.IssueIn).model_dump()).onto(FiveItems(due_at=DUE))
    assert rules_delivery.missing_items(five) == ()


def test_the_year_that_is_shown_can_be_announced_and_corrected() -> None:
    said, later = shown(workdays.AnnounceIn), shown(workdays.CorrectIn)
    year = years.check(
        years.AnnouncedYear(
            id=shown(PostIn).id, version=0, area_code="331000000000", sectors=(), exercise=False,
            correlation_id=shown(PostIn).id, year=said.year, days=said.entered(), source=said.source,
        )
    )  # fmt: skip
    assert years.correct(year, days=later.entered(), source=later.source).days == later.entered()


def test_the_credit_pack_that_is_shown_can_be_adopted() -> None:
    pack = shown(CreditPackIn).pack()
    assert credit_packs.check(pack) == pack


def test_the_pack_that_is_shown_can_be_adopted() -> None:
    pack = shown(PackIn).pack()
    assert rules_packs.check(pack) == pack
    assert shown(evaluations.OpenIn).entered().pack_code == pack.code
