"""Jobs, and what was wrong with the rows that they read."""

from alembic import op

from gateway.jobs.model import jobs_ddl

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

SCHEMA = "gateway"


def upgrade() -> None:
    """Create both tables."""
    run = op.get_bind().exec_driver_sql  # as it stands: the statements hold colons that are no parameters
    for statement in jobs_ddl(SCHEMA):
        run(statement)


def downgrade() -> None:
    """Drop both; the files of results are of their folder."""
    op.get_bind().exec_driver_sql(f"DROP TABLE {SCHEMA}.job_faults, {SCHEMA}.jobs")
