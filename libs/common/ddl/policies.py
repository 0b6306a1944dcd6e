"""Row-level security: the second wall behind the scope filter of every store, from the first migration.

A row without any sector is not triaged yet, and seen by who triages in its area (libs.common.scope says which roles
do). A table whose rows belong to no sector by nature says so, and is seen by grants over every sector instead.

Three transaction settings carry the scope (libs.common.db): `shoutu.system` names a system scope,
`shoutu.grants` is a JSON array of {lo, hi, among|null, triage, platform|null}, `shoutu.parties` is a uuid[] of posts
and organisations. A connection without them sees nothing.

Each setting is read once a statement: as a sub-select, and the grants as a table that is scanned a row. A function
that reads them for itself cannot be inlined and costs 5-15 us a row, this way 0.4 us.
"""

from __future__ import annotations

from collections.abc import Collection

_SYSTEM = "(SELECT coalesce(current_setting('shoutu.system', true), '') <> '')"
_PARTIES = "(SELECT coalesce(nullif(current_setting('shoutu.parties', true), ''), '{}')::uuid[])::uuid[]"
NOT_YET_TRIAGED = "granted.triage"
OF_NO_SECTOR = "granted.among IS NULL"
"""Which grants over the area see a row without any sector."""
OF_THE_CITY = "granted.platform IS NULL"
WITH_AUDITORS = "granted.platform IS NULL OR granted.platform = 'audit_administrator'"
"""Whose grants see a row: those of the city's roles; and of the platform's own roles the one that reads traces."""
_ANY_SCOPE = (
    "(SELECT coalesce(current_setting('shoutu.system', true), '') <> ''"
    " OR coalesce(current_setting('shoutu.subject', true), '') <> '')"
)


def participants_ddl(schema: str) -> list[str]:
    """Who takes part in an aggregate besides the area's own bodies: joint orders, neighbours, task forces."""
    return [
        f"""CREATE TABLE {schema}.participants (
          aggregate_id uuid NOT NULL, party_id uuid NOT NULL, part text NOT NULL,
          since timestamptz NOT NULL DEFAULT now(), until timestamptz,
          PRIMARY KEY (aggregate_id, party_id, part))""",
        f"CREATE INDEX ON {schema}.participants (party_id, aggregate_id)",
        *open_policy(schema, "participants"),
        f"GRANT SELECT, INSERT, UPDATE ON {schema}.participants TO {schema}_app",
    ]


def _granted(area: str, sectors: str, sectorless: str, whose: str) -> str:
    """One single grant covers area and sector together. Columns are qualified: a grant's own would hide them."""
    return (
        "EXISTS (SELECT 1 FROM jsonb_to_recordset("
        "(SELECT coalesce(nullif(current_setting('shoutu.grants', true), ''), '[]')::jsonb))"
        " AS granted (lo text, hi text, among text[], triage boolean, platform text)"
        f' WHERE {area} COLLATE "C" >= granted.lo AND {area} COLLATE "C" <= granted.hi'
        f" AND ({whose}) AND (granted.among && {sectors} OR CASE cardinality({sectors}) WHEN 0 THEN {sectorless}"
        " ELSE granted.among IS NULL END))"
    )


def _forced(schema: str, table: str) -> list[str]:
    return [
        f"ALTER TABLE {schema}.{table} ENABLE ROW LEVEL SECURITY",
        f"ALTER TABLE {schema}.{table} FORCE ROW LEVEL SECURITY",
    ]


def scope_condition(
    schema: str,
    table: str,
    *,
    area: str = "area_code",
    sectors: str = "sectors",
    id: str = "id",  # noqa: A002
    sectorless: str = NOT_YET_TRIAGED,
    whose: str = OF_THE_CITY,
) -> str:
    """Visible by system scope, by one grant over area and sector together, or by taking part."""
    return (
        f"{_SYSTEM} OR {_granted(f'{table}.{area}', f'{table}.{sectors}', sectorless, whose)}"
        f" OR {table}.{id} IN (SELECT p.aggregate_id FROM {schema}.participants p"
        f" WHERE p.party_id = ANY ({_PARTIES})"
        f" AND (p.until IS NULL OR p.until > now()))"
    )


def scope_policy(
    schema: str,
    table: str,
    *,
    area: str = "area_code",
    sectors: str = "sectors",
    id: str = "id",  # noqa: A002
    sectorless: str = NOT_YET_TRIAGED,
    grants: str = "SELECT, INSERT, UPDATE",
    whose: str = OF_THE_CITY,
) -> list[str]:
    """Enable and force row-level security on an aggregate's table, and grant the app role its verbs.

    `whose` grants count is said in terms of one grant; those of the platform's own roles do not by themselves.
    PostgreSQL wants a changed row to be visible too, so what a transaction wrote itself it may see until it ends:
    otherwise nobody could hand a row over to another area or sector.
    """
    seen = scope_condition(schema, table, area=area, sectors=sectors, id=id, sectorless=sectorless, whose=whose)
    return _aggregate_policies(schema, table, seen, grants)


