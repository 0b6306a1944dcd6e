"""Webhooks: rules, messages on a real database and a real receiver, and the doors."""
