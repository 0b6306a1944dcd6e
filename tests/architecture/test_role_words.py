"""The words for roles stand in one place: whoever asks for one by another word asks for what nobody can hold."""

import ast

from gateway.subjects.rules_roles import GIVEN_BY_POSTS, SEPARATED, Role
from libs.common.scope import PLATFORM_ROLES, TRIAGE_ROLES
from tests.architecture.sources import ROOT

_ASKING = {"require", "require_every", "holds", "holds_every", "has_role"}


def _asks_a_scope(called: ast.expr) -> bool:
    if not isinstance(called, ast.Attribute) or called.attr not in _ASKING:
        return False
    return ast.unparse(called.value).rpartition(".")[2] in ("caller", "scope")


def _asked_for() -> set[str]:
    """The roles that are asked for by a word in the call itself."""
    found: set[str] = set()
    for folder in ("services", "gateway"):
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and _asks_a_scope(node.func):
                    found |= {arg.value for arg in node.args if isinstance(arg, ast.Constant)}
    return found


def test_every_role_that_is_asked_for_is_one_that_can_be_held() -> None:
    asked = _asked_for()
    assert "administrator" in asked, "the calls are found"
    assert asked <= set(Role)


def test_the_plumbing_speaks_of_roles_that_there_are() -> None:
    assert set(PLATFORM_ROLES) == set(SEPARATED)
    assert set(TRIAGE_ROLES) <= set(GIVEN_BY_POSTS)
