"""The doors of pairings."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query
from starlette.responses import Response

from libs.common.aggregates import load
from libs.common.db import Tx
from libs.common.doors import Change, Read, Write
from libs.common.forms import AreaCode, Code, Moment, PageOut
from libs.common.openapi import refuses
from libs.common.pagination import Asked, Page, listed, page
from libs.common.problems import IdTaken, RoleMissing
from libs.common.scope import Scope
from libs.common.strict_routes import router
from services.responsibility_registry.pairings import actions, rules, store
from services.responsibility_registry.pairings.forms import (
    EndPairingIn,
    PairingIn,
    PairingKindOut,
    PairingKindsOut,
    PairingLabelOut,
    PairingOut,
    RhythmOut,
)
from services.responsibility_registry.pairings.rules import Pairing

routes = router("pairings", prefix="/v1/pairings")
At = Annotated[Moment | None, Query(description="those that hold then")]
_SAME = tuple(name for name in PairingOut.model_fields if name not in {"actions", "rhythm", "home_key"})


def show(pairing: Pairing, scope: Scope) -> PairingOut:
    """A pairing, and what the caller may do with it now."""
    area, sectors = pairing.area_code, pairing.sectors
    administers = scope.holds("administrator", area_code=area, sectors=sectors)
    may = pairing.valid_to is None and scope.holds(*actions.PAIRS, area_code=area, sectors=sectors)
    shown = actions.shows_key(pairing, scope.takes_part_as, administers=administers)
    return PairingOut(
        **{name: getattr(pairing, name) for name in _SAME},
        home_key=pairing.home_key if shown else "",
        rhythm=None if pairing.rhythm is None else RhythmOut.model_validate(pairing.rhythm),
        actions=("end",) if may else (),
    )


@routes.get("/kinds", response_model=PairingKindsOut, summary="结对类型 The kinds of pairings")
async def get_kinds(door: Read) -> Response:
    """The kinds of pairings that there are, to what each binds, how often the post has to be there, and by what."""

    async def find(tx: Tx) -> PairingKindsOut:
        del tx
        kinds = tuple(
            PairingKindOut(
                kind=one.code, name=PairingLabelOut(zh=one.zh, en=one.en), target=one.target,
                record_kinds=one.record_kinds, sole=one.sole, source=one.source,
                rhythm=None if one.rhythm is None else RhythmOut.model_validate(one.rhythm),
            )
            for one in actions.KINDS.values()
        )  # fmt: skip
        return PairingKindsOut(kinds=kinds)

    return await door.look(find, lambda found, _: found)


@routes.post(
    "", status_code=201, response_model=PairingOut, summary="结对 Begin a pairing",
    responses=refuses(RoleMissing, rules.PairingWrong, rules.PairingHeld, IdTaken),
)  # fmt: skip
async def begin(body: PairingIn, door: Write) -> Response:
    """A post is bound to one firm, installation or home from a day on ([SEED] 包联、包保、派驻、结对). How often it
    has to be there is its kind's, as it stands today. Of a home only an opaque key is kept. For administrators and
    leaders over the place and over the post."""
    new = body.new()
    return await door.perform(
        lambda tx: actions.begin_pairing(tx, new), show, created=True, show_again=actions.find_pairing
    )


@routes.get("", response_model=PageOut[PairingOut], summary="结对列表 List pairings")
async def list_pairings(
    door: Read, asked: Asked, area_code: AreaCode | None = None, kind: Code | None = None,
    post_id: UUID | None = None, object_id: UUID | None = None, at: At = None,
) -> Response:  # fmt: skip
    """Pairings within your scope, the newest first; past ones too, unless you ask for an instant."""

    async def find(tx: Tx) -> Page[Pairing]:
        within = await door.within(tx, area_code)
        return await page(
            tx,
            store.list_pairings(
                tx.scope, areas=within, kind=kind, post_id=post_id, object_id=object_id, at=at
            ),
            keys=store.ORDER, asked=asked, load=lambda row: load(Pairing, row),
            fingerprint=["pairings", area_code, kind, str(post_id), str(object_id), str(at)],
        )  # fmt: skip

    return await door.look(find, listed(show))


@routes.get("/{pairing_id}", response_model=PairingOut, summary="结对详情 One pairing")
async def get_pairing(pairing_id: UUID, door: Read) -> Response:
    """One pairing by its id."""
    return await door.look(lambda tx: actions.find_pairing(tx, pairing_id), show)


@routes.post(
    "/{pairing_id}/end", response_model=PairingOut, summary="终止结对 End a pairing",
    responses=refuses(RoleMissing, rules.PairingAlreadyEnded, rules.PairingWrong),
)  # fmt: skip
async def end(pairing_id: UUID, body: EndPairingIn, door: Change) -> Response:
    """The pairing no longer holds from an instant on; it is never deleted, and what was missed before is told."""
    expected = door.expected_version
    return await door.perform(
        lambda tx: actions.end_pairing(tx, pairing_id, expected, body.at, body.reason), show,
        show_again=actions.find_pairing,
    )  # fmt: skip
