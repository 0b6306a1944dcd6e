"""Which consumers the services' listen tables ask for: `python -m infra.consumers` prints them as JSON.

Reading the tables imports every service. A process of its own gives that memory back.
"""

import asyncio
import importlib
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict

from infra.environment import process_environment
from infra.settings import APPS, app_module
from libs.common.bus_names import ConsumerKind, ConsumerSpec


class TablesUnreadable(Exception):
    """A service cannot be imported, so nobody knows what it hears."""


def wanted_consumers(apps: Sequence[str] = APPS) -> tuple[ConsumerSpec, ...]:
    """The consumers of every app, from its module's `SERVICE`."""
    services = [importlib.import_module(app_module(app)).SERVICE for app in apps]
    return tuple(spec for service in services for spec in service.consumers())


async def ask_for_consumers() -> tuple[ConsumerSpec, ...]:
    """The same, asked of a process of its own. Raises TablesUnreadable with its words."""
    asked = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "infra.consumers", env=process_environment({}),
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    answer, complaint = await asked.communicate()
    if asked.returncode != 0:
        raise TablesUnreadable(f"the services cannot be read:\n{complaint.decode(errors='replace')}")
    return tuple(
        ConsumerSpec(
            name=row["name"],
            stream=row["stream"],
            filter_subjects=tuple(row["filter_subjects"]),
            kind=ConsumerKind(row["kind"]),
        )
        for row in json.loads(answer)
    )


if __name__ == "__main__":
    print(json.dumps([asdict(spec) for spec in wanted_consumers()]))
