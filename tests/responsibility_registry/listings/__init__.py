"""Listed supervision: its rules, and its verbs on a real database."""
