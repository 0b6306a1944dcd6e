"""The guides as pages of the front door: rendered where documents are made, so that no gateway needs a renderer."""

from __future__ import annotations

import re
from pathlib import Path

from markdown_it import MarkdownIt

ROOT = Path(__file__).parents[1]
SHELF = "gateway/pages/guides"
_GUIDE = re.compile(r'<a href="([\w-]+)\.md">')
_NOT_SERVED = re.compile(r'<a href="\.\./[^"]*">(.*?)</a>', re.DOTALL)


def rendered() -> dict[str, str]:
    """Every guide of `docs/guides` as HTML without a frame, by the path where the gateway finds it."""
    # What stands in a guide as HTML stays text: the pages' policy holds for guides, too.
    renderer = MarkdownIt("commonmark", {"html": False}).enable("table")
    guides = sorted((ROOT / "docs/guides").glob("*.md"))
    return {f"{SHELF}/{one.stem}.html": _served(renderer.render(one.read_text("utf-8"))) for one in guides}


def _served(page: str) -> str:
    """Links to other guides lead to their pages; what lies elsewhere in the repository is no page, so no link."""
    return _NOT_SERVED.sub(r"\1", _GUIDE.sub(r'<a href="/docs/guides/\1">', page))
