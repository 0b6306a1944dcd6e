"""Traces of liability are asked for on demand, by whoever may, with a purpose that is on record."""
