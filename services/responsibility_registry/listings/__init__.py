"""Listed supervision: a major hazard's order is listed by a level, published, supervised, and taken off again."""
