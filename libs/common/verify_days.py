"""Verification of the daily heads: against the batches that they cover, each other, and the anchors."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import text

from libs.common.daily_heads import daily_head, days_since, last_day_before
from libs.common.db import Database, Row
from libs.common.epochs import SCOPE
from libs.common.merkle import is_known, root_of
from libs.common.verification import Fault, Verification

_PAGE_DAYS = 50
_LINKS = text("SELECT batch, chained FROM seals WHERE batch > :after AND batch <= :last ORDER BY batch")
IsDeclared = Callable[[int, int], bool]


async def verify_days(
    database: Database,
    anchored: Sequence[dict[str, Any]],
    is_declared: IsDeclared,
    result: Verification,
    since: date | None,
) -> None:
    """Compute each day's head again; the anchors know how many there were and what each one said."""
    known: dict[str, set[str]] = defaultdict(set)
    for line in anchored:
        known[line["day"]].add(line["chained"])
    asked, seen = since or date(1970, 1, 1), set[str]()
    async with database.unit_of_work(SCOPE) as tx:
        before = await last_day_before(tx, asked)
    while True:
        async with database.unit_of_work(SCOPE) as tx:
            page = await days_since(tx, asked, _PAGE_DAYS)
            for row in page:
                span = {"after": before["last_batch"] if before else 0, "last": row["last_batch"]}
                _check(database.service, row, before, await tx.all(_LINKS, span), known, result)
                seen.add(row["day"].isoformat())
                before = row
        if len(page) < _PAGE_DAYS:
            break
        asked = page[-1]["day"] + timedelta(days=1)
    _check_lost(anchored, seen, is_declared, result, since)


def _check(
    service: str, row: Row, before: Row | None, links: Sequence[Row], known: dict[str, set[str]], result: Verification
) -> None:
    head, day = daily_head(service, row), row["day"].isoformat()
    result.days += 1
    if not is_known(head.algorithm):
        result.found(Fault.ALGORITHM_UNKNOWN, f"no algorithm of this release made the head of {day}")
    elif head.chained != row["chained"]:
        result.found(Fault.DAY_CHANGED, f"what is said about {day} was changed")
    elif before is not None and head.previous != before["chained"]:
        result.found(Fault.DAY_CHANGED, f"{day} is not chained to the day before it")
    elif [head.first_batch, head.batches] != [links[0]["batch"] if links else None, len(links)]:
        result.found(Fault.DAY_CHANGED, f"{day} does not cover the batches of that day", batch=head.first_batch)
    elif root_of([link["chained"] for link in links], head.algorithm) != head.root:
        result.found(Fault.DAY_CHANGED, f"the batches of {day} are not those that it was closed over")
    elif known.get(day) and head.chained.hex() not in known[day]:
        result.found(Fault.DAY_REWRITTEN, f"the anchor knows another {day}")


def _check_lost(
    anchored: Sequence[dict[str, Any]],
    seen: set[str],
    is_declared: IsDeclared,
    result: Verification,
    since: date | None,
) -> None:
    first = since.isoformat() if since else ""
    for line in anchored:
        if (
            line["day"] not in seen
            and line["day"] >= first
            and not is_declared(line["last_batch"], line["last_batch"])
        ):
            result.found(Fault.DAY_LOST, f"the head of {line['day']} was anchored and is gone")
            seen.add(line["day"])
