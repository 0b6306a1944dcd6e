"""A small place with every post of the tour's chain, for the tests beside."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

from pydantic import TypeAdapter

from services.responsibility_registry.duties import rules
from services.responsibility_registry.duties.rules import ChainPolicy, Duty

FILE = Path(rules.__file__).with_name("policies") / "chain-1.json"
DATA: dict[str, Any] = json.loads(FILE.read_text("utf-8"))
POLICY = TypeAdapter(ChainPolicy).validate_python(DATA)
SPACE = UUID(int=331)
CITY, COUNTY, TOWNSHIP = "331000000000", "331002000000", "331002004000"
VILLAGE, NEXT_VILLAGE = "331002004208", "331002004209"
YEAR_START = datetime(2025, 12, 31, 16, 0, tzinfo=UTC)
EVENING = datetime(2026, 10, 12, 12, 50, tzinfo=UTC)  # 20:50 in Taizhou


@dataclass(frozen=True, kw_only=True, slots=True)
class SomePost:
    """A post with no more than a chain asks for."""

    id: UUID
    vacant: bool = False
    substitute_post_id: UUID | None = None


def post_id(name: str) -> UUID:
    return uuid5(SPACE, f"post {name}")


def duty(
    role: str,
    area_code: str,
    *,
    post: str = "",
    sectors: tuple[str, ...] = (),
    categories: tuple[str, ...] = (),
    since: datetime = YEAR_START,
    until: datetime | None = None,
) -> Duty:
    name = post or f"{role} {area_code}"
    return Duty(
        id=uuid5(SPACE, f"duty {role} {area_code} {name} {sectors} {categories} {since}"),
        version=1,
        area_code=area_code,
        sectors=sectors,
        exercise=False,
        correlation_id=SPACE,
        post_id=post_id(name),
        role=role,
        categories=categories,
        clause="责任清单",
        valid_from=since,
        valid_to=until,
    )


RENTAL = ("rental_house_fire", "ebike_charging")
DUTIES: tuple[Duty, ...] = (
    duty("grid_post", VILLAGE),
    duty("village_head", VILLAGE),
    duty("linked_contact", VILLAGE),
    duty("linked_contact", TOWNSHIP),
    duty("township_party_first", TOWNSHIP),
    duty("township_government_first", TOWNSHIP),
    duty("township_deputy", TOWNSHIP),
    duty("police_station", TOWNSHIP, categories=RENTAL, sectors=("fire",)),
    duty("township_fire_office", TOWNSHIP, sectors=("fire",)),
    duty("sector_supervisor", COUNTY, post="fire brigade", categories=RENTAL, sectors=("fire",)),
    duty("sector_supervisor", COUNTY, post="emergency bureau", sectors=("industry", "emergency")),
    duty("sector_supervisor", COUNTY, post="housing bureau", categories=("gas",), sectors=("gas",)),
    duty("county_executive_deputy", COUNTY),
    duty("county_party_first", COUNTY),
    duty("county_government_first", COUNTY),
    duty("city_leading_group", CITY),
)
POSTS = {each.post_id: SomePost(id=each.post_id) for each in DUTIES}
