"""Circular notices: what the ladder of a late order proposes, who decides on it, and who has signed for it."""
