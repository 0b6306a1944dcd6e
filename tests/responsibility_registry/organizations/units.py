"""Areas and units for the tests of organisations and of what rests on them."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from libs.common.ids import new_id
from services.responsibility_registry.areas.actions import import_areas
from services.responsibility_registry.areas.rules import Area, Level
from services.responsibility_registry.organizations.actions_organizations import import_organizations
from services.responsibility_registry.organizations.rules_organizations import Organization, OrganizationKind
from tests.responsibility_registry.stage import COUNTY, TOWNSHIP, VILLAGE, Stage, administrator

CITY = "331000000000"
NEXT_COUNTY = "331003000000"
_AREAS = (
    ("330000000000", Level.PROVINCE, None), (CITY, Level.CITY, "330000000000"),
    (COUNTY, Level.COUNTY, CITY), (NEXT_COUNTY, Level.COUNTY, CITY),
    (TOWNSHIP, Level.TOWNSHIP, COUNTY), (VILLAGE, Level.VILLAGE, TOWNSHIP),
)  # fmt: skip


async def draw_areas(town: Stage) -> None:
    """The city, two counties, and the township with its village."""
    areas = [
        Area(
            id=new_id(), version=0, area_code=code, sectors=(), exercise=False, correlation_id=new_id(), code=code,
            name=code, level=level, parent_code=parent, valid_from=date(2020, 1, 1),
        )
        for code, level, parent in _AREAS
    ]  # fmt: skip
    async with town.database.unit_of_work(administrator()) as tx:
        await import_areas(tx, areas)


def unit(code: str, **changes: object) -> Organization:
    """A department of the county."""
    said: dict[str, object] = {"kind": OrganizationKind.DEPARTMENT, "area_code": COUNTY, "sectors": ("fire",)}
    return Organization(
        id=new_id(), version=0, exercise=False, correlation_id=new_id(), code=code, name_zh=code, name_en=code,
        valid_from=date(2020, 1, 1), **(said | changes),  # type: ignore[arg-type]
    )  # fmt: skip


async def register(town: Stage, *units: Organization) -> UUID:
    """Units on the books; returns the id of the first."""
    async with town.database.unit_of_work(administrator()) as tx:
        await import_organizations(tx, units)
    return units[0].id
