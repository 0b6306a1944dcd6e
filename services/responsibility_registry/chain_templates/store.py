"""SQL about editions of chain templates: what is asked of whom is public to every caller with a scope."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select

from libs.common.aggregates import known, load, record
from libs.common.db import Tx
from libs.common.pagination import Key
from libs.common.problems import NotFound
from libs.contracts.event import Event
from services.responsibility_registry.chain_templates.model import chain_templates as templates
from services.responsibility_registry.chain_templates.rules import MOST_CODES, MOST_EDITIONS, ChainTemplate

_ENTERING = 4_207_031
"""The advisory lock of whoever enters: two editions of one code must not get one number."""


async def lock_templates(tx: Tx) -> None:
    """Nobody else enters an edition until this transaction ends."""
    await tx.execute(select(func.pg_advisory_xact_lock(_ENTERING)))


async def find_template(tx: Tx, template_id: UUID) -> ChainTemplate:
    """The edition; NotFound otherwise."""
    row = await tx.one_or_none(known(templates).where(templates.c.id == template_id))
    if row is None:
        raise NotFound("chain_templates", template_id)
    return load(ChainTemplate, row)


async def editions_of(tx: Tx, code: str, area_code: str) -> list[ChainTemplate]:
    """Every edition of a code that an area keeps, in their order."""
    asked = known(templates).where(templates.c.code == code, templates.c.area_code == area_code)
    rows = await tx.all(asked.order_by(templates.c.edition).limit(MOST_EDITIONS))
    return [load(ChainTemplate, row) for row in rows]


async def codes_in(tx: Tx, area_code: str) -> int:
    """How many codes an area keeps."""
    counted = known(templates).with_only_columns(func.count(templates.c.code.distinct()))
    return int(await tx.scalar(counted.where(templates.c.area_code == area_code)) or 0)


async def editions_on(tx: Tx, areas: Collection[str], code: str | None = None) -> list[ChainTemplate]:
    """Every edition that these areas keep, of one code where it is said; a handful of areas in a city keep any."""
    asked = known(templates).where(templates.c.area_code.in_(areas))
    if code is not None:
        asked = asked.where(templates.c.code == code)
    latest = asked.order_by(templates.c.valid_from.desc(), templates.c.id).limit(MOST_CODES * MOST_EDITIONS)
    return [load(ChainTemplate, row) for row in await tx.all(latest)]


async def record_template(tx: Tx, template: ChainTemplate, event: Event, *, why: str) -> ChainTemplate:
    """Write the edition with its event."""
    return await record(tx, templates, template, event, why=why)


def list_templates(*, area_code: str | None, code: str | None) -> Select[Any]:
    """Editions, filtered; the door pages through them."""
    asked = known(templates)
    for column, value in ((templates.c.area_code, area_code), (templates.c.code, code)):
        if value is not None:
            asked = asked.where(column == value)
    return asked


ORDER: Sequence[Key] = ((templates.c.code, "asc"), (templates.c.edition, "asc"), (templates.c.id, "asc"))
