"""The walls inside PostgreSQL: what each role may, and above all may not."""

import asyncio
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy.ext.asyncio import create_async_engine

from infra import cli
from infra.database import Roles, at, bootstrap
from infra.docker import __main__ as setup_jobs
from infra.settings import APPS, GATEWAY
from libs.common.alembic.digests import MigrationsEdited, digests_of, edited_since
from libs.common.alembic.heads import at_head, head_of, versions_of
from libs.common.alembic.upgrade import downgrade, upgrade
from tests.cluster import Cluster, FreshDatabase

OWN, OTHER = Roles("risk_grading"), Roles("public_reporting")


async def run(url: str, *statements: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


async def refused(url: str, statement: str) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await run(url, statement)


async def test_bootstrapping_again_changes_nothing(cluster: Cluster, fresh_database: FreshDatabase) -> None:
    await run(fresh_database.url(OWN.owner), "CREATE TABLE kept (id int)", "INSERT INTO kept VALUES (1)")
    await bootstrap(cluster.postgres.url, cluster.password_of, database=fresh_database.name)
    connection = await asyncpg.connect(fresh_database.url(OWN.owner))
    try:
        assert await connection.fetchval("SELECT id FROM kept") == 1
    finally:
        await connection.close()


async def test_a_new_table_is_closed_until_its_migration_grants_it(fresh_database: FreshDatabase) -> None:
    await run(fresh_database.url(OWN.owner), "CREATE TABLE fresh (id int)")
    await refused(fresh_database.url(OWN.app), "SELECT * FROM fresh")
    await run(fresh_database.url(OWN.owner), f"GRANT SELECT ON fresh TO {OWN.app}")
    await run(fresh_database.url(OWN.app), "SELECT * FROM fresh")
    await refused(fresh_database.url(OWN.sealer), "SELECT * FROM fresh")


@pytest.mark.parametrize("kind", ["owner", "app", "sealer"])
async def test_no_role_of_one_service_reads_anothers_table(fresh_database: FreshDatabase, kind: str) -> None:
    await run(fresh_database.url(OTHER.owner), "CREATE TABLE private (id int)")
    await refused(fresh_database.url(f"{OWN.schema}_{kind}"), f"SELECT * FROM {OTHER.schema}.private")


@pytest.mark.parametrize("schema", APPS)
async def test_app_and_sealer_own_nothing_and_create_nothing(fresh_database: FreshDatabase, schema: str) -> None:
    roles = Roles(schema)
    for role in (roles.app, roles.sealer):
        for place in (schema, "public", "extensions"):
            await refused(fresh_database.url(role), f"CREATE TABLE {place}.mine (id int)")
        await refused(fresh_database.url(role), "CREATE TEMP TABLE mine (id int)")
        await refused(fresh_database.url(role), "CREATE SCHEMA mine")
        await refused(fresh_database.url(role), f"SET ROLE {roles.owner}")


async def test_every_role_is_ordinary(fresh_database: FreshDatabase) -> None:
    connection = await asyncpg.connect(fresh_database.superuser_url)
    try:
        rows = await connection.fetch(
            "SELECT rolname, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication"
            " FROM pg_roles WHERE rolname = ANY($1)",
            [role for schema in APPS for role in Roles(schema).all()],
        )
    finally:
        await connection.close()
    assert len(rows) == 3 * len(APPS)
    assert not any(any(list(row.values())[1:]) for row in rows)


async def test_no_service_connects_to_a_maintenance_database(fresh_database: FreshDatabase) -> None:
    for name in ("postgres", "template1"):
        await refused(at(fresh_database.url(OWN.app), database=name), "SELECT 1")


async def test_a_function_is_closed_until_it_is_granted(fresh_database: FreshDatabase) -> None:
    await run(fresh_database.url(OWN.owner), "CREATE FUNCTION one() RETURNS int LANGUAGE sql AS 'SELECT 1'")
    await refused(fresh_database.url(OWN.app), "SELECT one()")


async def test_forgotten_transactions_end_for_every_role(fresh_database: FreshDatabase) -> None:
    for role in OWN.all():
        connection = await asyncpg.connect(fresh_database.url(role))
        try:
            for name in ("idle_in_transaction_session_timeout", "transaction_timeout", "lock_timeout"):
                assert await connection.fetchval(f"SHOW {name}") != "0", (role, name)
            assert await connection.fetchval("SHOW search_path") == f"{OWN.schema}, extensions"
        finally:
            await connection.close()


async def test_periods_can_be_keys_without_overlaps(fresh_database: FreshDatabase) -> None:
    await run(
        fresh_database.url(OWN.owner),
        "CREATE TABLE held (post text, during tstzrange, PRIMARY KEY (post, during WITHOUT OVERLAPS))",
        "INSERT INTO held VALUES ('a', '[2026-01-01, 2026-02-01)'), ('a', '[2026-02-01, 2026-03-01)')",
    )
    with pytest.raises(asyncpg.ExclusionViolationError):
        await run(fresh_database.url(OWN.owner), "INSERT INTO held VALUES ('a', '[2026-01-15, 2026-01-16)')")


async def test_migrations_go_up_and_down_and_two_runners_take_turns(
    fresh_database: FreshDatabase, tmp_path: Path
) -> None:
    versions = tmp_path / "versions"
    versions.mkdir()
    for number, before in (("0001", None), ("0002", "0001")):
        (versions / f"{number}_step.py").write_text(
            f"from alembic import op\nrevision = {number!r}\ndown_revision = {before!r}\n"
            f"def upgrade():\n    op.execute('CREATE TABLE t{number} (id int)')\n"
            f"def downgrade():\n    op.execute('DROP TABLE t{number}')\n"
        )
    # A schema of its own, so that the services' real migrations do not matter here.
    owner = fresh_database.url(OWN.owner)
    await run(fresh_database.superuser_url, f"DROP SCHEMA {OWN.schema} CASCADE")
    await run(
        fresh_database.superuser_url,
        f"CREATE SCHEMA {OWN.schema} AUTHORIZATION {OWN.owner}",
        f"GRANT USAGE ON SCHEMA {OWN.schema} TO {OWN.app}",
    )
    both = await asyncio.gather(*(upgrade(owner, OWN.schema, versions=versions) for _ in range(2)))
    assert both == ["0002", "0002"]
    await run(owner, "SELECT FROM t0001", "SELECT FROM t0002")
    assert await downgrade(owner, OWN.schema, versions=versions, to="0001") == "0001"
    with pytest.raises(asyncpg.UndefinedTableError):
        await run(owner, "SELECT FROM t0002")
    assert head_of(OWN.schema, versions) == "0002"


@pytest.mark.parametrize("schema", APPS)
async def test_the_app_role_may_ask_whether_its_schema_is_at_head(fresh_database: FreshDatabase, schema: str) -> None:
    if not versions_of(schema).is_dir():
        pytest.skip("no migrations yet")
    engine = create_async_engine(fresh_database.url(Roles(schema).app).replace("postgresql:", "postgresql+asyncpg:"))
    try:
        async with engine.connect() as connection:
            assert await at_head(connection, schema)
    finally:
        await engine.dispose()


async def test_the_release_before_is_at_head_beside_a_newer_schema_and_the_next_is_not(
    fresh_database: FreshDatabase, tmp_path: Path
) -> None:
    owner = fresh_database.url(Roles(GATEWAY).owner)
    known = sorted(versions_of(GATEWAY).glob("0*.py"))
    before, after = tmp_path / "before", tmp_path / "after"
    for folder in (before, after):
        folder.mkdir()
        for path in known:
            (folder / path.name).write_text(path.read_text())
    last = head_of(GATEWAY)
    (after / "9999_next.py").write_text(f"revision, down_revision = '9999', {last!r}\ndef upgrade(): ...\n")
    engine = create_async_engine(owner.replace("postgresql:", "postgresql+asyncpg:"))
    try:
        async with engine.connect() as connection:
            assert await at_head(connection, GATEWAY, before)
            assert not await at_head(connection, GATEWAY, after)
        assert await upgrade(owner, GATEWAY, versions=after) == "9999"
        async with engine.connect() as connection:
            assert await at_head(connection, GATEWAY, before)
            assert await at_head(connection, GATEWAY, after)
    finally:
        await engine.dispose()


def _with(folder: Path, **texts: str) -> Path:
    """A folder with a schema's migrations, one after the other."""
    folder.mkdir()
    before: str | None = None
    for revision, sql in sorted(texts.items()):
        (folder / f"{revision}.py").write_text(
            f"from alembic import op\nrevision, down_revision = {revision!r}, {before!r}\n"
            f"def upgrade():\n    op.execute({sql!r})\ndef downgrade():\n    op.execute('SELECT 1')\n"
        )
        before = revision
    return folder


async def test_data_that_an_older_text_of_a_migration_made_is_noticed_and_told_what_to_do(
    fresh_database: FreshDatabase, tmp_path: Path
) -> None:
    owner = fresh_database.url(OWN.owner)
    await run(
        fresh_database.superuser_url,
        f"DROP SCHEMA {OWN.schema} CASCADE",
        f"CREATE SCHEMA {OWN.schema} AUTHORIZATION {OWN.owner}",
        f"GRANT USAGE ON SCHEMA {OWN.schema} TO {OWN.app}",
    )
    made = _with(tmp_path / "made", m1="CREATE TABLE one (id int)")
    laid_out = _with(tmp_path / "laid_out", m1="CREATE TABLE one\n  (id int)", m2="CREATE TABLE two (id int)")
    other = _with(tmp_path / "other", m1="CREATE TABLE one (id int, body json)", m2="CREATE TABLE two (id int)")
    assert await upgrade(owner, OWN.schema, versions=made) == "m1"
    assert await upgrade(owner, OWN.schema, versions=laid_out) == "m2"
    with pytest.raises(MigrationsEdited, match=r"risk_grading: migration m1 was edited .* `make clean`"):
        await upgrade(owner, OWN.schema, versions=other)
    engine = create_async_engine(fresh_database.url(OWN.app).replace("postgresql:", "postgresql+asyncpg:"))
    try:
        async with engine.connect() as connection:
            assert await edited_since(connection, OWN.schema, laid_out) == ()
            assert await edited_since(connection, OWN.schema, made) == (), "an older release beside a newer schema"
            assert await edited_since(connection, OWN.schema, other) == ("m1",)
            await run(owner, f"COMMENT ON TABLE {OWN.schema}.alembic_version IS NULL")
        async with engine.connect() as connection:
            assert await edited_since(connection, OWN.schema, made) == ("m1",), "made before anything was noted"
    finally:
        await engine.dispose()


@pytest.mark.parametrize("schema", APPS)
def test_every_migration_has_a_text_of_its_own_that_can_be_read_without_a_database(schema: str) -> None:
    assert len(set(digests_of(schema).values())) == len(digests_of(schema)) > 0


def test_it_is_told_as_a_message_by_the_command_line_and_by_the_set_up_jobs() -> None:
    assert MigrationsEdited in cli._EXPECTED
    assert MigrationsEdited in setup_jobs._EXPECTED
