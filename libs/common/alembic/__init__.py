"""Migrations: one environment for every service, whose own folder holds nothing but `versions/`."""
