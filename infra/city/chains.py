"""Chain assignments: who has charge of the areas around the objects of a type, link by link."""

from collections.abc import Iterator

from infra.city.areas import ancestor
from infra.city.data_files import CHAINS, CityData
from infra.city.findings import wrong
from infra.city.keys import CityKeys, chain_key
from infra.city.shapes import ChainRow, Level, ObjectRow, Origin, PostRow


def draw_chains(
    data: CityData, posts: tuple[PostRow, ...], objects: tuple[ObjectRow, ...]
) -> Iterator[tuple[ChainRow, Origin]]:
    """A row for each area of the tier around the objects, with the post of the kind there or above it."""
    keys = CityKeys(data.profile.code)
    held = {post.id for post in posts}
    for number, template in enumerate(data.chains, start=1):
        tier = Level(template.covers.value)
        around = sorted({ancestor(one.area_code, tier) for one in objects if one.type == template.around})
        for area_code in around:
            post_id = keys.post(template.post, ancestor(area_code, Level(template.post_at.value)))
            if post_id not in held:
                raise wrong(CHAINS, str(number), f"no post of kind {template.post!r} for {area_code}")
            key = chain_key(template.template, template.link, template.post, area_code)
            row = ChainRow(
                id=keys.of(key), template=template.template, link=template.link, area_code=area_code, post_id=post_id,
                document=template.document, valid_from=data.profile.duties_valid_from,
            )  # fmt: skip
            yield row, Origin(file=CHAINS, row=str(number), key=key)
