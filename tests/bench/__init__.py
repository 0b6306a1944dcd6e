"""Figures that have to hold, each beside what it is measured against, in one run: `make bench`."""
