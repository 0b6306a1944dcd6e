"""Emergency command: its truths, verbs and doors."""
