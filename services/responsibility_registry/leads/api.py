"""The doors of leads. For sender, receiver, auditors and leaders, and nobody else."""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import dataclass
from uuid import UUID

from starlette.responses import Response

from libs.common.aggregates import load
from libs.common.db import Tx
from libs.common.doors import Change, Read, Write
from libs.common.forms import AreaCode, PageOut
from libs.common.openapi import refuses
from libs.common.pagination import Asked, Page, listed, page
from libs.common.problems import IdTaken, NotFound, PostUnsaid, RoleMissing
from libs.common.scope import Scope
from libs.common.strict_routes import router
from services.responsibility_registry.leads import actions, rules, store
from services.responsibility_registry.leads.forms import (
    ConcludeLeadIn,
    ForwardLeadIn,
    HopOut,
    LeadIn,
    LeadOut,
    LeadRowOut,
    ReceiveLeadIn,
    RefuseLeadIn,
)
from services.responsibility_registry.leads.policies import KINDS
from services.responsibility_registry.leads.rules import Lead, LeadState

routes = router("leads", prefix="/v1/leads")
_SAID_APART = {"kind_zh", "kind_en", "hops", "actions"}
_ROW = tuple(name for name in LeadRowOut.model_fields if name not in _SAID_APART)
_FULL = tuple(name for name in LeadOut.model_fields if name not in _SAID_APART)
_ANSWERING = (rules.NotTheReceiver, rules.LeadCannotMove, PostUnsaid)


@dataclass(frozen=True, kw_only=True, slots=True)
class Seen:
    """A lead, and the body for which its reader acts; `id`, `version` and `correlation_id` are the lead's."""

    lead: Lead
    own: UUID | None

    @property
    def id(self) -> UUID:
        """The lead's id."""
        return self.lead.id

    @property
    def version(self) -> int:
        """The lead's version."""
        return self.lead.version

    @property
    def correlation_id(self) -> UUID:
        """The lead's trace."""
        return self.lead.correlation_id


def show_row(seen: Seen, scope: Scope) -> LeadRowOut:
    """A lead in a list, and what its receiver may do with it."""
    del scope
    return LeadRowOut.model_validate({name: getattr(seen.lead, name) for name in _ROW} | _called(seen))


def show(seen: Seen, scope: Scope) -> LeadOut:
    """A lead in full."""
    del scope
    hops = {"hops": tuple(HopOut.model_validate(one) for one in seen.lead.hops)}
    return LeadOut.model_validate({name: getattr(seen.lead, name) for name in _FULL} | _called(seen) | hops)


def _called(seen: Seen) -> dict[str, object]:
    lead, kind = seen.lead, KINDS.get(seen.lead.kind)
    moves = rules.open_moves(lead) if seen.own == lead.to_organization_id else ()
    return {"kind_zh": kind.zh if kind else lead.kind, "kind_en": kind.en if kind else lead.kind, "actions": moves}


async def _seen(tx: Tx, doing: Awaitable[Lead]) -> Seen:
    lead = await doing
    return Seen(lead=lead, own=await actions.own_organization(tx))


async def _again(tx: Tx, lead_id: UUID) -> Seen:
    return await _seen(tx, actions.find_lead(tx, lead_id))


@routes.post(
    "", status_code=201, response_model=LeadOut, summary="移送线索 Hand a lead over",
    responses=refuses(rules.LeadWrong, RoleMissing, PostUnsaid, NotFound, IdTaken),
)  # fmt: skip
async def transfer(body: LeadIn, door: Write) -> Response:
    """Hand over what your body came upon and another has to look into: to the police, to supervision, to another
    department or county, with grounds and papers. It is to be signed for within its kind's limit
    ([M-H] 行政执法机关移送涉嫌犯罪案件的规定; others [DEF]); that nobody did is told once."""
    new = body.new()
    return await door.perform(
        lambda tx: _seen(tx, actions.transfer_lead(tx, new)), show, created=True, show_again=_again
    )


@routes.get("", response_model=PageOut[LeadRowOut], summary="线索列表 List leads")
async def list_leads(
    door: Read, asked: Asked, area_code: AreaCode | None = None, state: LeadState | None = None,
    organization_id: UUID | None = None,
) -> Response:  # fmt: skip
    """Leads in which your post takes part, or of the area that you audit or lead, the newest first; what they say is
    shown one by one, and that is a row of the record."""

    async def find(tx: Tx) -> Page[Seen]:
        within, own = await door.within(tx, area_code), await actions.own_organization(tx)
        return await page(
            tx, store.list_leads(tx, areas=within, state=state, organization_id=organization_id), keys=store.ORDER,
            asked=asked, load=lambda row: Seen(lead=load(Lead, row), own=own),
            fingerprint=["leads", area_code, state, str(organization_id)],
        )  # fmt: skip

    return await door.look(find, listed(show_row))


@routes.get("/{lead_id}", response_model=LeadOut, summary="线索详情 One lead")
async def get_lead(lead_id: UUID, door: Read) -> Response:
    """One lead in full, with everybody who had it."""
    return await door.look(lambda tx: _seen(tx, actions.look_into_lead(tx, lead_id)), show)


@routes.post(
    "/{lead_id}/receive", response_model=LeadOut, summary="签收线索 Sign for a lead", responses=refuses(*_ANSWERING)
)
async def receive(lead_id: UUID, body: ReceiveLeadIn, door: Change) -> Response:
    """By a post of the receiving body. Where that has none here, the sender enters its receipt on paper."""
    expected = door.expected_version
    return await door.perform(
        lambda tx: _seen(tx, actions.receive_lead(tx, lead_id, expected, body.document)), show, show_again=_again
    )


@routes.post(
    "/{lead_id}/refuse", response_model=LeadOut, summary="不予接收 Refuse a lead", responses=refuses(*_ANSWERING)
)
async def refuse(lead_id: UUID, body: RefuseLeadIn, door: Change) -> Response:
    """It is not for this body, and it does not know for whom: refused with a reason, before it is signed for."""
    expected = door.expected_version
    return await door.perform(
        lambda tx: _seen(tx, actions.refuse_lead(tx, lead_id, expected, body.reason)), show, show_again=_again
    )


@routes.post(
    "/{lead_id}/forward", response_model=LeadOut, summary="转送线索 Forward a lead",
    responses=refuses(*_ANSWERING, rules.ForwardedTooOften, rules.LeadWrong),
)  # fmt: skip
async def forward(lead_id: UUID, body: ForwardLeadIn, door: Change) -> Response:
    """It is another's: handed on, and the limit begins anew."""
    expected, to = door.expected_version, body.to_organization_id
    return await door.perform(
        lambda tx: _seen(tx, actions.forward_lead(tx, lead_id, expected, to, body.reason)), show, show_again=_again
    )


@routes.post(
    "/{lead_id}/conclude", response_model=LeadOut, summary="反馈结果 Tell what came of a lead",
    responses=refuses(*_ANSWERING),
)  # fmt: skip
async def conclude(lead_id: UUID, body: ConcludeLeadIn, door: Change) -> Response:
    """What came of it, for the sender to know: a case was filed or not, it was dealt with, or it was unfounded."""
    expected, answer = door.expected_version, body.answer()
    return await door.perform(
        lambda tx: _seen(tx, actions.conclude_lead(tx, lead_id, expected, answer)), show, show_again=_again
    )
