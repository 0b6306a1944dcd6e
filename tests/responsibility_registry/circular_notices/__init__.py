"""Circular notices about late orders: their rules, and their verbs on a real database."""
