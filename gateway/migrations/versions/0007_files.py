"""Files, uploads on their way, and what refers to files."""

from alembic import op

from gateway.files.model import files_ddl

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

SCHEMA = "gateway"


def upgrade() -> None:
    """Create the tables."""
    run = op.get_bind().exec_driver_sql  # as it stands: the statements hold colons that are no parameters
    for statement in files_ddl(SCHEMA):
        run(statement)


def downgrade() -> None:
    """Drop them; the bytes in the store are not ours to remove here."""
    for table in ("file_reminders", "file_links", "uploads", "file_captures", "files"):
        op.get_bind().exec_driver_sql(f"DROP TABLE {SCHEMA}.{table}")
