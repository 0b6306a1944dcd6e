"""Yearly work lists and their lights."""
