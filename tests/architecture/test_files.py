"""Files: how long they may be, what they may be called, and what they may not carry."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable

from tests.architecture.sources import ROOT, Source, everything, planted, product, texts
from tests.architecture.walls.rooms import COPIES, FILES, MIGRATIONS, room_of

LINES = 300
FUNCTION_LINES = 40
_LONG_BECAUSE = "# long because"
_SAYS_NOTHING = re.compile(r"(^|_)(utils?|helpers?|misc|base|managers?)(_|\.py$)")
_UNDONE = re.compile(r"\b(" + "|".join(["TO" + "DO", "FIX" + "ME", "XX" + "X", "NotImplemented" + "Error"]) + r")\b")
_HOSTS = re.compile(
    "|".join(
        re.escape(".".join(parts))
        for parts in (
            ("pypi", "org"), ("pythonhosted", "org"), ("npmjs", "org"), ("npmjs", "com"), ("yarnpkg", "com"),
            ("deb.debian", "org"), ("archive.ubuntu", "com"), ("docker", "io"), ("docker", "com"), ("ghcr", "io"),
            ("quay", "io"), ("crates", "io"), ("proxy.golang", "org"), ("repo.maven.apache", "org"),
            ("mirrors.aliyun", "com"), ("tuna.tsinghua", "edu"), ("astral", "sh"),
        )
    )
)  # fmt: skip
_HOMES = ["/wo" + r"rk/(main|shared|\.library|in)\b", "/ro" + "ot/", "/ho" + "me/[a-z]", "/Us" + "ers/"]
_MACHINE = re.compile("|".join(_HOMES))
_WRITTEN = (".py", ".md", ".toml", ".yml", "Makefile")


def _too_long(sources: Iterable[Source]) -> list[str]:
    return [
        f"{one.path}: {len(one.lines)} lines" for one in sources if len(one.lines) > LINES and not one.is_migration
    ]


def _long_functions(sources: Iterable[Source]) -> list[str]:
    return [
        f"{one.at(function)} {function.name}: {function.end_lineno - function.lineno + 1} lines"
        for one in sources
        if not one.is_migration
        for function in one.functions()
        if (function.end_lineno or 0) - function.lineno >= FUNCTION_LINES and not _explained(one, function.lineno)
    ]


def _explained(source: Source, line: int) -> bool:
    above = line - 2
    while above >= 0 and source.lines[above].lstrip().startswith("@"):
        above -= 1
    return above >= 0 and source.lines[above].strip().startswith(_LONG_BECAUSE)


def test_files_stop_at_300_lines() -> None:
    assert _too_long(product()) == []


def test_functions_stop_at_40_lines_or_say_why() -> None:
    assert _long_functions(product()) == []


def test_long_files_and_functions_would_be_noticed() -> None:
    long = planted("libs/x.py", "def f():\n" + "    pass\n" * LINES)
    assert _too_long([long])
    assert _long_functions([long])
    excuse = "# long because a table reads best whole\n@cache\n"
    explained = planted("libs/x.py", f"{excuse}def f():\n" + "    pass\n" * 45)
    assert not _long_functions([explained])


def test_every_file_name_says_something() -> None:
    assert [one.path for one in everything() if _SAYS_NOTHING.search(one.path.rsplit("/", 1)[-1])] == []
    assert _SAYS_NOTHING.search("string_utils.py")
    assert _SAYS_NOTHING.search("manager.py")


def test_a_slice_consists_of_the_known_files_only() -> None:
    assert _unknown_rooms(one.path for one in product()) == []
    assert _unknown_rooms(["services/risk_grading/hazards/tracking.py"])
    assert not _unknown_rooms(["services/risk_grading/hazards/rules_rounds.py", "services/risk_grading/app.py"])


def _unknown_rooms(paths: Iterable[str]) -> list[str]:
    """Files of slices that stand where nobody would look for them."""
    unknown = []
    for path in paths:
        room = room_of(path.removesuffix(".py").replace("/", "."))
        if room is None or not path.startswith("services/") or room.file == "__init__":
            continue
        if room.slice not in ("", COPIES, MIGRATIONS) and room.file not in FILES:
            unknown.append(f"{path}: none of {', '.join(FILES)}, nor a part of one (<file>_<part>)")
    return unknown


def test_every_package_says_what_it_is_and_nothing_else() -> None:
    packages = [one for one in everything() if one.path.endswith("__init__.py")]
    assert [one.path for one in packages if len(one.tree.body) != 1 or not ast.get_docstring(one.tree)] == []
    folders = {one.path.rpartition("/")[0] for one in product() if not one.is_migration}
    assert [folder for folder in sorted(folders) if not (ROOT / folder / "__init__.py").exists()] == []


def test_nothing_is_left_undone() -> None:
    found = [f"{path}: {hit[0]}" for path, text in _written() for hit in _UNDONE.finditer(text)]
    assert found == []
    assert _UNDONE.search("# TO" + "DO: later")


def test_no_file_names_a_download_host() -> None:
    assert [f"{path}: {hit[0]}" for path, text in texts().items() for hit in _HOSTS.finditer(text)] == []
    assert _HOSTS.search("files.python" + "hosted.org")


def test_no_file_carries_a_path_of_somebodys_machine() -> None:
    assert [f"{path}: {hit[0]}" for path, text in texts().items() for hit in _MACHINE.finditer(text)] == []
    assert _MACHINE.search("/ho" + "me/somebody/shoutu")


def _written() -> Iterable[tuple[str, str]]:
    """What people write: code and documents, not data."""
    return ((path, text) for path, text in texts().items() if path.endswith(_WRITTEN))
