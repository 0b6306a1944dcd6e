"""Taking part: posts and organisations that see an aggregate beyond their area and sector."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import Column, DateTime, MetaData, Table, Text, text
from sqlalchemy.dialects.postgresql import UUID as PGUUID

from libs.common.db import Tx

participants = Table(
    "participants",
    MetaData(),
    Column("aggregate_id", PGUUID(as_uuid=True), primary_key=True),
    Column("party_id", PGUUID(as_uuid=True), primary_key=True),
    Column("part", Text, primary_key=True),
    Column("since", DateTime(timezone=True)),
    Column("until", DateTime(timezone=True)),
)
_TAKE_PART = text(
    "INSERT INTO participants (aggregate_id, party_id, part, since) SELECT :aggregate_id, taking.party, taking.part,"
    " :since FROM unnest(CAST(:parties AS uuid[]), CAST(:roles AS text[])) AS taking (party, part)"
    " ON CONFLICT DO NOTHING"
)


async def add_parts(tx: Tx, aggregate_id: UUID, parts: Iterable[tuple[UUID, str]]) -> None:
    """Let posts or organisations take part in an aggregate; a repeat changes nothing."""
    taking = list(parts)
    if taking:
        parties, roles = zip(*taking, strict=True)
        values = {"aggregate_id": aggregate_id, "parties": list(parties), "roles": list(roles), "since": tx.now}
        await tx.execute(_TAKE_PART, values)
