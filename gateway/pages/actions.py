"""The verbs of the pages: take the document of the whole API and write it out for readers."""

from __future__ import annotations

from pathlib import Path

from gateway.pages.rules import Code, codes_in, guide_page, guides_page, operations_page, problems_page
from gateway.portal.actions import Portal
from libs.common.problems import NotFound, kinds

_GUIDES = {path.stem: path.read_text("utf-8") for path in sorted((Path(__file__).parent / "guides").glob("*.html"))}


async def write_operations(portal: Portal, wanted: str = "") -> str:
    """The page of every operation, or of those that speak of what is wanted."""
    return operations_page(await portal.document(), wanted)


async def write_problems(portal: Portal) -> str:
    """The page of every problem code, in both languages where this process knows both."""
    found = codes_in(await portal.document())
    for kind in kinds().values():
        found[kind.code] = Code(
            code=kind.code,
            status=kind.status,
            title=f"{kind.title.zh} {kind.title.en}",
            advice=f"{kind.advice.zh} {kind.advice.en}",
        )
    return problems_page(found.values())


def write_guides() -> str:
    """The page that lists the guides."""
    return guides_page(_GUIDES)


def write_guide(name: str) -> str:
    """One guide. Raises NotFound (404)."""
    if name not in _GUIDES:
        raise NotFound("guides", name)
    return guide_page(_GUIDES[name])
