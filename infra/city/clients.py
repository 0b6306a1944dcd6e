"""Client applications and those who act through them, with grants as ranges of area codes."""

from collections.abc import Iterator
from uuid import UUID

from infra.city.areas import range_of
from infra.city.data_files import CLIENTS, CityData
from infra.city.keys import CityKeys, client_key
from infra.city.shapes import ClientRow, GrantRow, Origin, SubjectRow
from infra.city.templates import ClientTemplate, GrantTemplate, SubjectTemplate


def draw_clients(data: CityData) -> Iterator[tuple[ClientRow, Origin]]:
    """Every client of the city with the row it comes from."""
    keys = CityKeys(data.profile.code)
    for row, template in enumerate(data.clients, start=1):
        yield _client(keys, template), Origin(file=CLIENTS, row=str(row), key=client_key(template.client_id))


def _client(keys: CityKeys, template: ClientTemplate) -> ClientRow:
    return ClientRow(
        id=keys.client(template.client_id),
        client_id=template.client_id,
        name_zh=template.zh,
        name_en=template.en,
        kind=template.kind,
        subjects=tuple(_subject(keys, subject) for subject in template.subjects),
    )


def _subject(keys: CityKeys, template: SubjectTemplate) -> SubjectRow:
    post_id = keys.post(*template.post) if template.post else None
    return SubjectRow(
        subject=template.subject,
        post_id=post_id,
        grants=tuple(_grant(grant, post_id) for grant in template.grants),
        team_ids=tuple(keys.team(kind, area_code) for kind, area_code in template.teams),
        object_ids=tuple(keys.risk_object(key) for key in template.objects),
    )


def _grant(template: GrantTemplate, post_id: UUID | None) -> GrantRow:
    area_from, area_to = range_of(template.area_code)
    return GrantRow(
        role=template.role,
        area_from=area_from,
        area_to=area_to,
        sectors=template.sectors,
        post_id=post_id,
    )
