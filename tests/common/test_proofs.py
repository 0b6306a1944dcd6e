"""The proof of a row is checked by the program of the guide, which knows nothing of ours and finds forgeries."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
import pytest

from libs.common import answers
from libs.common.anchors import AnchorFile
from libs.common.merkle import Algorithm
from libs.common.problems import NotFound
from libs.common.proofs import row_with_proof
from libs.common.sealer import Sealer
from libs.common.timeline import order_erasure
from tests.architecture.sources import ROOT
from tests.common.plumbed import Plumbed, inspector
from tests.common.sealing import HERE, row_at, write
from tests.common.test_daily_heads import days_ago

GUIDE = Path(ROOT) / "docs/guides/evidence.md"


def program() -> Callable[[Any], str]:
    """The function of the guide, as an outsider would run it."""
    found = re.search(r"```python\n(.*?)```", GUIDE.read_text("utf-8"), re.DOTALL)
    assert found is not None
    names: dict[str, Any] = {"__name__": "guide"}
    exec(found[1], names)
    verify: Callable[[Any], str] = names["verify"]
    return verify


async def told(plumbed: Plumbed, anchors: AnchorFile, timeline_id: UUID) -> Any:
    """The answer as it leaves the door."""
    async with plumbed.app.unit_of_work(HERE) as tx:
        return orjson.loads(answers.dump(await row_with_proof(tx, timeline_id, anchors)))


async def sealed(plumbed: Plumbed, anchors: AnchorFile, algorithm: Algorithm = Algorithm.SHA256) -> Sealer:
    plumbed.app.algorithm = plumbed.sealer.algorithm = algorithm
    sealer = Sealer(plumbed.sealer, anchors)
    for count in (3, 7, 1):
        await write(plumbed, count)
        await sealer.seal_all()
    return sealer


@pytest.mark.parametrize("algorithm", Algorithm)
async def test_every_row_of_a_batch_proves_itself(
    plumbed: Plumbed, anchors: AnchorFile, algorithm: Algorithm
) -> None:
    verify = program()
    await sealed(plumbed, anchors, algorithm)
    links = set()
    for position in range(7):
        row = await told(plumbed, anchors, await row_at(plumbed, 2, position))
        seal = row["proof"]["seal"]
        assert (seal["position"], seal["batch"], seal["anchor"], seal["day"]) == (position, 2, "same", None)
        links.add(verify(row))
    assert len(links) == 1


async def test_a_row_of_a_closed_day_leads_to_the_line_that_was_published(
    plumbed: Plumbed, anchors: AnchorFile
) -> None:
    sealer = await sealed(plumbed, AnchorFile(anchors.path.with_name("unused.jsonl")))
    await days_ago(plumbed, {1: 1, 2: 1})
    sealer.anchors = anchors
    await sealer.close_days()
    [line] = [line for line in anchors.lines() if line["kind"] == "day"]
    row = await told(plumbed, anchors, await row_at(plumbed, 2, 4))
    assert program()(row) == line["chained"]
    assert row["proof"]["seal"]["anchor"] == "none"


@pytest.mark.parametrize(
    "forged",
    [
        lambda row: row["proof"]["opening"].update(details='{"n": 99}'),
        lambda row: row["proof"]["opening"].update(why="coffee"),
        lambda row: row["proof"].update(canonical=row["proof"]["canonical"].replace("zhang", "zhong")),
        lambda row: row["proof"]["seal"]["path"][0].update(hash="00" * 32),
        lambda row: row["proof"]["seal"].update(previous="00" * 32),
        lambda row: row["proof"]["seal"].update(header=row["proof"]["seal"]["header"].replace("risk", "rusk")),
        lambda row: row.update(event_type="risk_grading.kettle.broken.v1"),
    ],
)
async def test_the_program_finds_what_was_forged(
    plumbed: Plumbed, anchors: AnchorFile, forged: Callable[[Any], None]
) -> None:
    await sealed(plumbed, anchors)
    row = await told(plumbed, anchors, await row_at(plumbed, 2, 2))
    assert program()(json.loads(json.dumps(row)))
    forged(row)
    with pytest.raises(AssertionError):
        program()(row)


async def test_an_erased_row_and_its_order_prove_themselves(plumbed: Plumbed, anchors: AnchorFile) -> None:
    sealer = await sealed(plumbed, anchors)
    target = await row_at(plumbed, 2, 2)
    async with plumbed.app.unit_of_work(HERE) as tx:
        await order_erasure(tx, target, ground="PIPL Art 47")
    await sealer.seal_all()
    row = await told(plumbed, anchors, target)
    assert (row["details"], row["proof"]["opening"]) == (None, None)
    assert program()(row)
    assert program()(await told(plumbed, anchors, await row_at(plumbed, 4, 0)))


async def test_a_row_that_is_not_sealed_yet_says_so_and_one_out_of_scope_is_not_there(
    plumbed: Plumbed, anchors: AnchorFile
) -> None:
    await write(plumbed)
    [timeline_id] = await plumbed.superuser.fetchrow("SELECT id FROM timeline")
    assert (await told(plumbed, anchors, timeline_id))["proof"]["seal"] is None
    async with plumbed.app.unit_of_work(inspector("331003000000", "331003999999")) as tx:
        with pytest.raises(NotFound):
            await row_with_proof(tx, timeline_id, anchors)
