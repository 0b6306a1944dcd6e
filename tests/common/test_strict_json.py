"""Strict JSON refuses what two readers could read differently, and changes nothing else."""

import json
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.common.problems import Problem
from libs.common.strict_json import MAX_DEPTH, decode

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=12)
numbers = st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False)
scalars = st.none() | st.booleans() | numbers | texts
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=5) | st.dictionaries(texts, inner, max_size=5), max_leaves=25
)


def refused(body: bytes) -> tuple[str, str | None]:
    with pytest.raises(Problem) as caught:
        decode(body)
    assert caught.value.status == 400
    errors = caught.value.errors
    return caught.value.code, errors[0].pointer if errors else None


@given(values, st.booleans(), st.booleans())
def test_whatever_is_plain_json_is_read_as_it_is(value: Any, escaped: bool, spaced: bool) -> None:
    body = json.dumps(value, ensure_ascii=escaped, indent=1 if spaced else None).encode()
    assert decode(body) == value


@given(
    st.lists(st.tuples(texts, scalars), min_size=1, max_size=6),
    st.data(),
    st.booleans(),
    st.lists(st.sampled_from(["object", "array"]), max_size=4),
)
def test_key_that_is_there_twice_is_found_at_any_depth(
    pairs: list[tuple[str, Any]], data: st.DataObject, escaped: bool, around: list[str]
) -> None:
    key, _ = data.draw(st.sampled_from(pairs))
    pairs.insert(data.draw(st.integers(0, len(pairs))), (key, data.draw(scalars)))
    members = (f"{json.dumps(name, ensure_ascii=escaped)}:{json.dumps(value)}" for name, value in pairs)
    body = "{" + ",".join(members) + "}"
    for shell in around:
        body = f'{{"a:b\\"{{":{body}}}' if shell == "object" else f'["\\\\:",{body}]'
    code, pointer = refused(body.encode())
    assert code == "duplicate_key"
    assert pointer is not None


@given(st.integers(max_value=-(2**63) - 1) | st.integers(min_value=2**63))
def test_integer_beyond_64_bits_is_refused(number: int) -> None:
    assert refused(f'{{"a":[1,{number}]}}'.encode()) == ("number_out_of_range", "#/a/1")


@given(st.binary(max_size=60))
def test_no_bytes_lead_to_anything_but_a_value_or_a_problem(body: bytes) -> None:
    try:
        decode(body)
    except Problem as problem:
        assert problem.status == 400  # noqa: PT017


@given(st.integers(1, MAX_DEPTH + 30), st.booleans())
def test_depth_is_counted_outside_of_strings(depth: int, as_objects: bool) -> None:
    opening, closing = ('{"[[[":', "}") if as_objects else ("[", "]")
    body = (opening * depth + '"]]][[[{{{"' + closing * depth).encode()
    if depth <= MAX_DEPTH:
        assert decode(body) == orjson.loads(body)
    else:
        assert refused(body) == ("too_deep", None)


@pytest.mark.parametrize(
    ("body", "code", "pointer"),
    [
        (b"", "invalid_json", None),
        (b"\xef\xbb\xbf{}", "invalid_json", None),
        (b"NaN", "invalid_json", None),
        (b"-Infinity", "invalid_json", None),
        (b"1e400", "number_out_of_range", None),
        (b"9" * 10_000, "number_out_of_range", None),
        (b'"\\ud800"', "forbidden_character", None),
        (b'"\\udc00\\ud800"', "forbidden_character", None),
        (b'"\xed\xa0\x80"', "invalid_json", None),
        (b'{"a":{"b~/c":"\\u0000"}}', "forbidden_character", "#/a/b~0~1c"),
        (b'{"a\\u0000":1}', "forbidden_character", "#"),
        (b'{"a":1,"\\u0061":2}', "duplicate_key", "#/a"),
        (b'{"a":1,"a":2,"b":"\\u003a"}', "duplicate_key", "#/a"),
        (b"[" * 5000, "too_deep", None),
        (b"// a\n{}", "invalid_json", None),
        (b"{} {}", "invalid_json", None),
    ],
)
def test_each_refusal_has_its_code(body: bytes, code: str, pointer: str | None) -> None:
    assert refused(body) == (code, pointer)


@pytest.mark.parametrize("body", [b'"\\\\u0000"', b'"12345678901234567890"', b"12345678901234567890.5", b'{"":1}'])
def test_what_only_looks_forbidden_is_let_through(body: bytes) -> None:
    assert decode(body) == orjson.loads(body)


def test_hostile_megabyte_gets_its_problem() -> None:
    deep = b"[" + b",".join([b"[" * 33 + b"]" * 33] * 15_000) + b"]"
    keys = b"{" + b",".join(b'"k%d":1234567890123456789' % number for number in range(35_000)) + b',"k0":1}'
    assert refused(deep)[0] == "too_deep"
    assert refused(keys) == ("duplicate_key", "#/k0")
