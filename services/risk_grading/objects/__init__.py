"""Risk objects: the houses, firms, vessels and places that carry a grade."""
