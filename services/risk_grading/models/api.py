"""The doors of rule packs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from fastapi import Path
from starlette.responses import Response

from libs.common.db import Tx
from libs.common.doors import Read
from libs.common.scope import Scope
from libs.common.strict_routes import router
from services.risk_grading.models import actions
from services.risk_grading.models.forms import PackOut, PacksOut, pack_out
from services.risk_grading.models.rules import Pack

routes = router("rule-packs", prefix="/v1/rule-packs")
PackId = Annotated[str, Path(pattern=r"^[a-z0-9_.-]{1,80}$", examples=["lec-1"])]


def show(pack: Pack, scope: Scope) -> PackOut:
    """A pack; everybody with a token may read how grades are made."""
    del scope
    return pack_out(pack)


def show_all(packs: Sequence[Pack], scope: Scope) -> PacksOut:
    """All packs."""
    return PacksOut(items=tuple(show(pack, scope) for pack in packs))


@routes.get("", response_model=PacksOut, summary="评价模型列表 List rule packs")
async def list_packs(door: Read) -> Response:
    """Every version of every model that grades are made by, with sources; there are few, so all at once."""

    async def find(tx: Tx) -> Sequence[Pack]:
        del tx
        return actions.list_packs()

    return await door.look(find, show_all)


@routes.get("/{pack_id}", response_model=PackOut, summary="评价模型 One rule pack")
async def get_pack(pack_id: PackId, door: Read) -> Response:
    """One version: its tables, its bands and whether an edge belongs above or below (`boundary`)."""

    async def find(tx: Tx) -> Pack:
        del tx
        return actions.find_pack(pack_id)

    return await door.look(find, show)
