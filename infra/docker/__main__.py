"""The set-up jobs: `python -m infra.docker <job>`. docker-compose.yml runs them in order."""

import asyncio
import sys
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

import asyncpg
from rich.console import Console

from infra import demonstration, upkeep
from infra.agencies import AgenciesWrong, read_agencies, write_agencies
from infra.database import DATABASE, Roles, bootstrap, password_name
from infra.docker.bus_keeper import keep_bus
from infra.docker.configuration import SecretUnfit, choose_secret, database_url, every_secret, hand_out
from infra.docker.places import SetupSettings, host_of
from infra.embedded.postgres import SUPERUSER
from infra.migrate import migrate
from infra.secrets import Secrets
from infra.settings import APPS, PlatformSettings
from libs.common.alembic.digests import MigrationsEdited
from libs.common.anchors import AnchorFile
from libs.common.db import Database
from libs.common.verify import verify as verify_timeline

Job = Callable[[list[str]], Coroutine[Any, Any, None]]
_EXPECTED = (
    AgenciesWrong, demonstration.DemonstrationFailed, MigrationsEdited, SecretUnfit, upkeep.UpkeepFailed,
    asyncpg.PostgresError, OSError,
)  # fmt: skip


async def prepare(words: list[str]) -> None:
    """Make the secrets that are missing and hand each program its folder."""
    del words
    settings = SetupSettings()
    hand_out(settings, Secrets(settings.home))
    print("every program has its configuration")


async def keep_agencies(words: list[str]) -> None:
    """Keep the file of agencies that stands on standard input, and hand the bus its configuration anew."""
    del words
    settings = SetupSettings()
    write_agencies(settings.home, await asyncio.to_thread(sys.stdin.read))
    hand_out(settings, Secrets(settings.home))
    for agency in read_agencies(settings.home):
        print(f"{agency.name}: user {agency.user}, {', '.join(agency.counties)}; {agency.agreed}")


async def migrate_all(words: list[str]) -> None:
    """Make roles and schemas, and bring every schema to its newest migration as its owner."""
    del words
    secrets = Secrets(SetupSettings().home)

    def password_of(role: str) -> str:
        return secrets.of(password_name(role))

    await bootstrap(database_url(SUPERUSER, secrets, "postgres"), password_of)
    reached = await migrate(database_url(SUPERUSER, secrets, DATABASE), password_of)
    for schema, head in reached.items():
        print(f"{schema}: {head or 'no migrations'}")


async def keep_declared(words: list[str]) -> None:
    """Declare streams and consumers, and declare them again when they vanish."""
    del words
    await keep_bus(SetupSettings())


async def load_city(words: list[str]) -> None:
    """Load a city by name or folder, the shipped one by default, through the front door."""
    await demonstration.load_city(PlatformSettings(), words[0] if words else None, _console())


async def play_tour(words: list[str]) -> None:
    """Play both loops through the front door and print what happened."""
    del words
    await demonstration.play_tour(PlatformSettings(), _console())


async def print_token(words: list[str]) -> None:
    """Print an access token of one of the demonstration's clients."""
    print(await demonstration.token(PlatformSettings(), *words))


async def verify(words: list[str]) -> None:
    """Compute every sealed timeline again, hold it against its anchors, and name what was changed."""
    del words
    settings = SetupSettings()
    secrets, whole = Secrets(settings.home), True
    for app in APPS:
        database = Database(database_url(Roles(app).sealer, secrets), service=app, pool_size=2)
        try:
            found = await verify_timeline(database, AnchorFile(settings.anchors / host_of(app) / f"{app}.jsonl"))
        finally:
            await database.close()
        whole = whole and found.ok
        mark = "✓" if found.ok else "✗"
        print(f"{mark} {app}: {found.rows} rows in {found.batches} batches, {found.anchored_batches} anchored")
        for one in found.findings:
            print(f"    {one.fault}: {one.detail} (batch {one.batch})")
    if not whole:
        sys.exit(1)


async def replay(words: list[str]) -> None:
    """List the dead letters, of one service if it is named; with --yes, take them through again."""
    only = next((word for word in words if word != "--yes"), None)
    outcomes = await upkeep.replay(PlatformSettings(), only, do_it="--yes" in words)
    for one in outcomes:
        print(f"{one.service} {one.event_type} {one.event_id}: {one.said}")
    if any(one.failed for one in outcomes):
        sys.exit(1)


async def show_secret(words: list[str]) -> None:
    """Print one secret, or the name of every secret."""
    if not words:
        print("\n".join(every_secret()))
        return
    found = Secrets(SetupSettings().home).find(words[0])
    if found is None:
        raise SecretUnfit(f"there is no secret {words[0]} yet; without a name, every name is printed")
    print(found)


async def choose(words: list[str]) -> None:
    """Keep the secret that stands on standard input under a name."""
    value = await asyncio.to_thread(sys.stdin.readline)
    choose_secret(Secrets(SetupSettings().home), words[0], value.strip())


def _console() -> Console:
    # Without a terminal rich takes 80 columns, which breaks every line of the timeline.
    return Console(highlight=False, width=None if sys.stdout.isatty() else 160)


JOBS: Mapping[str, Job] = {
    "prepare": prepare,
    "agencies": keep_agencies,
    "migrate": migrate_all,
    "keep-declared": keep_declared,
    "load-city": load_city,
    "tour": play_tour,
    "token": print_token,
    "verify": verify,
    "replay": replay,
    "show-secret": show_secret,
    "choose-secret": choose,
}


def main() -> None:
    """Run one job; an expected failure is one message, not a traceback."""
    name, *words = sys.argv[1:] or [""]
    if name not in JOBS:
        said = "\n".join(f"  {job:<14} {(does.__doc__ or '').strip()}" for job, does in JOBS.items())
        sys.exit(f"python -m infra.docker <job>, one of\n{said}")
    try:
        asyncio.run(JOBS[name](words))
    except _EXPECTED as error:
        sys.exit(f"✗ {name}: {error or type(error).__name__}")


if __name__ == "__main__":
    main()
