"""Alarms 警情: taken in from any source, confirmed, attached to an incident, never dropped."""
