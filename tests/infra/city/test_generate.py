"""What is drawn from the data that ship, and what stays the same when it is drawn again."""

import csv
import re
from collections import Counter
from pathlib import Path

import orjson
import pytest

from infra.city.areas import lineage, range_of
from infra.city.coverage_checks import blind_spots
from infra.city.data_files import CITIES, CityData, read_city
from infra.city.generate import PARTS, generate, main
from infra.city.keys import CityKeys
from infra.city.shapes import City, Level, Link, Turnout
from infra.rights import only_acting
from libs.contracts.classification import SECTORS, SECTORS_OF
from tests.infra.city.small_city import files, written

ROOT = Path(__file__).parents[3]
TAGGED = re.compile(r"\[(S|P|C|SEED|M-[HML]|DEF)\]")

TOWNSHIP, COUNTY = "331002004000", "331002000000"
HOUSE_VILLAGE, WORKSHOP_VILLAGE = "331002004208", "331002004219"


def test_the_same_data_draw_the_same_city(shipped_data: CityData, shipped_city: City) -> None:
    again = generate(shipped_data)
    assert all(getattr(again, part) == getattr(shipped_city, part) for part in PARTS)


def test_another_seed_moves_what_is_drawn_and_keeps_every_id(tmp_path: Path) -> None:
    first = generate(read_city(written(tmp_path, files())))
    changed = files()
    changed["city.json"]["seed"] = 8
    second = generate(read_city(written(tmp_path, changed)))
    assert [team.id for team in first.teams] == [team.id for team in second.teams]
    assert [(team.lon, team.lat) for team in first.teams] != [(team.lon, team.lat) for team in second.teams]


def test_a_row_more_leaves_the_other_rows_as_they_were(tmp_path: Path) -> None:
    before = generate(read_city(written(tmp_path, files())))
    more = files()
    more["objects.json"]["types"][0]["count"] = 3
    after = generate(read_city(written(tmp_path, more)))
    assert after.objects[: len(before.objects)] == before.objects
    assert len(after.objects) == len(before.objects) + 1


def test_ids_differ_between_cities() -> None:
    assert CityKeys("110100000000").post("grid", "x") != CityKeys("120100000000").post("grid", "x")


def test_every_id_is_used_once(shipped_city: City) -> None:
    ids = [row.id for part in PARTS[1:] for row in getattr(shipped_city, part)]
    assert len(ids) == len(set(ids)) == len(shipped_city.origins)


def test_the_city_has_the_sizes_it_promises(shipped_city: City) -> None:
    assert Counter(area.level for area in shipped_city.areas) == {
        Level.PROVINCE: 1,
        Level.CITY: 1,
        Level.COUNTY: 9,
        Level.TOWNSHIP: 136,
        Level.VILLAGE: 3_429,
    }
    assert (len(shipped_city.teams), len(shipped_city.objects)) == (60, 300)
    assert sum(area.shape is not None for area in shipped_city.areas) == 9


def test_every_category_has_sectors_that_there_are() -> None:
    assert len(SECTORS_OF) >= 12
    assert [code for code, sectors in SECTORS_OF.items() if not sectors or not set(sectors) <= SECTORS] == []


def test_parents_come_before_children(shipped_city: City) -> None:
    seen: set[str | None] = {None}
    for area in shipped_city.areas:
        assert area.parent_code in seen
        seen.add(area.code)


def test_every_duty_names_a_clause_with_its_evidence_tag(shipped_city: City) -> None:
    assert [duty.clause for duty in shipped_city.duties if not TAGGED.search(duty.clause)] == []


def test_duties_are_not_multiplied_by_categories(shipped_city: City) -> None:
    villages = sum(area.level is Level.VILLAGE for area in shipped_city.areas)
    assert len(shipped_city.duties) < 4 * villages


def test_the_chain_of_the_rental_house_holds_every_link_of_the_script(shipped_city: City) -> None:
    above = set(lineage(HOUSE_VILLAGE))
    links = {
        duty.link
        for duty in shipped_city.duties
        if duty.area_code in above and (not duty.categories or "rental_house_fire" in duty.categories)
    }
    assert links == set(Link) - {Link.COUNTY_DEPUTY}


def test_the_vacant_post_of_the_chain_shows_a_substitute_who_is_there(shipped_city: City) -> None:
    posts = {post.id: post for post in shipped_city.posts}
    [vacant] = [post for post in shipped_city.posts if post.vacant]
    assert (vacant.kind, vacant.area_code) == ("village_linked_contact", HOUSE_VILLAGE)
    assert vacant.substitute_post_id is not None
    assert not posts[vacant.substitute_post_id].vacant


