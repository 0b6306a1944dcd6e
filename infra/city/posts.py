"""Posts: every kind of the templates at every area that it fits, with vacancies and their substitutes."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from infra.city.areas import ancestor, level_of, lineage, township_segment
from infra.city.data_files import POSTS, CityData
from infra.city.findings import wrong
from infra.city.keys import CityKeys, post_key
from infra.city.shapes import Level, Origin, PostRow, Tier
from infra.city.templates import PostTemplate, Vacancy


@dataclass(frozen=True, slots=True)
class Titles:
    """What titles and names may say about an area: `{name}`, `{short}`, `{stem}`, `{en}`, its township and
    county, and the words that its kind brings along."""

    data: CityData

    def of(self, code: str) -> dict[str, str]:
        """The words for one area."""
        name = self.data.areas.name(code)
        words = {
            "name": name,
            "short": _trimmed(name, self.data.posts.short_names),
            "stem": _trimmed(name, self.data.posts.stems),
            "en": self.data.names_en.get(code, name),
            "township": self.data.areas.name(ancestor(code, Level.TOWNSHIP)),
            "county": self.data.areas.name(ancestor(code, Level.COUNTY)),
            "city": self.data.profile.name_zh,
        }
        for above in lineage(code):
            words |= self._kind_words(above)
        return words

    def _kind_words(self, code: str) -> Mapping[str, str]:
        level, name = level_of(code).value, self.data.areas.name(code)
        for words in self.data.posts.words:
            in_segment = words.segment is None or _within(township_segment(code), words.segment)
            if words.tier.value == level and name.endswith(words.suffix) and in_segment:
                return words.values
        return {}


def _trimmed(name: str, endings: tuple[tuple[str, str], ...]) -> str:
    """The name with its first matching ending replaced."""
    for ending, instead in endings:
        if name.endswith(ending) and len(name) > len(ending):
            return name.removesuffix(ending) + instead
    return name


def _within(number: int, segment: tuple[int, int]) -> bool:
    return segment[0] <= number <= segment[1]


def filled(text: str, words: Mapping[str, str], file: str, row: str) -> str:
    """A template's text with its words; an unknown word names the file and the row."""
    try:
        return text.format_map(words)
    except (KeyError, ValueError, IndexError) as fault:
        raise wrong(file, row, f"{text!r} has a word that nothing fills: {fault}") from None


def draw_posts(data: CityData) -> Iterator[tuple[PostRow, Origin]]:
    """Every post of the city with the template it comes from."""
    keys, titles = CityKeys(data.profile.code), Titles(data)
    vacancies = {(vacancy.kind, vacancy.area_code): vacancy for vacancy in data.profile.vacancies}
    words_of = {code: titles.of(code) for tier in Tier for code in data.areas.at(tier)}
    for place, template in enumerate(data.posts.posts, start=1):
        row = f"posts.{place}"
        for area_code in post_areas(data, template, row):
            vacancy = vacancies.get((template.kind, area_code))
            post = _post(keys, template, area_code, words_of[area_code], vacancy, row)
            yield post, Origin(file=POSTS, row=row, key=post_key(template.kind, area_code))


def post_areas(data: CityData, template: PostTemplate, row: str) -> Iterator[str]:
    """The areas at which a kind of post exists."""
    if template.only_in is not None:
        yield from area_set(data, template.only_in, POSTS, row)
        return
    for code in data.areas.at(template.area_tier):
        if template.township_segment is None or _within(township_segment(code), template.township_segment):
            yield code


def area_set(data: CityData, name: str, file: str, row: str) -> tuple[str, ...]:
    """A named list of `places.json`, every code of it known."""
    if name not in data.places.sets:
        raise wrong(file, row, f"places.json has no list {name!r}")
    for code in data.places.sets[name]:
        if code not in data.areas:
            raise wrong("places.json", f"sets.{name}", f"area {code} is not in regions.csv")
    return data.places.sets[name]


def _post(
    keys: CityKeys,
    template: PostTemplate,
    area_code: str,
    words: Mapping[str, str],
    vacancy: Vacancy | None,
    row: str,
) -> PostRow:
    stand_in = vacancy.substitute if vacancy else None
    return PostRow(
        id=keys.post(template.kind, area_code),
        code=f"{area_code}-{template.kind}",
        name_zh=filled(template.zh, words, POSTS, row),
        name_en=filled(template.en, words, POSTS, row),
        kind=template.kind,
        tier=template.tier,
        area_code=area_code,
        sectors=template.sectors,
        vacant=vacancy is not None,
        substitute_post_id=keys.post(stand_in.kind, stand_in.area_code) if stand_in else None,
        shared=template.shared,
        organization=filled(template.organization, words, POSTS, row),
    )
