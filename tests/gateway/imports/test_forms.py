"""What a form that asks for an import says."""

import re

import pytest
from pydantic import ValidationError

from gateway.exports.api import ExportIn
from gateway.imports.forms import Asked
from libs.common.forms import Form
from libs.common.problems import Unprocessable
from libs.common.strict_json import InvalidJson
from libs.common.validation import InvalidParameter


def test_a_mapping_that_nobody_filled_in_is_none() -> None:
    assert Asked.read({"list": "/v1/duties", "mapping": ""}).mapping == {}
    assert Asked.read({"list": "/v1/duties", "mapping": '{"岗位":"post_code"}'}).mapping == {"岗位": "post_code"}


def test_a_mapping_that_is_no_json_is_refused() -> None:
    with pytest.raises(InvalidJson):
        Asked.read({"list": "/v1/duties", "mapping": "岗位=post_code"})


def test_a_fault_is_told_where_it_was_said() -> None:
    with pytest.raises(Unprocessable) as in_form:
        Asked.read({"dry_run": "true"})
    with pytest.raises(InvalidParameter) as in_query:
        Asked.read({"dry_run": "true"}, "query")
    (pointed,), (named,) = in_form.value.errors, in_query.value.errors
    assert (pointed.pointer, pointed.code) == ("#/list", "missing")
    assert (named.place, named.parameter, named.code) == ("query", "list", "missing")


@pytest.mark.parametrize("form", [Asked, ExportIn])
def test_the_document_says_what_the_path_of_a_list_looks_like(form: type[Form]) -> None:
    pattern = form.model_json_schema()["properties"]["list"]["pattern"]
    assert re.search(pattern, "/v1/duties")
    for path in ("0000", "/v1/", "/v1/duties\n", "/v1/duties?limit=1"):
        assert not re.search(pattern.replace("$", r"\Z"), path)
        with pytest.raises(ValidationError):
            form.model_validate({"list": path})


def test_the_document_says_that_a_filter_is_one_value() -> None:
    query = ExportIn.model_json_schema()["properties"]["query"]["additionalProperties"]
    assert [one["type"] for one in query["anyOf"]] == ["string", "number", "boolean"]
    for value in ("331002", 5, 0.5, True):
        assert ExportIn(list="/v1/hazards", query={"name": value}).asked()["query"] == {"name": value}
    for value in (None, [], {}):
        with pytest.raises(Unprocessable):
            ExportIn(list="/v1/hazards", query={"name": value}).asked()
