"""Plumbing without one public-safety noun."""