def test_one_place_and_category_is_left_without_a_handling_post(shipped_data: CityData, shipped_city: City) -> None:
    [gap] = shipped_data.profile.gaps
    assert set(blind_spots(shipped_data, shipped_city)) == {(gap.area_code, gap.category)}


def test_the_county_s_leaders_still_answer_in_the_gap(shipped_data: CityData, shipped_city: City) -> None:
    [gap] = shipped_data.profile.gaps
    above = set(lineage(gap.area_code))
    links = {
        duty.link
        for duty in shipped_city.duties
        if duty.area_code in above and (not duty.categories or gap.category in duty.categories)
    }
    assert Link.COUNTY_EXECUTIVE_DEPUTY in links
    assert not links & shipped_data.profile.handling_links


def test_the_script_s_house_and_workshop_stand_where_it_says(shipped_city: City) -> None:
    keys, objects = CityKeys(shipped_city.code), {row.id: row for row in shipped_city.objects}
    house, workshop = objects[keys.risk_object("tour-house")], objects[keys.risk_object("tour-workshop")]
    assert (house.area_code, house.lon, house.lat) == (HOUSE_VILLAGE, 121.405, 28.615)
    assert (house.attributes["floors"], house.attributes["tenants"]) == (4, 12)
    group = workshop.attributes["linked_group"]
    assert workshop.area_code == WORKSHOP_VILLAGE
    assert isinstance(group, dict)
    assert isinstance(group["buildings"], list)
    assert len(group["buildings"]) == 9


def test_the_village_s_micro_station_is_the_nearest_team_and_119_keeps_the_brigade_s_turnout(
    shipped_city: City,
) -> None:
    keys, teams = CityKeys(shipped_city.code), {team.id: team for team in shipped_city.teams}
    assert teams[keys.team("micro_station", WORKSHOP_VILLAGE)].turnout is Turnout.DISPATCH
    assert teams[keys.team("full_time_team", TOWNSHIP)].turnout is Turnout.DISPATCH
    assert teams[keys.team("fire_station", TOWNSHIP)].turnout is Turnout.REQUEST


def test_the_township_has_39_villages_and_the_county_12_townships(shipped_data: CityData) -> None:
    assert len(shipped_data.areas.children(TOWNSHIP)) == 39
    assert len(shipped_data.areas.children(COUNTY)) == 12


def test_who_answers_for_an_object_sees_no_area_through_it(shipped_city: City) -> None:
    entities = [subject for client in shipped_city.clients for subject in client.subjects if subject.object_ids]
    assert entities
    assert all((subject.grants, subject.post_grants) == ((), ()) for subject in entities)


def test_a_grant_on_an_area_is_the_range_of_its_codes() -> None:
    assert range_of("331002000000") == ("331002000000", "331002999999")
    assert range_of("331002004208") == ("331002004208", "331002004208")


def test_the_city_s_name_appears_only_in_data(shipped_data: CityData) -> None:
    words = (shipped_data.profile.name_zh.removesuffix("市"), shipped_data.profile.name_en.lower())
    code = [path for part in ("infra", "libs", "services", "gateway") for path in (ROOT / part).rglob("*.py")]
    named = [path for path in code if any(word in path.read_text(encoding="utf-8").lower() for word in words)]
    assert named == []


def test_every_area_has_an_english_name(shipped_data: CityData) -> None:
    [folder] = [path.parent for path in CITIES.glob("*/city.json")]
    with (folder / "regions.csv").open(encoding="utf-8", newline="") as lines:
        codes = [line["code"] for line in csv.DictReader(lines)]
    assert [code for code in codes if not shipped_data.names_en.get(code, "").isascii()] == []
    assert set(codes) == set(shipped_data.names_en)


def test_the_command_line_prints_the_sizes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(written(tmp_path, files())), "--summary"]) == 0
    assert re.search(r"village +3\n", capsys.readouterr().out)


def test_the_command_line_prints_one_part_as_json_lines(
    tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    assert main([str(written(tmp_path, files())), "--rows", "posts"]) == 0
    posts = [orjson.loads(line) for line in capsysbinary.readouterr().out.splitlines()]
    assert [post["kind"] for post in posts] == ["bureau", "head", "head", "grid", "grid", "grid"]


def test_the_command_line_says_what_it_does_not_know(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["atlantis", "--summary"]) == 1
    assert "no city 'atlantis' here" in capsys.readouterr().err


def test_what_is_loaded_first_is_nothing_but_the_posts_that_act(shipped_city: City) -> None:
    first = only_acting(shipped_city)
    assert {part for part in PARTS if getattr(first, part)} == {"posts", "clients"}
    assert len(first.posts) < 100
