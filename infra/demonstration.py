"""The demonstration: a real city's areas with invented posts, and both loops played once."""

import asyncio
import importlib
import json
import sys
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from pathlib import Path

import httpx
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from infra.city.data_files import CITIES, CITY, read_city
from infra.city.findings import CityDataWrong
from infra.city.generate import generate
from infra.city.load import CityLoadFailed
from infra.city.load import Progress as Step
from infra.city.load import load_city as load_rows
from infra.clients import ClientRefused, register_clients, token_of, until_known
from infra.embedded.child import tied
from infra.environment import REGISTRY_ADMINISTRATOR, client_password
from infra.people import invite_people, person_password
from infra.rights import begin_tenures, give_rights, only_acting
from infra.secrets import Secrets
from infra.settings import PlatformSettings


class DemonstrationFailed(Exception):
    """The city could not be loaded or the tour could not be played; says where it stopped."""


async def show(settings: PlatformSettings, tell: Callable[[str], object]) -> None:
    """Load the city and play the tour, each once in the life of a home folder, as commands of their own.

    A failure is told and leaves the platform running, so that one can look at it.
    """
    for name, command in (("city", "load-city"), ("tour", "tour")):
        if name in _done(settings):
            tell(f"The {name} is there from an earlier start.")
        elif await _run(command) != 0:
            tell(f"`shoutu {command}` failed; the platform stays up. Mend it and run the command again.")
            return


async def _run(command: str) -> int:
    # The same interpreter and environment, but tied to us: no step outlives a killed platform.
    arguments = [*tied(), sys.executable, "-m", "infra.cli", command]
    child = await asyncio.create_subprocess_exec(*arguments, start_new_session=True)
    try:
        return await child.wait()
    except asyncio.CancelledError:
        child.terminate()
        await child.wait()
        raise


def shipped_city() -> str:
    """The name of the first city that ships with the platform."""
    return min(path.parent.name for path in CITIES.glob(f"*/{CITY}"))


async def load_city(settings: PlatformSettings, city_name: str | None, console: Console) -> None:
    """Load a city by name or folder through the gateway, the shipped one by default.

    Raises DemonstrationFailed.
    """
    secrets = Secrets(settings.home)
    name = city_name or shipped_city()
    try:
        data = read_city(name)
        city = generate(data)
        async with _front_door(settings) as client:
            made = await register_clients(client, secrets, city)
            await give_rights(client, secrets, city)
            console.print(f"Registered {made} clients")
            for login in await invite_people(client, secrets, data.people):
                password = secrets.of(person_password(login))
                console.print(
                    f"{login} signs in at {settings.gateway_url}/oauth/account with {password}", soft_wrap=True
                )
            token = await token_of(client, secrets, REGISTRY_ADMINISTRATOR)
            await until_known(client, token)
            await load_rows(settings.gateway_url, token, only_acting(city), lambda _: None)
            await begin_tenures(client, secrets, city)
        with _progress(console) as shown:
            bars: dict[str, int] = {}

            def step(one: Step) -> None:
                if one.part not in bars:
                    bars[one.part] = shown.add_task(one.part, total=one.total)
                shown.update(bars[one.part], completed=one.done)  # type: ignore[arg-type]

            await load_rows(settings.gateway_url, token, city, step)
    except (CityDataWrong, CityLoadFailed, ClientRefused, httpx.TransportError) as error:
        raise DemonstrationFailed(f"the city {name} is not loaded: {error or type(error).__name__}") from error
    _note(settings, "city")


async def play_tour(settings: PlatformSettings, console: Console) -> None:
    """Play both loops and print the timeline. Raises DemonstrationFailed."""
    require_not_played(settings)
    tour = importlib.import_module("infra.tour.play")
    try:
        found: dict[str, str] = await tour.play(settings, Secrets(settings.home), console)
    except (ClientRefused, httpx.HTTPError) as error:
        raise DemonstrationFailed(f"the tour stopped: {error or type(error).__name__}") from error
    _note(settings, "tour", found)


def require_not_played(settings: PlatformSettings) -> None:
    """Raise DemonstrationFailed when the tour was played over this home: that needs no platform to be known."""
    if "tour" in _done(settings):
        home = settings.home.resolve()
        raise DemonstrationFailed(
            f"the tour was played over {home}, and its dates are over.\nTo play it anew, remove that platform and its"
            f" data (`SHOUTU_HOME={home} make clean`) and start again (`SHOUTU_HOME={home} make run`)."
        )


def traces(settings: PlatformSettings) -> dict[str, str]:
    """The correlation id of each loop that the tour has played over this home, by the loop's name."""
    return _done(settings).get("tour", {})


async def token(settings: PlatformSettings, subject: str) -> str:
    """An access token of one client whose secret this home keeps. Raises DemonstrationFailed."""
    _require_subject(settings, subject)
    try:
        async with _front_door(settings) as client:
            return await token_of(client, Secrets(settings.home), subject)
    except (ClientRefused, httpx.TransportError) as error:
        raise DemonstrationFailed(f"no token for {subject}: {error or type(error).__name__}") from error


def _require_subject(settings: PlatformSettings, subject: str) -> None:
    """Raise DemonstrationFailed when a city is loaded and nobody in it is called so."""
    secrets = Secrets(settings.home)
    if "city" not in _done(settings) or secrets.find(client_password(subject)) is not None:
        return
    prefix = client_password("")
    subjects = [name.removeprefix(prefix) for name in secrets.names() if name.startswith(prefix)]
    near = get_close_matches(subject, subjects, n=3)
    hint = f"; did you mean {' or '.join(near)}?" if near else "."
    listed = CITIES / shipped_city() / "clients.json"
    raise DemonstrationFailed(f"nobody here is called {subject}{hint}\nThe subjects are listed in {listed}")


def _front_door(settings: PlatformSettings) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=settings.gateway_url, timeout=30, trust_env=False)


def _progress(console: Console) -> Progress:
    return Progress(
        TextColumn("  {task.description:8}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
        console=console,
    )  # fmt: skip


def _note_path(settings: PlatformSettings) -> Path:
    return settings.home / "demonstration.json"


def _done(settings: PlatformSettings) -> dict[str, dict[str, str]]:
    """What was done over this home, each with what it left to look at."""
    path = _note_path(settings)
    if not path.exists():
        return {}
    noted: dict[str, dict[str, str]] | list[str] = json.loads(path.read_text())
    # Earlier releases noted names alone.
    return noted if isinstance(noted, dict) else {name: {} for name in noted}


def _note(settings: PlatformSettings, name: str, left: Mapping[str, str] | None = None) -> None:
    _note_path(settings).write_text(json.dumps({**_done(settings), name: dict(left or {})}, sort_keys=True))
