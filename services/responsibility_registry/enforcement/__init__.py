"""Enforcement facts: what other systems decided against firms, posts and persons, entered once and counted."""
