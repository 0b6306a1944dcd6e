"""Rosters: who stands duty when, in which room or at which post, by which rule; shifts, swaps and gaps in cover."""
