"""Libs of Shoutu."""
