"""Duty records: what was done of a duty, where and when, with its evidence; and periods in which nothing was."""
