"""Does every word of the data files name something that exists? Sectors, categories, areas, kinds."""

from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet

from infra.city.data_files import CITY, CLIENTS, DUTIES, OBJECTS, PLACES, POSTS, CityData
from infra.city.findings import Finding
from libs.contracts.classification import CATEGORIES, SECTORS

Named = tuple[str, str, str]
"""File, row and the word used there."""


def check_references(data: CityData) -> Iterator[Finding]:
    """Faults between the data files, found before anything is drawn."""
    yield from _unknown("sector", _sectors_used(data), SECTORS)
    yield from _unknown("category", _categories_used(data), CATEGORIES)
    yield from _unknown("area", _areas_used(data), {record.code for record in data.areas.records})
    yield from _unknown("kind of post", _kinds_used(data), {post.kind for post in data.posts.posts})
    yield from _twice(client.client_id for client in data.clients)
    yield from _twice(subject.subject for client in data.clients for subject in client.subjects)


def _unknown(what: str, used: Iterable[Named], known: AbstractSet[str]) -> Iterator[Finding]:
    for file, row, word in used:
        if word not in known:
            yield Finding(file=file, row=row, message=f"{what} {word!r} does not exist")


def _twice(words: Iterable[str]) -> Iterator[Finding]:
    seen: set[str] = set()
    for number, word in enumerate(words, start=1):
        if word in seen:
            yield Finding(file=CLIENTS, row=str(number), message=f"{word!r} is there already")
        seen.add(word)


def _sectors_used(data: CityData) -> Iterator[Named]:
    for number, post in enumerate(data.posts.posts, start=1):
        yield from ((POSTS, f"posts.{number}", code) for code in post.sectors)
    for number, duty in enumerate(data.duties, start=1):
        yield from ((DUTIES, str(number), code) for code in duty.sectors)
    for number, drawn in enumerate(data.objects.types, start=1):
        yield from ((OBJECTS, f"types.{number}", code) for code in drawn.sectors)
    for number, named in enumerate(data.objects.named, start=1):
        yield from ((OBJECTS, f"named.{number}", code) for code in named.sectors)
    for number, client in enumerate(data.clients, start=1):
        for subject in client.subjects:
            for grant in subject.grants:
                yield from ((CLIENTS, str(number), code) for code in grant.sectors or ())


def _categories_used(data: CityData) -> Iterator[Named]:
    for number, duty in enumerate(data.duties, start=1):
        yield from ((DUTIES, str(number), code) for code in duty.categories)
    for number, drawn in enumerate(data.objects.types, start=1):
        yield OBJECTS, f"types.{number}", drawn.category
    for number, named in enumerate(data.objects.named, start=1):
        yield OBJECTS, f"named.{number}", named.category
    for number, gap in enumerate(data.profile.gaps, start=1):
        yield CITY, f"gaps.{number}", gap.category


def _areas_used(data: CityData) -> Iterator[Named]:
    for number, anchor in enumerate(data.places.anchors, start=1):
        yield PLACES, f"anchors.{number}", anchor.area_code
    for name, codes in data.places.sets.items():
        yield from ((PLACES, f"sets.{name}", code) for code in codes)
    for number, drawn in enumerate(data.objects.types, start=1):
        yield from ((OBJECTS, f"types.{number}", code) for code in drawn.counties)
    for number, named in enumerate(data.objects.named, start=1):
        yield OBJECTS, f"named.{number}", named.area_code
    for number, gap in enumerate(data.profile.gaps, start=1):
        yield CITY, f"gaps.{number}", gap.area_code
    for number, client in enumerate(data.clients, start=1):
        yield from (
            (CLIENTS, str(number), grant.area_code) for subject in client.subjects for grant in subject.grants
        )


def _kinds_used(data: CityData) -> Iterator[Named]:
    for tier, kinds in data.profile.required_posts.items():
        yield from ((CITY, f"required_posts.{tier.value}", kind) for kind in kinds)
    for number, vacancy in enumerate(data.profile.vacancies, start=1):
        yield CITY, f"vacancies.{number}", vacancy.kind
        yield CITY, f"vacancies.{number}", vacancy.substitute.kind
    for number, duty in enumerate(data.duties, start=1):
        yield DUTIES, str(number), duty.post
