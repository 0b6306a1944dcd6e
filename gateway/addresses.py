"""Which addresses are the open Internet's, by IANA's special-purpose registries (RFC 6890 and its successors)."""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network
from typing import Final

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_CLOSED: Final[tuple[Network, ...]] = tuple(
    ip_network(network)
    for network in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
        "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
        "224.0.0.0/4", "240.0.0.0/4",
    )
)  # fmt: skip
"""IANA's special-purpose registry for IPv4 (RFC 6890 and its successors)."""
_OPEN_6: Final = IPv6Network("2000::/3")
"""The only part of IPv6 that is given out as global unicast; all else is closed without being listed."""
_CLOSED_6: Final = tuple(
    IPv6Network(network) for network in ("2001::/23", "2001:db8::/32", "2002::/16", "3ffe::/16", "3fff::/20")
)
"""Within it: protocol assignments with Teredo, documentation, and 6to4, which carries any IPv4 address."""


def is_public(address: Address) -> bool:
    """Whether an address belongs to the open Internet and stands for nothing else.

    IPv6 that wraps IPv4 (mapped, compatible, NAT64, 6to4, Teredo) is refused whatever it wraps: no name has a need
    for it, and each wrapping is a way around the list.
    """
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _CLOSED)
    return address.scope_id is None and address in _OPEN_6 and not any(address in network for network in _CLOSED_6)
