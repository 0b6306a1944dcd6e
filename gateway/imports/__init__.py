"""Imports: spreadsheets into the lists that take them, row by row."""
