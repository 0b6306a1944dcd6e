"""The policy of listed supervision: versioned data, read once."""

from __future__ import annotations

from pathlib import Path

from pydantic import TypeAdapter

from services.responsibility_registry.listings.rules_policy import ListingPolicy

POLICY = TypeAdapter(ListingPolicy).validate_json(
    (Path(__file__).parent / "policies" / "listing-1.json").read_bytes()
)
