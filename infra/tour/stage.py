"""The stage of the tour: who acts, what time it is in the city, and what is printed about each step."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx
from rich.console import Console

from infra.city.keys import CityKeys
from infra.city.tour_shapes import People, Scene
from infra.clients import token_of
from infra.demonstration import DemonstrationFailed
from infra.environment import SYSTEM_ADMINISTRATOR
from infra.secrets import Secrets

ZONE = ZoneInfo("Asia/Shanghai")
_PATIENCE_SECONDS = 30.0
_POLL_SECONDS = 0.05
Json = Any


class TourStopped(DemonstrationFailed):
    """A step did not do what the script says; the message names the step and the answer."""


class Stage:
    """One play: tokens of everyone who acts, the simulated clock, and the last version of what they touch."""

    def __init__(
        self, client: httpx.AsyncClient, secrets: Secrets, console: Console, *, people: People, keys: CityKeys
    ) -> None:
        self.client, self.secrets, self.console = client, secrets, console
        self.people, self.keys = people, keys
        self._tokens: dict[str, str] = {}
        self._links: dict[str, dict[str, str]] = {}
        self._step = ""
        self._day = ""

    async def token(self, subject: str) -> str:
        """The access token of a client, asked for once."""
        if subject not in self._tokens:
            self._tokens[subject] = await token_of(self.client, self.secrets, subject)
        return self._tokens[subject]

    async def ask(
        self,
        who: str,
        method: str,
        path: str,
        body: Json = None,
        *,
        version: int | None = None,
        status: int | None = None,
    ) -> Json:
        """One request as somebody; any answer but success (or `status`) stops the tour with its words."""
        headers = {"Authorization": f"Bearer {await self.token(who)}"} if who else {}
        if version is not None:
            headers["If-Match"] = f'"{version}"'
        answer = await self.client.request(method, path, json=body, headers=headers)
        expected = answer.is_success if status is None else answer.status_code == status
        if not expected:
            raise TourStopped(
                f"{self._step}: {method} {path} as {who or 'the public'} → {answer.status_code} {answer.text[:600]}"
            )
        return answer.json() if answer.content else None

    async def get(self, who: str, path: str) -> Json:
        """Read something."""
        return await self.ask(who, "GET", path)

    async def send_photo(self, who: str, content: bytes) -> str:
        """Send a photo as somebody; its id, by which evidence refers to it."""
        headers = {"Authorization": f"Bearer {await self.token(who)}", "Content-Type": "image/jpeg"}
        answer = await self.client.post("/v1/files", content=content, headers=headers)
        if answer.status_code != 201:
            raise TourStopped(f"{self._step}: a photo as {who} → {answer.status_code} {answer.text[:600]}")
        return str(answer.json()["id"])

    async def thing(self, key: str) -> Json:
        """A risk object that the city's data name."""
        return await self.get(self.people.auditor, f"/v1/risk-objects/{self.keys.risk_object(key)}")

    async def post(self, who: str, path: str, body: Json = None) -> Json:
        """Create something."""
        return await self.ask(who, "POST", path, {} if body is None else body)

    async def send_link(self, who: str, order: str) -> str:
        """A one-time link for the entity of a notice; returns as whom its follower acts. Its code stays in here."""
        link = await self.post(who, "/v1/entry-links", {"order_id": order.rpartition("/")[2]})
        self._links[link["subject"]] = {"grant_type": link["grant_type"], "code": link["code"]}
        return str(link["subject"])

    async def follow_link(self, follower: str) -> None:
        """Exchange the code of a link, as it can be done once."""
        answer = await self.client.post("/oauth/token", data=self._links.pop(follower))
        if not answer.is_success:
            raise TourStopped(f"step {self._step}: the link answered {answer.status_code}: {answer.text[:500]}")
        self._tokens[follower] = answer.json()["access_token"]

    async def do(self, who: str, path: str, verb: str, body: Json = None) -> Json:
        """One verb on a thing in the version that it has now."""
        current = await self.get(who, path)
        return await self.ask(who, "POST", f"{path}/{verb}", {} if body is None else body, version=current["version"])

    async def refused(self, who: str, path: str, verb: str, body: Json, status: int) -> Json:
        """The same, where the script wants a refusal; returns the problem."""
        current = await self.get(who, path)
        return await self.ask(who, "POST", f"{path}/{verb}", body, version=current["version"], status=status)

    async def until(self, what: str, look: Callable[[], Awaitable[Json]]) -> Json:
        """Wait until `look` finds something; the services tell each other things meanwhile."""
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while True:
            found = await look()
            if found:
                return found
            if time.monotonic() > deadline:
                raise TourStopped(f"{self._step}: {what} did not happen within {_PATIENCE_SECONDS:.0f} s")
            await asyncio.sleep(_POLL_SECONDS)

    async def until_is(self, who: str, path: str, **wanted: Json) -> Json:
        """Wait until a thing has these values."""

        async def look() -> Json:
            found = await self.get(who, path)
            return found if all(found[name] == value for name, value in wanted.items()) else None

        said = ", ".join(f"{name}={value}" for name, value in wanted.items())
        return await self.until(f"{path} {said}", look)

    async def first(self, who: str, path: str, holds: Callable[[Mapping[str, Any]], bool]) -> Json:
        """Wait until a list shows an entry for which `holds` is true."""

        async def look() -> Json:
            page = await self.get(who, path)
            return next((one for one in page["items"] if holds(one)), None)

        return await self.until(f"an entry in {path}", look)

    async def until_told(self, correlation_id: str, event: str, times: int = 1) -> None:
        """Wait until a trace shows a fact (`order_reminder.told`) so many times."""

        async def look() -> Json:
            trace = await self.get(self.people.auditor, f"/v1/traces/{correlation_id}")
            return sum(event in row["event_type"] for row in trace["items"]) >= times

        await self.until(f"{event} in the trace", look)

    async def at(self, moment: str) -> None:
        """It is now this civil time in the city (`2026-01-31 09:30`), for every service."""
        instant = instant_of(moment)
        await self.post(SYSTEM_ADMINISTRATOR, "/v1/clock", {"at": instant.isoformat()})

        async def in_step() -> Json:
            clock = await self.get(SYSTEM_ADMINISTRATOR, "/v1/clock")
            near = abs(datetime.fromisoformat(clock["now"]) - instant) < timedelta(minutes=1)
            return near and clock["in_step"]

        await self.until("every service following the clock", in_step)

    async def play(self, scene: Scene, what: str = "") -> None:
        """A step of the script begins: print it, and let it be its time; `what` is added to what is seen."""
        self.step(scene.step, self._when(scene.at), scene.who, f"{scene.what}{what}")
        await self.at(scene.at)

    def _when(self, moment: str) -> str:
        """The moment as it is told: with its day when that is another than the step's before."""
        instant = instant_of(moment)
        clock = f"{instant:%H:%M:%S}".removesuffix(":00")
        day, self._day = self._day, f"{instant:%a %Y-%m-%d}"
        return clock if day == self._day else f"{self._day} {clock}"

    def step(self, number: str, moment: str, who: str, what: str) -> None:
        """Print what happens now."""
        self._step = number
        when = f"[dim]{moment}[/dim]  " if moment else ""
        self.console.print(f"\n[bold]{number}[/bold]  {when}[cyan]{who}[/cyan]\n    {what}", soft_wrap=True)

    def seen(self, *lines: str) -> None:
        """Print what is seen, with its rule and deadline."""
        for line in lines:
            self.console.print(f"    [green]→[/green] {line}", emoji=False, soft_wrap=True)


def instant_of(moment: str) -> datetime:
    """A civil time of the script as an instant."""
    return datetime.fromisoformat(moment).replace(tzinfo=ZONE)


def civil(instant: str | None) -> str:
    """An instant of the API as the city reads it; the end of a day as 24:00."""
    if instant is None:
        return "—"
    local = datetime.fromisoformat(instant).astimezone(ZONE)
    if (local.hour, local.minute, local.second) == (0, 0, 0):
        return f"{local - timedelta(days=1):%m-%d} 24:00"
    return f"{local:%m-%d %H:%M:%S}".removesuffix(":00")
