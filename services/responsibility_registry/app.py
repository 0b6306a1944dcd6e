"""The responsibility registry: knows who must answer, and holds them to it."""

from __future__ import annotations

from libs.common.serve import build_app
from libs.common.service import Service
from libs.common.settings import ServiceSettings
from libs.common.web import ServiceApp
from services.responsibility_registry.accountability import actions_looks as accountability_looks
from services.responsibility_registry.accountability import api as accountability_api
from services.responsibility_registry.accountability import api_in_force as accountability_api_in_force
from services.responsibility_registry.accountability import listen as accountability_listen
from services.responsibility_registry.accountability import watch as accountability_watch
from services.responsibility_registry.areas import actions as areas
from services.responsibility_registry.areas import api as areas_api
from services.responsibility_registry.areas.actions_successions import reach_of
from services.responsibility_registry.blacklist import api as blacklist_api
from services.responsibility_registry.blacklist import watch as blacklist_watch
from services.responsibility_registry.bodies import api as bodies_api
from services.responsibility_registry.bodies import watch as bodies_watch
from services.responsibility_registry.chain_templates import api as chain_templates_api
from services.responsibility_registry.chain_templates import api_assignments as chain_assignments_api
from services.responsibility_registry.chain_templates import api_checks as chain_checks_api
from services.responsibility_registry.circular_notices import api as circular_notices_api
from services.responsibility_registry.circular_notices import watch as circular_notices_watch
from services.responsibility_registry.classification import api as classification_api
from services.responsibility_registry.commendations import api as commendations_api
from services.responsibility_registry.consequences import api as consequences_api
from services.responsibility_registry.contacts import actions as contacts
from services.responsibility_registry.contacts import api as contacts_api
from services.responsibility_registry.copies.store import OBJECT_COPY
from services.responsibility_registry.credit import api as credit_api
from services.responsibility_registry.credit import api_facts as credit_facts_api
from services.responsibility_registry.credit import api_packs as credit_packs_api
from services.responsibility_registry.credit import api_public as credit_public_api
from services.responsibility_registry.credit import listen as credit_listen
from services.responsibility_registry.credit import watch as credit_watch
from services.responsibility_registry.duties import api as duties_api
from services.responsibility_registry.duties import api_who as duties_api_who
from services.responsibility_registry.duty_items import api as duty_items_api
from services.responsibility_registry.duty_items import api_ledger as duty_ledger_api
from services.responsibility_registry.duty_records import api as duty_records_api
from services.responsibility_registry.duty_records import watch as duty_records_watch
from services.responsibility_registry.enforcement import api as enforcement_api
from services.responsibility_registry.evaluations import api as evaluations_api
from services.responsibility_registry.evaluations import api_packs as evaluation_packs_api
from services.responsibility_registry.evaluations import api_published as evaluations_published
from services.responsibility_registry.evaluations import listen as evaluations_listen
from services.responsibility_registry.evaluations import watch as evaluations_watch
from services.responsibility_registry.gaps import api as gaps_api
from services.responsibility_registry.gaps import watch as gaps_watch
from services.responsibility_registry.grids import api as grids_api
from services.responsibility_registry.inspection_tours import api as inspection_tours_api
from services.responsibility_registry.leads import actions as leads
from services.responsibility_registry.leads import api as leads_api
from services.responsibility_registry.leads import watch as leads_watch
from services.responsibility_registry.letters import api as letters_api
from services.responsibility_registry.letters import watch as letters_watch
from services.responsibility_registry.liability_links import api as liability_links_api
from services.responsibility_registry.liability_traces import actions as liability_traces
from services.responsibility_registry.liability_traces import api as liability_traces_api
from services.responsibility_registry.listings import api as listings_api
from services.responsibility_registry.listings import api_public as listings_api_public
from services.responsibility_registry.listings import api_work as listings_api_work
from services.responsibility_registry.listings import watch as listings_watch
from services.responsibility_registry.meetings import api as meetings_api
from services.responsibility_registry.meetings import watch as meetings_watch
from services.responsibility_registry.order_batches import api as order_batches_api
from services.responsibility_registry.orders import api as orders_api
from services.responsibility_registry.orders import api_board as orders_api_board
from services.responsibility_registry.orders import api_joint as orders_api_joint
from services.responsibility_registry.orders import api_lateness as orders_api_lateness
from services.responsibility_registry.orders import api_pauses as orders_api_pauses
from services.responsibility_registry.orders import listen as orders_listen
from services.responsibility_registry.orders import watch as orders_watch
from services.responsibility_registry.orders.actions_read import ORDER
from services.responsibility_registry.organizations import actions as organizations
from services.responsibility_registry.organizations import api as organizations_api
from services.responsibility_registry.organizations import api_organizations
from services.responsibility_registry.pairings import api as pairings_api
from services.responsibility_registry.rosters import actions_shifts as shifts
from services.responsibility_registry.rosters import api as rosters_api
from services.responsibility_registry.rosters import api_duty, api_swaps
from services.responsibility_registry.rosters import api_shifts as shifts_api
from services.responsibility_registry.rosters import watch as rosters_watch
from services.responsibility_registry.stages import api as stages_api
from services.responsibility_registry.stages import watch as stages_watch
from services.responsibility_registry.standing_records import api as standing_records_api
from services.responsibility_registry.stop_measures import api as stop_measures_api
from services.responsibility_registry.stop_measures import watch as stop_measures_watch
from services.responsibility_registry.tenures import actions as tenures
from services.responsibility_registry.tenures import api as tenures_api
from services.responsibility_registry.work_lists import api as work_lists_api
from services.responsibility_registry.workdays import actions as workdays
from services.responsibility_registry.workdays import api as workdays_api

