"""Tests of risk_grading."""
