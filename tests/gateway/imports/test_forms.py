"""What a form that asks for an import says."""

import pytest

from gateway.imports.forms import Asked
from libs.common.strict_json import InvalidJson


def test_a_mapping_that_nobody_filled_in_is_none() -> None:
    assert Asked.read({"list": "/v1/duties", "mapping": ""}).mapping == {}
    assert Asked.read({"list": "/v1/duties", "mapping": '{"岗位":"post_code"}'}).mapping == {"岗位": "post_code"}


def test_a_mapping_that_is_no_json_is_refused() -> None:
    with pytest.raises(InvalidJson):
        Asked.read({"list": "/v1/duties", "mapping": "岗位=post_code"})
