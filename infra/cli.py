"""`shoutu`: the command line. Every command says what it did, or what is wrong and what to do about it."""

import asyncio
import os
import sys
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console
from rich.table import Table
from typer.exceptions import TyperException

from infra import demonstration, doctor, evidence, running, signing_keys, status, upkeep
from infra import home as homes
from infra.agencies import AgenciesWrong
from infra.embedded.child import AlreadyRunning, ProcessFailed
from infra.embedded.postgres_files import PostgresUnusable
from infra.platform import Platform
from infra.ports import PortInUse
from infra.run_file import PlatformRunning
from infra.settings import PlatformSettings, SettingsWrong, Shape, chosen, misspelt
from libs.common.alembic.digests import MigrationsEdited

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Shoutu 守土 on this machine.")
console = Console(highlight=False)
_EXPECTED = (
    AgenciesWrong, AlreadyRunning, MigrationsEdited, PlatformRunning, PortInUse, PostgresUnusable, ProcessFailed,
    demonstration.DemonstrationFailed, homes.NotAHome, running.PortNotChosen, upkeep.UpkeepFailed, TimeoutError,
)  # fmt: skip
_MISTAKES = (homes.HomeUnusable, SettingsWrong)
ShapeOption = Annotated[Shape | None, typer.Option(help="`many`: a process an app; `one`: all in one.")]


def main() -> None:
    """Run the command line; expected failures (code 1) and plain mistakes (code 2) are a message, no traceback."""
    try:
        sys.exit(app(standalone_mode=False))
    except typer.Abort:
        sys.exit(130)
    except TyperException as error:
        # Called with nothing at all, it has printed its help and has nothing to say.
        said = error.format_message()
        if said.strip():
            _refuse(f"{said}\n`shoutu --help` lists the commands, `shoutu COMMAND --help` what one takes.", 2)
        sys.exit(2)
    except _MISTAKES as error:
        _refuse(str(error), 2)
    except _EXPECTED as error:
        _refuse(str(error), 1)


def _refuse(sentence: str, code: int) -> NoReturn:
    Console(stderr=True, highlight=False).print(f"✗ {sentence}", markup=False, style="red", soft_wrap=True)
    sys.exit(code)


@app.command()
def up(shape: ShapeOption = None) -> None:
    """Start everything and stay until Ctrl-C; with SHOUTU_DEMONSTRATION=true also the city and the tour."""
    settings = chosen(shape).with_free_ports()
    homes.require_usable(settings.home)
    for sentence in misspelt(os.environ):
        console.print(f"! {sentence}", markup=False, soft_wrap=True, style="yellow")
    platform = Platform(settings, _tell)

    # The tour itself prints the traces of a first play.
    earlier = demonstration.traces(settings)

    async def then() -> None:
        if settings.demonstration:
            await demonstration.show(settings, _tell)
        _print_addresses(settings, earlier)

    asyncio.run(running.run(platform, _tell, then))


def _reachable() -> PlatformSettings:
    settings = running.reachable(chosen())
    homes.require_home(settings.home)
    return settings


def _tell(sentence: str) -> None:
    console.print(sentence, markup=False, soft_wrap=True)


def _print_addresses(settings: PlatformSettings, traces: Mapping[str, str]) -> None:
    console.print(f"\nThe platform is up: [bold]{settings.issuer}[/bold]")
    for what, path in (("the API", "/docs"), ("its document", "/openapi.json"), ("health", "/health/ready")):
        console.print(f"  {what:<15}{settings.issuer}{path}", soft_wrap=True)
    for name, trace in traces.items():
        console.print(f"  {name:<15}{settings.issuer}/v1/traces/{trace} (a token: see the README)", soft_wrap=True)
    console.print(f"  logs and data  {settings.home.resolve()}")
    console.print("  stop           Ctrl-C here, or `shoutu down` elsewhere")


