"""A few villages cut out of the demonstration city, so that it loads in a second: its rows and ids are the same."""

from __future__ import annotations

from dataclasses import replace

from infra.city.areas import lineage
from infra.city.data_files import read_city
from infra.city.generate import generate
from infra.city.shapes import City, ClientRow
from infra.demonstration import shipped_city

CITY = "331000000000"
COUNTY, COUNTY_END, OTHER_COUNTY = "331002000000", "331002999999", "331003000000"
TOWNSHIP = "331002004000"
VILLAGE, WORKSHOP_VILLAGE = "331002004208", "331002004219"
DETECTORS = "iot-fire-platform"
GAP_VILLAGE = "331002400501"
"""Bottled gas has nobody here: the city's declared gap."""
_VILLAGES = (VILLAGE, "331002004209", WORKSHOP_VILLAGE, "331002004004", "331002004232", GAP_VILLAGE)
_TEAM_COUNTIES = (COUNTY[:6], OTHER_COUNTY[:6])


def small_city() -> City:
    """The tour's villages with everything above them, and a second county to look in from outside."""
    whole = generate(read_city(shipped_city()))
    codes = {OTHER_COUNTY, *(code for village in _VILLAGES for code in lineage(village))}
    posts = tuple(post for post in whole.posts if post.area_code in codes)
    held = {post.id for post in posts}
    return replace(
        whole,
        areas=tuple(area for area in whole.areas if area.code in codes),
        posts=posts,
        duties=tuple(duty for duty in whole.duties if duty.area_code in codes and duty.post_id in held),
        teams=tuple(team for team in whole.teams if team.area_code[:6] in _TEAM_COUNTIES),
        objects=tuple(row for row in whole.objects if row.area_code in codes),
        chains=tuple(row for row in whole.chains if row.area_code in codes and row.post_id in held),
        clients=tuple(_with_detectors_everywhere(row) for row in whole.clients),
    )


def _with_detectors_everywhere(row: ClientRow) -> ClientRow:
    """The detectors' platform signals from all over the county here: each test has a place of its own."""
    if row.client_id != DETECTORS:
        return row
    everywhere = tuple(
        replace(one, grants=tuple(replace(grant, area_from=COUNTY, area_to=COUNTY_END) for grant in one.grants))
        for one in row.subjects
    )
    return replace(row, subjects=everywhere)
