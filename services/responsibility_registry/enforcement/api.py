"""The doors of enforcement facts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import Query
from starlette.responses import Response

from libs.common.aggregates import load
from libs.common.clocks import city_day, now
from libs.common.db import Tx
from libs.common.doors import Change, Read, Write
from libs.common.forms import AreaCode, Code, ImportedOut, Items, Line, PageOut, show_import
from libs.common.imports import AskedImport, RowTwice, import_as_asked, natural_key
from libs.common.openapi import refuses
from libs.common.pagination import Asked, Page, listed, page
from libs.common.problems import IdTaken, RoleMissing
from libs.common.scope import Scope
from libs.common.strict_routes import router
from services.responsibility_registry.enforcement import actions, rules, store
from services.responsibility_registry.enforcement.forms import (
    CorrectFactIn,
    Day,
    EnforcementFactIn,
    EnforcementFactInFullOut,
    EnforcementFactOut,
    EntryOut,
    RevokeFactIn,
)
from services.responsibility_registry.enforcement.rules import EnforcementFact, Entry

routes = router("enforcement-facts", prefix="/v1/enforcement-facts")
_FIELDS = tuple(
    name for name in EnforcementFactOut.model_fields if name not in {"person_key", "in_force", "actions"}
)  # fmt: skip
_ENTERING = (rules.FactWrong, RoleMissing, IdTaken)
FirmId = Annotated[Line | None, Query(max_length=60, description="a credit code, or an organisation's id")]


@dataclass(frozen=True, kw_only=True, slots=True)
class InFull:
    """A fact and its entries; `id`, `version` and `correlation_id` are the fact's."""

    fact: EnforcementFact
    entries: tuple[Entry, ...]

    @property
    def id(self) -> UUID:
        """The fact's id."""
        return self.fact.id

    @property
    def version(self) -> int:
        """The fact's version."""
        return self.fact.version

    @property
    def correlation_id(self) -> UUID:
        """The fact's trace."""
        return self.fact.correlation_id


def show(fact: EnforcementFact, scope: Scope) -> EnforcementFactOut:
    """A fact, and what the caller may do with it."""
    may = scope.holds_every(*actions.ENTERS, area_code=fact.area_code, sectors=fact.sectors)
    return EnforcementFactOut.model_validate(
        {name: getattr(fact, name) for name in _FIELDS}
        | {"person_key": fact.person_key if may else "", "in_force": rules.in_force(fact, city_day(now()))}
        | {"actions": rules.open_moves(fact) if may else ()}
    )


def show_in_full(found: InFull, scope: Scope) -> EnforcementFactInFullOut:
    """A fact with what was entered of it; a person's key is shown to nobody in what was."""
    entries = tuple(
        EntryOut.model_validate(
            {
                **{name: getattr(one, name) for name in EntryOut.model_fields},
                "content": _shown(one),
            }
        )
        for one in found.entries
    )
    return EnforcementFactInFullOut(**show(found.fact, scope).model_dump(), entries=entries)


def _shown(entry: Entry) -> dict[str, object]:
    return {name: value for name, value in entry.content.items() if name != "person_key"}


async def _in_full(tx: Tx, fact_id: UUID) -> InFull:
    fact = await store.find_fact(tx, fact_id)
    return InFull(fact=fact, entries=tuple(await store.list_entries(tx, fact_id)))


@routes.post(
    "", status_code=201, response_model=EnforcementFactOut, summary="录入执法事实 Enter an enforcement fact",
    responses=refuses(*_ENTERING, rules.DecisionDiffers),
)  # fmt: skip
async def enter(body: EnforcementFactIn, door: Write) -> Response:
    """Enter one decision of another system: a penalty, a licence held back, a stop, a detention, a seizure.

    It is known by its authority and number: entered again it is the same fact; another content under the same number
    is refused. Of a natural person nothing is kept but an opaque key. Penalties about a major hazard under the Work
    Safety Law count towards the proposal to close a firm ([S] 安全生产法(2021)第一百一十三条).
    """
    new = body.new()
    return await door.perform(
        lambda tx: actions.enter_fact(tx, new), show, created=True, show_again=store.find_fact,
        location=lambda fact: f"/v1/enforcement-facts/{fact.id}",
    )  # fmt: skip


