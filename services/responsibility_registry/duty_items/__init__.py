"""Duty items: the catalogue of what posts, organisations and firms have to do, in lists, each with its source."""
