"""The seals of the gateway's small secrets: the one that seals now, and those that still have to open."""

from infra.secrets import Secrets
from infra.settings import PlatformSettings
from libs.common.crypto import Seals

KEY_SEAL = "gateway/key-seal"
"""The name under which the first seal is kept; a later one has its id behind it."""
FIRST_ID = "1"


def seal_name(seal_id: str) -> str:
    """The name under which a seal is kept."""
    return KEY_SEAL if seal_id == FIRST_ID else f"{KEY_SEAL}-{seal_id}"


def retired_seals(settings: PlatformSettings, secrets: Secrets) -> dict[str, str]:
    """Every other seal that is still kept, by its id."""
    found = {name: name.removeprefix(KEY_SEAL).removeprefix("-") for name in secrets.names() if _is_seal(name)}
    by_id = {seal_id or FIRST_ID: name for name, seal_id in found.items()}
    return {one: secrets.of(name) for one, name in by_id.items() if one != settings.key_seal_id}


def seals_of(settings: PlatformSettings, secrets: Secrets) -> Seals:
    """What closes and opens here."""
    return Seals(
        current_id=settings.key_seal_id,
        current=secrets.of(seal_name(settings.key_seal_id)),
        retired=retired_seals(settings, secrets),
        suite=settings.crypto_suite,
    )


def _is_seal(name: str) -> bool:
    return name == KEY_SEAL or name.startswith(f"{KEY_SEAL}-")
