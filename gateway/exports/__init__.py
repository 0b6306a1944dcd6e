"""Exports: every list of the API as a file for offices."""
