"""Brings every schema to its newest migration."""

from collections.abc import Callable, Sequence

from infra.database import Roles, at
from infra.settings import APPS
from libs.common.alembic.heads import versions_of
from libs.common.alembic.upgrade import upgrade


async def migrate(
    database_url: str, password_of: Callable[[str], str], schemas: Sequence[str] = APPS
) -> dict[str, str | None]:
    """Migrate each schema as its owner; returns the migration that each ends at.

    `database_url` may be anybody's address of the database; `password_of` gives the owners' passwords.
    A schema whose folder has no migrations yet stays at None.
    """
    reached: dict[str, str | None] = dict.fromkeys(schemas)
    for schema in schemas:
        # One after the other: alembic's `op` is one global of the process.
        if versions_of(schema).is_dir():
            reached[schema] = await upgrade(owner_url(database_url, schema, password_of), schema)
    return reached


def owner_url(database_url: str, schema: str, password_of: Callable[[str], str]) -> str:
    """The address of the same database for a schema's owner."""
    owner = Roles(schema).owner
    return at(database_url, user=owner, password=password_of(owner))
