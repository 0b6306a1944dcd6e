"""Import contracts for slices, used by `lint-imports`: they walk the tree, so a new slice is covered at once."""
