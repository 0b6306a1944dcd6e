"""Tests of the demonstration city: what is drawn, what is refused, how it is loaded."""
