"""Accountability 追责: cases, the trace as of an instant, triggers, and measures that others decide."""
