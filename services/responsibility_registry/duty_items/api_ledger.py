"""The door of the duty ledger."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query
from starlette.responses import Response

from libs.common.doors import Read
from libs.common.forms import Moment
from libs.common.openapi import refuses
from libs.common.problems import NotFound
from libs.common.scope import Scope
from libs.common.strict_routes import router
from services.responsibility_registry.duty_items import actions_ledger as actions
from services.responsibility_registry.duty_items.forms import LabelOut
from services.responsibility_registry.duty_items.forms_ledger import (
    LedgerEntryOut,
    LedgerListOut,
    LedgerOut,
    PartyOut,
)
from services.responsibility_registry.duty_items.rules import Bearer
from services.responsibility_registry.duty_items.rules_ledger import Entry, Ledger, Party

routes = router("duty-ledger", prefix="/v1/duty-ledger")
At = Annotated[Moment | None, Query(description="now where it is left out")]


@routes.get(
    "/{bearer}/{party_id}", response_model=LedgerOut, summary="责任台账 The duty ledger", responses=refuses(NotFound)
)
async def get_ledger(bearer: Bearer, party_id: UUID, door: Read, at: At = None) -> Response:
    """What a post, an organisation with its posts, or a firm (a risk object in your scope) answers for at an instant,
    list by list (一台账四清单 [SEED]): the duties of the catalogue that held there then, by the assignments of then.
    Kind, tier and unit of a post are as they stand now."""
    return await door.look(lambda tx: actions.ledger_of(tx, bearer, party_id, at), show)


def show(ledger: Ledger, scope: Scope) -> LedgerOut:
    """The ledger, list by list."""
    del scope
    lists = tuple(
        LedgerListOut(
            list=kind.code, name=LabelOut(zh=kind.zh, en=kind.en),
            entries=tuple(_entry(one) for one in ledger.entries if one.item.list_code == kind.code),
        )
        for kind in actions.LISTS
    )  # fmt: skip
    return LedgerOut(party=_party(ledger.party), at=ledger.at, lists=lists, truncated=ledger.truncated)


def _entry(entry: Entry) -> LedgerEntryOut:
    item = entry.item
    return LedgerEntryOut(
        party=_party(entry.party), item_id=item.id, code=item.code, edition=item.edition,
        words=LabelOut(zh=item.zh, en=item.en), valid_from=item.valid_from, source=item.source,
        duty_ids=entry.duty_ids,
    )  # fmt: skip


def _party(party: Party) -> PartyOut:
    return PartyOut(bearer=party.bearer, id=party.id, name=LabelOut(zh=party.zh, en=party.en))
