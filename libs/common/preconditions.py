"""ETag, If-Match and If-None-Match over the `version` of an aggregate (RFC 9110 §13)."""

from __future__ import annotations

import re
from typing import Final

from libs.common.languages import Said
from libs.common.problems import PreconditionRequired, Problem

_TAG = re.compile(r'\s*(?:W/)?"([\x21\x23-\x7e]*)"\s*')
_NEVER: Final = -1
"""A well-formed tag that is not one of ours: it matches no version, so the lock answers 412."""
_LARGEST_VERSION: Final = 2**31 - 1


class BadIfMatch(Problem):
    """If-Match is there, but not as an entity tag."""

    status = 400
    code = "bad_if_match"
    title = Said("If-Match 格式有误", "If-Match is malformed")
    advice = Said('请写成 If-Match: "7"（读到的版本）。', 'Send one tag, such as If-Match: "7".')


def etag(version: int) -> str:
    """The strong tag of a version; proxies that compress may weaken it, and we take it back weak as well."""
    return f'"{version}"'


def expected_version(if_match: str | None) -> int | None:
    """The version that the caller has read; None for `*`, which only asks that it exists.

    Accepts `"7"` and `W/"7"`. Raises PreconditionRequired (428) without a header, BadIfMatch (400) otherwise.
    """
    if if_match is None or not if_match.strip():
        raise PreconditionRequired
    if if_match.strip() == "*":
        return None
    found = _TAG.fullmatch(if_match)
    if found is None:
        raise BadIfMatch
    tag = found.group(1)
    if not tag.isdecimal() or not tag.isascii() or len(tag) > 10 or int(tag) > _LARGEST_VERSION:
        return _NEVER
    return int(tag)


def is_known(if_none_match: str | None, version: int) -> bool:
    """Whether the caller already has this version, so that 304 is enough."""
    if not if_none_match:
        return False
    if if_none_match.strip() == "*":
        return True
    tags = {tag.strip().removeprefix("W/") for tag in if_none_match.split(",")}
    return etag(version) in tags
