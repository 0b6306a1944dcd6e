"""Clients that can keep no secret, keys of those that sign what they say, and external providers."""

from alembic import op

from gateway.identity.model import client_keys_ddl, public_clients_ddl
from gateway.providers.model import providers_ddl

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

SCHEMA = "gateway"


def upgrade() -> None:
    """Create what is new."""
    run = op.get_bind().exec_driver_sql  # as it stands: the statements hold colons that are no parameters
    for statement in (*public_clients_ddl(SCHEMA), *client_keys_ddl(SCHEMA), *providers_ddl(SCHEMA)):
        run(statement)


def downgrade() -> None:
    """Take away what is new."""
    run = op.get_bind().exec_driver_sql
    for table in ("provider_sign_ins", "external_identities", "provider_secrets", "identity_providers"):
        run(f"DROP TABLE {SCHEMA}.{table}")
    run(f"DROP TABLE {SCHEMA}.used_assertions, {SCHEMA}.client_keys")
    run(f"DELETE FROM {SCHEMA}.clients WHERE public")
    run(f"ALTER TABLE {SCHEMA}.clients DROP COLUMN public")
