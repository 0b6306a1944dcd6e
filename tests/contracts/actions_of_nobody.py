"""Stands for a slice's verbs, so that the documents can be tried on a listener of our own."""

from __future__ import annotations

from uuid import UUID

from libs.common.db import Tx


async def issue_order(tx: Tx, hazard_id: UUID) -> None:
    """A verb that leaves everything as it is."""
