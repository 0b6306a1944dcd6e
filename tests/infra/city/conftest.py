"""The city that ships with the platform, drawn once."""

import pytest

from infra.city.data_files import CITIES, CityData, read_city
from infra.city.generate import generate
from infra.city.shapes import City


@pytest.fixture(scope="session")
def shipped_data() -> CityData:
    """The data of the one city that ships."""
    [folder] = [path.parent for path in CITIES.glob("*/city.json")]
    return read_city(folder)


@pytest.fixture(scope="session")
def shipped_city(shipped_data: CityData) -> City:
    """The city drawn from them."""
    return generate(shipped_data)
