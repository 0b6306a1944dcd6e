"""Client applications and those who act through them, with grants as ranges of area codes."""

from collections.abc import Iterator
from uuid import UUID

from gateway.subjects.rules_roles import Role
from infra.city.areas import range_of
from infra.city.data_files import CLIENTS, CityData
from infra.city.keys import CityKeys, client_key
from infra.city.shapes import ClientRow, GrantRow, Origin, PostRoleRow, PostRoles, SubjectRow
from infra.city.templates import ClientTemplate, SubjectTemplate


def draw_clients(data: CityData) -> Iterator[tuple[ClientRow, Origin]]:
    """Every client of the city with the row it comes from."""
    keys = CityKeys(data.profile.code)
    for row, template in enumerate(data.clients, start=1):
        yield _client(data, keys, template), Origin(file=CLIENTS, row=str(row), key=client_key(template.client_id))


def _client(data: CityData, keys: CityKeys, template: ClientTemplate) -> ClientRow:
    return ClientRow(
        id=keys.client(template.client_id),
        client_id=template.client_id,
        name_zh=template.zh,
        name_en=template.en,
        kind=template.kind,
        subjects=tuple(_subject(data, keys, subject) for subject in template.subjects),
    )


def draw_post_roles(data: CityData) -> PostRoles:
    """The city's table of what follows from which kind of post."""
    told = data.post_roles
    rows = tuple(PostRoleRow(kind=row.kind, role=row.role, every_sector=row.every_sector) for row in told.rows)
    return PostRoles(label=told.label, source=told.source, rows=rows)


def _subject(data: CityData, keys: CityKeys, template: SubjectTemplate) -> SubjectRow:
    return SubjectRow(
        subject=template.subject,
        post_id=keys.post(*template.post) if template.post else None,
        grants=tuple(_grant(grant.role, grant.area_code, grant.sectors) for grant in template.grants),
        post_grants=tuple(_post_grants(data, keys, *template.post)) if template.post else (),
        team_ids=tuple(keys.team(kind, area_code) for kind, area_code in template.teams),
        object_ids=tuple(keys.risk_object(key) for key in template.objects),
    )


def _post_grants(data: CityData, keys: CityKeys, kind: str, area_code: str) -> Iterator[GrantRow]:
    own = next((post.sectors for post in data.posts.posts if post.kind == kind), ())
    for row in data.post_roles.rows:
        if row.kind == kind:
            sectors = None if row.every_sector or not own else own
            yield _grant(row.role, area_code, sectors, keys.post(kind, area_code))


def _grant(role: Role, area_code: str, sectors: tuple[str, ...] | None, post_id: UUID | None = None) -> GrantRow:
    area_from, area_to = range_of(area_code)
    return GrantRow(role=role, area_from=area_from, area_to=area_to, sectors=sectors, post_id=post_id)
