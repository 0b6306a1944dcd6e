"""Lawful erasure of a timeline row's details: one person asks, another decides, and both stay on record."""
