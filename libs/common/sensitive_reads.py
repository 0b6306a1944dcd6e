"""Reads that are rows: who looked into what is sensitive. Told once a minute, in the reader's own transaction.

Each service says in its table of contents which nouns are sensitive and why (`Service.sensitive`); a look is noted by
that entry and by nothing else, and a test holds both together.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text

from libs.common.db import Tx
from libs.common.ddl.timeline import WRITTEN_BY_APP
from libs.common.outbox import Aggregate
from libs.common.timeline import Entry, row_of

COUNTED_ONCE_SECONDS = 60
"""[DEF] So long the same look of the same caller at the same thing is one look: a screen may refresh."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Sensitive:
    """A noun whose reads are rows, why, and by which rule."""

    noun: str
    why: str
    source: str


_TYPES = {
    "id": "uuid", "occurred_at": "timestamptz", "aggregate_id": "uuid", "aggregate_version": "integer",
    "actor_post": "uuid", "sectors": "text[]", "exercise": "boolean", "correlation_id": "uuid",
    "causation_id": "uuid", "commitment": "bytea",
}  # fmt: skip
_VALUES = ", ".join(f"CAST(:{name} AS {_TYPES.get(name, 'text')})" for name in WRITTEN_BY_APP)
_NOT_LATELY = "WHERE NOT EXISTS (SELECT 1 FROM lately)"
# What the caller wrote a moment ago is found by the index over who acted; where its scope does not reach the row of
# its own look (one that was made under a wider scope), there is a row more and none is missing.
_NOTE = text(
    "WITH lately AS (SELECT 1 FROM timeline WHERE actor_subject = :actor_subject AND client_id = :client_id"
    " AND recorded_at > clock_timestamp() - make_interval(secs => :seconds) AND event_type = :event_type"
    " AND aggregate_id = CAST(:aggregate_id AS uuid) LIMIT 1),"
    " kept AS (INSERT INTO timeline_details (id, salt, details, why) SELECT CAST(:id AS uuid),"
    f" CAST(:salt AS bytea), CAST(:details AS json), CAST(:why AS text) {_NOT_LATELY})"
    f" INSERT INTO timeline ({', '.join(WRITTEN_BY_APP)}) SELECT {_VALUES} {_NOT_LATELY}"
)


def event_type_of(service: str, noun: str) -> str:
    """What the row of a look is called; `<noun>.read` is another thing: a post that had to know, and then knew."""
    return f"{service}.{noun}.looked_into.v1"


async def note_read(
    tx: Tx, about: Aggregate, noun: Sensitive, *, why: str = "", details: Mapping[str, Any] | None = None
) -> None:
    """Write that the caller looked into something sensitive, with the purpose it gave; one statement.

    `about` is the thing itself, or what stands for it: place, sectors and trace are taken from it.
    """
    entry = Entry(event_type=event_type_of(tx.service, noun.noun), about=about, details=details or {}, why=why)
    await tx.execute(_NOTE, row_of(tx, entry) | {"seconds": COUNTED_ONCE_SECONDS})
