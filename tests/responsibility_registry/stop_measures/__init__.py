"""Stop measures: their rules, and their verbs on a real database."""
