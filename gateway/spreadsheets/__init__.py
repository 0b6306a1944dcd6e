"""Spreadsheets: the columns of every list and of every import, and files that offices read and write."""
