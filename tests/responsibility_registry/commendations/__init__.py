"""Honours of three levels, by decision, for a period."""
