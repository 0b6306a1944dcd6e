"""Traces of who answered for an incident, a hazard or an order, made on demand and kept as they were."""
