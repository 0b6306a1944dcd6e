"""On scene."""
