"""Is the drawn city whole? Posts where they must be, stand-ins who can stand in, points in their county."""

from collections.abc import Iterator
from uuid import UUID

from infra.city.areas import ancestor
from infra.city.data_files import CITY, CLIENTS, OBJECTS, PLACES, TEAMS, CityData
from infra.city.findings import Finding
from infra.city.keys import CityKeys, post_key
from infra.city.places import CountyShapes, Lonlat
from infra.city.shapes import City, DutyRow, Level, ObjectRow, PostRow, SubjectRow, TeamRow


def check_city(data: CityData, city: City) -> Iterator[Finding]:
    """Faults of the rows that were drawn."""
    yield from check_posts(data, city)
    yield from check_stand_ins(data, city)
    yield from check_points(data, city)
    yield from check_sizes(data, city)
    yield from check_clients(city)


def check_posts(data: CityData, city: City) -> Iterator[Finding]:
    """Every area has the posts that its tier requires, and every post and duty stands at a known area."""
    there = {(post.kind, post.area_code) for post in city.posts}
    for tier, kinds in data.profile.required_posts.items():
        for code in data.areas.at(tier):
            for kind in kinds:
                if (kind, code) not in there:
                    yield Finding(
                        file=CITY,
                        row=f"required_posts.{tier.value}",
                        message=f"{data.areas.name(code)} ({code}) has no {kind}",
                    )
    placed: tuple[PostRow | DutyRow, ...] = (*city.posts, *city.duties)
    for row in placed:
        if row.area_code not in data.areas:
            yield _of(city, row.id, f"area {row.area_code} is not in regions.csv")


def check_stand_ins(data: CityData, city: City) -> Iterator[Finding]:
    """A declared vacancy names a post that exists, and its substitute exists and is held."""
    keys, posts = CityKeys(city.code), {post.id: post for post in city.posts}
    for number, vacancy in enumerate(data.profile.vacancies, start=1):
        row, substitute = f"vacancies.{number}", vacancy.substitute
        if keys.post(vacancy.kind, vacancy.area_code) not in posts:
            missing = post_key(vacancy.kind, vacancy.area_code)
            yield Finding(file=CITY, row=row, message=f"the vacant {missing} does not exist")
        stand_in = posts.get(keys.post(substitute.kind, substitute.area_code))
        name = post_key(substitute.kind, substitute.area_code)
        if stand_in is None:
            yield Finding(file=CITY, row=row, message=f"the substitute {name} does not exist")
        elif stand_in.vacant:
            yield Finding(file=CITY, row=row, message=f"the substitute {name} is vacant itself")


def check_points(data: CityData, city: City) -> Iterator[Finding]:
    """Every team, object and anchor lies inside the shape of its county."""
    shapes = CountyShapes.of(data.county_shapes)
    for number, anchor in enumerate(data.places.anchors, start=1):
        outside = _outside(data, shapes, anchor.area_code, (anchor.lon, anchor.lat))
        if outside:
            yield Finding(file=PLACES, row=f"anchors.{number}", message=outside)
    standing: tuple[TeamRow | ObjectRow, ...] = (*city.teams, *city.objects)
    for row in standing:
        outside = _outside(data, shapes, row.area_code, (row.lon, row.lat))
        if outside:
            yield _of(city, row.id, outside)


def _outside(data: CityData, shapes: CountyShapes, area_code: str, point: Lonlat) -> str:
    """What to say about a point that is not in its county, or an empty string."""
    county = ancestor(area_code, Level.COUNTY)
    if shapes.contains(county, point):
        return ""
    return f"point {point[0]}, {point[1]} lies outside {data.areas.name(county)} ({county})"


def check_sizes(data: CityData, city: City) -> Iterator[Finding]:
    """As many teams and objects as the profile promises."""
    promised = data.profile.sizes
    for file, wanted, drawn in (
        (TEAMS, promised.teams, len(city.teams)),
        (OBJECTS, promised.risk_objects, len(city.objects)),
    ):
        if wanted != drawn:
            yield Finding(file=file, row="-", message=f"{drawn} rows, but city.json promises {wanted}")


def check_clients(city: City) -> Iterator[Finding]:
    """Every post, team and object that a client acts for exists."""
    known = {post.id for post in city.posts} | {team.id for team in city.teams}
    known |= {row.id for row in city.objects}
    for number, client in enumerate(city.clients, start=1):
        for subject in client.subjects:
            if not _acts_for(subject) <= known:
                message = f"{subject.subject} acts for a post, team or object that does not exist"
                yield Finding(file=CLIENTS, row=str(number), message=message)


def _acts_for(subject: SubjectRow) -> set[UUID]:
    held = {subject.post_id} if subject.post_id else set()
    return held | set(subject.team_ids) | set(subject.object_ids)


def _of(city: City, row_id: UUID, message: str) -> Finding:
    origin = city.origins[row_id]
    return Finding(file=origin.file, row=origin.row, message=f"{origin.key}: {message}")
