"""Command knows who is on duty from its own copy."""
