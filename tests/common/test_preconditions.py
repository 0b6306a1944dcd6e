"""If-Match takes the tags that we give, also weakened on the way, and refuses what is no tag."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.common.preconditions import BadIfMatch, etag, expected_version, is_known
from libs.common.problems import PreconditionRequired


@given(st.integers(0, 2**31 - 1), st.sampled_from(["", "W/"]))
def test_given_tag_comes_back_as_its_version(version: int, weak: str) -> None:
    assert expected_version(f" {weak}{etag(version)} ") == version
    assert is_known(f'"x", {weak}{etag(version)}', version)


@pytest.mark.parametrize("header", [None, "", "  "])
def test_missing_header_is_asked_for(header: str | None) -> None:
    with pytest.raises(PreconditionRequired):
        expected_version(header)


def test_star_asks_only_that_it_exists() -> None:
    assert expected_version("*") is None
    assert is_known("*", 3)


@pytest.mark.parametrize("header", ['"abc"', '"99999999999999999999"', '"-1"', '"１"', '""'])
def test_foreign_tag_matches_no_version(header: str) -> None:
    if header.isascii():
        assert expected_version(header) == -1
    else:
        with pytest.raises(BadIfMatch):
            expected_version(header)


@pytest.mark.parametrize("header", ["7", '"7", "8"', "W/7", '"7', "'7'", 'w/"7"'])
def test_what_is_no_tag_is_refused(header: str) -> None:
    with pytest.raises(BadIfMatch):
        expected_version(header)


@given(st.text(max_size=30))
def test_no_header_breaks_it(header: str) -> None:
    try:
        assert isinstance(expected_version(header), int | None)
    except (PreconditionRequired, BadIfMatch) as problem:
        assert problem.status in (400, 428)  # noqa: PT017
    assert is_known(header, 7) in (True, False)
