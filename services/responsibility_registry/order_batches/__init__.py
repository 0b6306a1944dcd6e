"""Order batches: one act that gives the same order to many posts, each its own."""
