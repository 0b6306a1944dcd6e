"""A service's rows in a form in which two runs can be compared: what is technical in them is taken out."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import asyncpg

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_TECHNICAL = frozenset({"changed_in", "stated_in"})
"""Columns that say when a row was written, in transactions or announcements."""
_BY_TURN = frozenset({"number"})
"""Columns that count things in the order in which they came; order is promised per aggregate only."""
PLUMBING = frozenset(
    {
        "alembic_version", "inbox", "outbox", "leases", "cluster_epochs", "timeline", "timeline_details", "seals",
        "seal_leaves", "failed_deliveries", "copy_states", "watch_runs", "watchdog_findings", "stream_epochs",
        "idempotency_keys", "city_clock",
    }
)  # fmt: skip
_TABLES = """SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE n.nspname = $1 AND c.relkind IN ('r', 'p') AND NOT c.relispartition ORDER BY 1"""
_ROUNDS = 3


@dataclass(slots=True)
class Rows:
    """The rows of one schema; `known` are the ids that both runs were told."""

    known: Mapping[str, str]
    tables: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def labelled(self) -> dict[str, Counter[str]]:
        """Each table's rows as a bag of texts, with made ids replaced by what hangs on them.

        Two ids that were drawn in two runs are alike where the rows that name them are alike, a few steps far.
        """
        labels: dict[str, str] = {}
        for _ in range(_ROUNDS):
            labels = self._relabelled(labels)
        return {table: Counter(self._text(row, labels) for row in rows) for table, rows in self.tables.items()}

    def _relabelled(self, labels: Mapping[str, str]) -> dict[str, str]:
        hanging: dict[str, list[str]] = defaultdict(list)
        for table, rows in self.tables.items():
            for row in rows:
                text = self._text(row, labels)
                for path, made in self._made(row):
                    hanging[made].append(f"{table}/{path}: {text}")
        return {made: sha256("\n".join(sorted(on)).encode()).hexdigest()[:12] for made, on in hanging.items()}

    def _made(self, row: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        for name, value in row.items():
            for found in _UUID.findall(json.dumps(value)):
                if found not in self.known:
                    yield name, found

    def _text(self, row: Mapping[str, Any], labels: Mapping[str, str]) -> str:
        text = json.dumps(row, ensure_ascii=False, sort_keys=True)
        return _UUID.sub(lambda hit: self.known.get(hit[0]) or f"<{labels.get(hit[0], 'made')}>", text)


async def read_rows(url: str, schema: str, known: Mapping[str, str]) -> Rows:
    """Every row of a service that people or other services can see, without the plumbing's own."""
    connection = await asyncpg.connect(url)
    try:
        names = [row["relname"] for row in await connection.fetch(_TABLES, schema)]
        rows = Rows(known)
        for name in names:
            if name not in PLUMBING:
                found = await connection.fetch(f'SELECT to_jsonb(t) AS row FROM {schema}."{name}" AS t')
                rows.tables[name] = [_plain(json.loads(one["row"])) for one in found]
        return rows
    finally:
        await connection.close()


async def told(url: str, schema: str) -> Counter[tuple[str, int]]:
    """How often each event was told at each version: a repeat that acts again would be seen here."""
    connection = await asyncpg.connect(url)
    try:
        found = await connection.fetch(f"SELECT event_type, aggregate_version FROM {schema}.outbox")
        return Counter((row["event_type"], row["aggregate_version"]) for row in found)
    finally:
        await connection.close()


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in _TECHNICAL | _BY_TURN}