@app.command()
def down(quiet: bool = False) -> None:
    """Stop the platform that runs over this home folder, and whatever a killed one left behind."""
    stopped = running.stop_running(chosen())
    if not quiet:
        console.print(f"Stopped (it was process {stopped})." if stopped else "Nothing was running.")


@app.command()
def clean() -> None:
    """Stop the platform and remove its data and secrets; what it did not put into its home folder stays."""
    settings = chosen()
    home = settings.home.resolve()
    if not home.exists() or (home.is_dir() and not any(home.iterdir())):
        _tell(f"There is nothing to remove in {home}.")
        return
    homes.require_home(home)
    running.stop_running(settings)
    left = homes.remove(settings.home)
    _tell(f"Removed the platform in {home}.")
    if left:
        _tell(f"Not of the platform, and left there: {', '.join(path.name for path in left)}")


@app.command("status")
def show_status() -> None:
    """What runs, where, and whether it is ready. Ends with code 1 when something is not."""
    settings = running.as_running(chosen())
    homes.require_home(settings.home)
    owner = status.platform_owner(settings)
    console.print(f"Platform process: {owner.pid if owner else 'none'}, home {settings.home.resolve()}")
    if owner:
        console.print(f"Front door: {settings.issuer}")
    table = Table("part", "pid", "ports", "memory", "up", "state", box=None, pad_edge=False)
    parts = list(status.part_statuses(settings))
    for part in parts:
        table.add_row(
            part.name,
            str(part.pid or ""),
            " ".join(str(port) for port in part.ports),
            f"{part.memory_bytes / 1e6:.0f} MB",
            f"{part.up_seconds:.0f} s",
            "[green]ready[/green]" if part.problem is None else f"[red]{part.problem}[/red]",
        )
    console.print(table)
    if any(part.problem for part in parts):
        raise typer.Exit(1)


@app.command("doctor")
def examine() -> None:
    """What is not healthy, why, and what to do. Ends with code 1 when something is not."""
    settings = running.as_running(chosen())
    with console.status("Examining …"):
        findings = [*doctor.settings_that_are_none(os.environ), *asyncio.run(doctor.examine(settings))]
    for finding in findings:
        mark = "[green]✓[/green]" if finding.advice is None else "[red]✗[/red]"
        console.print(mark, f"{finding.what}: {finding.found}", soft_wrap=True)
        if finding.advice is not None:
            console.print(f"    → {finding.advice}", soft_wrap=True, markup=False)
    if any(finding.advice is not None for finding in findings):
        raise typer.Exit(1)


@app.command("load-city")
def load_city(
    city: Annotated[
        str | None, typer.Argument(help="Name or folder of a city's data files; the shipped one by default.")
    ] = None,
) -> None:
    """Load a city through the gateway; loading again changes nothing."""
    asyncio.run(demonstration.load_city(_reachable(), city, console))


@app.command()
def tour() -> None:
    """Play both loops through the gateway and print what happened."""
    demonstration.require_not_played(chosen())
    asyncio.run(demonstration.play_tour(_reachable(), console))


@app.command()
def token(
    subject: Annotated[
        str, typer.Argument(help="Who acts, such as auditor; the city's clients.json names everybody.")
    ],
) -> None:
    """Print an access token of one of the demonstration's clients, for use with curl."""
    print(asyncio.run(demonstration.token(_reachable(), subject)))


@app.command()
def migrate() -> None:
    """Bring every schema to its newest migration; PostgreSQL must run."""
    for schema, reached in asyncio.run(upkeep.migrate(_reachable())).items():
        console.print(f"{schema}: {reached or 'no migrations'}")


