"""Consequences: what applies to a firm, and what departments report."""
