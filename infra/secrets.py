"""Passwords that the platform makes for itself on its first start and keeps in one private file."""

import fcntl
import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class Secrets:
    """Secrets by name, made on first use and kept in `<home>/secrets.json` (readable by its owner only).

    Names are paths such as `postgres/superuser`, `database/gateway_app`, `nats/gateway`.
    """

    def __init__(self, home: Path) -> None:
        self._path = home / "secrets.json"
        self._lock_path = home / ".secrets.lock"

    def __repr__(self) -> str:
        return f"Secrets({str(self._path)!r})"

    def of(self, name: str) -> str:
        """The secret of this name, made and stored when it does not exist yet."""
        return self.of_all((name,))[name]

    def of_all(self, names: tuple[str, ...]) -> dict[str, str]:
        """Several secrets with one look at the file."""
        with self._locked():
            known = self._read()
            missing = [name for name in names if name not in known]
            if missing:
                known |= {name: secrets.token_urlsafe(32) for name in missing}
                self._write(known)
        return {name: known[name] for name in names}

    def find(self, name: str) -> str | None:
        """The secret of this name, or None; it is not made."""
        return self._read().get(name)

    def names(self) -> list[str]:
        """The names of all that is kept, never a value."""
        return sorted(self._read())

    def keep(self, name: str, value: str) -> None:
        """Store a secret that somebody else made."""
        with self._locked():
            self._write({**self._read(), name: value})

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Two commands may run at once; both must end with the same secrets."""
        self._lock_path.parent.mkdir(parents=True, exist_ok=True)
        with self._lock_path.open("w") as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            yield

    def _read(self) -> dict[str, str]:
        if not self._path.exists():
            return {}
        stored: dict[str, str] = json.loads(self._path.read_text())
        return stored

    def _write(self, known: dict[str, str]) -> None:
        fresh = self._path.with_suffix(".new")
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w") as file:
            json.dump(known, file, indent=1, sort_keys=True)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self._path)
