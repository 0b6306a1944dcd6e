"""Free and taken TCP ports on this machine."""

import random
import socket

_BELOW_EPHEMERAL = range(20000, 32000)
"""Linux gives outgoing connections ports from 32768 up: below, a listener cannot lose its port to one."""


class PortInUse(Exception):
    """Somebody else listens on a port that we need."""

    def __init__(self, port: int, setting: str) -> None:
        super().__init__(
            f"port {port} is in use by another program; stop it, or choose another port with {setting}=<port>"
        )
        self.port = port
        self.setting = setting


def is_free(port: int, host: str = "127.0.0.1") -> bool:
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


def require_free(port: int, setting: str, host: str = "127.0.0.1") -> None:
    """Raise PortInUse, naming the setting to change, unless the port can be bound."""
    if not is_free(port, host):
        raise PortInUse(port, setting)


def accepts(port: int, host: str = "127.0.0.1", timeout_seconds: float = 0.5) -> bool:
    """Whether somebody accepts TCP connections on the port."""
    try:
        with socket.create_connection((host, port), timeout=timeout_seconds):
            return True
    except OSError:
        return False
