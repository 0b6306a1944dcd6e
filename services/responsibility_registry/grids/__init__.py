"""Grids of any kind by their codes: how each is drawn from when to when, and which lie where."""