SERVICE = Service(
    name="responsibility_registry",
    title="Responsibility registry 责任台账",
    routers=(
        areas_api.routes,
        grids_api.routes,
        classification_api.routes,
        api_organizations.routes,
        organizations_api.routes,
        tenures_api.routes,
        bodies_api.routes,
        meetings_api.routes,
        meetings_api.body_routes,
        duties_api.routes,
        duties_api_who.responsible_routes,
        duty_items_api.routes,
        duty_ledger_api.routes,
        pairings_api.routes,
        duty_records_api.pairing_routes,
        duty_records_api.routes,
        duty_records_api.missed_routes,
        work_lists_api.routes,
        gaps_api.routes,
        chain_templates_api.routes,
        chain_assignments_api.assignment_routes,
        chain_checks_api.check_routes,
        orders_api_board.routes,
        orders_api.routes,
        orders_api_pauses.routes,
        orders_api_joint.routes,
        orders_api_lateness.routes,
        stages_api.routes,
        stages_api.stage_routes,
        order_batches_api.routes,
        circular_notices_api.routes,
        stop_measures_api.routes,
        listings_api.routes,
        listings_api_work.routes,
        listings_api_public.routes,
        letters_api.routes,
        accountability_api.routes,
        accountability_api_in_force.routes,
        accountability_api_in_force.in_force_routes,
        liability_traces_api.routes,
        enforcement_api.routes,
        leads_api.routes,
        commendations_api.routes,
        standing_records_api.firm_routes,
        standing_records_api.post_routes,
        liability_links_api.routes,
        workdays_api.routes,
        evaluation_packs_api.routes,
        evaluations_api.routes,
        evaluations_published.routes,
        evaluations_published.appeal_routes,
        evaluations_published.days_routes,
        inspection_tours_api.routes,
        inspection_tours_api.visit_routes,
        contacts_api.routes,
        rosters_api.routes,
        api_duty.gap_routes,
        api_duty.duty_routes,
        shifts_api.shift_routes,
        api_swaps.swap_routes,
        credit_packs_api.routes,
        credit_api.routes,
        credit_facts_api.routes,
        credit_public_api.routes,
        consequences_api.routes,
        consequences_api.feedback_routes,
        blacklist_api.routes,
        blacklist_api.public_routes,
    ),
    listens=(
        *orders_listen.LISTENS,
        *accountability_listen.LISTENS,
        *evaluations_listen.LISTENS,
        *credit_listen.LISTENS,
    ),
    copies=(OBJECT_COPY,),
    announces=(
        areas.ANNOUNCED,
        organizations.ANNOUNCED,
        tenures.ANNOUNCED,
        workdays.ANNOUNCED,
        shifts.ANNOUNCED,
        contacts.ANNOUNCED,
    ),
    watches=(
        *orders_watch.WATCHES,
        *stages_watch.WATCHES,
        *circular_notices_watch.WATCHES,
        *stop_measures_watch.WATCHES,
        *listings_watch.WATCHES,
        *letters_watch.WATCHES,
        *leads_watch.WATCHES,
        *gaps_watch.WATCHES,
        *accountability_watch.WATCHES,
        *bodies_watch.WATCHES,
        *meetings_watch.WATCHES,
        *duty_records_watch.WATCHES,
        *evaluations_watch.WATCHES,
        *rosters_watch.WATCHES,
        *credit_watch.WATCHES,
        *blacklist_watch.WATCHES,
    ),
    promises=(
        *orders_watch.PROMISES,
        *stages_watch.PROMISES,
        *circular_notices_watch.PROMISES,
        *stop_measures_watch.PROMISES,
        *listings_watch.PROMISES,
        *letters_watch.PROMISES,
        *leads_watch.PROMISES,
        *duty_records_watch.PROMISES,
        *gaps_watch.PROMISES,
        *accountability_watch.PROMISES,
        *evaluations_watch.PROMISES,
        *rosters_watch.PROMISES,
        *credit_watch.PROMISES,
        *blacklist_watch.PROMISES,
    ),
    ranges_of=reach_of,
    sensitive=(ORDER, *accountability_looks.SENSITIVE, liability_traces.TRACE, leads.LEAD),
)


def create_app(settings: ServiceSettings) -> ServiceApp:
    """The running service."""
    return build_app(SERVICE, settings)
