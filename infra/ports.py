"""Free and taken TCP ports on this machine."""

import random
import socket
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import psutil

LOCAL = "127.0.0.1"
"""Where everything but the front door listens."""

_BELOW_EPHEMERAL = range(20000, 32000)
"""Linux gives outgoing connections ports from 32768 up: below, a listener cannot lose its port to one."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """A port that we want to listen on, and the setting that asks for it."""

    port: int
    setting: str
    host: str = LOCAL


class PortInUse(Exception):
    """Ports that we need are not ours to have; the message names each with its setting and what to do."""

    def __init__(self, *problems: str) -> None:
        first, *more = problems
        super().__init__("\n".join([f"{len(problems)} ports cannot be used:", *problems]) if more else first)
        self.problems = problems


def _taken(wanted: Wanted) -> str:
    return (
        f"port {wanted.port} is in use by {holder(wanted.port)}; stop it, or choose another port with"
        f" {wanted.setting}=<port> (0: any free one)"
    )


def is_free(port: int, host: str = LOCAL) -> bool:
    """Whether a listener could bind the port now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # Servers bind over TIME_WAIT leftovers of their predecessor; so must the probe.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def free_port() -> int:
    """A port that nobody listens on now, outside the range of outgoing connections."""
    for port in random.sample(_BELOW_EPHEMERAL, len(_BELOW_EPHEMERAL)):
        if is_free(port, "0.0.0.0"):  # noqa: S104 - a probe that never listens
            return port
    raise OSError("no free TCP port between 20000 and 32000")


def require_free(port: int, setting: str, host: str = LOCAL) -> None:
    """Raise PortInUse, naming the setting to change, unless the port can be bound."""
    require_all_free([Wanted(port=port, setting=setting, host=host)])


def require_all_free(wanted: Sequence[Wanted]) -> None:
    """Raise one PortInUse that names every port that is in use, or that two settings ask for."""
    problems = [*_asked_twice(wanted), *(_taken(one) for one in wanted if not is_free(one.port, one.host))]
    if problems:
        raise PortInUse(*problems)


def _asked_twice(wanted: Sequence[Wanted]) -> Iterator[str]:
    settings: defaultdict[int, list[str]] = defaultdict(list)
    for one in wanted:
        settings[one.port].append(one.setting)
    for port, asking in settings.items():
        if port and len(asking) > 1:
            yield f"port {port} is asked for by {' and '.join(asking)}; give each its own (0: any free one)"


def holder(port: int) -> str:
    """Who listens on a port, as far as the system tells: a program's name and process id."""
    try:
        found = psutil.net_connections("tcp")
    except psutil.AccessDenied:
        return "another program"
    pids = [one.pid for one in found if one.laddr and one.laddr.port == port and one.status == "LISTEN"]
    if not pids or pids[0] is None:
        return "another program"
    try:
        return f"{psutil.Process(pids[0]).name()} (process {pids[0]})"
    except psutil.NoSuchProcess:
        return f"process {pids[0]}"


def accepts(port: int, host: str = LOCAL, timeout_seconds: float = 0.5) -> bool:
    """Whether somebody accepts TCP connections on the port."""
    try:
        with socket.create_connection((host, port), timeout=timeout_seconds):
            return True
    except OSError:
        return False
