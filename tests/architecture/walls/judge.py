"""Run the import contracts over other trees than the one we stand in: `python -m … <config> <tree>…`.

Prints a JSON object: for each tree, the ids of the contracts that it breaks. One process for many trees,
since a test plants dozens of violations and starting Python costs more than judging a tree.
"""

from __future__ import annotations

import importlib
import json
import sys

from importlinter import api
from importlinter.application import use_cases
from importlinter.application.user_options import UserOptions

__all__ = ["api", "broken_in"]  # importing `api` configures the linter


def broken_in(tree: str, options: UserOptions) -> list[str]:
    """The ids of the contracts that the packages under a folder break; raises where the linter cannot run."""
    roots = set(options.session_options["root_packages"])
    for name in [name for name in sys.modules if name.split(".")[0] in roots]:
        del sys.modules[name]
    sys.path.insert(0, tree)
    importlib.invalidate_caches()
    try:
        report = use_cases.create_report(options, cache_dir=None, verbose=False)
    finally:
        sys.path.remove(tree)
    if report.could_not_run:
        raise ValueError(report.invalid_contract_options)
    ids = {one["name"]: one["id"] for one in options.contracts_options}
    return [ids[contract.name] for contract, check in report.get_contracts_and_checks() if not check.kept]


def _main(config: str, trees: list[str]) -> None:
    options = use_cases.read_user_options(config)
    use_cases._register_contract_types(options)
    found = {tree: broken_in(tree, options) for tree in trees}
    sys.stdout.write(f"\n{json.dumps(found)}\n")


if __name__ == "__main__":
    _main(sys.argv[1], sys.argv[2:])
