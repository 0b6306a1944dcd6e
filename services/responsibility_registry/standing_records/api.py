"""The doors of the records of firms and of posts."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Path
from starlette.responses import Response

from libs.common.doors import Read
from libs.common.scope import Scope
from libs.common.strict_routes import router
from services.responsibility_registry.standing_records import actions
from services.responsibility_registry.standing_records.actions import StandingRecord
from services.responsibility_registry.standing_records.forms import (
    FactHeadOut,
    HonourHeadOut,
    MeasureHeadOut,
    StandingRecordOut,
)

firm_routes = router("firm-records", prefix="/v1/firm-records")
post_routes = router("post-records", prefix="/v1/post-records")
FirmId = Annotated[
    str, Path(pattern=r"^[0-9A-Za-z-]{18,36}$", description="its unified credit code, or an organisation's id")
]


def show(record: StandingRecord, scope: Scope) -> StandingRecordOut:
    """A record; what is in it was looked for under the caller's scope."""
    del scope
    cut = {
        "enforcement_facts": record.enforcement_facts.truncated, "measures_in_force": record.measures.truncated,
        "commendations": record.commendations.truncated,
    }  # fmt: skip
    return StandingRecordOut(
        enforcement_facts=tuple(FactHeadOut.model_validate(one) for one in record.enforcement_facts.rows),
        measures_in_force=tuple(MeasureHeadOut.model_validate(one) for one in record.measures.rows),
        commendations=tuple(HonourHeadOut.model_validate(one) for one in record.commendations.rows),
        truncated=tuple(name for name, more in cut.items() if more),
    )


@firm_routes.get("/{firm_id}", response_model=StandingRecordOut, summary="单位记录 The record of a firm")
async def get_firm_record(firm_id: FirmId, door: Read) -> Response:
    """What was decided against a firm, which measures hold against it, and which honours it wears: each as far as you
    may see it. Measures are for those who audit or lead; of a firm of which nothing is known the record is empty."""
    return await door.look(lambda tx: actions.record_of_firm(tx, firm_id), show)


@post_routes.get("/{post_id}", response_model=StandingRecordOut, summary="岗位记录 The record of a post")
async def get_post_record(post_id: UUID, door: Read) -> Response:
    """What was decided against a post, which measures whoever holds it now brought along from a post that they held
    when it happened, and which honours it wears: each as far as you may see it."""
    return await door.look(lambda tx: actions.record_of_post(tx, post_id), show)
