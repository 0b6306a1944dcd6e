"""Hazards: controls that are missing or have failed, from first sight to look-back."""