@app.command()
def verify(
    service: Annotated[str | None, typer.Option(help="Only this service's timeline.")] = None,
    since: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Only from this day on.")] = None,
) -> None:
    """Compute every sealed timeline again and name what was changed. Ends with code 1 on any finding."""
    with console.status("Computing the timelines again …"):
        day = None if since is None else since.date()
        results = asyncio.run(evidence.verify(_reachable(), only=service, since=day))
    for result in results:
        mark = "[green]✓[/green]" if result.ok else "[red]✗[/red]"
        console.print(
            f"{mark} {result.service}: {result.rows} rows in {result.batches} batches of {result.days} closed days, "
            f"{result.anchored_batches} anchored, {result.erased} lawfully erased, {result.unsealed} not sealed yet",
            soft_wrap=True,
        )
        for finding in result.findings:
            row = f", row {finding.timeline_id}" if finding.timeline_id else ""
            console.print(f"    {finding.fault}: {finding.detail} (batch {finding.batch}{row})", soft_wrap=True)
    if not all(result.ok for result in results):
        raise typer.Exit(1)


@app.command()
def heads(
    out: Annotated[Path, typer.Argument(help="The file to write, a line a day and chain.")],
    days: Annotated[int, typer.Option(min=1, help="So many of the newest days.")] = 31,
    timestamp_request: Annotated[
        bool, typer.Option("--timestamp-request", help="Also write FILE.tsq for a timestamp authority (RFC 3161).")
    ] = False,
) -> None:
    """Write the daily heads of every seal chain to a file that you keep outside: on paper, at an authority."""
    found = asyncio.run(evidence.newest_heads(_reachable(), days))
    digest = evidence.write_heads(found, out, request=timestamp_request)
    _tell(f"Wrote {len(found)} daily heads to {out}.\nSHA-256 of the file: {digest}")


@app.command()
def reseal() -> None:
    """Seal small secrets again that an earlier seal or suite sealed. Ends with code 1 where one does not open."""
    done = asyncio.run(evidence.reseal_all(_reachable()))
    _tell(f"Sealed {done.moved} anew.")
    for one in done.kept:
        _tell(f"  {one.column.table}.{one.column.column}: {one.rows} with seal {one.key_id}, {one.suite}")
    for name in done.unneeded:
        _tell(f"  retired seal {name} is not needed any more")
    for name in done.broken:
        _tell(f"✗ {name} does not open: put the seal back that sealed it")
    if done.broken:
        raise typer.Exit(1)


@app.command("withdraw-signing-keys")
def withdraw_signing_keys(
    why: Annotated[str, typer.Argument(help="What happened: it stands in the timeline.")],
    also_next: Annotated[
        bool, typer.Option("--also-next", help="The next key too: for up to five minutes no new token gets in.")
    ] = False,
) -> None:
    """A key that signs tokens has leaked: it is good no longer, and what it signed ends within five minutes."""
    done = asyncio.run(signing_keys.withdraw(_reachable(), also_next=also_next, why=why))
    _tell(f"Withdrawn: {', '.join(done.kids) or 'none'}.")
    _tell(f"{done.successor} signs now, and everybody knows it." if done.successor else "A new key signs now.")


@app.command("compare-copies")
def compare_copies() -> None:
    """Have every read copy compared with its original now; one that differs is rebuilt by itself."""
    for noun in asyncio.run(upkeep.compare_copies(_reachable())):
        console.print(f"told every copy of {noun} what a true one looks like")


@app.command()
def replay(
    service: Annotated[str | None, typer.Argument(help="Only this service's dead letters.")] = None,
    do_it: Annotated[bool, typer.Option("--yes", help="Replay; without it they are only listed.")] = False,
) -> None:
    """List events whose handling failed for good, or take them through again after the fix."""
    failed = False
    outcomes = asyncio.run(upkeep.replay(_reachable(), service, do_it=do_it))
    if not outcomes:
        _tell(f"There are no dead letters{f' of {service}' if service else ''}: nothing to replay.")
    for outcome in outcomes:
        failed = failed or outcome.failed
        _tell(f"{outcome.service} {outcome.event_type} {outcome.event_id}: {outcome.said}")
    if failed:
        raise typer.Exit(1)


if __name__ == "__main__":
    main()
