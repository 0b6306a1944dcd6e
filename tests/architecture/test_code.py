"""Habits that a linter does not know: where things may be caught, committed, timed and waited for."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator

import pytest

from tests.architecture.sources import Source, docstrings, everything, planted, product

_LOOPS = frozenset(
    {
        "libs/common/hearing.py", "libs/common/gate.py", "libs/common/relay.py", "libs/common/sweeps.py",
        "gateway/feeding.py",
    }
)  # fmt: skip
"""The listen loop with its gate, the feed's, the relay and the watch loop: one failure stops no neighbour."""
_COMMITS = "libs/common/db.py"
_TURN = re.compile(r"\s*(BEGIN|COMMIT|ROLLBACK|END|START TRANSACTION)\s*(;|$)")
_CITY_TIME = ("services/", "gateway/")
_WAITS = "tests/cluster.py"
"""`eventually` lives there: it waits for a condition, and fails after a deadline."""
_IMPURE = ("open", "now", "today", "uuid4", "random", "randint", "choice", "token_bytes", "read_text", "getenv")
_EVERYTHING = frozenset({"Exception", "BaseException"})


def _names(node: ast.expr | None) -> Iterator[str]:
    if node is None:
        yield "BaseException"
    for one in ast.walk(node) if node else ():
        if isinstance(one, ast.Name):
            yield one.id


def _swallowing(sources: Iterable[Source]) -> list[str]:
    """Handlers of everything that do not end by raising again."""
    return [
        source.at(node)
        for source in sources
        if source.path not in _LOOPS
        for node in ast.walk(source.tree)
        if (isinstance(node, ast.ExceptHandler) and _EVERYTHING & {*_names(node.type)} and not _raises_again(node))
        or (isinstance(node, ast.Call) and _called(node) == "suppress" and _EVERYTHING & {*_names(node)})
    ]


def _raises_again(handler: ast.ExceptHandler) -> bool:
    last = handler.body[-1]
    return isinstance(last, ast.Raise) and last.exc is None


def _called(node: ast.Call) -> str:
    """The last part of what is called: `commit` of `connection.commit(…)`."""
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def _calls(source: Source, *names: str) -> Iterator[ast.Call]:
    return (node for node in ast.walk(source.tree) if isinstance(node, ast.Call) and _called(node) in names)


def _commits(sources: Iterable[Source]) -> list[str]:
    """Calls and SQL that begin or end a transaction; outside the plumbing, any SQL said past the store."""
    return [
        source.at(node)
        for source in sources
        if source.path != _COMMITS
        for node in ast.walk(source.tree)
        if (isinstance(node, ast.Call) and _called(node) == "commit")
        or (isinstance(node, ast.Call) and _called(node) == "say" and not source.path.startswith("libs/common/"))
        or (isinstance(node, ast.Constant) and isinstance(node.value, str) and _TURN.match(node.value))
    ]


def _clocks(sources: Iterable[Source]) -> list[str]:
    """Times without a zone anywhere; in services and the gateway, any time that is not the city's or the system's."""
    found = []
    for source in sources:
        for call in _calls(source, "now", "today", "utcnow", "utcfromtimestamp"):
            of = ast.unparse(call.func).rpartition(".")[0].rpartition(".")[2]
            naive = not call.args and not call.keywords
            if of in ("datetime", "date") and (naive or source.path.startswith(_CITY_TIME)):
                found.append(source.at(call))
    return found


def _sleeps(sources: Iterable[Source]) -> list[str]:
    return [
        source.at(call)
        for source in sources
        if source.path.startswith("tests/") and source.path != _WAITS
        for call in _calls(source, "sleep")
    ]


def _impure(sources: Iterable[Source]) -> list[str]:
    """Clocks, chance and files in rules: `now` is an argument, and so is everything else."""
    return [
        source.at(call)
        for source in sources
        if source.path.rsplit("/", 1)[-1].startswith("rules") and source.path.startswith(("services/", "gateway/"))
        for call in _calls(source, *_IMPURE)
    ]


def test_only_the_loops_catch_everything() -> None:
    assert _swallowing(product()) == []


def test_only_the_unit_of_work_commits() -> None:
    assert _commits(product()) == []


def test_times_have_a_zone_and_one_source() -> None:
    assert _clocks(everything()) == []


def test_tests_never_sleep() -> None:
    assert _sleeps(everything()) == []


def test_rules_know_neither_clock_nor_chance_nor_files() -> None:
    assert _impure(product()) == []


@pytest.mark.parametrize(
    ("check", "path", "text"),
    [
        (_swallowing, "libs/x.py", "try:\n    pass\nexcept Exception:\n    pass"),
        (_swallowing, "libs/x.py", "try:\n    pass\nexcept (ValueError, Exception) as error:\n    log(error)"),
        (_swallowing, "libs/x.py", "try:\n    pass\nexcept:\n    pass"),
        (_swallowing, "libs/x.py", "with suppress(Exception):\n    pass"),
        (_commits, "services/a/b/actions.py", "async def f(tx):\n    await tx.connection.commit()"),
        (_commits, "services/a/b/store.py", "async def f(tx):\n    await tx.say('SELECT 1')"),
        (_commits, "libs/common/x.py", "async def f(tx):\n    await tx.say('COMMIT; BEGIN')"),
        (_clocks, "services/a/b/actions.py", "from datetime import datetime\ndatetime.now()"),
        (_clocks, "services/a/b/actions.py", "import datetime\ndatetime.datetime.now(datetime.UTC)"),
        (_clocks, "tests/x.py", "from datetime import date\ndate.today()"),
        (_sleeps, "tests/x.py", "import time\ntime.sleep(1)"),
        (_sleeps, "tests/x.py", "from asyncio import sleep\nasync def f():\n    await sleep(1)"),
        (_impure, "services/a/b/rules_rounds.py", "from random import choice\nchoice([1])"),
    ],
)
def test_each_habit_would_be_missed_if_it_went(check: object, path: str, text: str) -> None:
    assert callable(check)
    assert check([planted(path, text)])


def test_raising_again_is_not_swallowing() -> None:
    cleaning = "try:\n    pass\nexcept BaseException:\n    undo()\n    raise"
    assert _swallowing([planted("libs/x.py", cleaning)]) == []


def test_every_public_function_says_what_it_promises() -> None:
    silent = [
        f"{source.at(node)} {node.name}"
        for source in product()
        if not source.is_migration
        for node in source.tree.body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        and not node.name.startswith("_")
        and not ast.get_docstring(node)
        and not (isinstance(node, ast.ClassDef) and _is_protocol_stub(node))
    ]
    assert silent == []
    assert docstrings(ast.parse('"""Said."""'))


def _is_protocol_stub(node: ast.ClassDef) -> bool:
    return any(isinstance(base, ast.Name) and base.id == "Protocol" for base in node.bases)
