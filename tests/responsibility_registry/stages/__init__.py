"""Stages of orders: their rules, and their verbs on a real database."""
