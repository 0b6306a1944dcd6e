"""Grids of the registry."""
