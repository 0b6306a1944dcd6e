"""Pairings, duty records, and periods that were missed."""