@routes.post(
    "/import", response_model=ImportedOut, summary="批量导入执法事实 Import enforcement facts",
    responses=refuses(*_ENTERING, RowTwice), openapi_extra=natural_key("authority_code", "decision_number"),
)  # fmt: skip
async def import_facts(body: Items[EnforcementFactIn], door: Write, how: AskedImport) -> Response:
    """Enter up to 500 decisions; what is on record already stays as it is, and a row that says something else of a
    decision on record is told as wrong."""
    rows = [one.new() for one in body.items]
    return await door.perform(
        lambda tx: import_as_asked(tx, rows, actions.import_facts, how, rules.FactWrong), show_import
    )


@routes.get("", response_model=PageOut[EnforcementFactOut], summary="执法事实列表 List enforcement facts")
async def list_facts(
    door: Read, asked: Asked, area_code: AreaCode | None = None, kind: Code | None = None, firm_id: FirmId = None,
    post_id: UUID | None = None, authority_id: UUID | None = None, decided_from: Day | None = None,
    decided_until: Day | None = None, void: bool | None = None,
) -> Response:  # fmt: skip
    """Decisions within your scope, the latest first; a person is no filter."""
    decided = (decided_from, decided_until)
    mark = [
        "enforcement-facts", area_code, kind, firm_id, str(post_id), str(authority_id), *map(str, decided), void,
    ]  # fmt: skip

    async def find(tx: Tx) -> Page[EnforcementFact]:
        within = await door.within(tx, area_code)
        chosen = store.list_facts(
            tx, areas=within, kind=kind, firm_id=firm_id, post_id=post_id, authority_id=authority_id,
            decided=decided, void=void,
        )  # fmt: skip
        return await page(
            tx, chosen, keys=store.ORDER, asked=asked, load=lambda row: load(EnforcementFact, row), fingerprint=mark
        )

    return await door.look(find, listed(show))


@routes.get("/{fact_id}", response_model=EnforcementFactInFullOut, summary="执法事实详情 One enforcement fact")
async def get_fact(fact_id: UUID, door: Read) -> Response:
    """One decision with everything that was entered of it: nothing is overwritten."""
    return await door.look(lambda tx: _in_full(tx, fact_id), show_in_full)


@routes.post(
    "/{fact_id}/correct", response_model=EnforcementFactOut, summary="更正执法事实 Correct an enforcement fact",
    responses=refuses(*_ENTERING, rules.FactRevoked, rules.NothingCorrected),
)  # fmt: skip
async def correct(fact_id: UUID, body: CorrectFactIn, door: Change) -> Response:
    """What was entered was wrong: say the whole of it as it is right, by which paper and why. What counted by the old
    content is looked at anew; an undecided proposal that does not hold any more is withdrawn."""
    expected, new, paper = door.expected_version, body.new(), body.paper()
    return await door.perform(
        lambda tx: actions.correct_fact(tx, fact_id, expected, new, paper), show, show_again=store.find_fact
    )


@routes.post(
    "/{fact_id}/revoke", response_model=EnforcementFactOut, summary="撤销执法事实 Revoke an enforcement fact",
    responses=refuses(rules.FactRevoked, RoleMissing),
)  # fmt: skip
async def revoke(fact_id: UUID, body: RevokeFactIn, door: Change) -> Response:
    """The decision was taken back where it was made, or by a court: it counts no more. An undecided proposal that
    rests on it is withdrawn or rests on what is left; of a decided one it is noted."""
    expected, paper = door.expected_version, body.paper()
    return await door.perform(
        lambda tx: actions.revoke_fact(tx, fact_id, expected, paper), show, show_again=store.find_fact
    )
