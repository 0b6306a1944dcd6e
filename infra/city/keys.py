"""Natural keys and the ids that follow from them, so that a reload, a tour and a test name the same rows."""

from dataclasses import dataclass
from uuid import NAMESPACE_URL, UUID, uuid5


@dataclass(frozen=True, slots=True)
class CityKeys:
    """Ids of one city: UUIDv5 of the city's namespace (made from its 12-digit code) and a natural key."""

    city_code: str

    @property
    def namespace(self) -> UUID:
        """The namespace of every id of this city."""
        return uuid5(NAMESPACE_URL, f"urn:shoutu:city:{self.city_code}")

    def of(self, key: str) -> UUID:
        """The id behind a natural key."""
        return uuid5(self.namespace, key)

    def post(self, kind: str, area_code: str) -> UUID:
        """The id of the post of this kind at this area."""
        return self.of(post_key(kind, area_code))

    def team(self, kind: str, area_code: str) -> UUID:
        """The id of the team of this kind at this area."""
        return self.of(team_key(kind, area_code))

    def risk_object(self, key: str) -> UUID:
        """The id of a named risk object (`key` of the data file) or a drawn one (`<type>-<number>`)."""
        return self.of(object_key(key))

    def client(self, client_id: str) -> UUID:
        """The id of a client application."""
        return self.of(client_key(client_id))


def post_key(kind: str, area_code: str) -> str:
    """Natural key of a post: one of a kind in an area."""
    return f"post:{kind}@{area_code}"


def duty_key(link: str, kind: str, post_area: str, area_code: str, matter: str) -> str:
    """Natural key of a duty: a post's link over an area for a matter (its categories, or `all`)."""
    return f"duty:{link}:{kind}@{post_area}:{area_code}:{matter}"


def chain_key(template: str, link: str, kind: str, area_code: str) -> str:
    """Natural key of a chain assignment: a kind of post in a link over an area."""
    return f"chain:{template}:{link}:{kind}@{area_code}"


def team_key(kind: str, area_code: str) -> str:
    """Natural key of a team: one of a kind in an area."""
    return f"team:{kind}@{area_code}"


def object_key(key: str) -> str:
    """Natural key of a risk object."""
    return f"risk-object:{key}"


def client_key(client_id: str) -> str:
    """Natural key of a client application."""
    return f"client:{client_id}"
