"""The language to answer in is the better of the two that the caller takes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.common.languages import Language, Said, preferred


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (None, "zh"), ("", "zh"), ("en", "en"), ("en-US,en;q=0.9", "en"), ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("en;q=0.5,zh;q=0.9", "zh"), ("fr", "zh"), ("fr,en;q=0.3", "en"), ("en;q=0", "zh"), ("*", "zh"),
        ("en;q=nonsense", "zh"), ("EN-gb", "en"), ("en;q=7", "zh"), ("en," * 200, "zh"),
    ],
)  # fmt: skip
def test_accept_language_is_weighed(header: str | None, language: str) -> None:
    assert preferred(header) is Language(language)


@given(st.text(max_size=80))
def test_no_header_breaks_it(header: str) -> None:
    assert Said("好", "good").to(preferred(header)) in ("好", "good")
