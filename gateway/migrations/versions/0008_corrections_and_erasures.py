"""What is said beside rows of the timeline, and what is ordered about their details."""

from alembic import op

from gateway.erasures.model import erasures_ddl
from gateway.timeline.model import corrections_ddl

revision = "0008"
down_revision = "0007"

_SCHEMA = "gateway"


def upgrade() -> None:
    """Create both tables."""
    run = op.get_bind().exec_driver_sql  # as it stands: the statements hold colons that are no parameters
    for statement in (*corrections_ddl(_SCHEMA), *erasures_ddl(_SCHEMA)):
        run(statement)


def downgrade() -> None:
    """Drop both."""
    for table in ("erasures", "corrections"):
        op.get_bind().exec_driver_sql(f"DROP TABLE {_SCHEMA}.{table}")
