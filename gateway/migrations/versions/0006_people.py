"""People, their secrets and their sign-ins."""

from alembic import op

from gateway.identity.model import redirects_ddl
from gateway.people.model import people_ddl
from gateway.sessions.model import sessions_ddl

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

SCHEMA = "gateway"
_TABLES = (
    "refresh_tokens",
    "authorization_codes",
    "authorizations",
    "sessions",
    "known_browsers",
    "sign_in_attempts",
    "recovery_codes",
    "person_secrets",
    "people",
)


def upgrade() -> None:
    """Create what is new."""
    run = op.get_bind().exec_driver_sql  # as it stands: the statements hold colons that are no parameters
    for statement in (*redirects_ddl(SCHEMA), *people_ddl(SCHEMA), *sessions_ddl(SCHEMA)):
        run(statement)


def downgrade() -> None:
    """Take away what is new."""
    run = op.get_bind().exec_driver_sql
    for table in _TABLES:
        run(f"DROP TABLE {SCHEMA}.{table}")
    run(f"ALTER TABLE {SCHEMA}.clients DROP COLUMN redirect_uris")
