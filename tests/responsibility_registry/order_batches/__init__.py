"""Order batches: their rules, and their verb on a real database."""
