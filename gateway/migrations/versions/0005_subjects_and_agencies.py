"""Subjects with their grants, tables of post roles, copies of posts and tenures, agencies, one-time links."""

from alembic import op

from gateway.copies.model import copies_ddl
from gateway.entry_links.model import entry_links_ddl
from gateway.identity.model_agencies import agencies_ddl
from gateway.subjects.model import subjects_ddl
from gateway.subjects.model_tables import post_roles_ddl

revision = "0005"
down_revision = "0004"

SCHEMA = "gateway"


def upgrade() -> None:
    """Create everything."""
    run = op.get_bind().exec_driver_sql  # as it stands: the statements hold colons that are no parameters
    for statement in (
        *subjects_ddl(SCHEMA),
        *post_roles_ddl(SCHEMA),
        *copies_ddl(SCHEMA),
        *agencies_ddl(SCHEMA),
        *entry_links_ddl(SCHEMA),
    ):
        run(statement)


def downgrade() -> None:
    """Drop what this one made."""
    op.get_bind().exec_driver_sql(f"ALTER TABLE {SCHEMA}.clients DROP COLUMN agency_id")
    for table in ("entry_links", "agencies", "tenure_copies", "post_copies", "post_role_tables", "subjects"):
        op.get_bind().exec_driver_sql(f"DROP TABLE {SCHEMA}.{table}")
