"""Webhooks: what another system asked to be told is pushed to its door, signed, tried again, and written down."""
