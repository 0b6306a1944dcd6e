"""Asks the service of this container whether it is ready: `python -m libs.common.probe`, for health checks."""

import http.client
import os
import sys

_PATIENCE_SECONDS = 4


def main() -> None:
    """End with 0 when it is; otherwise with 1, after saying why in the service's own words."""
    port = int(os.environ.get("SHOUTU_LISTEN_PORT", "8000"))
    asked = http.client.HTTPConnection("127.0.0.1", port, timeout=_PATIENCE_SECONDS)
    try:
        asked.request("GET", "/health/ready")
        answer = asked.getresponse()
        said = answer.read().decode()
    except (OSError, http.client.HTTPException) as error:
        sys.exit(f"no answer on port {port}: {error}")
    if answer.status != http.client.OK:
        sys.exit(said)


if __name__ == "__main__":
    main()
