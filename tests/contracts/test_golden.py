"""The published language stands in files, and only ever grows within a version."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from pydantic import create_model

from libs.contracts import golden
from libs.contracts.additive import breaks
from libs.contracts.catalogue import CATALOGUE, MODULES
from libs.contracts.event import Event, producer_of
from libs.contracts.plumbing import PRODUCERS
from libs.contracts.sample_values.everything import SAMPLES, TOLD
from libs.contracts.values import FiveItems, Value

_TYPE = re.compile(r"[a-z_]+\.[a-z_]+\.[a-z_]+\.v[1-9][0-9]*")
_OF_PERSONS = re.compile(r"(^|_)(phone|mobile|telephone|id_card|identity|device_id|imei|ip|reporter|citizen)(_|$)")


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """Golden files as they ought to be, where they can be changed."""
    golden.write(tmp_path)
    return tmp_path


def _schema(name: str) -> dict[str, Any]:
    return json.loads((golden.HERE / "schemas" / f"{name}.json").read_text("utf-8"))


def test_the_files_say_what_the_classes_say() -> None:
    differing = golden.differences()
    assert not differing, "\n".join([*differing, f"run: {golden.COMMAND}"])


def test_no_schema_in_git_is_broken_by_its_class() -> None:
    refused = golden.refusals()
    assert not refused, "\n".join([*refused, "hearers would break: add a class with the next version"])


@pytest.mark.parametrize("name", sorted(CATALOGUE))
def test_a_sample_is_valid_for_its_class_and_its_schema(name: str) -> None:
    sample = json.loads((golden.HERE / "samples" / f"{name}.json").read_text("utf-8"))
    event = CATALOGUE[name].model_validate_json(json.dumps(sample["data"]), strict=True)
    assert event.model_dump(mode="json") == sample["data"]
    jsonschema_rs.validator_for(_schema(name), validate_formats=True).validate(sample["data"])


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda one: one.event.type)
def test_a_sample_is_a_cloud_event(sample: Any) -> None:
    attributes = sample.cloud_event()
    assert {"id", "source", "specversion", "type"} <= attributes.keys()
    assert all(re.fullmatch("[a-z0-9]{1,20}", name) for name in attributes)
    assert not any(isinstance(value, dict | list) for name, value in attributes.items() if name != "data")


def test_samples_of_one_aggregate_follow_each_other_without_a_gap() -> None:
    versions: dict[Any, list[int]] = {}
    for sample in TOLD:
        if ".stated." not in sample.event.type:
            versions.setdefault(sample.aggregate_id, []).append(sample.aggregate_version)
    assert all(told == list(range(1, len(told) + 1)) for told in versions.values())
    assert len({sample.id for sample in TOLD}) == len(TOLD)


def test_every_event_names_a_producer_a_noun_a_past_fact_and_a_version() -> None:
    assert [name for name in CATALOGUE if not _TYPE.fullmatch(name)] == []
    assert {producer_of(name) for name in CATALOGUE} == set(PRODUCERS)


def test_every_event_and_every_value_says_what_it_means() -> None:
    assert [name for name, event in CATALOGUE.items() if not event.__doc__] == []
    shapes = {value for module in MODULES for value in vars(module).values() if isinstance(value, type)}
    assert [one.__name__ for one in shapes if issubclass(one, Value) and not one.__doc__] == []


def test_every_module_of_contracts_is_in_the_catalogue() -> None:
    telling = {path.stem for path in golden.HERE.glob("*.py") if "(Event" in path.read_text("utf-8")}
    assert telling == {module.__name__.rsplit(".", 1)[-1] for module in MODULES}


def test_no_event_has_a_field_for_who_a_person_is() -> None:
    fields = {
        (name, field)
        for name, event in CATALOGUE.items()
        for field in re.findall(r'"([a-z_]+)":', json.dumps(golden.schema_of(event)))
    }
    assert [pair for pair in fields if _OF_PERSONS.search(pair[1])] == []


class _Before(Event):
    """A fact as an older release tells it."""

    words: str
    count: int = 0
    items: FiveItems = FiveItems()
    tags: tuple[str, ...] = ()


def _changed(**fields: Any) -> type[Event]:
    kept: dict[str, Any] = {
        "words": (str, ...),
        "count": (int, 0),
        "items": (FiveItems, FiveItems()),
        "tags": (tuple[str, ...], ()),
    }
    merged = {name: value for name, value in (kept | fields).items() if value is not None}
    return create_model("_Before", __base__=Event, **merged)


class _FewerItems(Value):
    responsible: str | None = None


@pytest.mark.parametrize(
    ("planted", "reason"),
    [
        (_changed(words=None), "/words: removed"),
        (_changed(words=(int, ...)), "/words: was"),
        (_changed(words=(str | None, ...)), "/words: was"),
        (_changed(count=(int, ...)), "/count: newly required"),
        (_changed(reason=(str, ...)), "/reason: newly required"),
        (_changed(items=(_FewerItems, _FewerItems())), "/items/measures: removed"),
        (_changed(tags=(tuple[int, ...], ())), "/tags/*: was"),
        (_changed(tags=(str, "")), "/tags: was"),
    ],
)
def test_a_planted_change_that_breaks_hearers_is_refused(planted: type[Event], reason: str) -> None:
    found = breaks(golden.schema_of(_Before), golden.schema_of(planted))
    assert any(line.startswith(reason) for line in found), found


def test_an_addition_is_not_refused() -> None:
    added = _changed(reason=(str | None, None), more=(tuple[FiveItems, ...], ()))
    assert breaks(golden.schema_of(_Before), golden.schema_of(added)) == []


def test_a_planted_difference_is_found_and_written_away(copied: Path) -> None:
    (copied / "schemas" / "gateway.clock.set.v1.json").write_text("{}", "utf-8")
    (copied / "samples" / "gateway.clock.set.v1.json").unlink()
    (copied / "schemas" / "gateway.nobody.told.v1.json").write_text("{}", "utf-8")
    planted = golden.differences(copied)
    assert planted[-3:] == [
        "samples/gateway.clock.set.v1.json: missing",
        "schemas/gateway.clock.set.v1.json: differs",
        "schemas/gateway.nobody.told.v1.json: left over",
    ]
    golden.write(copied)
    assert golden.differences(copied) == []


def test_a_field_that_went_from_a_class_is_refused(copied: Path) -> None:
    path = copied / "schemas" / "gateway.clock.set.v1.json"
    schema = json.loads(path.read_text("utf-8"))
    schema["properties"]["zone"] = {"type": "string"}
    path.write_text(json.dumps(schema), "utf-8")
    assert golden.refusals(copied) == ["schemas/gateway.clock.set.v1.json /zone: removed"]
