"""Pairings: which post is bound to which firm, installation or home, as what, and how often it has to be there."""
