"""A repeat under Idempotency-Key shows the resource again; only what has none keeps its answer with the key."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from tests.architecture.sources import Source, planted, product

_KEPT = {
    "gateway/clock/api.py set_clock": "the offset of a demonstration's clock",
    "services/emergency_command/resources/api.py import_teams": "counts",
    "services/responsibility_registry/areas/api.py import_areas": "counts",
    "services/responsibility_registry/chain_templates/api_assignments.py import_assignments": "counts",
    "services/responsibility_registry/duties/api.py import_duties": "counts",
    "services/responsibility_registry/enforcement/api.py import_facts": "counts",
    "services/responsibility_registry/grids/api.py import_geojson": "counts",
    "services/responsibility_registry/grids/api.py import_grids": "counts",
    "services/responsibility_registry/orders/api.py recount": "counts",
    "services/responsibility_registry/organizations/api.py import_posts": "counts",
    "services/responsibility_registry/organizations/api_organizations.py import_organizations": "counts",
    "services/risk_grading/assessments/api.py recompute": "a grade computed again from versioned inputs",
    "services/risk_grading/objects/api.py import_objects": "counts",
}
"""Routes whose answer is kept for a day, and what it says: nothing about a person, nothing that a scope filters."""


def _kept(sources: Iterable[Source]) -> Iterator[str]:
    for source in sources:
        if not source.path.startswith(("services/", "gateway/")):
            continue
        for function in source.functions():
            performs = (one for one in ast.walk(function) if isinstance(one, ast.Call) and _is_perform(one))
            if any(all(keyword.arg != "show_again" for keyword in one.keywords) for one in performs):
                yield f"{source.path} {function.name}"


def _is_perform(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Attribute) and call.func.attr == "perform"


def test_only_answers_about_nobody_are_kept_with_their_key() -> None:
    assert sorted(_kept(product())) == sorted(_KEPT)


def test_a_verb_that_forgets_to_show_its_resource_again_would_be_noticed() -> None:
    route = "async def add(door):\n    return await door.perform(verb, show{})"
    assert [*_kept([planted("services/a/b/api.py", route.format(""))])] == ["services/a/b/api.py add"]
    assert [*_kept([planted("services/a/b/api.py", route.format(", show_again=find"))])] == []
