"""What the newest migration of a schema is, in the code and in the database."""

from functools import cache
from pathlib import Path
from typing import Any, Protocol

from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import TextClause, text

_HERE = Path(__file__).parent
_ROOT = _HERE.parents[2]
# Asked for by name first: selecting from a missing table would break the caller's transaction.
_TABLE = text("SELECT to_regclass(:table)")


class Asked(Protocol):
    """What a question goes to: a migration's own connection, or a transaction of the service."""

    async def scalar(self, statement: TextClause, parameters: dict[str, Any] | None = None, /) -> Any:
        """The first column of the first row, or None."""


class SeveralHeads(Exception):
    """Two migrations follow the same one; a schema's history must be one line."""


def versions_of(schema: str) -> Path:
    """The folder with a schema's migrations: `gateway/…` or `services/<schema>/…`."""
    owner = _ROOT / "gateway" if schema == "gateway" else _ROOT / "services" / schema
    return owner / "migrations" / "versions"


def config_of(schema: str, versions: Path | None = None) -> Config:
    """Alembic's configuration for one schema, without any ini file."""
    config = Config()
    config.set_main_option("script_location", str(_HERE))
    config.set_main_option("path_separator", "os")
    config.set_main_option("version_locations", str(versions or versions_of(schema)))
    config.attributes["schema"] = schema
    return config


@cache
def head_of(schema: str, versions: Path | None = None) -> str | None:
    """The newest migration in the code; None when there is none. Raises SeveralHeads."""
    heads = ScriptDirectory.from_config(config_of(schema, versions)).get_heads()
    if len(heads) > 1:
        raise SeveralHeads(f"{schema} has {len(heads)} newest migrations ({', '.join(heads)}); join them")
    return heads[0] if heads else None


async def current_of(connection: Asked, schema: str) -> str | None:
    """The migration that the database is at; None before the first."""
    if await connection.scalar(_TABLE, {"table": f"{schema}.alembic_version"}) is None:
        return None
    found: str | None = await connection.scalar(text(f"SELECT version_num FROM {schema}.alembic_version"))
    return found


@cache
def _known(schema: str, versions: Path | None) -> frozenset[str]:
    """Every migration in the code."""
    return frozenset(
        one.revision for one in ScriptDirectory.from_config(config_of(schema, versions)).walk_revisions()
    )


async def at_head(connection: Asked, schema: str, versions: Path | None = None) -> bool:
    """Whether the database has every migration that this code knows. The app role may ask.

    One that this code does not know was made by a newer release beside which this one still runs: a schema's
    history is one line, so everything before it is there.
    """
    current = await current_of(connection, schema)
    if current is None:
        return head_of(schema, versions) is None
    return current == head_of(schema, versions) or current not in _known(schema, versions)
