"""A decision of another system is entered once, never overwritten, and counts until it is taken back."""
