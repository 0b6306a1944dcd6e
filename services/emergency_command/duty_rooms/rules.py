"""When a way to a post is open: at all hours, or from when to when; across midnight where the end is not later."""

from datetime import datetime, tzinfo


def is_open(begins: str | None, ends: str | None, at: datetime, zone: tzinfo) -> bool:
    """Whether a way that is open between two hours of the city (`HH:MM`) is so at an instant."""
    if begins is None or ends is None or begins == ends:
        return True
    hour = f"{at.astimezone(zone):%H:%M}"
    return begins <= hour < ends if begins < ends else hour >= begins or hour < ends
