"""The plumbing's tables, clients with their secrets, signing keys, and a demonstration's clock."""

from alembic import op

from gateway.clock.model import clock_ddl
from gateway.identity.model import identity_ddl
from gateway.signing.model import signing_ddl
from libs.common.ddl.plumbing import plumbing_ddl

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

SCHEMA = "gateway"


def upgrade() -> None:
    """Create everything."""
    run = op.get_bind().exec_driver_sql  # as it stands: the statements hold colons that are no parameters
    for statement in (
        *plumbing_ddl(SCHEMA, triages=False),
        *identity_ddl(SCHEMA),
        *signing_ddl(SCHEMA),
        *clock_ddl(SCHEMA),
    ):
        run(statement)


def downgrade() -> None:
    """Leave the empty schema; its owner and its grants are not ours to drop."""
    op.get_bind().exec_driver_sql(
        f"""DO $$ DECLARE found record; BEGIN
        FOR found IN SELECT c.relname, c.relkind FROM pg_class c
          WHERE c.relnamespace = '{SCHEMA}'::regnamespace AND c.relkind IN ('r', 'p', 'S')
          AND c.relname <> 'alembic_version' AND NOT c.relispartition
        LOOP
          EXECUTE format('DROP %s IF EXISTS {SCHEMA}.%I CASCADE',
            CASE found.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, found.relname);
        END LOOP;
        FOR found IN SELECT p.oid::regprocedure AS signature FROM pg_proc p
          WHERE p.pronamespace = '{SCHEMA}'::regnamespace
        LOOP
          EXECUTE format('DROP FUNCTION IF EXISTS %s CASCADE', found.signature);
        END LOOP; END $$"""
    )
