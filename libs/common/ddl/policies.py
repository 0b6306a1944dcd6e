"""Row-level security: the second wall behind the scope filter of every store, from the first migration.

Three transaction settings carry the scope (libs.common.db): `shoutu.system` names a system scope,
`shoutu.grants` is a JSON array of {lo, hi, sectors|null, triage}, `shoutu.parties` is a uuid[] of posts
and organisations. A connection without them sees nothing.
"""

from __future__ import annotations

_SYSTEM = "(SELECT coalesce(current_setting('shoutu.system', true), '') <> '')"
_PARTIES = "(SELECT coalesce(nullif(current_setting('shoutu.parties', true), ''), '{}')::uuid[])::uuid[]"
_ANY_SCOPE = (
    "(SELECT coalesce(current_setting('shoutu.system', true), '') <> ''"
    " OR coalesce(current_setting('shoutu.subject', true), '') <> '')"
)


def schema_functions(schema: str) -> list[str]:
    """The function that the scope policies share; STABLE, so the planner reads the settings once a statement."""
    return [
        f"""CREATE FUNCTION {schema}.granted(area text, row_sectors text[]) RETURNS boolean
        LANGUAGE sql STABLE PARALLEL SAFE AS $$
          SELECT EXISTS (
            SELECT 1 FROM jsonb_to_recordset(
              coalesce(nullif(current_setting('shoutu.grants', true), ''), '[]')::jsonb)
              AS g(lo text, hi text, sectors text[], triage boolean)
            WHERE area COLLATE "C" >= g.lo AND area COLLATE "C" <= g.hi
              AND (g.sectors IS NULL OR g.sectors && row_sectors
                   OR (g.triage AND cardinality(row_sectors) = 0)))
        $$""",
        f"GRANT EXECUTE ON FUNCTION {schema}.granted(text, text[]) TO {schema}_app, {schema}_sealer",
    ]


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


def _forced(schema: str, table: str) -> list[str]:
    return [
        f"ALTER TABLE {schema}.{table} ENABLE ROW LEVEL SECURITY",
        f"ALTER TABLE {schema}.{table} FORCE ROW LEVEL SECURITY",
    ]


def scope_condition(schema: str, *, area: str = "area_code", sectors: str = "sectors", id: str = "id") -> str:  # noqa: A002
    """Visible by system scope, by one grant over area and sector together, or by taking part."""
    return (
        f"{_SYSTEM} OR {schema}.granted({area}, {sectors})"
        f" OR {id} IN (SELECT p.aggregate_id FROM {schema}.participants p"
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
    grants: str = "SELECT, INSERT, UPDATE",
) -> list[str]:
    """Enable and force row-level security on an aggregate's table, and grant the app role its verbs."""
    seen = scope_condition(schema, area=area, sectors=sectors, id=id)
    return [
        *_forced(schema, table),
        f"CREATE POLICY seen ON {schema}.{table} FOR SELECT USING ({seen})",
        f"CREATE POLICY changed ON {schema}.{table} FOR UPDATE USING ({seen}) WITH CHECK ({_ANY_SCOPE})",
        f"CREATE POLICY added ON {schema}.{table} FOR INSERT WITH CHECK ({_ANY_SCOPE})",
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
