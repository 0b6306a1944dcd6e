"""Inspection tours: plans, visits, findings that become orders, coverage."""
