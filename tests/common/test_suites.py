"""Sealing by suite: SHA-256 or SM3, chains that change over in the middle, and tampering that both find."""

from collections.abc import Awaitable, Callable
from hashlib import sha256

import pytest

from libs.common.anchors import AnchorFile
from libs.common.merkle import Algorithm, canonical_row, commitment, digest, is_committed, leaf_of, path_of, root_of
from libs.common.sealer import Sealer
from libs.common.timeline import order_erasure
from libs.common.verification import Fault
from libs.common.verify import verify
from tests.common.plumbed import Plumbed
from tests.common.sealing import HERE, only, row_at, sealed_rows, write
from tests.common.test_merkle import ROW
from tests.common.test_verify import rewrite_everything

SM3_OF_ABC = "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
"""GB/T 32905-2016, appendix A.1."""


def test_sm3_is_that_of_the_standard() -> None:
    assert digest(Algorithm.SM3, b"abc").hex() == SM3_OF_ABC
    assert digest(Algorithm.SHA256, b"abc") == sha256(b"abc").digest()
    with pytest.raises(ValueError, match="v9"):
        digest("v9", b"abc")


def test_a_commitment_says_by_which_algorithm_it_was_made() -> None:
    salt = bytes(16)
    made = {one: commitment(salt, "{}", "tea", one) for one in Algorithm}
    assert len(set(made.values())) == len(Algorithm)
    assert all(is_committed(kept, salt, "{}", "tea") for kept in made.values())
    assert not any(is_committed(kept, salt, "{ }", "tea") for kept in made.values())
    assert not is_committed(made[Algorithm.SM3][1:], salt, "{}", "tea")


@pytest.mark.parametrize("algorithm", Algorithm)
@pytest.mark.parametrize("count", [1, 2, 3, 5, 8, 13, 100])
def test_every_leaf_has_a_path_to_the_root(algorithm: Algorithm, count: int) -> None:
    leaves = [digest(algorithm, bytes([n])) for n in range(count)]
    for position, leaf in enumerate(leaves):
        climbed = leaf
        for side, beside in path_of(leaves, position, algorithm):
            pair = beside + climbed if side == "left" else climbed + beside
            climbed = digest(algorithm, b"\x01" + pair)
        assert climbed == root_of(leaves, algorithm)


def use(plumbed: Plumbed, algorithm: Algorithm) -> None:
    plumbed.app.algorithm = plumbed.sealer.algorithm = algorithm


async def test_a_chain_that_changes_over_and_back_verifies_as_one(plumbed: Plumbed, anchors: AnchorFile) -> None:
    sealer = Sealer(plumbed.sealer, anchors)
    for algorithm, count in ((Algorithm.SHA256, 3), (Algorithm.SM3, 4), (Algorithm.SHA256, 2), (Algorithm.SM3, 1)):
        use(plumbed, algorithm)
        await write(plumbed, count)
        assert await sealer.seal_all() == count
    # Written under one suite, sealed under the next: a commitment does not follow its batch.
    use(plumbed, Algorithm.SHA256)
    await write(plumbed, 2)
    use(plumbed, Algorithm.SM3)
    assert await sealer.seal_all() == 2
    result = await verify(plumbed.sealer, anchors)
    assert (result.findings, result.batches, result.rows, result.anchored_batches) == ([], 5, 12, 5)
    named = await plumbed.superuser.fetch("SELECT algorithm FROM seals ORDER BY batch")
    assert [row[0] for row in named] == ["v1-sha256", "v1-sm3", "v1-sha256", "v1-sm3", "v1-sm3"]


async def _change(plumbed: Plumbed) -> None:
    target = await row_at(plumbed, 2, 1)
    await plumbed.superuser.execute("UPDATE timeline SET actor_subject = 'another' WHERE id = $1", target)


async def _remove(plumbed: Plumbed) -> None:
    await plumbed.superuser.execute("DELETE FROM timeline WHERE id = $1", await row_at(plumbed, 2, 1))


async def _add(plumbed: Plumbed) -> None:
    await plumbed.superuser.execute(
        "INSERT INTO timeline SELECT (jsonb_populate_record(t, jsonb_build_object("
        "'id', uuidv7(), 'changed_in', '5'))).* FROM timeline t ORDER BY changed_in, id LIMIT 1"
    )


