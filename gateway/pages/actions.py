"""The verbs of the pages: take the document of the whole API and write it out for readers."""

from __future__ import annotations

from gateway.pages.rules import Code, codes_in, operations_page, problems_page
from gateway.portal.actions import Portal
from libs.common.problems import kinds


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
