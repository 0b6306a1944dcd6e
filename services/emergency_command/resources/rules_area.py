"""Whether a team's base can lie where it is put: in the county that the team is of."""

_LEVELS = (2, 4, 6)
"""So many digits name a province, a city, a county (domain reference 4.5 [M-H])."""


def in_other_county(area_code: str, found: str | None) -> bool:
    """Whether a place that was found in one area lies in another county than an area does.

    Not where nobody knows the place, nor where either is a city or a province that the other one lies in.
    """
    if found is None:
        return False
    own, there = _named(area_code), _named(found)
    return not own.startswith(there) and not there.startswith(own)


def _named(code: str) -> str:
    """The digits that name the county of an area, or the city or province where it lies in no county."""
    county = code[: _LEVELS[-1]]
    return next(county[:digits] for digits in _LEVELS if not county[digits:].strip("0"))