async def _reorder(plumbed: Plumbed) -> None:
    first, second = await row_at(plumbed, 2, 1), await row_at(plumbed, 2, 2)
    swap = "UPDATE seal_leaves SET position = position + $2 WHERE timeline_id = $1"
    for target, by in ((first, 100), (second, -1), (first, -99)):
        await plumbed.superuser.execute(swap, target, by)


async def _lose(plumbed: Plumbed) -> None:
    for table in ("timeline", "timeline_details"):
        await plumbed.superuser.execute(
            f"DELETE FROM {table} WHERE id IN (SELECT timeline_id FROM seal_leaves WHERE batch = 3)"
        )
    for table in ("seal_leaves", "seals"):
        await plumbed.superuser.execute(f"DELETE FROM {table} WHERE batch = 3")


async def _rewrite_details(plumbed: Plumbed) -> None:
    target = await row_at(plumbed, 2, 1)
    await plumbed.superuser.execute("UPDATE timeline_details SET details = '{\"n\": 9}' WHERE id = $1", target)


async def _name_another_algorithm(plumbed: Plumbed) -> None:
    await plumbed.superuser.execute("UPDATE seals SET algorithm = 'v1-md5' WHERE batch = 2")


TAMPERED = {
    Fault.ROW_CHANGED: _change, Fault.ROW_REMOVED: _remove, Fault.ROW_ADDED: _add, Fault.ROW_REORDERED: _reorder,
    Fault.BATCH_LOST: _lose, Fault.DETAILS_CHANGED: _rewrite_details,
    Fault.ALGORITHM_UNKNOWN: _name_another_algorithm,
}  # fmt: skip


@pytest.mark.parametrize("algorithm", Algorithm)
@pytest.mark.parametrize(("fault", "tamper"), TAMPERED.items(), ids=[*TAMPERED])
async def test_tampering_with_the_owners_rights_is_named_in_either_suite(
    plumbed: Plumbed, anchors: AnchorFile, algorithm: Algorithm, fault: Fault, tamper: Callable[..., Awaitable[None]]
) -> None:
    use(plumbed, algorithm)
    await sealed_rows(plumbed, anchors, 3, 5, 2)
    await tamper(plumbed)
    assert only(await verify(plumbed.sealer, anchors)).fault is fault


async def test_an_owner_who_computes_everything_anew_is_found_by_the_anchors_with_sm3_too(
    plumbed: Plumbed, anchors: AnchorFile
) -> None:
    use(plumbed, Algorithm.SM3)
    await sealed_rows(plumbed, anchors, 2, 3)
    await rewrite_everything(plumbed.superuser)
    assert (await verify(plumbed.sealer, None)).ok
    first = (await verify(plumbed.sealer, anchors)).first
    assert first is not None
    assert (first.fault, first.batch) == (Fault.BATCH_REWRITTEN, 1)


async def test_a_lawful_erasure_verifies_with_sm3(plumbed: Plumbed, anchors: AnchorFile) -> None:
    use(plumbed, Algorithm.SM3)
    sealer = await sealed_rows(plumbed, anchors, 3)
    async with plumbed.app.unit_of_work(HERE) as tx:
        await order_erasure(tx, await row_at(plumbed, 1, 1), ground="PIPL Art 47")
    assert await sealer.seal_all() == 1
    result = await verify(plumbed.sealer, anchors)
    assert (result.findings, result.erased) == ([], 1)


async def test_the_app_role_can_change_nothing_that_was_sealed(plumbed: Plumbed, anchors: AnchorFile) -> None:
    await sealed_rows(plumbed, anchors, 1)
    tables = ("timeline", "timeline_details", "seals", "seal_leaves", "daily_heads")
    grants = await plumbed.superuser.fetch(
        "SELECT table_name, privilege_type FROM information_schema.table_privileges WHERE grantee = $1"
        " AND table_name = ANY($2) AND privilege_type <> 'SELECT'", "risk_grading_app", list(tables),
    )  # fmt: skip
    assert [tuple(row) for row in grants] == []


def test_the_leaf_of_a_row_goes_by_the_suite() -> None:
    assert leaf_of(ROW, Algorithm.SM3) == digest(Algorithm.SM3, b"\x00" + canonical_row(ROW)) != leaf_of(ROW)
