"""Rosters are published ahead by their rule; nobody stands twice at a time, and gaps are told before they begin."""
