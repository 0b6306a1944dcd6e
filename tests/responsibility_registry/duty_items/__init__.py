"""Duty items: editions, repeals, the catalogue, and the ledger."""
