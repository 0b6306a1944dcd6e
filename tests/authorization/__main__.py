"""`python -m tests.authorization --write [words]` asks everybody and rewrites the table, or the rows with a word.

A reviewer reads the difference: who may do what now, that might not before.
"""

from __future__ import annotations

import asyncio
import sys
from time import monotonic

from tests.authorization.house import house
from tests.authorization.operations import operations
from tests.authorization.planting import plant
from tests.authorization.table import COMMAND, Row, ask, callers_of, differences, kept, row_of, write
from tests.cluster import Cluster


async def rewritten(words: list[str], servers: Cluster) -> list[str]:
    """Ask everybody about every operation whose name has one of the words; returns what is not as it was."""
    before, table, found = kept(), dict[str, Row](), list[str]()
    async with servers.fresh_database() as database, house(database) as apps:
        ids = await plant(apps, database)
        for operation in operations():
            row = before.get(operation.name, {})
            if row and words and not any(word in operation.name for word in words):
                table[operation.name] = row
                continue
            began = monotonic()
            outcomes = await ask(apps, ids, operation, callers_of(operation))
            table[operation.name] = row_of(outcomes)
            write({**before, **table})
            found += differences(operation, row, outcomes) if row else [f"{operation.name}: new"]
            sys.stdout.write(f"{operation.name}: {len(outcomes)} callers in {monotonic() - began:.1f} s\n")
    return found


def main(arguments: list[str]) -> int:
    """The command; returns the exit status."""
    if arguments[:1] != ["--write"]:
        sys.stderr.write(f"Run: {COMMAND}\n")
        return 2
    servers = Cluster()
    try:
        servers.start()
        for line in asyncio.run(rewritten(arguments[1:], servers)):
            sys.stdout.write(f"{line}\n")
    finally:
        servers.stop()
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
