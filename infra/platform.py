"""A whole platform on one machine: started in order, watched, and stopped in the opposite order."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress

from nats.aio.client import Client

from gateway.envoy.bootstrap import to_yaml
from gateway.envoy.plan import QUOTAS, Address, EnvoyPlan, Limits
from infra import bus
from infra.agencies import AgenciesWrong
from infra.consumers import ask_for_consumers
from infra.database import DATABASE, at, bootstrap
from infra.database import password_name as role_password
from infra.embedded.child import clear_leftovers
from infra.embedded.envoy import Envoy
from infra.embedded.nats import Nats
from infra.embedded.nats_config import ADMIN
from infra.embedded.postgres import Postgres
from infra.migrate import migrate
from infra.parts import app_processes
from infra.ports import require_all_free
from infra.processes import Part, Watched
from infra.run_file import RunFile
from infra.secrets import Secrets
from infra.settings import GATEWAY, SERVICES, PlatformSettings
from libs.common.bus_names import ConsumerSpec

_READY_SECONDS = 90.0
_APP_STOP_SECONDS = 20.0
# The kernel told them when their platform died, and the bus and the database with them: an app that still hangs
# waits for what is gone. Whatever was acknowledged is on disk, so it may be killed, and the start is not held up.
_LEFTOVER_SECONDS = 3.0
_DRAIN_SECONDS = 5.0
_LOOK_SECONDS = 0.1


class Platform:
    """PostgreSQL, NATS, the apps and Envoy over one home folder.

    Make, start and stop it in the main thread: the children are tied to the thread that starts them.
    """

    def __init__(self, settings: PlatformSettings, tell: Callable[[str], None] = print) -> None:
        self.settings = settings
        self.secrets = Secrets(settings.home)
        self.postgres = Postgres.of(settings, self.secrets)
        self.nats = Nats.of(settings, self.secrets)
        self.apps = app_processes(settings, self.secrets)
        self.envoy = Envoy(
            settings.home,
            bootstrap=to_yaml(envoy_plan(settings)),
            port=settings.gateway_port,
            admin_port=settings.envoy_admin_port,
            host=settings.listen_host,
        )
        self.declaration = bus.Declaration()
        self._tell = tell
        self._run_file = RunFile(settings.home)
        self._agencies_wrong = ""

    @property
    def parts(self) -> dict[str, Part]:
        """Every program by name, in the order in which they start."""
        listed: tuple[Part, ...] = (self.postgres, self.nats, *self.apps, self.envoy)
        return {part.child.name: part for part in listed}

    @property
    def database_url(self) -> str:
        """The superuser's address of the platform's database."""
        return at(self.postgres.url, database=DATABASE)

    def password_of(self, role: str) -> str:
        """The password of a database role."""
        return self.secrets.of(role_password(role))

    async def start(self) -> None:
        """Start everything and wait until it is ready; on failure nothing is left behind.

        Raises PlatformRunning, PortInUse, ProcessFailed and the like, each saying what to do.
        """
        self._run_file.claim(ports=self.settings.ports)
        try:
            # Asked before anything starts, and of all at once: one message in place of one at each attempt.
            self.clear_leftovers()
            require_all_free(self.settings.wanted_ports())
            await self._start_parts()
        except BaseException:
            await self.stop()
            raise

    def clear_leftovers(self) -> None:
        """End every program that a killed platform over this home left behind, apps first, the database last.

        Raises AlreadyRunning when one belongs to a process that is alive.
        """
        programs: tuple[Part, ...] = (self.envoy, *self.apps, self.nats)
        clear_leftovers([part.child for part in programs], _LEFTOVER_SECONDS)
        self.postgres.clear_leftover()

    async def _start_parts(self) -> None:
        tables = asyncio.create_task(ask_for_consumers())
        try:
            await self._timed("PostgreSQL", self._start_postgres())
            await self._timed("migrations", self._migrate())
            await self._timed("NATS", self._start_nats(tables))
        finally:
            tables.cancel()
        await self._start_apps()
        await self._timed("gateway door (Envoy)", self._start_envoy())

    async def _timed(self, name: str, work: Awaitable[None]) -> None:
        began = time.perf_counter()
        await work
        self._tell(f"{name} ready after {time.perf_counter() - began:.1f} s")

    async def _start_postgres(self) -> None:
        self.postgres.start()
        await bootstrap(self.postgres.url, self.password_of)

    async def _migrate(self) -> None:
        await migrate(self.database_url, self.password_of)

    async def _start_nats(self, tables: "asyncio.Task[tuple[ConsumerSpec, ...]]") -> None:
        self.nats.start()
        self.declaration = bus.Declaration(consumers=await tables)
        client = await self.connect_admin()
        try:
            await bus.declare(client.jetstream(), self.declaration)
        finally:
            await client.close()

    async def _start_apps(self) -> None:
        for app in self.apps:
            app.launch()
        waits = [asyncio.create_task(self._timed(app.child.name, self._until_ready(app))) for app in self.apps]
        try:
            await asyncio.gather(*waits)
        finally:
            for wait in waits:
                wait.cancel()

    async def _start_envoy(self) -> None:
        self.envoy.launch()
        await self._until_ready(self.envoy)

    async def _until_ready(self, part: Part) -> None:
        deadline = time.monotonic() + _READY_SECONDS
        while not await asyncio.to_thread(part.is_ready):
            if not part.child.is_alive():
                raise part.child.failure(f"ended with code {part.child.exit_code} while starting")
            if time.monotonic() > deadline:
                raise part.child.failure(f"was not ready after {_READY_SECONDS:.0f} s")
            await asyncio.sleep(_LOOK_SECONDS)

    async def connect_admin(self) -> Client:
        """A connection to the bus as the user who declares."""
        return await bus.connect(self.nats.url, self.nats.password(ADMIN))

    async def watch(self, stopping: asyncio.Event) -> None:
        """Restart what ends and declare again what vanishes, until told to stop."""
        client = await self.connect_admin()
        keeper = asyncio.create_task(bus.keep_declared(client.jetstream(), self.declaration, tell=self._tell))
        watched = [Watched(part, self._tell) for part in self.parts.values()]
        try:
            while not stopping.is_set():
                for one in watched:
                    one.look()
                self._look_at_agencies()
                with suppress(TimeoutError):
                    await asyncio.wait_for(stopping.wait(), _LOOK_SECONDS)
        finally:
            keeper.cancel()
            await client.close()

    def _look_at_agencies(self) -> None:
        """Let in who was added to the file of agencies, and shut out who is gone from it; a mistake is told once."""
        try:
            changed, wrong = self.nats.reload(), ""
        except AgenciesWrong as error:
            changed, wrong = False, str(error)
        if wrong and wrong != self._agencies_wrong:
            self._tell(f"agencies are left as they were: {wrong}")
        self._agencies_wrong = wrong
        if changed:
            self._tell("the bus has taken over the file of agencies")

    async def stop(self) -> None:
        """Stop intake first, then the apps in good order, then the bus, then the database."""
        if self.envoy.child.is_alive():
            await self._drain()
            self.envoy.stop()
        for app in self.apps:
            app.child.ask_to_stop()
        await asyncio.gather(*(asyncio.to_thread(app.child.stop, _APP_STOP_SECONDS) for app in self.apps))
        await asyncio.to_thread(self.nats.stop)
        await asyncio.to_thread(self.postgres.stop)
        self._run_file.release()

    async def _drain(self) -> None:
        """Let requests in flight finish; new connections are refused meanwhile."""
        if not await asyncio.to_thread(self.envoy.drain):
            return
        for _ in range(int(_DRAIN_SECONDS / _LOOK_SECONDS)):
            if not await asyncio.to_thread(self.envoy.in_flight):
                return
            await asyncio.sleep(_LOOK_SECONDS)


def envoy_plan(settings: PlatformSettings) -> EnvoyPlan:
    """The front door over these settings."""

    def local(port: int) -> Address:
        return Address(host="127.0.0.1", port=port)

    return EnvoyPlan(
        listen=Address(host=settings.listen_host, port=settings.gateway_port),
        admin=local(settings.envoy_admin_port),
        gateway_app=local(settings.port_of(GATEWAY)),
        services={service: local(settings.port_of(service)) for service in SERVICES},
        issuer=settings.issuer,
        limits=Limits(quotas={name: quota.times(settings.quota_factor) for name, quota in QUOTAS.items()}),
    )