def platform_policy(
    schema: str, table: str, *, keepers: Collection[str], grants: str = "SELECT, INSERT, UPDATE"
) -> list[str]:
    """The same for an aggregate of the platform's own: seen by these of its roles over its area, and by no other."""
    named = ", ".join(f"'{role}'" for role in sorted(keepers))
    granted = _granted(f"{table}.area_code", f"{table}.sectors", OF_NO_SECTOR, f"granted.platform IN ({named})")
    return _aggregate_policies(schema, table, f"{_SYSTEM} OR {granted}", grants)


def _aggregate_policies(schema: str, table: str, seen: str, grants: str) -> list[str]:
    # No sub-select here: it would be asked once, before the first write has drawn the transaction's number.
    own = f"{table}.changed_in = pg_current_xact_id_if_assigned()"
    return [
        *_forced(schema, table),
        f"CREATE POLICY seen ON {schema}.{table} FOR SELECT USING ({seen} OR {own})",
        f"CREATE POLICY changed ON {schema}.{table} FOR UPDATE USING ({seen} OR {own}) WITH CHECK ({_ANY_SCOPE})",
        f"CREATE POLICY added ON {schema}.{table} FOR INSERT WITH CHECK ({_ANY_SCOPE})",
        f"GRANT {grants} ON {schema}.{table} TO {schema}_app",
    ]


def owned_policy(schema: str, table: str, *, grants: str = "SELECT, INSERT, UPDATE") -> list[str]:
    """Rows of one subject each: seen and changed by their `owner`, and under a system scope, by nobody else."""
    own = f"{_SYSTEM} OR {table}.owner = (SELECT nullif(current_setting('shoutu.subject', true), ''))"
    return [
        *_forced(schema, table),
        f"CREATE POLICY own ON {schema}.{table} USING ({own}) WITH CHECK ({own})",
        f"GRANT {grants} ON {schema}.{table} TO {schema}_app",
    ]


def child_policy(
    schema: str, table: str, *, parent: str, key: str, grants: str = "SELECT, INSERT, UPDATE"
) -> list[str]:
    """A child's rows are visible where its parent is: the parent's own policy applies inside the subquery."""
    seen = f"EXISTS (SELECT 1 FROM {schema}.{parent} parent WHERE parent.id = {table}.{key})"
    return [
        *_forced(schema, table),
        f"CREATE POLICY seen ON {schema}.{table} FOR SELECT USING ({seen})",
        f"CREATE POLICY changed ON {schema}.{table} FOR UPDATE USING ({seen}) WITH CHECK ({seen})",
        f"CREATE POLICY added ON {schema}.{table} FOR INSERT WITH CHECK ({_ANY_SCOPE})",
        f"GRANT {grants} ON {schema}.{table} TO {schema}_app",
    ]


def reference_policy(schema: str, table: str, *, grants: str = "SELECT, INSERT, UPDATE") -> list[str]:
    """Reference data: read by any caller with a scope, changed by verbs that check the role."""
    return [
        *_forced(schema, table),
        f"CREATE POLICY known ON {schema}.{table} USING ({_ANY_SCOPE}) WITH CHECK ({_ANY_SCOPE})",
        f"GRANT {grants} ON {schema}.{table} TO {schema}_app",
    ]


def system_policy(
    schema: str, table: str, *, insert_by_all: bool = False, grants: str = "SELECT, INSERT, UPDATE, DELETE"
) -> list[str]:
    """Plumbing: read and changed under a system scope only; optionally written by every verb."""
    added = _ANY_SCOPE if insert_by_all else _SYSTEM
    return [
        *_forced(schema, table),
        f"CREATE POLICY kept ON {schema}.{table} FOR SELECT USING ({_SYSTEM})",
        f"CREATE POLICY changed ON {schema}.{table} FOR UPDATE USING ({_SYSTEM}) WITH CHECK ({_SYSTEM})",
        f"CREATE POLICY ended ON {schema}.{table} FOR DELETE USING ({_SYSTEM})",
        f"CREATE POLICY added ON {schema}.{table} FOR INSERT WITH CHECK ({added})",
        f"GRANT {grants} ON {schema}.{table} TO {schema}_app",
    ]


def open_policy(schema: str, table: str) -> list[str]:
    """Readable before a scope is known, such as the table that scopes are looked up in."""
    return [
        *_forced(schema, table),
        f"CREATE POLICY open ON {schema}.{table} USING (true) WITH CHECK ({_ANY_SCOPE})",
    ]
