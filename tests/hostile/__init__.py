"""Hostile input: schemathesis over the whole document, and requests that no client library would send."""
